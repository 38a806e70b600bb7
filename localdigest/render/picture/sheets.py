"""The sheets in the middle of the infographic: the points and the news, in the largest type for which all of it fits.

Where nothing fits even in the smallest, each text gets one line and those that need more share the room that is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING

from localdigest.render.picture import palette
from localdigest.render.picture.setting import Block, Style, set_text
from localdigest.render.picture.values import ASCENT, Box, Face, Panel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from localdigest.render.picture.content import Content
    from localdigest.render.picture.setting import Measure

__all__ = ["arrange_sheets"]

_PAD = 26.0
_SIDE = 34.0
_HEADING = Style(22, palette.ACCENT, is_strong=True)
_UNDER_HEADING = 12.0
_WEIGHT = Style(24, palette.ACCENT, Face.SERIF, is_strong=True)
_UNIT = Style(17, palette.MUTED)
_WEIGHT_GAP = 8.0  # between the two
_NUMBER = 46.0  # width of the column of numbers
_LEADING = 1.36
_BETWEEN_MOST = 34.0  # rows
#: Size of the text, and what is between rows at least; tried in this order.
_TRIALS = (*((size, 14.0) for size in (38, 35, 32, 30, 28, 26, 25, 24, 23, 22, 21, 20)), (20, 10.0))
_SMALLEST, _CLOSEST = _TRIALS[-1]


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


@dataclass(frozen=True, slots=True)
class _Room:
    """Where the sheets go."""

    box: Box
    gap: float  #: between two sheets

    @property
    def inner(self) -> float:
        return self.box.width - 2 * _SIDE

    def left_by(self, sheets: Sequence[_Sheet], between: float) -> float:
        """What is left of the height; negative where it does not suffice."""
        return self.box.height - sum(sheet.height(between) for sheet in sheets) - self.gap * (len(sheets) - 1)


def arrange_sheets(content: Content, measure: Measure, *, box: Box, gap: float) -> tuple[tuple[Panel, ...], int]:
    """The sheets one below the other, filling the box; and how many texts were shortened."""
    room = _Room(box, gap)
    sheets, between = _fitting(content, measure, room)
    gaps = sum(len(sheet.rows) - 1 for sheet in sheets)
    left = room.left_by(sheets, between)
    more = min(left / gaps, _BETWEEN_MOST - between) if gaps else 0.0
    stretch = (left - more * gaps) / len(sheets) if sheets else 0.0
    panels: list[Panel] = []
    y = box.y
    for sheet in sheets:
        place = Box(box.x, y, box.width, sheet.height(between + more) + stretch)
        panels.append(_placed(sheet, place, between=between + more, lower_by=stretch / 2))
        y = place.bottom + gap
    return tuple(panels), sum(row.text.is_shortened for sheet in sheets for row in sheet.rows)


def _fitting(content: Content, measure: Measure, room: _Room) -> tuple[tuple[_Sheet, ...], float]:
    set_sheets = partial(_sheets, content, measure, width=room.inner)
    sheets: tuple[_Sheet, ...] = ()
    for size, between in _TRIALS:
        sheets = tuple(set_sheets(size=size))
        if room.left_by(sheets, between) >= 0:
            return sheets, between
    wanted = [len(row.text.lines) for sheet in sheets for row in sheet.rows]
    single = tuple(set_sheets(size=_SMALLEST, limits=[1] * len(wanted)))
    spare = int(room.left_by(single, _CLOSEST) / (_SMALLEST * _LEADING))
    return tuple(set_sheets(size=_SMALLEST, limits=_shared(wanted, spare))), _CLOSEST


def _shared(wanted: Sequence[int], spare: int) -> list[int]:
    """Lines for each text: one, and in turn one more of those to spare, until it has what it wants."""
    given = [1] * len(wanted)
    for index in cycle(range(len(wanted))):
        if spare <= 0 or given == list(wanted):
            break
        if given[index] < wanted[index]:
            given[index] += 1
            spare -= 1
    return given


def _sheets(
    content: Content, measure: Measure, *, width: float, size: float, limits: Sequence[int] = ()
) -> Iterator[_Sheet]:
    """The sheets that there is something for.

    Args:
        content: of the picture.
        measure: widths of texts.
        width: of a row.
        size: of its text.
        limits: lines of each row at most; without them as many as it takes.
    """
    heading = partial(set_text, style=_HEADING, width=width, measure=measure, max_lines=1)
    most = iter(limits or [0] * (len(content.points) + len(content.items)))
    set_row = partial(_row, width=width, size=size, measure=measure)
    if content.points:
        rows = tuple(set_row(str(n), text, max_lines=next(most)) for n, text in enumerate(content.points, start=1))
        yield _Sheet("points", heading(content.points_heading), rows)
    if content.items:
        weights = [_weight(item.weight, content.weight_unit, measure) for item in content.items]
        column = max(sum(block.width + _WEIGHT_GAP for block in weight) for weight in weights)
        rows = tuple(
            set_row(str(n), item.text, max_lines=next(most), weight=weight, column=column, is_strong=True)
            for n, (item, weight) in enumerate(zip(content.items, weights, strict=True), start=1)
        )
        yield _Sheet("items", heading(content.items_heading), rows)


def _row(
    number: str,
    text: str,
    *,
    width: float,
    size: float,
    max_lines: int,
    measure: Measure,
    weight: tuple[Block, ...] = (),
    column: float = 0.0,
    is_strong: bool = False,
) -> _Row:
    width -= _NUMBER + (column + _SIDE if column else 0.0)
    style = Style(size, palette.INK, is_strong=is_strong, leading=_LEADING)
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
