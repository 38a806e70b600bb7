"""All sites: which of them an address belongs to, and what its answers say together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.records import DateEvidence, Page, Reason
from localdigest.sites.alternates import ALTERNATES, forms_of
from localdigest.sites.arxiv import ARXIV
from localdigest.sites.bluesky import BLUESKY
from localdigest.sites.facebook import FACEBOOK
from localdigest.sites.forem import FOREM
from localdigest.sites.gitbook import GITBOOK
from localdigest.sites.github import GITHUB
from localdigest.sites.google_play import GOOGLE_PLAY
from localdigest.sites.hackernews import HACKER_NEWS
from localdigest.sites.huggingface import HUGGING_FACE
from localdigest.sites.mastodon import MASTODON
from localdigest.sites.reading import page_of
from localdigest.sites.reddit import REDDIT
from localdigest.sites.site import Plan, Refusal, Site
from localdigest.sites.wikipedia import WIKIPEDIA
from localdigest.sites.x import X
from localdigest.sites.youtube import YOUTUBE
from localdigest.urls import site_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from localdigest.sites.site import Step

__all__ = ["SITES", "leads_of", "plan_for", "read_answers"]

#: In the order in which they are tried; last those that any host may be one of.
SITES: tuple[Site, ...] = (
    FOREM,
    ARXIV,
    BLUESKY,
    FACEBOOK,
    GITBOOK,
    GITHUB,
    GOOGLE_PLAY,
    HACKER_NEWS,
    HUGGING_FACE,
    REDDIT,
    WIKIPEDIA,
    X,
    YOUTUBE,
    MASTODON,
    ALTERNATES,
)

#: What an answer that was built otherwise than expected raises.
_ODD = (LookupError, TypeError, ValueError, AttributeError)
#: What a web page says of itself that comes where an interface was asked.
_WALLS = (Reason.LOGIN_WALL, Reason.CONSENT_WALL, Reason.NEEDS_SCRIPT, Reason.ERROR_PAGE)
_HTML = ("text/html", "application/xhtml+xml")


def plan_for(url: str, sites: Sequence[Site] = SITES) -> Plan | None:
    """What to ask in place of an address; None: the address itself."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # which raises where it is none
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    for site in sites:
        match site.steps(parts):
            case Refusal() as refusal:
                return Plan(site, (), refusal)
            case steps if steps:
                return Plan(site, steps)
    return None


def read_answers(page: Page, sites: Sequence[Site] = SITES) -> Parsed | Unusable:
    """What an answer and its companions say, as one page."""
    read = [_read(answer, sites) for answer in (page, *page.companions)]
    parsed = [each for each in read if isinstance(each, Parsed)]
    if not parsed:
        return next(each for each in read if isinstance(each, Unusable))
    joined = _joined(parsed)
    if not joined.blocks:
        return Unusable(Reason.EMPTY, "the answer holds no text")
    lacking = (*page.missing, *(each.detail for each in read if isinstance(each, Unusable)))
    # As with a page's canonical link: what a host of anybody's says may not be cited as another site's.
    homes = {site_of(url) for url in (page.source.locator, page.url, *(each.url for each in page.companions))}
    return replace(
        joined,
        url=joined.url if site_of(joined.url) in homes else "",
        warnings=(*joined.warnings, *(f"a part of it is missing: {detail}" for detail in lacking)),
    )


def leads_of(answer: Page, sites: Sequence[Site] = SITES) -> tuple[Step, ...]:
    """What else an answer makes worth asking for; of a page that was asked for itself, its other forms."""
    site, reader = _reader_of(answer, sites)
    find = site.leads.get(reader) if site else None if answer.asked else forms_of
    if find is None:
        return ()
    try:
        return find(answer)
    except _ODD:
        return ()


def _reader_of(answer: Page, sites: Iterable[Site]) -> tuple[Site | None, str]:
    name, _, reader = answer.asked.partition("/")
    return next((site for site in sites if site.name == name), None), reader


def _read(answer: Page, sites: Iterable[Site]) -> Parsed | Unusable:
    site, reader = _reader_of(answer, sites)
    if site is None or reader not in site.readers:
        return Unusable(Reason.UNREADABLE, f"nobody here reads {answer.asked!r}")
    try:
        return site.readers[reader](answer)
    except _ODD as error:
        what = f"{type(error).__name__}: {error}"
        odd = Unusable(Reason.UNREADABLE, f"the answer of {site.title} is built otherwise than expected ({what})")
        return _wall(answer) or odd


def _wall(answer: Page) -> Unusable | None:
    """The wall that came in place of the answer."""
    page = page_of(answer) if answer.media_type in _HTML else None
    return page if isinstance(page, Unusable) and page.reason in _WALLS else None


def _joined(parsed: Sequence[Parsed]) -> Parsed:
    """The first's, with what it lacks from those that follow, and the text of all."""
    guesses = (DateEvidence.NONE, DateEvidence.TEXT)
    dated = next((each for each in parsed if each.published_by not in guesses), parsed[0])
    return replace(
        parsed[0],
        blocks=tuple(block for each in parsed for block in each.blocks),
        title=_first(each.title for each in parsed),
        byline=_first(each.byline for each in parsed),
        published=dated.published,
        published_by=dated.published_by,
        site=_first(each.site for each in parsed),
        url=_first(each.url for each in parsed),
        kind=next((each.kind for each in parsed if each.kind), None),
        language_hint=_first(each.language_hint for each in parsed),
        warnings=tuple(dict.fromkeys(warning for each in parsed for warning in each.warnings)),
        hidden="\n".join(filter(None, (each.hidden for each in parsed))),
    )


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")
