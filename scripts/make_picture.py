"""Takes the pictures of the README: docs/digest.png, the post of the examples as a browser shows it; docs/page.png, its
reading page with a source opened; docs/infographic.png, its own picture.

usage: make_picture.py POST.md

Needs Chromium, whose picture is not the same on every machine; so it is made by hand and looked at.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from markdown_it import MarkdownIt

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "digest.png"
PAGE = PICTURE.with_name("page.png")
INFOGRAPHIC = PICTURE.with_name("infographic.png")
OPENED = re.compile(r'class="cite"[^>]* href="(#D\d+\.S\d+)"')  #: the first citation: what a reader would press first
STYLE = """
body { font: 16px/1.65 "Noto Sans CJK TC", "Noto Sans TC", sans-serif; color: #1d2330; max-width: 52rem;
       margin: 2rem auto; padding: 0 2rem; background: #fff }
h1 { font-size: 1.6rem; margin: 0 0 .3rem } h2 { font-size: 1.15rem; margin: 1.6rem 0 .5rem }
.tagline { color: #667; margin: 0 0 1rem } a { color: #0b63c5; text-decoration: none }
blockquote { margin: 0; padding: .4rem 1rem; background: #f3f6fa; border-left: 4px solid #9db8d9; color: #445 }
p, li { margin: .35rem 0 }
"""


def main(post: Path) -> None:
    _, front, body = post.read_text(encoding="utf-8").split("---\n", 2)
    facts = dict(line.split(": ", 1) for line in front.splitlines() if ": " in line)
    title, tagline = (facts[key].strip('"') for key in ("title", "tagline"))
    page = (
        f"<!doctype html><html lang=zh-Hant><meta charset=utf-8><style>{STYLE}</style>"
        f"<h1>{title}</h1><p class=tagline>{tagline}</p>{MarkdownIt('commonmark').render(body)}"
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "post.html")
        file.write_text(page, encoding="utf-8")
        photograph(file.as_uri(), PICTURE, size="960,1180")
    reading = post.with_suffix(".html").absolute()
    opened = OPENED.search(reading.read_text(encoding="utf-8"))
    photograph(f"{reading.as_uri()}{opened[1] if opened else ''}", PAGE, size="1280,1000")
    shutil.copyfile(post.with_name(f"{post.stem}-infographic.png"), INFOGRAPHIC)
    print(PICTURE, PAGE, INFOGRAPHIC, sep="\n")


def photograph(address: str, target: Path, *, size: str) -> None:
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking"]
    with tempfile.TemporaryDirectory() as profile:
        told = [f"--window-size={size}", f"--user-data-dir={profile}", f"--screenshot={target}"]
        subprocess.run(["chromium", *flags, *told, address], check=True, capture_output=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
