"""The two small panels at the foot of the infographic: a chart of the sources, and the tags."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from localdigest.render.picture import palette
from localdigest.render.picture.setting import Block, Style, set_text
from localdigest.render.picture.values import Box, Face, Panel, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localdigest.render.picture.content import Content
    from localdigest.render.picture.setting import Measure
    from localdigest.render.picture.values import TextLine

__all__ = ["arrange_lower"]

_PAD = 24.0
_SIDE = 34.0
_HEADING = Style(20, palette.ACCENT, is_strong=True)
_UNDER_HEADING = 12.0
_NAME = Style(19, palette.INK)
_COUNT = Style(19, palette.MUTED, Face.SERIF, is_strong=True)
_FATES = Style(17, palette.MUTED)
_ROW = 30.0
_BAR = 14.0  # thick
_COUNT_WIDTH = 64.0
_COLUMN_GAP = 14.0
_CHIP = Style(20, palette.ACCENT)
_CHIP_PAD_X, _CHIP_PAD_Y = 16.0, 5.0
_CHIP_GAP = 10.0
_LEAST = 150.0


def arrange_lower(
    content: Content, measure: Measure, *, x: float, width: float, bottom: float, gap: float
) -> tuple[tuple[Panel, ...], int]:
    """The panels side by side, standing on `bottom`; and how many texts had no room."""
    wanted = [name for name, there in (("chart", content.bars), ("tags", content.tags)) if there]
    if not wanted:
        return (), 0
    each = (width - gap * (len(wanted) - 1)) / len(wanted)
    fates = set_text(content.fates, _FATES, width=each - 2 * _SIDE, measure=measure, max_lines=2)
    height = _LEAST
    if content.bars:
        height = max(height, 2 * _PAD + _heading_height() + _ROW * len(content.bars) + 10 + fates.height)
    panels: list[Panel] = []
    shortened = 0
    for column, name in enumerate(wanted):
        box = Box(x + column * (each + gap), bottom - height, each, height)
        if name == "chart":
            panel, cut = _chart(content, box, fates, measure)
        else:
            panel, cut = _tags(content, box, measure)
        panels.append(panel)
        shortened += cut
    return tuple(panels), shortened


def _heading_height() -> float:
    return Block((("", 0.0),), _HEADING).height + _UNDER_HEADING


def _headed(text: str, box: Box, measure: Measure) -> tuple[tuple[TextLine, ...], float]:
    heading = set_text(text, _HEADING, width=box.width - 2 * _SIDE, measure=measure, max_lines=1)
    return heading.at(box.x + _SIDE, box.y + _PAD), box.y + _PAD + _heading_height()


def _chart(content: Content, box: Box, fates: Block, measure: Measure) -> tuple[Panel, int]:
    """Bars, as long as there are sources of a kind."""
    inner = box.width - 2 * _SIDE
    lines, y = _headed(content.chart_heading, box, measure)
    set_line = partial(set_text, measure=measure, max_lines=1)
    names = [set_line(bar.name, _NAME, width=inner * 0.4) for bar in content.bars]
    start = box.x + _SIDE + max(name.width for name in names) + _COLUMN_GAP
    longest = box.right - _SIDE - _COUNT_WIDTH - start
    most = max(1, *(bar.count for bar in content.bars))
    shapes: list[Shape] = []
    for bar, name in zip(content.bars, names, strict=True):
        length = max(_BAR, longest * bar.count / most)
        shapes.append(Shape(Box(start, y + (name.height - _BAR) / 2, length, _BAR), palette.BAR, _BAR / 2))
        count = set_line(str(bar.count), _COUNT, width=_COUNT_WIDTH - 8)
        lines += (*name.at(box.x + _SIDE, y), *count.at(start + length + 8, y))
        y += _ROW
    lines += fates.at(box.x + _SIDE, y + 10)
    panel = Panel("chart", box, lines, tuple(shapes), fill=palette.SHEET, radius=14)
    return panel, sum(block.is_shortened for block in (*names, fates))


def _tags(content: Content, box: Box, measure: Measure) -> tuple[Panel, int]:
    """Chips in rows; those for which there is no row are left out."""
    lines, y = _headed(content.tags_heading, box, measure)
    left, right = box.x + _SIDE, box.right - _SIDE
    room = right - left - 2 * _CHIP_PAD_X
    chips = [set_text(tag, _CHIP, width=room, measure=measure, max_lines=1) for tag in content.tags]
    shapes: list[Shape] = []
    x, placed = left, 0
    for chip in chips:
        width, height = chip.width + 2 * _CHIP_PAD_X, chip.height + 2 * _CHIP_PAD_Y
        if x > left and x + width > right:
            x, y = left, y + height + _CHIP_GAP
        if y + height > box.bottom - _PAD / 2:
            break
        shapes.append(Shape(Box(x, y, width, height), palette.CHIP, height / 2))
        lines += chip.at(x + _CHIP_PAD_X, y + _CHIP_PAD_Y)
        x += width + _CHIP_GAP
        placed += 1
    panel = Panel("tags", box, lines, tuple(shapes), fill=palette.SHEET, radius=14)
    return panel, _lost(chips, placed)


def _lost(chips: Sequence[Block], placed: int) -> int:
    return len(chips) - placed + sum(chip.is_shortened for chip in chips[:placed])
