"""Scores the main-text extraction on folders of pages with gold text.

A folder holds manifest.json (a list of {id, gold, page_type?}) and html/<id>.html.gz.

    eval_extraction.py [FOLDER…]                 precision, recall, F1 by folder and page type, milliseconds a page
    eval_extraction.py --halves [FOLDER…]        the same for the two halves that the tuning was split by
    eval_extraction.py --ablate [FOLDER…]        what each rule gains on both halves
    eval_extraction.py --predictions FILE …      also writes {"folder", "id", "text"} a line
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import statistics
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from localdigest.parsing.body_tuning import DEFAULT, Tuning  # noqa: E402 - a script finds its package first
from localdigest.parsing.html_body import extract_blocks_tuned  # noqa: E402 - likewise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

CORPUS: Final = ROOT.parent / "shared" / "corpus"
FOLDERS: Final = ("articles-en", "articles-zh", "mixed")
SHINGLE: Final = 4
NEVER: Final = 10**9
TOKEN = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]|[^\W\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]+")

#: Each rule, and the settings that switch it off.
RULES: Final[dict[str, dict[str, Any]]] = {
    "strong furniture": {"max_furniture_share": -1.0},
    "weak furniture": {"max_around_share": -1.0},
    "weak furniture may hold the prose": {"max_around_prose_share": 1.0},
    "readers' comments": {"min_prose_beside_comments": NEVER},
    "main part": {"min_main_share": 2.0},
    "menus": {"min_share_beside_menus": 2.0},
    "an index keeps its menus": {"min_share_beside_menus": -1.0},
    "second copies": {"min_repeated_characters": NEVER},
    "article by metadata": {"min_article_share": float(NEVER)},
    "article by agreement": {"min_agreement": float(NEVER)},
    "missed article": {"min_article_share": -1.0},
    "half an article": {"doubtful_article_share": -1.0},
    "CJK by readability": {"min_cjk_share": 2.0},
    "CJK, article missed": {"min_cjk_article_share": -1.0},
    "wide reading (all of it)": {"min_agreement": -1.0},
}


@dataclass(frozen=True, slots=True)
class Page:
    folder: str
    id: str
    kind: str
    gold: str
    html: str

    @property
    def half(self) -> str:
        """The tuning looked at the pages of half A; those of half B were held out."""
        return "AB"[int(hashlib.sha256(self.id.encode()).hexdigest()[:8], 16) % 2]


@dataclass(frozen=True, slots=True)
class Score:
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Result:
    page: Page
    text: str
    score: Score
    seconds: float


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """The bag of runs of four tokens: words, or single characters of Chinese, Japanese and Korean."""
    tokens = TOKEN.findall(text.lower())
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[i : i + SHINGLE]) for i in range(max(1, len(tokens) - SHINGLE + 1)))


def page_score(predicted: str, gold: str) -> Score:
    found, wanted = shingles(predicted), shingles(gold)
    if not found or not wanted:
        return Score(1.0, 1.0, 1.0) if not found and not wanted else Score(0.0, 0.0, 0.0)
    both = (found & wanted).total()
    precision, recall = both / found.total(), both / wanted.total()
    return Score(precision, recall, 2 * precision * recall / (precision + recall) if both else 0.0)


def read_pages(folder: Path) -> Iterator[Page]:
    for row in json.loads((folder / "manifest.json").read_text("utf-8")):
        html = gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes()).decode("utf-8")
        yield Page(folder.name, row["id"], row.get("page_type", ""), row["gold"], html)


def evaluate(pages: Iterable[Page], *, tuning: Tuning = DEFAULT) -> list[Result]:
    return [_evaluate_page(page, tuning) for page in pages]


def _evaluate_page(page: Page, tuning: Tuning) -> Result:
    start = time.perf_counter()
    blocks = extract_blocks_tuned(page.html, tuning=tuning)
    seconds = time.perf_counter() - start
    text = "\n\n".join(block.text for block in blocks)
    return Result(page, text, page_score(text, page.gold), seconds)


def mean_f1(results: Iterable[Result]) -> float:
    return statistics.fmean(result.score.f1 for result in results)


def _groups(results: Sequence[Result], keys: Sequence[Callable[[Page], str]]) -> dict[str, list[Result]]:
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        for name in dict.fromkeys(key(result.page) for key in keys):
            groups[name].append(result)
    return groups


def print_scores(results: Sequence[Result], *, halves: bool) -> None:
    keys: list[Callable[[Page], str]] = [lambda page: page.folder]
    if halves:
        keys.append(lambda page: f"{page.folder} {page.half}")
    keys.append(lambda page: f"  {page.kind}" if page.kind else page.folder)
    print(f"{'':20s} pages  precision  recall      F1   below .5   ms median / p95")
    for name, group in _groups(results, keys).items():
        precision, recall, f1 = (
            statistics.fmean(getattr(r.score, part) for r in group) for part in ("precision", "recall", "f1")
        )
        times = sorted(1000 * r.seconds for r in group)
        lost = sum(r.score.f1 < 0.5 for r in group)  # noqa: PLR2004 - a page of which most is wrong
        print(
            f"{name:20s} {len(group):5d}     {precision:.4f}  {recall:.4f}  {f1:.4f}   {lost:8d}"
            f"   {statistics.median(times):6.1f} / {times[int(0.95 * len(times))]:6.1f}"
        )


def print_ablation(pages: Sequence[Page]) -> None:
    """F1 lost, in points of 100, when one rule is switched off, on the half looked at and on the one held out."""
    keys = [lambda page: f"{page.folder} {page.half}"]
    full = {name: mean_f1(group) for name, group in _groups(evaluate(pages), keys).items()}
    names = sorted(full)
    print("| rule switched off |" + "|".join(f" {name} " for name in names) + "|")
    print("|---|" + "--:|" * len(names))
    print("| (none: F1) |" + "|".join(f" {100 * full[name]:.1f} " for name in names) + "|", flush=True)
    for rule, settings in RULES.items():
        groups = _groups(evaluate(pages, tuning=replace(DEFAULT, **settings)), keys)
        changes = (100 * (mean_f1(groups[name]) - full[name]) for name in names)
        print(f"| {rule} |" + "|".join(f" {change:+.2f} " for change in changes) + "|", flush=True)


def write_predictions(path: Path, results: Iterable[Result]) -> None:
    rows = ({"folder": r.page.folder, "id": r.page.id, "text": r.text} for r in results)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[CORPUS / name for name in FOLDERS])
    parser.add_argument("--halves", action="store_true")
    parser.add_argument("--ablate", action="store_true")
    parser.add_argument("--predictions", type=Path)
    arguments = parser.parse_args()
    missing = [str(folder) for folder in arguments.folders if not (folder / "manifest.json").is_file()]
    if missing:
        parser.error(f"no manifest.json in {', '.join(missing)}")
    pages = [page for folder in arguments.folders for page in read_pages(folder)]
    if arguments.ablate:
        print_ablation(pages)
        return
    results = evaluate(pages)
    print_scores(results, halves=arguments.halves)
    if arguments.predictions:
        write_predictions(arguments.predictions, results)


if __name__ == "__main__":
    main()
