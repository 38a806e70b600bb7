"""The tall picture of a digest: what it says at a glance, its news, its sources.

header
points, items     a sheet each
chart │ tags
note
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from localdigest.render.picture import palette
from localdigest.render.picture.lower import arrange_lower
from localdigest.render.picture.setting import Style, set_text, set_title
from localdigest.render.picture.sheets import arrange_sheets
from localdigest.render.picture.values import Box, Face, Layout, Panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localdigest.render.picture.content import Content
    from localdigest.render.picture.setting import Block, Measure
    from localdigest.render.picture.values import TextLine

__all__ = ["HEIGHT", "WIDTH", "arrange_infographic"]

WIDTH, HEIGHT = 1080, 1350
_MARGIN = 52.0
_GAP = 20.0  # between panels
_TITLES = tuple(
    (Style(size, palette.DEEP_TEXT, Face.SERIF, is_strong=True, leading=1.26), max_lines)
    for size, max_lines in ((84, 1), (72, 1), (60, 1), (60, 2), (50, 2), (42, 2))
)


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
    top = header.box.bottom + _GAP
    middle_box = Box(_MARGIN, top, WIDTH - 2 * _MARGIN, bottom - top)
    middle, cut_middle = arrange_sheets(content, measure, box=middle_box, gap=_GAP)
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
