"""Any site's page that holds no article, in another form that it names itself: WordPress's data, Markdown, AMP.

Asked: what the page's head names, on the same site, and only after the page gave no text; robots.txt has its say.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from localdigest.records import DateEvidence
from localdigest.sites.gitbook import read_markdown_form
from localdigest.sites.reading import iso_of, json_of, page_of, parsed_html, text_of
from localdigest.sites.site import Ask, Site, Step

if TYPE_CHECKING:
    from localdigest.parsing.parsed import Parsed
    from localdigest.records import Page

__all__ = ["ALTERNATES", "forms_of"]


def forms_of(page: Page) -> tuple[Step, ...]:
    """How else a page can be asked for: in the parser's process, since the page says so."""
    from localdigest.parsing.alternates import alternates_of  # noqa: PLC0415 - parsers are loaded where they are used
    from localdigest.parsing.listing import listing_of  # noqa: PLC0415 - likewise

    html = text_of(page)
    asks = tuple(Ask(kind, url) for kind, url in alternates_of(html, url=page.url))
    if not asks or listing_of(html, url=page.url):  # a list of posts is not meant to hold an article
        return ()
    return (Step(asks),)


def _read_wordpress(answer: Page) -> Parsed:
    post = json_of(answer)
    text = parsed_html(post["content"]["rendered"])
    about = post.get("yoast_head_json") or {}
    day = f"{post['date_gmt']}Z" if post.get("date_gmt") else post.get("date")
    published = iso_of(day, answer)
    return replace(
        text,
        title=" ".join(block.text for block in parsed_html(post["title"]["rendered"]).blocks),
        byline=about.get("author") or "",
        published=published,
        published_by=DateEvidence.DOCUMENT if published else DateEvidence.NONE,
        url=post["link"],
    )


ALTERNATES: Final = Site(
    "alternate",
    "another form of the page",
    lambda _: (),
    {"wordpress": _read_wordpress, "markdown": read_markdown_form, "amp": page_of},
)
