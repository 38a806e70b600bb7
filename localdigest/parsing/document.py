"""The bytes of a page into a Document, or the reason why not: by what the bytes are, not by what a header says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from localdigest.parsing.concerns import concerns_of, unless_instructing
from localdigest.parsing.dates import iso_date, url_date
from localdigest.parsing.encoding import Decoded, decode
from localdigest.parsing.html import read_fragment, read_html
from localdigest.parsing.html_metadata import site_of_url
from localdigest.parsing.language import detect_language
from localdigest.parsing.mail import read_mail
from localdigest.parsing.page_kind import kind_of_page
from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.parsing.pdf import read_pdf
from localdigest.parsing.plain import read_markdown, read_plain
from localdigest.parsing.sentences import join_blocks
from localdigest.parsing.sniff import BodyType, describe_binary, sniff
from localdigest.records import Block, DateEvidence, Document, Failure, Page, PageOrigin, Reason, Role
from localdigest.sites.registry import read_answers
from localdigest.text.unseen import without_unseen

__all__ = ["parse_document"]

_SPACES = {0xA0: " ", 0x202F: " "}  #: no-break spaces would hide equal words from each other


def parse_document(page: Page) -> Document | Failure:
    """What the page says, as sentences with their provenance. Bad input gives a Failure and never raises."""
    try:
        parsed = _read(page)
        return _document(page, parsed) if isinstance(parsed, Parsed) else _failure(page, parsed)
    except RecursionError:
        return _failure(page, Unusable(Reason.UNREADABLE, "it is nested too deep"))


def _failure(page: Page, unusable: Unusable) -> Failure:
    url = "" if page.url == page.source.locator else page.url
    return Failure(page.source, unusable.reason, unusable.detail, url=url)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read(page: Page) -> Parsed | Unusable:
    if not page.body.strip():
        return Unusable(
            Reason.EMPTY, "there are no bytes in it" if not page.body else "there is only white space in it"
        )
    if page.asked or page.origin is PageOrigin.FEED:
        return read_answers(page) if page.asked else _read_feed_entry(page)
    match sniff(page.body, media_type=page.media_type, url=page.url):
        case BodyType.BINARY:
            return Unusable(Reason.UNSUPPORTED, f"it is {describe_binary(page.body)}")
        case BodyType.PDF:
            return read_pdf(page.body, not_after=page.fetched_at)
        case BodyType.MAIL:
            return read_mail(page.body, not_after=page.fetched_at)
        case kind:
            return _read_text(page, kind)


def _read_feed_entry(page: Page) -> Parsed | Unusable:
    decoded = decode(page.body, charset=page.charset)
    return _warned(read_fragment(decoded.text), decoded.warnings)


def _read_text(page: Page, kind: BodyType) -> Parsed | Unusable:
    decoded = decode(page.body, charset=page.charset)
    if kind is BodyType.HTML:
        return _warned(_read_page(page, decoded), decoded.warnings)
    read = read_markdown if kind is BodyType.MARKDOWN else read_plain
    return _warned(read(decoded.text, not_after=page.fetched_at), decoded.warnings)


def _read_page(page: Page, decoded: Decoded) -> Parsed | Unusable:
    hinted = bool(_hinted_date(page)[0])
    return read_html(decoded.text, url=page.url, not_after=page.fetched_at, guess_date=not hinted)


def _warned(parsed: Parsed | Unusable, warnings: tuple[str, ...]) -> Parsed | Unusable:
    return replace(parsed, warnings=warnings + parsed.warnings) if isinstance(parsed, Parsed) else parsed


# ── putting together ─────────────────────────────────────────────────────────────────────────────────────────────────


def _document(page: Page, parsed: Parsed) -> Document:
    text, sentences = join_blocks(map(_clean, parsed.blocks))
    published, published_by = _published(page, parsed)
    url = parsed.url or (page.source.locator if page.asked else page.url)
    titles = _titles(page, parsed)
    bylines, sites = (parsed.byline, page.source.byline), (parsed.site, site_of_url(url))
    names = ("".join(titles[:1]), *bylines, parsed.site)
    return Document(
        url=url,
        title=unless_instructing(titles),
        byline=unless_instructing(map(_seen, bylines)),
        published=published,
        published_by=published_by,
        language=detect_language(text, hint=parsed.language_hint),
        site=unless_instructing(map(_seen, sites)),
        kind=parsed.kind or kind_of_page((), url),
        text=text,
        sentences=sentences,
        sources=(page.source,),
        warnings=(*parsed.warnings, *concerns_of(parsed, sentences, names)),
    )


def _clean(block: Block) -> Block:
    return Block(_seen(block.text), block.role)


def _seen(text: str) -> str:
    """The text as it looks."""
    return without_unseen(text).translate(_SPACES)


def _published(page: Page, parsed: Parsed) -> tuple[str, DateEvidence]:
    """The page's own date, else the feed's, else the address's; a guess comes last."""
    if parsed.published and parsed.published_by is not DateEvidence.TEXT:
        return parsed.published, parsed.published_by
    hinted = _hinted_date(page)
    return hinted if hinted[0] else (parsed.published, parsed.published_by)


def _hinted_date(page: Page) -> tuple[str, DateEvidence]:
    if hint := iso_date(page.source.published, not_after=page.fetched_at):
        return hint, DateEvidence.FEED
    if found := url_date(page.url, not_after=page.fetched_at):
        return found, DateEvidence.URL
    return "", DateEvidence.NONE


def _titles(page: Page, parsed: Parsed) -> list[str]:
    """What the page may be called, best first."""
    heading = next((block.text for block in parsed.blocks if block.role is Role.HEADING and block.text.strip()), "")
    names = (parsed.title, page.source.title, heading, _file_name(page), site_of_url(page.url))
    return [title for name in names if (title := " ".join(_seen(name).split()))]


def _file_name(page: Page) -> str:
    locator = page.source.locator
    try:
        path = unquote(urlsplit(locator).path) if "://" in locator else locator
    except ValueError:
        path = ""
    return PurePath(path).stem.replace("_", " ") or site_of_url(page.url)
