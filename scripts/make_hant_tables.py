"""Makes `localdigest/text/hant_glyphs.toml`: what a Chinese character tells of the script that it stands in.

    make_hant_tables.py            writes the table, from the installed OpenCC
    make_hant_tables.py --check    fails where the table and the installed OpenCC disagree

OpenCC says what each character becomes, Big5 which characters Taiwan writes. A character that OpenCC changes and that
Big5 lacks is Simplified; one that Big5 has may be either (后 in 皇后), and only the words around it tell.
"""

from __future__ import annotations

import sys
import textwrap
import tomllib
import unicodedata
from pathlib import Path
from typing import Final

from opencc import OpenCC, __version__

TABLE: Final = Path(__file__).resolve().parent.parent / "localdigest" / "text" / "hant_glyphs.toml"
BLOCKS: Final = ((0x3400, 0x9FFF), (0x20000, 0x323AF))

# Big5 has these, but modern Taiwan uses them in the names of radicals or in no word at all.
SIMPLIFIED_IN_PRACTICE: Final = frozenset(
    "万与价优体党厂吨圣复宁岭异忏怀怜惊扰机极构柜气泞洁痒确离种篱网羡肮腊苹茧虮蚕蜡触赶适儿听坏扑",
)
# Big5 lacks these, but they are variants in names and older texts, not Simplified (恒, 峯), or Taiwan writes them too.
SHARED_IN_PRACTICE: Final = frozenset("㐹亘僞啓嫺嬀峯幺恒潙爲牀着竈糉繮羣蔿衆裏鉢鮎麪")

HEADER: Final = """\
# Made by scripts/make_hant_tables.py from OpenCC {version} and Python's Big5. Do not edit.

opencc = "{version}"
"""

TABLES: Final = {
    "simplified": "Simplified, and nothing else.",
    "shared": "Simplified for another character, and a Traditional character of its own.",
    "traditional": "Traditional, where Simplified has another character.",
    "shinjitai": "Simplified, and in Japan's JIS X 0208 as well.",
    "japanese": "Written in Japan only.",
}


def main() -> int:
    made = tables()
    if "--check" in sys.argv[1:]:
        written = tomllib.loads(TABLE.read_text("utf-8"))
        return int(made != {name: "".join(written[name].split()) for name in TABLES})
    TABLE.write_text(render(made), "utf-8")
    return 0


def tables() -> dict[str, str]:
    to_traditional, to_simplified, from_japanese = (OpenCC(name).convert for name in ("s2t", "t2s", "jp2t"))
    every = [chr(code) for first, last in BLOCKS for code in range(first, last + 1)]
    every = [char for char in every if unicodedata.category(char) == "Lo" and unicodedata.is_normalized("NFC", char)]
    changed = [char for char in every if to_traditional(char) != char]
    made = frozenset(to_traditional(char) for char in changed)
    traditional = {char for char in every if to_simplified(char) != char}
    simplified = {char for char in changed if is_simplified(char) and char not in made}
    japanese = {char for char in every if from_japanese(char) != char and not in_set(char, "big5")}
    return {
        "simplified": joined(simplified),
        "shared": joined(set(changed) - simplified),
        "traditional": joined(traditional - simplified),
        "shinjitai": joined({char for char in simplified if in_set(char, "shift_jis")}),
        "japanese": joined(japanese - simplified - made - SHARED_IN_PRACTICE - traditional),
    }


def is_simplified(char: str) -> bool:
    return char in SIMPLIFIED_IN_PRACTICE or not (in_set(char, "big5") or char in SHARED_IN_PRACTICE)


def in_set(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def joined(characters: set[str]) -> str:
    return "".join(sorted(characters))


def render(made: dict[str, str]) -> str:
    parts = [HEADER.format(version=__version__)]
    for name, meaning in TABLES.items():
        lines = textwrap.fill(made[name], 100)
        parts.append(f'# {meaning} {len(made[name])} characters.\n{name} = """\n{lines}\n"""\n')
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
