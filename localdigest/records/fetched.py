"""What is to be read, and what came of fetching it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from enum import StrEnum

from localdigest.redact import redacted, without_credentials
from localdigest.values import is_url

__all__ = ["Failure", "Page", "PageOrigin", "Reason", "Source"]

_HALF_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to read, before anything of it was fetched."""

    locator: str  #: an http(s) URL, or the path of a local file
    #: How it was found: `command line`, `topic file`, `stdin`, `inbox`, `feed URL`, `outline PATH`, `discovery NAME`.
    via: str = "command line"
    title: str = ""  #: hint of whoever named it (a feed entry's title); empty when there is none
    byline: str = ""  #: hint
    published: str = ""  #: hint, ISO 8601 date or time
    feed_html: str = ""  #: what the feed itself carries of the entry, as HTML; used when the page cannot be had
    url: str = ""  #: for a local file: the address it was saved from, where known

    def __post_init__(self) -> None:
        """What names a source is stored and published: a password in it goes no further than here, and a name of a file
        that is no UTF-8 (half surrogates, in Python) becomes text.
        """
        object.__setattr__(self, "url", without_credentials(self.url))
        if not self.locator.isascii():
            object.__setattr__(self, "locator", _HALF_SURROGATE.sub("\ufffd", self.locator))
        if is_url(self.locator):  # in the name of a file it is a name
            object.__setattr__(self, "locator", redacted(self.locator))

    @property
    def is_local(self) -> bool:
        return not is_url(self.locator)


class PageOrigin(StrEnum):
    """Where the bytes came from in this run."""

    NETWORK = "network"  #: a full answer
    UNCHANGED = "unchanged"  #: the server said 304: the stored bytes are current
    STORE = "store"  #: taken from the store without asking (offline, or still fresh)
    FILE = "file"
    FEED = "feed"  #: the entry's own text; its page could not be had


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes of one source."""

    source: Source
    body: bytes  #: decoded of its content-encoding, not of its charset
    media_type: str  #: lower case, no parameters, from the header or the file name; `""` when nobody says
    charset: str  #: as declared outside the body (HTTP header); `""` when nobody says
    url: str  #: after redirects; for a file its `file:` URI or the address it was saved from
    fetched_at: str  #: when these bytes were received (a 304 does not change it)
    origin: PageOrigin
    etag: str = ""
    last_modified: str = ""
    #: What was asked in place of the source's own address, and who reads it: `arxiv/api`; `""`: the address itself.
    asked: str = ""
    companions: tuple[Page, ...] = ()  #: further answers that make one document with this one
    missing: tuple[str, ...] = ()  #: what else was asked for and could not be had, a line each
    stored_as: str = ""  #: the locator that its bytes are stored under, where it is not the source's
    known_sha256: str = ""  #: of bytes that are not held any more
    known_bytes: int = 0  #: how many those were

    @property
    def asked_in_all(self) -> str:
        """With that of its companions: `arxiv/api + arxiv/html`."""
        return " + ".join(page.asked for page in (self, *self.companions) if page.asked)

    @property
    def sha256(self) -> str:
        """Of the bytes; with companions, of the hashes of all."""
        own = self.own_sha256
        if not self.companions:
            return own
        return hashlib.sha256("".join((own, *(page.sha256 for page in self.companions))).encode()).hexdigest()

    @property
    def own_sha256(self) -> str:
        """Of the bytes, without those of companions."""
        return self.known_sha256 or hashlib.sha256(self.body).hexdigest()

    @property
    def num_bytes(self) -> int:
        """Without those of companions."""
        return self.known_bytes or len(self.body)

    def without_body(self) -> Page:
        """The page without its bytes: a thousand pages are hundreds of megabytes."""
        return replace(
            self,
            body=b"",
            companions=tuple(page.without_body() for page in self.companions),
            known_sha256=self.own_sha256,
            known_bytes=self.num_bytes,
        )


class Reason(StrEnum):
    """Why a source gave nothing. The value is stable: it stands in the manifest and in `--json`."""

    # nothing arrived
    NOT_FOUND = "not-found"  #: 404, 410, or no such file
    FORBIDDEN = "forbidden"  #: 401, 403, 451, or no permission to read the file
    RATE_LIMITED = "rate-limited"  #: 429 after the last try
    SERVER_ERROR = "server-error"  #: 5xx after the last try
    HTTP_ERROR = "http-error"  #: any other status that is no page
    ROBOTS = "robots"  #: robots.txt asks programs to stay away
    TIMEOUT = "timeout"  #: the page's deadline passed
    CONNECTION = "connection"  #: name, TCP or TLS failed, or the answer broke off
    REDIRECTS = "redirects"  #: too many, or a circle
    TOO_LARGE = "too-large"
    ADDRESS = "address-refused"  #: a private or loopback address that was not allowed, or a forbidden port
    BAD_URL = "bad-url"  #: no http(s) URL
    OFFLINE = "offline"  #: not in the store, and the network may not be used
    # something arrived that is no text
    UNSUPPORTED = "unsupported-type"  #: an image, a video, an archive, an unknown binary
    UNREADABLE = "unreadable"  #: damaged, encrypted, or no parser could make sense of it
    TOO_COSTLY = "too-costly"  #: reading it takes more time or memory than one page may take
    READER_FAILED = "reader-failed"  #: the reader broke on it: a fault of the program, or a trap
    EMPTY = "empty"  #: no bytes, or no text at all
    SCANNED = "scanned-pdf"  #: pictures of pages, no text layer
    # text arrived that is not the article
    LOGIN_WALL = "login-wall"
    CONSENT_WALL = "consent-wall"  #: cookie or consent page
    PAYWALL = "paywall"  #: a stub of the text before "subscribe"
    NEEDS_SCRIPT = "needs-javascript"
    ERROR_PAGE = "error-page"  #: "not found", "access denied", a captcha, with status 200
    TOO_SHORT = "too-short"  #: less text than a summary needs
    # it was readable, and left out
    OUT_OF_WINDOW = "out-of-window"  #: older than `--since`
    OVER_LIMIT = "over-limit"  #: beyond `--limit` or the cap of its source
    OFF_TOPIC = "off-topic"
    NO_ADDRESS = "no-address"  #: discovery knows its headline, and not where it stands
    COVERED = "covered"  #: an earlier digest told it, and it has not changed


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that gives nothing to the digest, and why."""

    source: Source
    reason: Reason
    detail: str = ""  #: one line for a person: the status, the limit, the phrase that gave it away
    url: str = ""  #: the address that failed, where it is not the source's own
    status: int = 0  #: HTTP status, 0 when there was none
    seen: str = ""  #: date of the digest that covered it

    @property
    def is_left_out(self) -> bool:
        """Whether it could be read, and was left out on purpose: neither read nor failed."""
        return self.reason in _LEFT_OUT


_LEFT_OUT = (Reason.OUT_OF_WINDOW, Reason.OVER_LIMIT, Reason.OFF_TOPIC, Reason.NO_ADDRESS, Reason.COVERED)
