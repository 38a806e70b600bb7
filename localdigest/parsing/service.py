"""All that this program parses, behind one door: what the jailed process runs, and nobody else.

    question (JSON, bytes) ─answer()─▶ JSON

Each kind of question loads the parsers that it needs; `warm` loads all.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localdigest.codec import encode
from localdigest.parsing.results import FeedError, OutlineError
from localdigest.parsing.wire import pack_reading, unpack_page
from localdigest.records import Page, PageOrigin, Source

if TYPE_CHECKING:
    from localdigest.parsing.robots import Robots

__all__ = ["answer", "prepare"]

#: Large, and imported by most pages: where its byte code is missing, everything's is.
_SENTINEL = "trafilatura"
_SAMPLE = b"""<!doctype html><html lang="en"><head><title>A quay</title>
<meta name="date" content="2025-01-31"></head><body>
<article><h1>A quay</h1><p>The harbour opened its second quay on Monday, after four years of work and two of delay.</p>
<p>It takes ships of up to 340 metres, which until now had to unload in the next county, and cost a third more.</p>
</article></body></html>"""


def prepare() -> None:
    """Let Python keep the byte code of the parsers, where an installer did not: the jail will write nothing."""
    spec = find_spec(_SENTINEL)
    if spec is None or not spec.cached or not Path(spec.cached).exists():
        _warm()


def answer(head: dict[str, Any], body: bytes) -> Any:  # noqa: PLR0911 - one for each kind of question
    """The answer to one question, JSON-ready. Raises whatever a parser's fault raises."""
    match head:
        case {"do": "document", "page": page}:
            return _document(unpack_page(page, body))
        case {"do": "leads", "page": page}:
            return _leads(unpack_page(page, body))
        case {"do": "list", "charset": charset}:
            return _list(body, charset) or _listing(head, body)
        case {"do": "discovery", "service": service, "page": page}:
            return _discovery(service, unpack_page(page, body))
        case {"do": "outline"}:
            return _outline(body, "")
        case {"do": "robots", "url": url, "agent": agent}:
            rules = _rules(body, agent)
            return {"allowed": rules.allows(url), "crawl_delay_s": rules.crawl_delay_s}
        case {"do": "draft"}:
            from localdigest.parsing.draft import read_draft  # noqa: PLC0415 - what is asked for is loaded

            return {"draft": encode(read_draft(body.decode("utf-8", "surrogatepass")))}
        case {"do": "warm"}:
            return _warm()
    raise ValueError(f"no question: {sorted(head)}")


def _document(page: Page) -> dict[str, Any]:
    from localdigest.parsing.document import parse_document  # noqa: PLC0415 - what is asked for is loaded

    return pack_reading(parse_document(page))


def _leads(page: Page) -> list[dict[str, Any]]:
    from localdigest.sites.registry import leads_of  # noqa: PLC0415 - what is asked for is loaded

    found: list[dict[str, Any]] = encode(leads_of(page))
    return found


def _discovery(service: str, page: Page) -> dict[str, Any]:
    from localdigest.discovery.registry import hits_of  # noqa: PLC0415 - what is asked for is loaded

    found = hits_of(service, page)
    return {"flaw": found} if isinstance(found, str) else encode(found)


def _list(body: bytes, charset: str) -> dict[str, Any]:
    """The feed or outline that the bytes are; empty: they are neither."""
    from localdigest.parsing.feeds import is_feed, parse_feed  # noqa: PLC0415 - what is asked for is loaded
    from localdigest.parsing.opml import is_outline  # noqa: PLC0415 - likewise

    if is_outline(body):
        return _outline(body, charset)
    if not is_feed(body):
        return {}
    try:
        return {"feed": encode(parse_feed(body, charset=charset))}
    except FeedError as error:
        return {"flaw": str(error)}


def _listing(head: dict[str, Any], body: bytes) -> dict[str, Any]:
    """The posts of a web page that is a list of them; empty: it is none."""
    if not head.get("url"):
        return {}
    from localdigest.parsing.encoding import decode  # noqa: PLC0415 - what is asked for is loaded
    from localdigest.parsing.listing import listing_of  # noqa: PLC0415 - likewise
    from localdigest.parsing.sniff import BodyType, sniff  # noqa: PLC0415 - likewise

    if not body.strip() or sniff(body, media_type=head["media_type"], url=head["url"]) is not BodyType.HTML:
        return {}
    html = decode(body, charset=head["charset"]).text
    found = listing_of(html, url=head["url"], not_after=head["fetched_at"])
    return {"listing": encode(found)} if found else {}


def _outline(body: bytes, charset: str) -> dict[str, Any]:
    from localdigest.parsing.opml import parse_outline  # noqa: PLC0415 - what is asked for is loaded

    try:
        return {"outline": encode(parse_outline(body, charset=charset))}
    except OutlineError as error:
        return {"flaw": str(error)}


@lru_cache(maxsize=64)  # asked for every address of a site
def _rules(body: bytes, agent: str) -> Robots:
    from localdigest.parsing.robots import parse_robots  # noqa: PLC0415 - what is asked for is loaded

    return parse_robots(body, agent=agent)


def _warm() -> None:
    """Load every parser, and fill the caches that the first page would have to fill."""
    from localdigest.parsing import feeds, opml, pdf_layout, pdf_lines, pdf_vet, robots  # noqa: F401, PLC0415 - to have them

    page = Page(Source("https://example.com/a"), _SAMPLE, "text/html", "", "https://example.com/a", "", PageOrigin.FILE)
    _document(page)
