"""PDFs: reading order, divided words, running lines, references, and files that give nothing."""

from __future__ import annotations

import time
import zlib
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.parsing import pdf as pdf_module
from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.parsing.pdf import read_pdf
from localdigest.records import DateEvidence, DocumentKind, Reason, Role

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "pdf"

LEFT = [
    "The left column speaks first. It tells of experts that",
    "rest in main memory while attention works on the",
    "card. A word at the end of a line may be di-",
    "vided, and the reader puts it together again.",
    "",
    "A second paragraph of the left column ends in the",
    "middle of a sentence that goes on",
]
RIGHT = [
    "at the top of the right column, as sentences do. Then",
    "comes more text, which cites earlier work [1] and [2].",
    "Well-known compounds such as state-of-the-art and",
    "state-of-the-art again keep their hyphens, even state-",
    "of-the-art at the end of a line.",
]


class Paper(FPDF):
    def header(self) -> None:
        self.set_font("Helvetica", size=8)
        self.set_xy(20, 8)
        self.cell(0, 5, "Journal of Examples, Vol. 7")

    def footer(self) -> None:
        self.set_font("Helvetica", size=8)
        self.set_xy(100, 285)
        self.cell(0, 5, str(self.page_no()))

    def lines(self, lines: list[str], x: float, y: float) -> None:
        self.set_font("Helvetica", size=10)
        for line in lines:
            self.set_xy(x, y)
            self.cell(0, 5, line)
            y += 5


@cache
def paper() -> bytes:
    """Three pages in two columns with everything that gets in the way of reading."""
    pdf = Paper()
    pdf.set_auto_page_break(auto=False)
    pdf.set_author("Ann Lee")
    for number in range(3):
        pdf.add_page()
        if number == 0:
            pdf.set_font("Helvetica", size=18)
            pdf.set_xy(20, 20)
            pdf.cell(0, 10, "Where the Experts Live")
            pdf.lines(["Abstract", "We ask where experts should live."], 20, 35)
        pdf.lines(LEFT, 20, 60)
        pdf.lines(RIGHT, 110, 60)
        if number == 2:
            pdf.lines(["References", "[1] A. Author. A paper. 2020.", "[2] B. Author. Another paper. 2021."], 20, 150)
    return bytes(pdf.output())


def parsed(body: bytes) -> Parsed:
    found = read_pdf(body)
    assert isinstance(found, Parsed), found
    return found


def text_of(body: bytes) -> str:
    return "\n\n".join(block.text for block in parsed(body).blocks)


def test_columns_are_read_one_after_the_other() -> None:
    """And a sentence goes on from one column to the next."""
    assert "ends in the middle of a sentence that goes on at the top of the right column" in text_of(paper())


def test_divided_words_are_put_together() -> None:
    """Where the text writes a hyphen elsewhere it stays."""
    text = text_of(paper())

    assert "may be divided, and" in text
    assert "even state-of-the-art at the end" in text
    assert "\ufffe" not in text


def test_running_lines_and_page_numbers_are_dropped() -> None:
    """What stands at the edge of every page is no text."""
    blocks = [block.text for block in parsed(paper()).blocks]

    assert not any("Journal of Examples" in text for text in blocks)
    assert not any(text.strip().isdigit() for text in blocks)


def test_the_reference_list_is_cut_and_that_is_said() -> None:
    """Titles of other papers are no statements of this one."""
    found = parsed(paper())

    assert "Another paper" not in text_of(paper())
    assert any("list of references" in warning and "left out" in warning for warning in found.warnings)


def test_title_author_and_kind() -> None:
    """The title by its size, where the information names none; abstract and references make a paper."""
    found = parsed(paper())

    assert found.title == "Where the Experts Live"
    assert found.byline == "Ann Lee"
    assert found.kind is DocumentKind.PAPER
    assert (Role.HEADING, "Abstract") in [(block.role, block.text) for block in found.blocks]


def simple(*texts: str, title: str = "") -> FPDF:
    pdf = FPDF()
    pdf.set_font("Helvetica", size=11)
    if title:
        pdf.set_title(title)
    for text in texts:
        pdf.add_page()
        pdf.multi_cell(0, 6, text)
    return pdf


SENTENCE = "The parser reads this sentence from the text layer of a page. "


@pytest.mark.parametrize("title", ["Microsoft Word - draft7.docx", "untitled", "paper.tex", ""])
def test_a_template_title_is_no_title(title: str) -> None:
    """Programs leave their own words in the information."""
    assert parsed(bytes(simple(SENTENCE * 5, title=title).output())).title == ""


