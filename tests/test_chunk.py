"""Documents in pieces that a model can read at once: nothing is lost, nothing is too long."""

from __future__ import annotations

from collections.abc import Sequence

from documents import CHIP_ZH, HARBOUR, a_document
from hypothesis import given
from hypothesis import strategies as st

from localdigest.records import Chunk, Document, Language
from localdigest.stages.chunk import chunk


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def letters(texts: Sequence[str]) -> list[int]:
    return [len(text) for text in texts]


def sentences_of(chunks: Sequence[Chunk]) -> dict[int, str]:
    found: dict[int, str] = {}
    for piece in chunks:
        for line in piece.lines:
            found[line.index] = found.get(line.index, "") + line.text
    return found


@given(
    st.lists(st.text("ab cé，。,;: 字", min_size=1, max_size=300).filter(str.strip), max_size=20),
    st.integers(100, 400),
)
def test_every_sentence_is_there_once_in_order_and_no_chunk_is_too_long(lines: list[str], budget: int) -> None:
    document = a_document("\n".join(" ".join(line.split()) for line in lines), number=3)

    chunks = chunk(document, count=letters, budget_tokens=budget)

    assert {index: s.text for index, s in enumerate(document.sentences)} == sentences_of(chunks)
    indexes = [line.index for piece in chunks for line in piece.lines]
    assert indexes == sorted(indexes)
    for piece in chunks:
        assert (
            sum(letters([piece.header, *(line.shown for line in piece.lines)])) == piece.num_tokens == len(piece.text)
        )
        assert piece.num_tokens <= budget


def test_a_short_document_is_one_chunk_with_its_facts_in_front() -> None:
    document = a_document(HARBOUR, title="Port Ellis\nbuys ferries", site="One", number=3)

    (piece,) = chunk(document, count=words, budget_tokens=700)

    assert piece.text.startswith(
        "title: Port Ellis buys ferries\nsite: One\ndate: 2026-01-05\nlanguage: en\n[S1] The harbour council"
    )
    assert (piece.document, piece.language) == (3, Language.ENGLISH)


def test_chunks_are_about_equally_long() -> None:
    document = a_document("\n".join(f"Sentence {n} is one of many short sentences here." for n in range(100)))

    lengths = [piece.num_tokens for piece in chunk(document, count=words, budget_tokens=250)]

    assert len(lengths) == 5
    assert max(lengths) - min(lengths) < 25


def test_labels_are_those_of_the_document() -> None:
    document = a_document(HARBOUR, number=7)

    second = chunk(document, count=words, budget_tokens=100)[1]

    assert [line.label for line in second.lines] == [f"S{line.index + 1}" for line in second.lines]
    assert document.sentences[second.lines[0].index].text == second.lines[0].text


def test_a_sentence_too_long_is_cut_at_clauses_under_one_label() -> None:
    long = "，".join(f"第{n}項採購案由港務局核定並於本週公告" for n in range(30)) + "。"
    document = a_document(long + "\n" + CHIP_ZH, language=Language.TRADITIONAL_CHINESE)

    chunks = chunk(document, count=letters, budget_tokens=250)
    parts = [line.text for piece in chunks for line in piece.lines if line.index == 0]

    assert len(parts) > 1
    assert long == "".join(parts)
    assert all(part.endswith(("，", "。")) for part in parts)


def test_a_text_without_any_mark_is_cut_all_the_same() -> None:
    document = a_document("x" * 5000)

    chunks = chunk(document, count=letters, budget_tokens=200)

    assert sentences_of(chunks) == {0: "x" * 5000}
    assert max(piece.num_tokens for piece in chunks) <= 200


def test_a_huge_title_leaves_room_for_the_text() -> None:
    document = a_document(HARBOUR, title="x" * 10_000, site="y" * 10_000)

    (piece, *_) = chunk(document, count=letters, budget_tokens=150)

    assert len(piece.header) <= 50
    assert piece.lines


def test_a_document_without_sentences_has_no_chunks() -> None:
    assert chunk(empty(), count=words, budget_tokens=100) == []


def empty() -> Document:
    return a_document("")
