"""What a person is told of a digest: what was read, what stands in it, what was left out, how long it took."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from localdigest.hints import BY_HAND, by_hand_command
from localdigest.manifest import Fate
from localdigest.records import SectionKey
from localdigest.services import found_by
from localdigest.values import is_url

if TYPE_CHECKING:
    from localdigest.manifest import Manifest

__all__ = ["duration", "tell_account", "tell_times"]

_FAILURES_SHOWN = 10
_WARNINGS_SHOWN = 5
_STAGES = {"collect": "finding", "fetch": "fetching", "extract": "reading", "dedupe": "merging", "write": "writing"}


def tell_account(manifest: Manifest) -> None:
    """What became of the sources, and what of the sentences."""
    counts = manifest.counts
    from_feed = sum(document.from_feed for document in manifest.documents)
    not_taken = sum(
        source.fate is Fate.LEFT_OUT and not source.seen and bool(found_by(source.via)) for source in manifest.sources
    )
    left_out = counts.left_out - counts.covered - not_taken
    facts = [
        f"{_counted(counts.read, 'source')} read"
        + (f" ({from_feed} of them only as far as its feed carries it)" if from_feed else ""),
        f"{counts.documents} different texts" if counts.read > counts.documents else "",
        f"{counts.covered} told before, nothing new in them" if counts.covered else "",
        f"{left_out} left out by window or limit" if left_out else "",
        f"{not_taken} found by discovery and not taken" if not_taken else "",
        f"{counts.not_read} not read",
    ]
    print(" · ".join(filter(None, facts)), file=sys.stderr)
    items = [part for section in manifest.digest.sections if section.key is SectionKey.NEWS for part in section.parts]
    stories, seen = len(items), sum(bool(item.seen) for item in items)
    dropped = len(manifest.model.account.get("statements_dropped", ())) if manifest.model else 0
    facts = [
        f"{stories} stor{'y' if stories == 1 else 'ies'}" + (f", {seen} of them seen before" if seen else ""),
        f"{_counted(counts.statements, 'sentence')}, {counts.supported} of them checked against their source",
        f"{dropped} dropped" if dropped else "",
    ]
    print(" · ".join(filter(None, facts)), file=sys.stderr)
    _tell_left_out(manifest)
    for warning in manifest.warnings[:_WARNINGS_SHOWN]:
        print(f"Note: {warning}", file=sys.stderr)
    if len(manifest.warnings) > _WARNINGS_SHOWN:
        print(f"… and {len(manifest.warnings) - _WARNINGS_SHOWN} more notes, in the manifest.", file=sys.stderr)
    failed = [source for source in manifest.sources if source.fate is Fate.NOT_READ]
    for source in failed[:_FAILURES_SHOWN]:
        detail = f" ({source.detail})" if source.detail else ""
        print(f"Not read: {source.locator}: {source.reason}{detail}", file=sys.stderr)
    if len(failed) > _FAILURES_SHOWN:
        print(f"… and {len(failed) - _FAILURES_SHOWN} more; the manifest lists them all.", file=sys.stderr)
    by_hand = next((source for source in failed if source.reason in BY_HAND and is_url(source.locator)), None)
    if by_hand:
        print(f"What your browser shows can be saved and given: {by_hand_command(by_hand.locator)}", file=sys.stderr)


def tell_times(manifest: Manifest) -> None:
    """What this run took, by what it did; what took no second is not worth a word."""
    told = ", ".join(
        f"{name} {duration(seconds)}"
        for key, name in _STAGES.items()
        if (seconds := manifest.run.seconds.get(key, 0.0)) >= 1
    )
    print(f"Took {duration(sum(manifest.run.seconds.values()))}" + (f": {told}" if told else ""), file=sys.stderr)


def duration(seconds: float) -> str:
    """Two parts at most."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s" if rest else "less than 1 s"


def _tell_left_out(manifest: Manifest) -> None:
    """What a budget left out, and whether it was too small for anything."""
    account = manifest.model.account if manifest.model else {}
    if left_out := account.get("chunks_left_out", 0):
        shortened, unread = (len(account.get(f"documents_{key}", ())) for key in ("shortened", "left_out"))
        print(
            f"Left out for lack of time: {left_out} of {_counted(account.get('chunks', 0), 'chunk')};"
            f" {_counted(shortened, 'text')} read in part, {unread} not at all",
            file=sys.stderr,
        )
    if account.get("is_over_budget"):
        print("The budget is too short for any digest: this is the least that can be done", file=sys.stderr)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
