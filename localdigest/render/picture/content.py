"""What a picture tells, from the manifest: short texts in characters that can be drawn, and counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.manifest import Fate
from localdigest.records import SectionKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from localdigest.manifest import Manifest
    from localdigest.records import Part
    from localdigest.render.locale import Locale

__all__ = ["Bar", "Content", "Item", "to_content"]

_ITEMS = 5
_POINTS = 3
_BARS = 6
_LEAST_WEEKS = 3
_TEXT = 400  # characters that are looked at: no text has room for more


@dataclass(frozen=True, slots=True)
class Item:
    """A news item."""

    text: str
    weight: int = 0  #: independent sites that tell it


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of the chart."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Content:
    occasion: str  #: above the title: what this is, and when
    title: str
    tagline: str
    points_heading: str
    points: tuple[str, ...]
    items_heading: str
    items: tuple[Item, ...]
    weight_unit: str  #: under a weight
    chart_heading: str
    bars: tuple[Bar, ...]
    fates: str  #: under the chart: what became of the sources
    tags_heading: str
    tags: tuple[str, ...]
    note: str  #: who wrote it


def to_content(manifest: Manifest, words: Locale, legible: Callable[[str], str]) -> Content:
    def say(key: str, **facts: object) -> str:
        return legible(words.say(key, **facts))

    def short(text: str) -> str:
        return legible(text[:_TEXT])

    topic, date = short(manifest.topic), short(manifest.date)
    daily = say("daily")
    daily = daily[:1].upper() + daily[1:]
    tagline = "tagline" if manifest.topic else "tagline_without_topic"
    news = [part for section in manifest.digest.sections if section.key is SectionKey.NEWS for part in section.parts]
    items = (Item(short(_text_of(part)), part.weight) for part in news[:_ITEMS])
    points = (short(point.text) for point in manifest.digest.summary[:_POINTS])
    note = "by_model" if manifest.uses_model else "by_extraction"
    weeks = _weeks(manifest)
    return Content(
        occasion=f"{daily} · {date}" if topic else date,
        title=topic or daily,
        tagline=say(tagline, read=manifest.counts.read, topic=manifest.topic[:_TEXT]),
        points_heading=say("picture_points"),
        points=tuple(filter(None, points)),
        items_heading=legible(_without_sign(words.headings["news"])),
        items=tuple(item for item in items if item.text),
        weight_unit=say("picture_weight"),
        chart_heading=say("picture_weeks" if weeks else "picture_kinds"),
        bars=tuple(Bar(legible(name), count) for name, count in weeks or _kinds(manifest, words)),
        fates=_fates(manifest, words, legible),
        tags_heading=say("picture_tags"),
        tags=tuple(dict.fromkeys(filter(None, map(short, manifest.digest.tags)))),
        note=say(note, writer=manifest.writer[:_TEXT], read=manifest.counts.read),
    )


def _text_of(part: Part) -> str:
    """A news item's headline; of one that has none, or whose story was told before, its first sentence."""
    headline = (part.headline,) if part.headline and not part.seen else ()
    return next((statement.text for statement in (*headline, *part.statements)), "")


def _without_sign(heading: str) -> str:
    """A heading without the emoji that our own words put before it: no font of ours has any."""
    first, _, rest = heading.partition(" ")
    return rest if rest and not first.isalnum() and len(first) <= 2 else heading  # noqa: PLR2004 - and its selector


def _weeks(manifest: Manifest) -> list[tuple[str, int]]:
    """How many sources each week had, by its days; none while there are too few weeks to compare."""
    weeks = manifest.history.weeks[-_BARS:]
    if len(weeks) < _LEAST_WEEKS:
        return []
    without_year = len("2025-")
    return [(f"{week.first[without_year:]} – {week.last[without_year:]}", week.sources) for week in weeks]


def _kinds(manifest: Manifest, words: Locale) -> list[tuple[str, int]]:
    """The kinds of sources, most frequent first; beyond so many bars the rest is one."""
    names = words.words["kinds"]
    counts = Counter(document.kind for document in manifest.documents)
    ranked = sorted(counts.items(), key=lambda kind: (-kind[1], kind[0]))
    shown = ranked if len(ranked) <= _BARS else ranked[: _BARS - 1]
    rest = sum(count for _, count in ranked[len(shown) :])
    return [(names.get(kind, kind), count) for kind, count in shown] + ([(names["other"], rest)] if rest else [])


def _fates(manifest: Manifest, words: Locale, legible: Callable[[str], str]) -> str:
    counts = Counter(source.fate for source in manifest.sources)
    told = (f"{words.words['fates'][fate.value]} {counts[fate]}" for fate in Fate if counts[fate])
    return legible(" · ".join(told))
