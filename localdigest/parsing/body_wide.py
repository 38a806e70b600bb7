"""The wide reading of a page: all of its main part but what its markup and its shape show to be furniture."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from localdigest.parsing.body_names import Place
from localdigest.parsing.body_tuning import DEFAULT, Tuning
from localdigest.records import Block

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from localdigest.parsing.body_candidates import Candidate, Region

__all__ = ["wide_blocks"]


def wide_blocks(candidates: Sequence[Candidate], *, tuning: Tuning = DEFAULT) -> tuple[Block, ...]:
    """What a reader would see as the page's own content, for pages of any kind."""
    kept = _without_furniture(candidates, tuning)
    kept = _without_comments(kept, tuning)
    kept = _main_part(kept, tuning)
    kept = _without_menus(kept, tuning)
    kept = _without_copies(kept, tuning)
    return tuple(Block(candidate.text, candidate.role) for candidate in kept)


def _without_furniture(candidates: Sequence[Candidate], tuning: Tuning) -> Sequence[Candidate]:
    if not candidates:
        return candidates
    prose_by_names = _prose_by_names(candidates)
    *_, page = candidates[0].region.lineage()

    def is_furniture(region: Region) -> bool:
        if region.place is Place.FURNITURE or (region.place is Place.EDGE and not _in_article(region)):
            limit = tuning.max_furniture_share
            return region.prose <= limit * page.prose and region.characters <= limit * page.characters
        if region.place is Place.AROUND or region.place is Place.HIDDEN:
            prose = max(region.prose, prose_by_names[region.names, region.place] if region.names else 0)
            return region.characters < tuning.max_around_share * page.characters and (
                prose < tuning.min_around_prose or prose <= tuning.max_around_prose_share * page.prose
            )
        return False

    return _outside(candidates, is_furniture)


def _in_article(region: Region) -> bool:
    return any(outer.place in (Place.ARTICLE, Place.MAIN) or outer.tag == "section" for outer in region.lineage())


def _prose_by_names(candidates: Sequence[Candidate]) -> Counter[tuple[str, Place]]:
    """The prose of all regions of one class and place: cards hold little each, and the page's text together.

    A hidden paragraph does not count with the shown ones of its class.
    """
    prose: Counter[tuple[str, Place]] = Counter()
    for region in _regions(candidates):
        prose[region.names, region.place] += region.prose
    return prose


def _regions(candidates: Sequence[Candidate]) -> set[Region]:
    seen: set[Region] = set()
    for candidate in candidates:
        for region in candidate.region.lineage():
            if region in seen:
                break
            seen.add(region)
    return seen


def _outside(candidates: Sequence[Candidate], is_unwanted: Callable[[Region], bool]) -> list[Candidate]:
    """The candidates that stand in no unwanted region."""
    verdicts: dict[Region, bool] = {}

    def judge(region: Region) -> bool:
        """From the outside in, each region once."""
        unknown = []
        for outer in region.lineage():
            if outer in verdicts:
                break
            unknown.append(outer)
        for inner in reversed(unknown):
            verdicts[inner] = (inner.parent is not None and verdicts[inner.parent]) or is_unwanted(inner)
        return verdicts[region]

    return [candidate for candidate in candidates if not judge(candidate.region)]


def _without_comments(candidates: Sequence[Candidate], tuning: Tuning) -> Sequence[Candidate]:
    """Readers' comments are the text of a forum's page, and below an article they are not."""
    rest = _outside(candidates, lambda region: region.place is Place.COMMENTS)
    return rest if _prose(rest, tuning) >= tuning.min_prose_beside_comments else candidates


def _prose(candidates: Sequence[Candidate], tuning: Tuning) -> int:
    return sum(len(candidate.text) for candidate in candidates if len(candidate.text) >= tuning.prose_characters)


def _main_part(candidates: Sequence[Candidate], tuning: Tuning) -> Sequence[Candidate]:
    """What the page calls its main part, else the one article that holds most of it."""
    least = {Place.MAIN: tuning.min_main_share, Place.ARTICLE: tuning.min_lone_article_share}
    for place, share in least.items():
        held: Counter[Region] = Counter()
        for candidate in candidates:
            for region in candidate.region.lineage():
                if region.place is place:
                    held[region] += len(candidate.text)
        for part, characters in held.most_common(1):
            if characters >= share * _characters(candidates):
                return [candidate for candidate in candidates if part in candidate.region.lineage()]
    return candidates


def _without_menus(candidates: Sequence[Candidate], tuning: Tuning) -> Sequence[Candidate]:
    total = _characters(candidates)

    def is_menu(region: Region) -> bool:
        return (
            region.links > 1
            and region.characters < tuning.max_menu_share * total
            and region.link_characters > tuning.min_menu_link_share * region.characters
            and region.link_characters < tuning.max_menu_link_characters * region.links
        )

    rest = _outside(candidates, is_menu)
    return rest if _characters(rest) >= tuning.min_share_beside_menus * total else candidates


def _without_copies(candidates: Sequence[Candidate], tuning: Tuning) -> list[Candidate]:
    seen: set[str] = set()
    kept = []
    for candidate in candidates:
        if len(candidate.text) < tuning.min_repeated_characters or candidate.text not in seen:
            kept.append(candidate)
        seen.add(candidate.text)
    return kept


def _characters(candidates: Sequence[Candidate]) -> int:
    return sum(len(candidate.text) for candidate in candidates)
