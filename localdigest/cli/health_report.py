"""How sources do, in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localdigest.cli.report import print_json
from localdigest.codec import encode
from localdigest.values import SourceEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from localdigest.health import SourceHealth

__all__ = ["listed", "tested"]

_DAY = len("2025-12-30")


def listed(entries: Iterable[SourceEntry], known: Sequence[SourceHealth], *, as_json: bool) -> None:
    """The lines of `sources list --health`; after an outline come the sources that it named when it was read last."""
    by_locator = {health.locator: health for health in known}
    for entry in entries:
        named = [health for health in known if health.via == f"outline {entry.locator}"]
        own = by_locator.get(entry.locator)
        if as_json:
            print_json({"source": entry.locator, "title": entry.title, "url": entry.url, "health": _row(own)})
        else:
            facts = [f"names {len(named)} source{'s' * (len(named) != 1)}"] if named and not own else _facts(own)
            print("\t".join((entry.locator, *facts)))
        listed([SourceEntry(health.locator, via=health.via) for health in named], known, as_json=as_json)


def tested(health: SourceHealth, *, as_json: bool) -> None:
    """A line of `sources test`, after those of the pages."""
    if as_json:
        print_json({"source": health.locator, "health": _row(health)})
    else:
        print("\t".join(("source", health.locator, *_facts(health))))


def _row(health: SourceHealth | None) -> dict[str, Any] | None:
    if health is None:
        return None
    row: dict[str, Any] = encode(health)
    del row["locator"]
    return row


def _facts(health: SourceHealth | None) -> Iterator[str]:
    if health is None:
        yield "no run has looked at it"
        return
    count = health.failures_in_a_row
    yield f"failed {count} time{'s' * (count != 1)} in a row" if count else "well"
    yield f"last success {health.last_success[:_DAY] or 'never'}"
    if health.last_failure:
        detail = f" ({health.detail})" if health.detail else ""
        yield f"last failure {health.last_failure[:_DAY]}: {health.reason}{detail}"
    if health.newest_entry:
        yield f"newest entry {health.newest_entry}"
    if health.yields:
        yield "gave " + ", ".join(f"{each.date}: {each.documents} texts, {each.cited} cited" for each in health.yields)
