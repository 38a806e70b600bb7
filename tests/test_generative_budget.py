"""A writer with little time leaves out what matters least, and says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from documents import FIVE, a_document
from generative import Written, as_bytes, write
from hypothesis import given
from hypothesis import strategies as st
from scripted_engine import prompt_of

from localdigest.records import Document, DocumentKind
from localdigest.writers.generative_budget import Budget, LeftOut, Pace, Piece, choose_pieces

#: Sections then take about two minutes, and a chunk a quarter of one.
PACE = Pace(prefill_tokens_per_second=100.0, decode_tokens_per_second=(10.0, 20.0))
SOME = 195.0  #: time for a chunk of each page
FOREVER = 1e9


def page(number: int) -> Document:
    """Some 1,500 words, of which no two sentences are the same."""
    lines = [
        f"The council of Town{number} opened depot {n} of district {n * number + 3} with {n + 100} guests on Monday, "
        "and everybody who had a part in the long and careful work on it was thanked by the old mayor."
        for n in range(40)
    ]
    return a_document("\n".join(lines), url=f"https://site{number}.example/", title=f"Town{number} opens depots")


PAGES = [page(number) for number in range(1, 5)]


def mapped(written: Written) -> list[str]:
    return [prompt_of(job) for job in written.engine.jobs if job.id.startswith("map")]


def write_in(folder: Path, seconds: float, pages: Any = PAGES, **options: Any) -> Written:
    return write(folder, pages, topic="depots", budget=Budget(seconds, PACE), **options)


def piece(document: int, worth: float, *, known: bool = False, tokens: int = 100) -> Piece:
    return Piece(document, tokens, worth, known)


# ── the choice ───────────────────────────────────────────────────────────────


def cost(pieces: list[Piece], *places: int) -> float:
    """Seconds of these pieces and the sections."""
    return choose_pieces([pieces[place] for place in places], Budget(FOREVER, PACE), style="abstract").seconds


def chosen(pieces: list[Piece], seconds: float) -> tuple[int, ...]:
    return choose_pieces(pieces, Budget(seconds, PACE), style="abstract").places


def test_every_document_has_its_best_chunk_before_any_has_its_second() -> None:
    pieces = [piece(1, 9), piece(1, 8), piece(1, 7), piece(2, 1), piece(2, 2), piece(3, 3)]
    order = [0, 5, 4, 1, 2, 3]

    for count in range(1, len(order) + 1):
        assert chosen(pieces, cost(pieces, *order[:count])) == tuple(sorted(order[:count]))
        assert len(chosen(pieces, cost(pieces, *order[:count]) - 0.01)) == max(1, count - 1)


def test_the_sections_are_paid_for_first_and_one_chunk_is_read_whatever_it_takes() -> None:
    pieces = [piece(1, 1), piece(2, 2)]
    choice = choose_pieces(pieces, Budget(0.001, PACE), style="abstract")

    assert (choice.places, choice.fits) == ((1,), False)
    assert choice.seconds == cost(pieces, 1)
    assert choose_pieces(pieces, Budget(cost(pieces, 1), PACE), style="abstract").fits


def test_known_chunks_cost_nothing_and_stay() -> None:
    pieces = [piece(1, 1, known=True), piece(2, 5), piece(2, 4), piece(3, 0, known=True)]

    assert choose_pieces(pieces, Budget(0.001, PACE), style="abstract").places == (0, 3)
    assert not choose_pieces(pieces, Budget(0.001, PACE), style="abstract").fits
    assert chosen(pieces, cost(pieces, 1)) == (0, 1, 3)


def test_where_all_is_known_nothing_is_waited_for() -> None:
    pieces = [piece(1, 1, known=True), piece(2, 5, known=True)]
    choice = choose_pieces(pieces, Budget(0.001, PACE), style="abstract")

    assert (choice.places, choice.seconds, choice.fits) == ((0, 1), 0.0, True)
    assert choose_pieces([], Budget(0.001, PACE), style="abstract").places == ()


def test_answers_that_are_written_together_take_less_time_than_one_after_the_other() -> None:
    alone = PACE.seconds(prompt_tokens=0, answers=1, answer_tokens=100)

    assert PACE.seconds(prompt_tokens=0, answers=2, answer_tokens=100) < 2 * alone
    assert PACE.seconds(prompt_tokens=0, answers=4, answer_tokens=100) == pytest.approx(
        2 * PACE.seconds(prompt_tokens=0, answers=2, answer_tokens=100)
    )


PIECES = st.lists(st.builds(Piece, st.integers(1, 5), st.integers(1, 900), st.floats(0, 9), st.booleans()), max_size=20)
PACES = st.builds(Pace, st.floats(0.1, 1e4), st.lists(st.floats(0.1, 1e3), min_size=1, max_size=8).map(tuple))


@given(PIECES, PACES, st.floats(0, 1e6), st.floats(0, 1e6), st.sampled_from(["abstract", "quotes"]))
def test_more_time_reads_the_same_and_more(
    pieces: list[Piece], pace: Pace, seconds: float, more: float, style: str
) -> None:
    short = choose_pieces(pieces, Budget(seconds, pace), style=style)
    long = choose_pieces(pieces, Budget(seconds + more, pace), style=style)
    left = LeftOut.of(pieces, short)

    assert set(short.places) <= set(long.places)
    assert short.places or not pieces
    assert short.fits == (short.seconds <= seconds)
    assert len(short.places) + left.chunks == len(pieces)
    assert {place for place, each in enumerate(pieces) if each.is_known} <= set(short.places)
    read = {f"D{pieces[place].document}" for place in short.places}
    assert not read & set(left.documents)
    assert set(left.documents_shortened) <= read
    assert read | set(left.documents) == {f"D{each.document}" for each in pieces}


# ── the writer ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("style", ["abstract", "quotes"])
def test_enough_time_leaves_nothing_out(tmp_path: Path, style: str) -> None:
    unlimited = write(tmp_path / "a", PAGES, topic="depots", style=style)
    generous = write_in(tmp_path / "b", FOREVER, style=style)

    assert as_bytes(generous.digest) == as_bytes(unlimited.digest)
    assert generous.account == unlimited.account
    assert (generous.account.chunks_left_out, generous.account.is_over_budget) == (0, False)


def test_what_is_left_out_is_counted_and_not_asked_about(tmp_path: Path) -> None:
    """Time for the sections and some chunks: each page is read, none to its end."""
    everything = write(tmp_path / "a", PAGES, topic="depots")
    least = write_in(tmp_path / "b", 0.001)
    some = write_in(tmp_path / "c", SOME)
    account = some.account

    assert (len(mapped(least)), least.account.is_over_budget) == (1, True)
    assert len(least.account.documents_left_out) == 3
    assert len(PAGES) <= len(mapped(some)) < len(mapped(everything)) == everything.account.chunks
    assert account.chunks_left_out == account.chunks - len(mapped(some))
    assert account.documents_shortened == ("D1", "D2", "D3", "D4")
    assert (account.documents_left_out, account.is_over_budget) == ((), False)
    assert account.chunks_without_answer == 0
    assert set(mapped(least)) < set(mapped(some)) < set(mapped(everything))


@pytest.mark.parametrize(("kind", "is_read"), [(DocumentKind.NEWS, True), (DocumentKind.INDEX, False)])
def test_a_page_that_matters_less_goes_first(tmp_path: Path, kind: DocumentKind, *, is_read: bool) -> None:
    """One of the same text is the one page that is read as news, and is not as a list of other pages."""
    pages = [replace(FIVE[0], kind=kind), FIVE[2]]
    (only,) = mapped(write(tmp_path, pages, budget=Budget(0.001, PACE)))

    assert ("Port Ellis" in only) == is_read


def test_the_same_pace_and_time_make_the_same_digest(tmp_path: Path) -> None:
    one, other = write_in(tmp_path / "a", SOME), write_in(tmp_path / "b", SOME)

    assert as_bytes(one.digest) == as_bytes(other.digest)
    assert one.account == other.account


def test_the_next_run_reads_on_where_the_time_ended(tmp_path: Path) -> None:
    """What the run before was answered costs nothing: with the same time again more is read, until all is."""
    asked: list[str] = []
    left = []
    for _ in range(9):
        written = write_in(tmp_path, SOME)
        asked += mapped(written)
        left.append(written.account.chunks_left_out)

    assert left == sorted(left, reverse=True)
    assert left[0] > left[1] > left[-1] == 0
    assert len(asked) == len(set(asked)) == written.account.chunks
    assert as_bytes(written.digest) == as_bytes(write(tmp_path / "other", PAGES, topic="depots").digest)


def test_without_a_budget_nothing_is_left_out_however_slow(tmp_path: Path) -> None:
    written = write(tmp_path, FIVE)

    assert (written.account.chunks_left_out, written.account.documents_left_out) == (0, ())
