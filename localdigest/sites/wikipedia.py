"""Wikipedia, in any language: an article without its references and boxes.

Asked:  `/api/rest_v1/page/html/TITLE`, the interface that the robot policy names (documented, no key); else its
        successor `/w/rest.php/v1/page/TITLE/html`, else the page. An article in a variant of its language
        (`/zh-tw/TITLE`) is converted on its page only.
Date:   of the revision that was read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, quote, unquote

from localdigest.records import DateEvidence, DocumentKind, Role
from localdigest.sites.reading import cut_of, head_of, iso_of, parsed_html, text_of
from localdigest.sites.site import Ask, Site, Step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from urllib.parse import SplitResult

    from localdigest.parsing.parsed import Parsed
    from localdigest.records import Block, Page

__all__ = ["WIKIPEDIA"]

_HOST = re.compile(r"(?P<language>[a-z][a-z-]{1,15})(?:\.m)?\.wikipedia\.org")
_PATH = re.compile(r"/(?P<variant>wiki|[a-z]{2,3}-[a-z]{2,4}(?:-[a-z]{2})?|zh)/(?P<title>.+)")
#: Beginnings of titles that are no articles. Other languages name them in theirs: such a page is read as an article.
_NO_ARTICLES = re.compile(r"(?:Special|Talk|User|User_talk|File|Help|Category|Template|Wikipedia):", re.IGNORECASE)
#: What is no text of an article.
_LEFT_OUT: Final = {
    "references": "sup.reference, .mw-ref, .mw-references-wrap, .reflist, ol.references, .refbegin",
    "boxes": ".navbox, .sidebar, .vertical-navbox, .sistersitebox, .side-box, .portalbox, .authority-control, .infobox",
    "notes to editors": ".ambox, .metadata, .mw-editsection, .hatnote, .dablink, .noprint, .shortdescription",
    "pictures": "figure, .thumb, .gallery",
    "": "style, link, .toc, #toc, .catlinks, .mw-empty-elt, .printfooter, .mw-indicators, .mw-jump-link",
}
#: Headings of sections that lead away from the article.
_AWAY = re.compile(
    r"references|notes|notes and references|citations|sources|bibliography|external links|see also|further reading"
    r"|參考(?:文獻|資料|來源)|参考(?:文献|资料|来源)|外部[連链][結结接]|[參参][見见]|相[關关][條条]目|延伸[閱阅][讀读]"
    r"|[註注][釋释]|[腳脚][註注]|出典|関連項目|外部リンク|einzelnachweise|weblinks|siehe auch|literatur|annexes"
    r"|notes et références|références|liens externes|voir aussi|referencias|enlaces externos|véase también|note"
    r"|collegamenti esterni|voci correlate|각주|같이 보기|외부 링크",
    re.IGNORECASE,
)


def _steps(address: SplitResult) -> tuple[Step, ...]:
    host = _HOST.fullmatch(address.hostname or "")
    found = _PATH.fullmatch(address.path)
    asked = parse_qs(address.query).get("title", [""])[0] if address.path == "/w/index.php" else ""
    title = unquote(found["title"]) if found else asked
    if not host or not title or _NO_ARTICLES.match(title):
        return ()
    home = f"https://{host['language']}.wikipedia.org"
    name = quote(title.replace(" ", "_"), safe="")
    if found and found["variant"] != "wiki":
        return (Step((Ask("page", f"{home}/{found['variant']}/{name}"),)),)
    rest = Ask("html", f"{home}/api/rest_v1/page/html/{name}", for_programs=True)
    successor = Ask("html", f"{home}/w/rest.php/v1/page/{name}/html", for_programs=True)
    return (Step((rest, successor, Ask("page", f"{home}/wiki/{name}"))),)


def _read_html(answer: Page) -> Parsed:
    """The article alone, as the parser of Wikipedia gives it."""
    head = head_of(answer)
    return _article(answer, "body", title=head.title, changed=head.meta("dc:modified"))


def _read_page(answer: Page) -> Parsed:
    head = head_of(answer)
    changed = next((date for found in head.json_ld if (date := found.get("dateModified"))), "")
    title = next(iter(head.headings), "") or head.title
    return _article(answer, "#mw-content-text", title=title, changed=changed)


def _article(answer: Page, keep: str, *, title: str, changed: object) -> Parsed:
    html, counts = cut_of(text_of(answer), keep, _LEFT_OUT)
    parsed = parsed_html(html, is_clean=True)
    published = iso_of(changed, answer)
    told = ", ".join(f"{name} ({number:,})" for name, number in counts.items() if name and number)
    return replace(
        parsed,
        blocks=tuple(_without_sections_that_lead_away(parsed.blocks)),
        title=title,
        published=published,
        published_by=DateEvidence.META if published else DateEvidence.NONE,
        site="Wikipedia",
        url=_address_of(answer.url),
        kind=DocumentKind.REFERENCE,
        warnings=(*parsed.warnings, *([f"left out of the article: {told}"] if told else ())),
    )


def _without_sections_that_lead_away(blocks: Iterable[Block]) -> Iterable[Block]:
    leads_away = False
    for block in blocks:
        if block.role is Role.HEADING:
            leads_away = bool(_AWAY.fullmatch(block.text.strip()))
        if not leads_away:
            yield block


def _address_of(url: str) -> str:
    """Where people read what was asked for."""
    home, _, rest = url.partition(".wikipedia.org/")
    for before, behind in (("api/rest_v1/page/html/", ""), ("w/rest.php/v1/page/", "/html")):
        if rest.startswith(before):
            title = unquote(rest.removeprefix(before).removesuffix(behind))
            return f"{home}.wikipedia.org/wiki/{quote(title, safe='/:,()')}"
    return url


WIKIPEDIA: Final = Site("wikipedia", "Wikipedia", _steps, {"html": _read_html, "page": _read_page})
