"""Compares ways to Taiwan's Chinese on the cases of the tests.

eval_hant.py             right cases of each kind, and milliseconds for 100,000 characters
eval_hant.py --wrong     also what each got wrong
"""

from __future__ import annotations

import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from opencc import OpenCC

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from localdigest.text.hant import to_taiwan  # noqa: E402 - a script finds its package first

if TYPE_CHECKING:
    from collections.abc import Callable

CASES: Final = tomllib.loads((ROOT / "tests" / "data" / "hant" / "cases.toml").read_text("utf-8"))
LENGTH: Final = 100_000


def main() -> None:
    ways: dict[str, Callable[[str], str]] = {"to_taiwan": to_taiwan}
    ways |= {f"opencc {name}": OpenCC(name).convert for name in ("s2t", "s2tw", "s2twp")}
    cases = {kind: [pair(case) for case in CASES[kind]] for kind in ("simplified", "mixed", "traditional")}
    print("| way |", " | ".join(f"{kind} ({len(some)})" for kind, some in cases.items()), "| ms / 100k |")
    print("|---|---|---|---|---|")
    for name, way in ways.items():
        right = [sum(way(written) == expected for written, expected in some) for some in cases.values()]
        print(f"| {name} |", " | ".join(map(str, right)), f"| {milliseconds(way):.0f} |")
        if "--wrong" in sys.argv[1:]:
            for written, expected in (case for some in cases.values() for case in some):
                if way(written) != expected:
                    print(f"    {expected}\n    {way(written)}\n")


def pair(case: str | list[str]) -> tuple[str, str]:
    return (case, case) if isinstance(case, str) else (case[0], case[1])


def milliseconds(way: Callable[[str], str]) -> float:
    text = "".join(written for written, _ in map(pair, CASES["simplified"] + CASES["mixed"]))
    text = (text * (LENGTH // len(text) + 1))[:LENGTH]
    started = time.perf_counter()
    way(text)
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
