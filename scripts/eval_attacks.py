"""Counts what the attack pages in `tests/attacks/` achieve, and what the honest pages beside them suffer.

eval_attacks.py            a line for each group, and each attack that came through
eval_attacks.py --json     the counts as one object
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from attack_run import Counts, count_all  # noqa: E402 - a script finds its modules first


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the counts as one JSON object")
    as_json = parser.parse_args().json
    counts = count_all()
    print(json.dumps(counts.as_object(), ensure_ascii=False) if as_json else _told(counts))


def _told(counts: Counts) -> str:
    lines = [f"{'group · writer':40s} tried  let through"]
    lines += [f"{name:40s} {tried:5d}  {through:11d}" for name, (tried, through) in counts.attacks.items()]
    lines += ["", f"{'group':40s} pages  marked  quoted with what they want said"]
    lines += [
        f"{name:40s} {pages:5d}  {marked:6d}  {quoted:6d}" for name, (pages, marked, quoted) in counts.pages.items()
    ]
    lines += ["", f"all: {sum(tried for tried, _ in counts.attacks.values())} runs, let through: {len(counts.faults)}"]
    lines += [f"came through: {name}: {fault}" for name, faults in counts.faults.items() for fault in faults]
    lines += [
        f"honest pages: {counts.honest}; refused: {counts.refused}; not quoted: {counts.unquoted}",
        f"honest pages that are marked: {len(counts.marked)}",
        *(f"marked: {title}" for title in counts.marked),
        f"sentences of honest pages: {counts.sentences}; taken for instructions: {counts.mistaken}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
