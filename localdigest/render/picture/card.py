"""The wide picture, which social networks show beside a link: the title and what the digest says at a glance."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from localdigest.render.picture import palette
from localdigest.render.picture.setting import Block, Style, set_text, set_title
from localdigest.render.picture.values import Box, Face, Layout, Panel

if TYPE_CHECKING:
    from localdigest.render.picture.content import Content
    from localdigest.render.picture.setting import Measure
    from localdigest.render.picture.values import TextLine

__all__ = ["HEIGHT", "WIDTH", "arrange_card"]

WIDTH, HEIGHT = 1200, 630
_MARGIN = 64.0
_MARK = 34.0  # width of the column of numbers
_BETWEEN = 12.0
_TITLES = tuple(
    (Style(size, palette.DEEP_TEXT, Face.SERIF, is_strong=True, leading=1.26), max_lines)
    for size, max_lines in ((88, 1), (76, 1), (64, 1), (60, 2), (50, 2), (42, 2))
)
#: Size of the points and lines of each at most; tried in this order until they fit.
_TRIALS = (*((size, 4) for size in (38, 36, 34, 32, 30, 28, 26, 25, 24)), (24, 3), (24, 2), (24, 1))


def arrange_card(content: Content, measure: Measure) -> Layout:
    """Everything at its place."""
    width = WIDTH - 2 * _MARGIN
    occasion = set_text(content.occasion, Style(26, palette.DEEP_MUTED), width=width, measure=measure, max_lines=1)
    title = set_title(content.title, _TITLES, width=width, measure=measure)
    title_y = 44 + occasion.height + 6
    header = Panel(
        "header",
        Box(0, 0, WIDTH, title_y + title.height + 32),
        (*occasion.at(_MARGIN, 44), *title.at(_MARGIN, title_y)),
        fill=palette.DEEP,
    )
    note = set_text(content.note, Style(20, palette.MUTED), width=width, measure=measure, max_lines=2)
    footer_box = Box(_MARGIN, HEIGHT - 36 - note.height, width, note.height)
    footer = Panel("footer", footer_box, note.at(footer_box.x, footer_box.y))
    body = Box(_MARGIN, header.box.bottom + 24, width, footer_box.y - header.box.bottom - 44)
    points, shortened = _points(content, body, measure)
    cut = occasion.is_shortened + title.is_shortened + note.is_shortened
    return Layout(WIDTH, HEIGHT, palette.PAPER, (header, Panel("points", body, points), footer), shortened + cut)


def _points(content: Content, box: Box, measure: Measure) -> tuple[tuple[TextLine, ...], int]:
    """The points; where there is none, the first news."""
    texts = content.points or tuple(item.text for item in content.items[:3])
    blocks: list[Block] = []
    for size, max_lines in _TRIALS:
        style = Style(size, palette.INK, leading=1.34)
        set_point = partial(set_text, style=style, width=box.width - _MARK, measure=measure, max_lines=max_lines)
        blocks = list(map(set_point, texts))
        if _room(blocks, box) >= 0 and not any(block.is_shortened for block in blocks):
            break
    while blocks and _room(blocks, box) < 0:
        blocks.pop()
    room = max(0.0, _room(blocks, box))
    between = _BETWEEN + min(20.0, room / max(1, len(blocks)))
    y = box.y + max(0.0, (room - (between - _BETWEEN) * len(blocks)) / 3)
    lines: tuple[TextLine, ...] = ()
    for number, block in enumerate(blocks, start=1):
        ordinal = Style(block.style.size, palette.ACCENT, Face.SERIF, is_strong=True)
        mark = set_text(str(number), ordinal, width=_MARK, measure=measure)
        lines += (*mark.at(box.x, y), *block.at(box.x + _MARK, y))
        y += block.height + between
    return lines, len(texts) - len(blocks) + sum(block.is_shortened for block in blocks)


def _room(blocks: list[Block], box: Box) -> float:
    """What is left of the height."""
    return box.height - sum(block.height for block in blocks) - _BETWEEN * max(0, len(blocks) - 1)
