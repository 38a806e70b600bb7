"""Records of runs as a Markdown table: medians, ratios of paired runs, and whether the bounds hold."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["BOUNDS", "Bound", "ratios", "report"]

#: One run: {"work", "contender", "round", "busy", "result": Result as a dict,
#: "foreign_seconds", "neighbour_seconds"}
Record = dict[str, Any]

INSTRUCTION_FIRST = "reduce, instruction first"
PREFIX_FIRST = "reduce, prefix first"


@dataclass(frozen=True, slots=True)
class Bound:
    """Our seconds on `work` are at most `most` times those of the best of `others` on `their_work`."""

    work: str
    others: tuple[str, ...]
    their_work: str
    most: float
    busy: bool = False


SERVERS = ("server-1", "server-8")
BOUNDS = (
    Bound("map", ("llama",), "map", 0.75),
    Bound("map", SERVERS, "map", 0.97),
    Bound("map", ("llama",), "map", 0.50, busy=True),
    Bound(PREFIX_FIRST, ("llama",), INSTRUCTION_FIRST, 0.25),
    Bound(PREFIX_FIRST, ("llama",), PREFIX_FIRST, 0.90),
    Bound(PREFIX_FIRST, SERVERS, PREFIX_FIRST, 0.95),
)


#: A run is left out where others took more processor time than this share of its seconds: ggml's threads wait for one
#: another, so a neighbour costs far more than what it takes. Chosen after the first runs, which fell in two kinds: in
#: quiet ones others
#: took 1 to 3 %, in disturbed ones 13 to 60. It looks at who else ran, never at what came out.
MOST_FOREIGN = 0.03


def report(records: Sequence[Record]) -> str:
    quiet = [record for record in records if is_quiet(record)]
    disturbed = [record for record in records if not is_quiet(record)]
    return "\n\n".join(part for part in (_runs_table(quiet), _ratios_table(quiet), _left_out(disturbed)) if part)


def is_quiet(record: Record) -> bool:
    return bool(record["foreign_seconds"] <= MOST_FOREIGN * record["result"]["seconds"])


def _left_out(records: Sequence[Record]) -> str:
    lines = [
        f"- {record['work']}, {record['contender']}, round {record['round']}: "
        f"{record['result']['seconds']:.1f} s while others took {record['foreign_seconds']:.1f} s"
        for record in records
    ]
    return "\n".join(["Left out as disturbed:", "", *lines]) if lines else ""


def ratios(records: Iterable[Record], bound: Bound) -> list[float]:
    """One ratio for each round in which both sides ran; the best of the others is the one with the best median."""
    ours = _seconds(records, "ours", bound.work, busy=bound.busy)
    theirs = [_seconds(records, other, bound.their_work, busy=bound.busy) for other in bound.others]
    theirs = [seconds for seconds in theirs if seconds]
    if not theirs:
        return []
    best = min(theirs, key=lambda seconds: median(seconds.values()))
    return [ours[number] / best[number] for number in sorted(ours.keys() & best.keys())]


def _seconds(records: Iterable[Record], contender: str, work: str, *, busy: bool) -> dict[int, float]:
    wanted = (contender, work, busy)
    return {
        record["round"]: record["result"]["seconds"]
        for record in records
        if (record["contender"], record["work"], record["busy"]) == wanted
    }


RUN_COLUMNS = (
    "work",
    "who",
    "runs",
    "seconds",
    "prompt tokens computed",
    "tokens sampled",
    "forced",
    "prefill tokens/s",
    "decode tokens/s",
    "in llama_decode",
    "peak MiB",
    "others' seconds",
)


def _runs_table(records: Sequence[Record]) -> str:
    groups: dict[tuple[str, bool, str], list[Record]] = {}
    for record in records:
        groups.setdefault((record["work"], record["busy"], record["contender"]), []).append(record)
    rows = [_run_row(*key, group) for key, group in groups.items()]
    return _table(RUN_COLUMNS, rows, left=2)


def _run_row(work: str, busy: bool, contender: str, group: list[Record]) -> list[str]:  # noqa: FBT001 - a key's part
    results = [record["result"] for record in group]
    middle = {name: median(result[name] for result in results) for name in results[0] if name in NUMBERS}
    prefill, decode, seconds = middle["prefill_seconds"], middle["decode_seconds"], middle["seconds"]
    return [
        work + (", busy" if busy else ""),
        contender,
        str(len(group)),
        _spread([result["seconds"] for result in results], digits=1),
        f"{middle['computed_tokens']:,.0f} of {middle['prompt_tokens']:,.0f}",
        f"{middle['sampled_tokens']:,.0f}",
        f"{middle['forced_tokens']:,.0f}",
        f"{middle['computed_tokens'] / prefill:.0f}" if prefill else "",
        f"{middle['sampled_tokens'] / decode:.0f}" if decode else "",
        f"{middle['llama_seconds'] / seconds:.1%}" if middle["llama_seconds"] else "",
        f"{middle['peak_mib']:,.0f}",
        f"{median(record['foreign_seconds'] for record in group):.1f}",
    ]


NUMBERS = {
    "seconds",
    "prompt_tokens",
    "computed_tokens",
    "sampled_tokens",
    "forced_tokens",
    "prefill_seconds",
    "decode_seconds",
    "llama_seconds",
    "peak_mib",
}


def _ratios_table(records: Sequence[Record]) -> str:
    rows = []
    for bound in BOUNDS:
        if found := ratios(records, bound):
            held = "yes" if median(found) <= bound.most else "**no**"
            against = " or ".join(bound.others) + ("" if bound.work == bound.their_work else f", {bound.their_work}")
            work = bound.work + (", busy" if bound.busy else "")
            rows.append([work, against, _spread(found, digits=3), f"{bound.most:.2f}", held])
    return _table(("ours on", "against", "ratio", "at most", "held"), rows, left=2) if rows else ""


def _spread(numbers: Sequence[float], *, digits: int) -> str:
    middle = f"{median(numbers):.{digits}f}"
    return middle if len(numbers) == 1 else f"{middle} ({min(numbers):.{digits}f}–{max(numbers):.{digits}f})"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, left: int) -> str:
    rule = [" --- " if index < left else " --: " for index in range(len(columns))]
    lines = ["| " + " | ".join(row) + " |" for row in (columns, *rows)]
    return "\n".join([lines[0], "|" + "|".join(rule) + "|", *lines[1:]])
