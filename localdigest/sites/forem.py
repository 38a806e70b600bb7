"""DEV (dev.to) and its kin: the interface gives the article as its author wrote it.

Asked:  `/api/articles/USER/SLUG`, documented, no key; else the page.
Limits: three requests a second from one address, which the pause between two requests keeps.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from localdigest.records import DateEvidence, DocumentKind
from localdigest.sites.reading import iso_of, json_of, page_of, parsed_html, parsed_markdown
from localdigest.sites.site import Ask, Site, Step

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from localdigest.parsing.parsed import Parsed, Unusable
    from localdigest.records import Page

__all__ = ["FOREM"]

_HOSTS = frozenset({"dev.to"})
#: First parts of paths that are no names of users.
_NO_USERS = frozenset({"api", "t", "tags", "search", "top", "latest", "pod", "videos", "settings", "feed", "about"})
_PARTS = 2  #: of an article's path: user and slug


def _steps(address: SplitResult) -> tuple[Step, ...]:
    parts = address.path.strip("/").split("/")
    if address.hostname not in _HOSTS or len(parts) != _PARTS or parts[0] in _NO_USERS or not all(parts):
        return ()
    user, slug = parts
    return (
        Step((
            Ask("api", f"https://{address.hostname}/api/articles/{user}/{slug}", for_programs=True),
            Ask("page", f"https://{address.hostname}/{user}/{slug}"),
        )),
    )  # fmt: skip


def _read_api(answer: Page) -> Parsed | Unusable:
    article = json_of(answer)
    # Templates (`{% embed … %}`) stand in the Markdown only: they are what DEV makes pictures and cards of.
    html = article.get("body_html") or ""
    text = parsed_html(html) if html else parsed_markdown(article["body_markdown"])
    return replace(
        text,
        title=article["title"],
        byline=article["user"]["name"],
        published=iso_of(article.get("published_at"), answer),
        published_by=DateEvidence.DOCUMENT,
        site="DEV Community",
        url=article.get("canonical_url") or article["url"],
        kind=DocumentKind.NEWS,
    )


FOREM: Final = Site("forem", "DEV", _steps, {"api": _read_api, "page": page_of})
