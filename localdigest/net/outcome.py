"""What one request brought, or why it came to nothing: values that know no HTTP library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.net.media import split_content_type
from localdigest.redact import redacted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.cookiejar import Cookie

    from localdigest.records import Reason

__all__ = ["Answer", "FetchError"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request brought. The body is read for a page only, never for a redirect or an error."""

    url: str
    status: int
    headers: Mapping[str, str]  #: names in lower case
    body: bytes = b""
    cookies: tuple[Cookie, ...] = ()  #: those sent and those set

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    @property
    def media_type(self) -> str:
        return split_content_type(self.header("content-type"))[0]

    @property
    def charset(self) -> str:
        return split_content_type(self.header("content-type"))[1]


class FetchError(Exception):
    """One request came to nothing. The detail is published: a password in it is masked."""

    def __init__(self, reason: Reason, detail: str, *, may_pass: bool = False, answer: Answer | None = None) -> None:
        super().__init__(redacted(detail))
        self.reason = reason
        self.detail = redacted(detail)
        self.may_pass = may_pass  #: whether the next try can go better
        self.answer = answer  #: what the server said, where it said anything
