"""The digest that needs no model."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from documents import CHIP_ZH, FIVE, HARBOUR, ORCHARD, RIVALS, a_document
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.parsing.document import parse_document
from localdigest.records import (
    Digest,
    Document,
    Language,
    Page,
    PageOrigin,
    Part,
    PartKey,
    SectionKey,
    Sentence,
    Source,
    Statement,
    Verdict,
)
from localdigest.stages.dedupe import dedupe
from localdigest.stages.verify import verify
from localdigest.writers import ExtractiveWriter, Writer

CORPUS = Path(__file__).parent.parent.parent / "shared" / "corpus"


def write(*documents: Document, topic: str = "ferries", language: str = "en") -> Digest:
    return ExtractiveWriter().write(dedupe(documents), topic=topic, language=language)


def parts(digest: Digest, key: SectionKey) -> tuple[Part, ...]:
    (section,) = [section for section in digest.sections if section.key is key]
    return section.parts


def body(digest: Digest) -> list[str]:
    """Every sentence under a heading, without the headlines."""
    return [s.text for section in digest.sections for part in section.parts for s in part.statements]


def test_it_is_a_writer() -> None:
    writer: Writer = ExtractiveWriter()

    assert (writer.name, writer.uses_model) == ("extractive", False)


def test_all_sections_stand_in_their_order() -> None:
    digest = write(*FIVE)

    assert [section.key for section in digest.sections] == list(SectionKey)
    assert (digest.writer, digest.uses_model) == ("extractive", False)


def test_every_statement_is_verbatim_in_what_it_cites() -> None:
    documents = dedupe(FIVE)
    digest = ExtractiveWriter().write(documents, topic="ferries", language="en")

    assert {statement.verdict for statement in verify(digest, documents).statements} == {Verdict.SUPPORTED}


def test_no_sentence_stands_twice_in_the_body() -> None:
    assert max(Counter(body(write(*FIVE))).values()) == 1


def test_news_are_distinct_events_under_the_words_of_a_title() -> None:
    """The event that two sites tell is one item and comes with its weight; the site's name is cut from the headline."""
    items = parts(write(*FIVE), SectionKey.NEWS)
    headlines = {part.headline.text: part for part in items if part.headline}

    ferry = headlines.keys() & {"Port Ellis buys electric ferries", "Fjordverk builds ferries for Port Ellis"}
    assert len(ferry) == 1
    assert headlines[ferry.pop()].weight == 2
    assert "Frost in Lindow costs growers the harvest" in headlines
    assert "雲川半導體明年量產推論晶片「凌波」" in headlines
    assert all(1 <= len(part.statements) <= 3 for part in items)


def test_sections_hold_what_their_headings_say() -> None:
    """And a sentence of another matter is not among them."""
    digest = write(*FIVE)
    found = {
        part.key: " ".join(statement.text for statement in part.statements)
        for key in (SectionKey.ANALYSIS, SectionKey.IMPLICATIONS)
        for part in parts(digest, key)
    }

    assert "rival" in found[PartKey.COMPARISON] or "上一代" in found[PartKey.COMPARISON]
    assert "market value rose" in found[PartKey.MARKET] or "市場" in found[PartKey.MARKET]
    assert "developers can download" in found[PartKey.DEVELOPERS] or "開發者" in found[PartKey.DEVELOPERS]
    assert "Customers can see" in found[PartKey.USERS] or "消費者" in found[PartKey.USERS]
    assert not any("frost" in text or "Frost" in text for text in found.values())


def test_a_section_without_fitting_sentences_is_empty() -> None:
    digest = write(FIVE[2])

    assert parts(digest, SectionKey.ANALYSIS) == ()
    assert parts(digest, SectionKey.IMPLICATIONS) == ()


def test_every_document_is_heard() -> None:
    """A source is not dropped for its language, nor because another has more to say."""
    documents = dedupe(FIVE)
    digest = ExtractiveWriter().write(documents, topic="ferries", language="zh-TW")
    heard = {identifier.split(".")[0] for statement in digest.statements for identifier in statement.evidence}

    assert heard == {f"D{document.number}" for document in documents}


