"""Sets the example paper in two columns: `make_example_pdf.py [OUTPUT]`, by default `examples/pages/paper.pdf`.

The same words give the same bytes: the creation date is fixed, nothing is compressed (each zlib compresses in its own
way), and the fonts are the PDF's own.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

if TYPE_CHECKING:
    from fpdf.text_region import TextColumns

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
WORDS = EXAMPLES / "paper" / "paper.md"
OUTPUT = EXAMPLES / "pages" / "paper.pdf"

CREATED = datetime(2025, 12, 24, 9, 0, tzinfo=UTC)
FONT = "Times"
MARGIN_MM = 22
GUTTER_MM = 7
BODY_PT = 11
TABLE_PT = 7.3
TABLE_COLUMNS = (22, 8, 9, 9)  # characters; together they fill a column in the fixed-width font

# Where long words may break at the end of a line. A narrow justified column needs it, and real papers have it.
HYPHENATED = """
ac-com-pany ac-ti-va-tion ad-van-tage arith-me-tic at-ten-tion au-to-mat-ic band-width bil-lion car-ries
com-mon com-pared com-pu-ta-tion con-clu-sion con-text con-ver-sa-tion de-cod-ing de-vel-op-ers dif-fer-ent
doc-u-ments down-load-ed em-bed-dings en-ergy every-thing ex-am-ple ex-perts feed-for-ward gen-er-at-ed
giga-bytes graph-ics hard-ware hun-dreds in-stead lan-guage lap-top lim-i-ta-tions lim-it-ed ma-chine ma-chines
mea-sured mea-sure-ments mem-ory mix-ture mix-tures mod-els mul-ti-plies mul-ti-pli-ca-tion net-works num-ber
ob-sta-cle op-tion out-put pa-ram-e-ters place-ment place-ments pop-u-lar-ity pre-dic-tion pro-cess-ing pro-ces-sor
pro-grams pro-por-tion pub-lished quan-ti-za-tion quar-ter quar-ters read-ing re-main-ing re-quests sec-ond
se-lect-ed se-lec-tion se-quence se-quences slight-ly sum-ma-riz-ing to-geth-er to-kens val-u-able weights
"""
SOFT_HYPHEN = "\u00ad"
BREAKS = {word.replace("-", ""): word.replace("-", SOFT_HYPHEN) for word in HYPHENATED.split()}


@dataclass(frozen=True)
class Paper:
    """The parts of `paper.md`."""

    title: str
    fields: dict[str, str]  #: authors, affiliation, date, running
    blocks: tuple[str, ...]  #: headings (`## …`), paragraphs, and tables with their caption


def read_paper(text: str) -> Paper:
    """Split the words into title, fields and blocks; blocks stand between blank lines."""
    title, fields, *blocks = re.split(r"\n\s*\n", text.strip())
    return Paper(
        title=title.removeprefix("# "),
        fields=dict(line.split(": ", 1) for line in fields.splitlines()),
        blocks=tuple(blocks),
    )


def soften(text: str) -> str:
    """Mark where the words of a paragraph may break."""
    return re.sub(r"[a-z]+", lambda match: BREAKS.get(match[0], match[0]), text)


class Sheet(FPDF):
    """Pages with a running header from the second one on, and a number at the foot of each."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(format="A4")
        self._running = paper.fields["running"]
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=MARGIN_MM)
        self.set_compression(False)
        self.set_creation_date(CREATED)
        self.set_title(paper.title)
        self.set_author(paper.fields["authors"])
        self.set_producer("localdigest examples")
        self.set_lang("en")

    def header(self) -> None:
        if self.page_no() == 1:
            return
        self.set_y(10)
        self.set_font(FONT, "I", 8.5)
        self.cell(0, 4, self._running, align=Align.C)
        self.set_y(MARGIN_MM)

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(FONT, "", 8.5)
        self.cell(0, 4, str(self.page_no()), align=Align.C)

    def line_across(self, text: str, *, size: float, style: str = "", space_after: float = 1.5) -> None:
        self.set_font(FONT, style, size)
        self.multi_cell(0, size * 0.42, text, align=Align.C, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(space_after)


def set_heading(sheet: Sheet, columns: TextColumns, text: str) -> None:
    sheet.set_font(FONT, "B", 11)
    with columns.paragraph(text_align=Align.L, top_margin=2.5, bottom_margin=1) as paragraph:
        paragraph.write(text)


def set_text(sheet: Sheet, columns: TextColumns, text: str) -> None:
    sheet.set_font(FONT, "", BODY_PT)
    with columns.paragraph(text_align=Align.J, bottom_margin=1.2) as paragraph:
        paragraph.write(soften(text))


def set_table(sheet: Sheet, columns: TextColumns, text: str) -> None:
    caption, *rows = text.splitlines()
    sheet.set_font("Courier", "", TABLE_PT)
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        line = "".join(cell.ljust(width) for cell, width in zip(cells, TABLE_COLUMNS, strict=True))
        ruled = "-" * sum(TABLE_COLUMNS) if set(row) <= set("|-") else line
        with columns.paragraph(text_align=Align.L) as paragraph:
            paragraph.write(ruled)
    sheet.set_font(FONT, "I", BODY_PT - 1)
    with columns.paragraph(text_align=Align.C, top_margin=1, bottom_margin=2.5) as paragraph:
        paragraph.write(caption.removeprefix("table: "))


def set_block(sheet: Sheet, columns: TextColumns, block: str) -> None:
    if block.startswith("## "):
        set_heading(sheet, columns, block.removeprefix("## "))
    elif block.startswith("table: "):
        set_table(sheet, columns, block)
    else:
        set_text(sheet, columns, " ".join(block.split()))


def make_pdf(paper: Paper) -> bytes:
    """The whole paper: a title block across the page, then two columns."""
    sheet = Sheet(paper)
    sheet.add_page()
    sheet.line_across(paper.title, size=17, style="B", space_after=3)
    sheet.line_across(paper.fields["authors"], size=11)
    sheet.line_across(paper.fields["affiliation"], size=9.5, style="I")
    sheet.line_across(paper.fields["date"], size=9.5, space_after=5)
    with sheet.text_columns(ncols=2, gutter=GUTTER_MM, text_align=Align.J, line_height=1.2) as columns:
        for block in paper.blocks:
            set_block(sheet, columns, block)
    return bytes(sheet.output())


def main(arguments: list[str]) -> None:
    output = Path(arguments[0]) if arguments else OUTPUT
    output.write_bytes(make_pdf(read_paper(WORDS.read_text(encoding="utf-8"))))
    print(f"wrote {output}")


if __name__ == "__main__":
    main(sys.argv[1:])
