"""Writes localdigest/hub/architectures.txt: what the pinned llama.cpp can load, from its own sources.

usage: list_architectures.py LLAMA_CPP

LLAMA_CPP is the folder `vendor/llama.cpp` of llama-cpp-python's source distribution. Run it when that version changes;
a test compares the list with the library that is installed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "localdigest" / "hub" / "architectures.txt"
_NAME = re.compile(r"\{ LLM_ARCH_\w+,\s+\"([^\"(]+)\"\s*\},(.*dummy)?")
HEAD = "# Made by scripts/list_architectures.py from llama.cpp's src/llama-arch.cpp: what it can load. A name a line.\n"


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    source = Path(arguments[0], "src", "llama-arch.cpp").read_text(encoding="utf-8")
    table = source.partition("LLM_ARCH_NAMES = {")[2].partition("};")[0]
    names = [name for name, dummy in _NAME.findall(table) if not dummy]
    if not names:
        print("no table of architectures in these sources", file=sys.stderr)
        return 1
    TARGET.write_text(HEAD + "".join(f"{name}\n" for name in names), encoding="utf-8")
    print(f"{len(names)} architectures written to {TARGET.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
