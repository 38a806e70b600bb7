"""Texts set within a width: the sizes that are tried, the lines with their places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from localdigest.render.picture.text_layout import wrap
from localdigest.render.picture.values import ASCENT, DESCENT, Face, TextLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Measure = Callable[[str, float, Face], float]

__all__ = ["Block", "Measure", "Style", "set_text", "set_title"]


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks."""

    size: float
    fill: str
    face: Face = Face.SANS
    is_strong: bool = False
    leading: float = 1.4  #: from baseline to baseline, in ems; no less than a line's box


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one text, one below the other, not placed yet."""

    lines: tuple[tuple[str, float], ...]  #: with their widths
    style: Style
    is_shortened: bool = False

    @property
    def height(self) -> float:
        if not self.lines:
            return 0.0
        return self.style.size * (self.style.leading * (len(self.lines) - 1) + ASCENT + DESCENT)

    @property
    def width(self) -> float:
        return max((width for _, width in self.lines), default=0.0)

    def at(self, x: float, y: float, *, right: float | None = None) -> tuple[TextLine, ...]:
        """The lines from this corner; set to end at `right` where that is given."""
        style = self.style
        return tuple(
            TextLine(
                text=text,
                x=x if right is None else right - width,
                baseline=y + style.size * (ASCENT + style.leading * index),
                width=width,
                size=style.size,
                fill=style.fill,
                face=style.face,
                is_strong=style.is_strong,
            )
            for index, (text, width) in enumerate(self.lines)
        )


def set_text(text: str, style: Style, *, width: float, measure: Measure, max_lines: int = 0) -> Block:
    """The text in lines of this width."""
    width_of = partial(_width, style=style, measure=measure)
    wrapped = wrap(text, width=width, width_of=width_of, max_lines=max_lines)
    return Block(tuple((line, width_of(line)) for line in wrapped.lines), style, wrapped.is_shortened)


def set_title(text: str, trials: Iterable[tuple[Style, int]], *, width: float, measure: Measure) -> Block:
    """The text in the first of the styles in which it takes so few lines; else shortened in the last."""
    block = Block((), Style(0, ""))
    for style, max_lines in trials:
        block = set_text(text, style, width=width, measure=measure, max_lines=max_lines)
        if not block.is_shortened:
            break
    return block


def _width(text: str, style: Style, measure: Measure) -> float:
    return measure(text, style.size, style.face)
