"""The tall picture of a digest: what it says at a glance, its news, its sources.

header
points     a sheet each, in the largest type for which all of it fits
items
chart │ tags
note
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from localdigest.render.picture import palette
from localdigest.render.picture.lower import arrange_lower
from localdigest.render.picture.setting import Block, Style, set_text, set_title
from localdigest.render.picture.values import ASCENT, Box, Face, Layout, Panel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from localdigest.render.picture.content import Content
    from localdigest.render.picture.setting import Measure
    from localdigest.render.picture.values import TextLine

__all__ = ["HEIGHT", "WIDTH", "arrange_infographic"]

WIDTH, HEIGHT = 1080, 1350
_MARGIN = 52.0
_GAP = 20.0  # between panels
_PAD = 26.0  # within one, and a little more at its sides
_SIDE = 34.0
_INNER = WIDTH - 2 * (_MARGIN + _SIDE)
_HEADING = Style(22, palette.ACCENT, is_strong=True)
_UNDER_HEADING = 12.0
_WEIGHT = Style(24, palette.ACCENT, Face.SERIF, is_strong=True)
_UNIT = Style(17, palette.MUTED)
_WEIGHT_GAP = 8.0  # between the two
_NUMBER = 46.0  # width of the column of numbers
_BETWEEN = 14.0  # rows, at least
_BETWEEN_MOST = 34.0
_TITLES = tuple(
    (Style(size, palette.DEEP_TEXT, Face.SERIF, is_strong=True, leading=1.26), max_lines)
    for size, max_lines in ((84, 1), (72, 1), (60, 1), (60, 2), (50, 2), (42, 2))
)
#: Size of the text and lines at most (0: all); tried in this order until everything fits.
_TRIALS = (
    *((size, 0) for size in (38, 35, 32, 30, 28, 26, 25, 24, 23, 22, 21, 20)),
    *((20, lines) for lines in (5, 4, 3, 2, 1)),
)


@dataclass(frozen=True, slots=True)
class _Row:
    number: Block
    text: Block
    weight: tuple[Block, ...] = ()  #: a number and its unit, side by side

    @property
    def height(self) -> float:
        """From the highest of its first lines to the lowest of its last."""
        blocks = (self.text, self.number, *self.weight)
        return max(map(_ascent, blocks)) + max(block.height - _ascent(block) for block in blocks)


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    heading: Block
    rows: tuple[_Row, ...]

    def height(self, between: float) -> float:
        rows = sum(row.height for row in self.rows) + between * (len(self.rows) - 1)
        return 2 * _PAD + self.heading.height + _UNDER_HEADING + rows


def arrange_infographic(content: Content, measure: Measure) -> Layout:
    """Everything at its place."""
    header, cut_header = _header(content, measure)
    note = set_text(content.note, Style(18, palette.MUTED), width=WIDTH - 2 * _MARGIN, measure=measure, max_lines=2)
    note_box = Box(_MARGIN, HEIGHT - 30 - note.height, WIDTH - 2 * _MARGIN, note.height)
    footer = Panel("note", note_box, note.at(note_box.x, note_box.y))
    lower, cut_lower = arrange_lower(
        content, measure, x=_MARGIN, width=WIDTH - 2 * _MARGIN, bottom=note_box.y - 18, gap=_GAP
    )
    bottom = min((panel.box.y for panel in lower), default=note_box.y) - _GAP
    middle, cut_middle = _middle(content, measure, top=header.box.bottom + _GAP, bottom=bottom)
    return Layout(
        WIDTH,
        HEIGHT,
        palette.PAPER,
        (header, *middle, *lower, footer),
        shortened=cut_header + cut_middle + cut_lower + note.is_shortened,
    )


def _header(content: Content, measure: Measure) -> tuple[Panel, int]:
    width = WIDTH - 2 * _MARGIN
    set_line = partial(set_text, width=width, measure=measure)
    occasion = set_line(content.occasion, Style(24, palette.DEEP_MUTED), max_lines=1)
    title = set_title(content.title, _TITLES, width=width, measure=measure)
    tagline = set_line(content.tagline, Style(26, palette.DEEP_MUTED), max_lines=2)
    blocks = [(occasion, 10.0), (title, 14.0), (tagline, 0.0)]
    lines, y = _piled(blocks, x=_MARGIN, y=38.0)
    panel = Panel("header", Box(0, 0, WIDTH, y + 36), lines, fill=palette.DEEP)
    return panel, sum(block.is_shortened for block, _ in blocks)


def _piled(blocks: Sequence[tuple[Block, float]], *, x: float, y: float) -> tuple[tuple[TextLine, ...], float]:
    """Blocks one below the other, each with the space behind it; and where they end."""
    lines: tuple[TextLine, ...] = ()
    for block, behind in blocks:
        lines += block.at(x, y)
        y += block.height + behind
    return lines, y


def _middle(content: Content, measure: Measure, *, top: float, bottom: float) -> tuple[tuple[Panel, ...], int]:
    """The points and the news in the largest type that fits, with what room is left between them."""
    sheets: tuple[_Sheet, ...] = ()
    room = 0.0
    for size, max_lines in _TRIALS:
        sheets = tuple(_sheets(content, measure, size=size, max_lines=max_lines))
        gaps = _GAP * (len(sheets) - 1)
        room = bottom - top - gaps - sum(sheet.height(_BETWEEN) for sheet in sheets)
        if room >= 0:
            break
    between = sum(len(sheet.rows) - 1 for sheet in sheets)
    more = min(room / between, _BETWEEN_MOST - _BETWEEN) if between else 0.0
    stretch = (room - more * between) / len(sheets) if sheets else 0.0
    panels: list[Panel] = []
    y = top
    for sheet in sheets:
        box = Box(_MARGIN, y, WIDTH - 2 * _MARGIN, sheet.height(_BETWEEN + more) + stretch)
        panels.append(_placed(sheet, box, between=_BETWEEN + more, lower_by=stretch / 2))
        y = box.bottom + _GAP
    return tuple(panels), sum(row.text.is_shortened for sheet in sheets for row in sheet.rows)


def _sheets(content: Content, measure: Measure, *, size: float, max_lines: int) -> Iterator[_Sheet]:
    heading = partial(set_text, style=_HEADING, width=_INNER, measure=measure, max_lines=1)
    set_row = partial(_row, size=size, max_lines=max_lines, measure=measure)
    if content.points:
        rows = tuple(set_row(str(number), text) for number, text in enumerate(content.points, start=1))
        yield _Sheet("points", heading(content.points_heading), rows)
    if content.items:
        weights = [_weight(item.weight, content.weight_unit, measure) for item in content.items]
        column = max(sum(block.width + _WEIGHT_GAP for block in weight) for weight in weights)
        rows = tuple(
            set_row(str(number), item.text, weight=weight, column=column, is_strong=True)
            for number, (item, weight) in enumerate(zip(content.items, weights, strict=True), start=1)
        )
        yield _Sheet("items", heading(content.items_heading), rows)


def _row(
    number: str,
    text: str,
    *,
    size: float,
    max_lines: int,
    measure: Measure,
    weight: tuple[Block, ...] = (),
    column: float = 0.0,
    is_strong: bool = False,
) -> _Row:
    width = _INNER - _NUMBER - (column + _SIDE if column else 0.0)
    style = Style(size, palette.INK, is_strong=is_strong, leading=1.36)
    ordinal = Style(size * 1.08, palette.ACCENT, Face.SERIF, is_strong=True)
    return _Row(
        set_text(number, ordinal, width=_NUMBER, measure=measure),
        set_text(text, style, width=width, measure=measure, max_lines=max_lines),
        weight,
    )


def _weight(weight: int, unit: str, measure: Measure) -> tuple[Block, ...]:
    """How many sites tell it, where it is more than one."""
    if weight <= 1:
        return ()
    count = str(weight) if weight < 1_000 else "999+"  # noqa: PLR2004 - what the column has room for
    return (
        set_text(count, _WEIGHT, width=100, measure=measure),
        set_text(unit, _UNIT, width=100, measure=measure, max_lines=1),
    )


def _placed(sheet: _Sheet, box: Box, *, between: float, lower_by: float) -> Panel:
    x, right = box.x + _SIDE, box.right - _SIDE
    y = box.y + _PAD
    lines = list(sheet.heading.at(x, y))
    y += sheet.heading.height + _UNDER_HEADING + lower_by
    for row in sheet.rows:
        baseline = y + max(map(_ascent, (row.number, row.text, *row.weight)))
        lines += row.number.at(x, baseline - _ascent(row.number))
        lines += row.text.at(x + _NUMBER, baseline - _ascent(row.text))
        end = right
        for block in reversed(row.weight):
            lines += block.at(x, baseline - _ascent(block), right=end)
            end -= block.width + _WEIGHT_GAP
        y += row.height + between
    return Panel(sheet.name, box, tuple(lines), fill=palette.SHEET, radius=14)


def _ascent(block: Block) -> float:
    """From the upper edge of a block to its first baseline."""
    return block.style.size * ASCENT
