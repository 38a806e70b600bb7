"""What is said of discovery: whom it asks, before it does; what it would take, and why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from localdigest.cli.report import print_json
from localdigest.discovery.registry import service_named
from localdigest.records import Reason
from localdigest.render.escape import single_line
from localdigest.services import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from localdigest.job import Job
    from localdigest.manifest import Inquiry
    from localdigest.records import Failure
    from localdigest.sourcing.ranking import Pick
    from localdigest.stages.collect import Collected

__all__ = ["discovered", "told_services"]


def told_services(job: Job, *, quiet: bool) -> None:
    """Whom the topic's words go to."""
    settings = job.settings
    if quiet or not settings.discover or not job.topic:
        return
    who = ", ".join(TITLES[name] for name in settings.discover)
    if settings.offline:
        print(f"Discovery: what was answered last time by {who}", file=sys.stderr)
    else:
        print(f"Discovery: asking {who} for {job.topic!r}", file=sys.stderr)


def discovered(found: Collected, *, as_json: bool) -> None:
    """The end of `sources discover`: a line for every page, best first; on stderr what each service gave."""
    for pick in found.picks:
        if as_json:
            print_json(_row(pick))
        else:
            print("\t".join(_columns(pick)))
    if as_json:
        return
    for inquiry in found.inquiries:
        print(f"{TITLES[inquiry.service]}: {_told(inquiry)}", file=sys.stderr)
    for line in _left_out(found.failures):
        print(line, file=sys.stderr)
    for warning in found.warnings:
        print(f"Note: {single_line(warning)}", file=sys.stderr)


def _columns(pick: Pick) -> tuple[str, ...]:
    score = pick.score
    return (
        f"{score.total:.2f}",
        pick.dated[:10] or "no date",
        ", ".join(pick.services),
        pick.source.locator,
        single_line(pick.source.title),
        f"topic {score.relevance:.2f}, recency {score.recency:.2f}, votes {score.votes:.2f}, told {score.told:.2f}",
    )


def _row(pick: Pick) -> dict[str, Any]:
    return {
        "source": pick.source.locator,
        "title": pick.source.title,
        "services": list(pick.services),
        "dated": pick.dated,
        "kind": pick.kind.value,
        "score": pick.score.total,
        "why": {
            "relevance": pick.score.relevance,
            "recency": pick.score.recency,
            "votes": pick.score.votes,
            "told": pick.score.told,
        },
    }


def _told(inquiry: Inquiry) -> str:
    if not inquiry.address:
        return "not asked"
    words = f" ({inquiry.words!r})" if inquiry.words else ""
    gave = inquiry.reason or f"{inquiry.found} found, {inquiry.taken} taken"
    return f"sent {service_named(inquiry.service).sends}{words}; {gave}"


def _left_out(failures: Iterable[Failure]) -> Sequence[str]:
    """How many are not taken for which reason, and the sites of the headlines among them."""
    reasons: dict[Reason, int] = {}
    headlines: list[str] = []
    for failure in failures:
        if failure.is_left_out:
            reasons[failure.reason] = reasons.get(failure.reason, 0) + 1
        if failure.reason is Reason.NO_ADDRESS:
            headlines.append(f"Headline: {single_line(failure.source.title)}: {single_line(failure.detail)}")
    counts = ", ".join(f"{count} {reason.value}" for reason, count in reasons.items())
    return [*headlines, *([f"Not taken: {counts}"] if counts else [])]
