"""Prints how often title, author and date of real pages agree with hand-made answers.

usage: python scripts/eval_metadata.py [CORPUS]
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from localdigest.parsing.dates import iso_date, url_date
from localdigest.parsing.html_head import read_head
from localdigest.parsing.html_metadata import guess_published, read_metadata

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


def plain(text: str) -> str:
    """The text as it is compared: letters and digits only."""
    return "".join(filter(str.isalnum, text.lower()))


def names(text: str) -> set[str]:
    """The authors, in any order."""
    return {plain(name) for name in re.split(r",|;|、|&|\band\b|\s(?=[\u4e00-\u9fff])", text) if plain(name)}


def answer(item: dict[str, Any], field: str) -> str:
    """The hand-made answer; `""` where there is none."""
    value = item.get(field) or ""
    return "" if value == "UNKNOWN" else value


def found(html: str, url: str) -> dict[str, str]:
    """What the program says of a page."""
    head = read_head(html)
    meta = read_metadata(head, url=url)
    day = meta.dated.published or url_date(url)
    stated = day[:10]
    day = day or guess_published(head, html, url=url).published
    return {"title": meta.title, "author": meta.byline, "date": day[:10], "stated date": stated}


def agree(field: str, got: str, want: str) -> bool:
    """Same title, same day, or the same people."""
    if field == "author":
        return bool(names(got)) and names(got) == names(want)
    if field.endswith("date"):
        return got == iso_date(want)[:10]
    return plain(got) == plain(want)


def main() -> None:
    """Prints one row for each set and field."""
    paths = [arg for arg in sys.argv[1:] if arg != "-v"]
    corpus = Path(paths[0]) if paths else CORPUS
    verbose = "-v" in sys.argv
    for name in ("mixed", "articles-zh"):
        folder = corpus / name
        right, asked, invented, absent, given = Counter(), Counter(), Counter(), Counter(), Counter()
        started = time.perf_counter()
        items = json.loads((folder / "manifest.json").read_text("utf-8"))
        for item in items:
            html = gzip.decompress((folder / "html" / f"{item['id']}.html.gz").read_bytes()).decode("utf-8", "replace")
            for field, got in found(html, item.get("url", "")).items():
                want = answer(item, field.removeprefix("stated "))
                good = bool(want) and agree(field, got, want)
                asked[field] += bool(want)
                right[field] += good
                given[field] += bool(want and got)
                absent[field] += not want
                invented[field] += bool(not want and got)
                if verbose and want and not good:
                    print(f"  {item['id'][:8]} {item.get('page_type', '')} {field}: {got!r} != {want!r}")
        spent = (time.perf_counter() - started) / len(items) * 1000
        print(f"{name}: {len(items)} pages, {spent:.1f} ms each")
        for field in asked:
            if asked[field]:
                share = right[field] / asked[field]
                print(
                    f"  {field:12} {share:.3f} right ({right[field]}/{asked[field]}, {given[field]} given);"
                    f" given where there is none: {invented[field]}/{absent[field]}"
                )


if __name__ == "__main__":
    main()