def test_the_reader_s_language_leads_where_sentences_are_equally_good() -> None:
    chinese = write(*FIVE, topic="news", language="zh-TW").summary
    english = write(*FIVE, topic="news", language="en").summary

    def place(summary: tuple[Statement, ...]) -> int:
        return next((at for at, statement in enumerate(summary) if "雲川" in statement.text), 99)

    assert place(chinese) <= place(english)


def test_the_summary_has_three_points_of_different_documents() -> None:
    summary = write(*FIVE).summary

    assert len(summary) == 3
    assert len({statement.evidence[0].split(".")[0] for statement in summary}) == 3


def test_the_same_fact_is_told_once_even_in_two_languages() -> None:
    """Two shared figures are one fact."""
    english = a_document(
        "The ferry contract with Fjordverk is worth 41 million euros and covers 280 seats on each of the boats.\n"
        + ORCHARD
    )
    chinese = a_document(
        "港務局與造船廠簽下四艘渡輪的合約，總價 4,100 萬歐元，每艘船設有 280 個座位。\n" + CHIP_ZH,
        url="https://zh.example/a",
        language=Language.TRADITIONAL_CHINESE,
    )

    shown = body(write(english, chinese))

    assert sum("280" in text for text in shown) == 1


def test_a_leaning_sentence_follows_the_one_it_leans_on_or_is_not_shown() -> None:
    text = HARBOUR.replace("The batteries will", "They will")
    documents = dedupe([a_document(text)])
    digest = ExtractiveWriter().write(documents, topic="ferries", language="en")
    leaning = "They will be charged at night from a new station"

    for section in digest.sections:
        for part in section.parts:
            shown = [statement.text for statement in part.statements]
            for at, found in enumerate(shown):
                if found.startswith(leaning):
                    assert section.key is SectionKey.NEWS
                    assert shown[at - 1].startswith("Fjordverk has delivered")


@pytest.mark.parametrize("text", ["", "Too short.", HARBOUR.splitlines()[0], "\n".join(HARBOUR.splitlines()[:2])])
def test_almost_no_text_gives_a_small_digest(text: str) -> None:
    """One sentence is one news item and the summary; nothing is made up to fill a section."""
    digest = write(a_document(text))
    count = sum(1 for line in text.splitlines() if len(line) > 20)

    assert len(body(digest)) == count
    assert len(digest.summary) <= count
    assert len(digest.sections) == len(SectionKey)


def test_no_documents_give_an_empty_digest() -> None:
    digest = ExtractiveWriter().write((), topic="ferries", language="en")

    assert digest.statements == ()
    assert digest.tags == ("ferries",)


def test_documents_without_a_title_make_items_without_a_headline() -> None:
    (item,) = parts(write(replace(FIVE[0], title="")), SectionKey.NEWS)

    assert item.headline is None
    assert item.statements


def test_the_words_of_another_document_are_cited_too() -> None:
    """Every place where the very words stand, and no other."""
    shared = HARBOUR.splitlines()[2]
    documents = dedupe(
        [
            a_document(HARBOUR),
            a_document(f"{shared}\n{ORCHARD}", url="https://other.example/b", title="Frost and boats"),
        ]
    )
    digest = ExtractiveWriter().write(documents, topic="ferries", language="en")
    (statement,) = {s for s in digest.statements if s.text == shared}

    assert {identifier.split(".")[0] for identifier in statement.evidence} == {"D1", "D2"}
    assert {statement.verdict for statement in verify(digest, documents).statements} == {Verdict.SUPPORTED}