def test_the_information_names_title_and_date() -> None:
    """A PDF's own date is its evidence."""
    found = parsed(bytes(simple(SENTENCE * 5, title="A report").output()))

    assert found.title == "A report"
    assert found.published_by is DateEvidence.DOCUMENT
    assert len(found.published) == len("2025-12-30")


def test_a_pdf_of_pictures_is_a_scan() -> None:
    """No text layer: told as such, not as an empty page."""
    pdf = FPDF()
    for _ in range(2):
        pdf.add_page()
        pdf.rect(20, 20, 100, 200, style="F")

    found = read_pdf(bytes(pdf.output()))

    assert isinstance(found, Unusable)
    assert found.reason is Reason.SCANNED


def test_a_password_is_named_as_the_reason() -> None:
    """Not a crash, and not an empty text."""
    pdf = simple(SENTENCE)
    pdf.set_encryption(owner_password="a", user_password="b")

    found = read_pdf(bytes(pdf.output()))

    assert isinstance(found, Unusable)
    assert found.reason is Reason.UNREADABLE
    assert "encrypted" in found.detail


def test_a_file_encrypted_without_password_is_read() -> None:
    """Many publishers forbid printing that way."""
    pdf = simple(SENTENCE * 5)
    pdf.set_encryption(owner_password="a")

    assert SENTENCE.strip() in text_of(bytes(pdf.output()))


@pytest.mark.parametrize("keep", [9, 200, 600])
def test_a_damaged_file_is_unreadable(keep: int) -> None:
    """A cut download gives a reason."""
    found = read_pdf(paper()[:keep])

    assert isinstance(found, Unusable)
    assert found.reason is Reason.UNREADABLE


def test_page_and_character_limits_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not read is told."""
    monkeypatch.setattr(pdf_module, "MAX_PAGES", 2)
    monkeypatch.setattr(pdf_module, "MAX_CHARACTERS", 150)

    warnings = parsed(bytes(simple(*[SENTENCE * 2] * 3).output())).warnings

    assert "only the first 2 of 3 pages were read" in warnings
    assert "only the first 150 characters were read" in warnings


def bomb(content: bytes, filters: int, resources: bytes = b"", extra: bytes = b"") -> bytes:
    """A PDF of one page whose content is packed `filters` times."""
    for _ in range(filters):
        content = zlib.compress(content, 9)
    names = b"/FlateDecode " * filters
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R/Resources<<" + resources + b">>>>",
        b"<</Length %d/Filter[%s]>>stream\n%s\nendstream" % (len(content), names, content),
        *([extra] if extra else []),
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, value in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, value)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return body + head + b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(body))


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    """A few hundred kilobytes that unpack to a hundred megabytes; packed twice, a thousand bytes do."""
    body = bomb(b"0 0 m " * (100 * 1024 * 1024 // 6), 2)
    started = time.process_time()

    found = read_pdf(body)

    assert len(body) < 5_000
    assert isinstance(found, Unusable)
    assert found.reason is Reason.UNREADABLE
    assert time.process_time() - started < 10


def test_a_form_that_draws_itself_is_refused() -> None:
    """Each drawing would double the page without end."""
    head = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>/Length 11>>"
    form = head + b"stream\n/F Do /F Do\nendstream"

    found = read_pdf(bomb(b"/F Do " * 100, 1, b"/XObject<</F 5 0 R>>", form))

    assert isinstance(found, Unusable)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 5_000), st.binary(min_size=1, max_size=8))
def test_changed_bytes_never_raise(at: int, patch: bytes) -> None:
    """A file with an error anywhere gives text or a reason."""
    body = paper()
    at = at % len(body)

    assert isinstance(read_pdf(body[:at] + patch + body[at + len(patch) :]), Parsed | Unusable)


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"there is no corpus at {CORPUS}")
def test_a_real_two_column_paper_is_read_in_order() -> None:
    """Nearly every run of five words of the known text is found, and in its order."""
    gold = (CORPUS / "synth_en2col.gold.txt").read_text("utf-8").split()
    got = " ".join(text_of((CORPUS / "synth_en2col.pdf").read_bytes()).split())
    places = [got.find(" ".join(gold[start : start + 5])) for start in range(0, len(gold) - 5, 5)]
    found = [place for place in places if place >= 0]

    assert len(found) >= 0.9 * len(places)
    assert sum(a < b for a, b in pairwise(found)) >= 0.98 * (len(found) - 1)
