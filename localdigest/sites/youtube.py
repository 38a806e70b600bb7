"""YouTube: a video's title, channel, date and description, and its captions where they can be had.

Asked:  the page of the video, whose player data hold all of it; else `/oembed`, documented, no key, which gives title
        and channel. Then the track of captions that the player data name.
Traps:  where the law asks for it, the page leads to one that asks for consent, and no cookie is set to get round it.
        Captions lie under `/api/`, from which YouTube's robots.txt keeps programs away, and since 2025 the answer is
        mostly empty without a proof that only its own player can make.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, quote, urljoin

from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.records import Block, DateEvidence, Reason, Role
from localdigest.sites.reading import blocks_of_text, consent_of, iso_of, json_of, text_of
from localdigest.sites.site import Ask, Site, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from urllib.parse import SplitResult

    from localdigest.records import Page

__all__ = ["YOUTUBE"]

_HOST = re.compile(r"(?:(?:www|m|music)\.)?youtube\.com")
_SHORT = "youtu.be"
_ID = re.compile(r"[\w-]{11}")
_PATH = re.compile(r"/(?:shorts|live|embed|v)/([\w-]{11})/?")
_PLAYER = re.compile(r"\bytInitialPlayerResponse\s*=\s*(?=\{)")
_REASONS = {"ERROR": Reason.NOT_FOUND, "LOGIN_REQUIRED": Reason.LOGIN_WALL}
_PARAGRAPH = 300  #: characters of captions, from which on the next sentence begins another
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")


def _steps(address: SplitResult) -> tuple[Step, ...]:
    video = _video_of(address)
    if not video:
        return ()
    page = f"https://www.youtube.com/watch?v={video}"
    oembed = f"https://www.youtube.com/oembed?url={quote(page, safe='')}&format=json"
    return (Step((Ask("page", page), Ask("oembed", oembed, for_programs=True))),)


def _video_of(address: SplitResult) -> str:
    if address.hostname == _SHORT:
        video = address.path.strip("/")
    elif not _HOST.fullmatch(address.hostname or ""):
        return ""
    elif address.path == "/watch":
        video = parse_qs(address.query).get("v", [""])[0]
    else:
        found = _PATH.fullmatch(address.path)
        video = found[1] if found else ""
    return video if _ID.fullmatch(video) else ""


def _read_page(answer: Page) -> Parsed | Unusable:
    if consent := consent_of(answer):
        return consent
    player = _player_of(answer)
    details = player.get("videoDetails")
    if not details:
        status = player["playabilityStatus"]
        reason = _REASONS.get(status["status"], Reason.FORBIDDEN)
        return Unusable(reason, f"YouTube says “{status.get('reason') or status['status']}”")
    about = (player.get("microformat") or {}).get("playerMicroformatRenderer") or {}
    published = iso_of(about.get("publishDate"), answer)
    return replace(
        _titled(details["title"], details["author"]),
        blocks=(Block(details["title"], Role.HEADING), *blocks_of_text(details.get("shortDescription") or "")),
        published=published,
        published_by=DateEvidence.DOCUMENT if published else DateEvidence.NONE,
    )


def _read_oembed(answer: Page) -> Parsed:
    video = json_of(answer)
    warning = "only title and channel are known: the page with the description could not be had"
    return replace(_titled(video["title"], video["author_name"]), warnings=(warning,))


def _titled(title: str, channel: str) -> Parsed:
    return Parsed((Block(title, Role.HEADING),), title=title, byline=channel, site="YouTube")


def _player_of(answer: Page) -> dict[str, Any]:
    html = text_of(answer)
    found = _PLAYER.search(html)
    if not found:
        raise LookupError("it holds no player data")
    player: dict[str, Any] = json.JSONDecoder().raw_decode(html, found.end())[0]
    return player


def _lead_to_captions(answer: Page) -> tuple[Step, ...]:
    tracks = _player_of(answer)["captions"]["playerCaptionsTracklistRenderer"]["captionTracks"]
    track = next((each for each in tracks if each.get("kind") != "asr"), tracks[0])
    url = f"{urljoin(answer.url, track['baseUrl'])}&fmt=json3"
    return (Step((Ask("captions", url),), is_needed=False, what=f"its captions in {track['languageCode']!r}"),)


def _read_captions(answer: Page) -> Parsed:
    events = json_of(answer)["events"]
    lines = ("".join(piece["utf8"] for piece in event.get("segs") or ()) for event in events)
    is_by_machine = parse_qs(answer.url.partition("?")[2]).get("kind") == ["asr"]
    return Parsed(
        tuple(_paragraphs(lines)),
        warnings=("its captions were made by a machine",) if is_by_machine else (),
    )


def _paragraphs(lines: Iterable[str]) -> Iterator[Block]:
    """Captions have lines, not paragraphs."""
    paragraph = ""
    for line in lines:
        paragraph = " ".join((*paragraph.split(), *line.split()))
        if len(paragraph) >= _PARAGRAPH and (paragraph.endswith(_SENTENCE_ENDS) or len(paragraph) >= 2 * _PARAGRAPH):
            yield Block(paragraph)
            paragraph = ""
    if paragraph:
        yield Block(paragraph)


YOUTUBE: Final = Site(
    "youtube",
    "YouTube",
    _steps,
    {"page": _read_page, "oembed": _read_oembed, "captions": _read_captions},
    leads={"page": _lead_to_captions},
)