def test_the_digest_does_not_depend_on_the_hash_seed() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from documents import FIVE\n"
        "from localdigest.stages.dedupe import dedupe\n"
        "from localdigest.writers import ExtractiveWriter\n"
        "print(ExtractiveWriter().write(dedupe(FIVE), topic='ferries', language='en'))"
    )

    def run(seed: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", script, str(Path(__file__).parent)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert run("1") == run("2") != ""


LINES = [*HARBOUR.splitlines(), *ORCHARD.splitlines(), *CHIP_ZH.splitlines(), *RIVALS.splitlines(), "Share this!", ""]


@given(st.lists(st.lists(st.sampled_from(LINES), max_size=8), max_size=5), st.sampled_from(["en", "zh-TW"]))
@settings(deadline=None, max_examples=40)
def test_any_documents_give_a_sound_digest(texts: list[list[str]], language: str) -> None:
    """Verbatim, nothing twice, sizes as promised, and the same again."""
    documents = dedupe(a_document("\n".join(lines), url=f"https://s{at}.example/a") for at, lines in enumerate(texts))
    digest = ExtractiveWriter().write(documents, topic="port", language=language)

    assert {s.verdict for s in verify(digest, documents).statements} <= {Verdict.SUPPORTED}
    assert len(set(body(digest))) == len(body(digest))
    assert len(parts(digest, SectionKey.NEWS)) <= 5
    assert sum(len(part.statements) for part in parts(digest, SectionKey.TREND)) <= 5
    assert sum(len(part.statements) for part in parts(digest, SectionKey.KEY_POINTS)) <= 7
    assert {s.text for s in digest.summary} <= set(body(digest))
    assert ExtractiveWriter().write(documents, topic="port", language=language) == digest


def many(count: int, sentences: int) -> list[Document]:
    """Documents of sentences of made-up words that read like sentences."""
    chance = random.Random(3)
    ends = ("ad", "in", "or", "el", "un", "as", "et", "om")
    words = [f"{a}{b}{c}{d}" for a in "bdfglmprst" for b in "aeiou" for c in "klmnrt" for d in ends]
    documents = []
    for at in range(count):
        lines = [
            f"The {' '.join(chance.choices(words, k=5))} of the {' '.join(chance.choices(words, k=5))} was in a {word}."
            for word in chance.choices(words, k=sentences)
        ]
        documents.append(a_document("\n".join(lines), url=f"https://s{at}.example/a", title=lines[0][:60]))
    return documents


@pytest.mark.parametrize(("count", "sentences"), [(20, 60), (500, 12)])
def test_many_documents_make_one_digest(count: int, sentences: int) -> None:
    """`bench/bench_extractive.py` tells what it takes."""
    digest = ExtractiveWriter().write(dedupe(many(count, sentences)), topic="port", language="en")

    assert len(parts(digest, SectionKey.NEWS)) == 5


def corpus_documents(folder: str, count: int) -> tuple[Document, ...]:
    manifest = CORPUS / folder / "manifest.json"
    if not manifest.exists():
        pytest.skip(f"the corpus is not here ({manifest})")
    documents = []
    for entry in json.loads(manifest.read_text("utf-8"))[:count]:
        url = entry.get("url") or f"https://{entry['id'][:8]}.example/a"
        body_bytes = gzip.decompress((CORPUS / folder / "html" / f"{entry['id']}.html.gz").read_bytes())
        page = Page(Source(url), body_bytes, "text/html", "utf-8", url, "2026-01-01T00:00:00+00:00", PageOrigin.FILE)
        if isinstance(document := parse_document(page), Document):
            documents.append(document)
    return dedupe(documents)


@pytest.mark.parametrize("folder", ["articles-en", "articles-zh", "mixed"])
def test_digests_of_real_pages_are_verbatim_and_name_most_sources(folder: str) -> None:
    documents = corpus_documents(folder, 12)
    digest = ExtractiveWriter().write(documents, topic="news", language="en")
    heard = {identifier.split(".")[0] for statement in digest.statements for identifier in statement.evidence}

    assert {statement.verdict for statement in verify(digest, documents).statements} == {Verdict.SUPPORTED}
    assert len(set(body(digest))) == len(body(digest))
    assert len(heard) >= 0.7 * len(documents)


def test_sentences_keep_their_place() -> None:
    """The helper that these tests build on makes Documents as the parser does."""
    for document in FIVE:
        assert all(document.text[s.start : s.start + len(s.text)] == s.text for s in document.sentences)
        assert all(isinstance(s, Sentence) for s in document.sentences)
