"""A picture as values: boxes, lines of text with their places, panels. What is drawn is what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ASCENT", "DESCENT", "Box", "Face", "Layout", "Panel", "Shape", "TextLine"]

#: Of a line's box, in ems from the baseline: Han, capitals with accents, descenders.
ASCENT = 0.96
DESCENT = 0.27


class Face(StrEnum):
    SANS = "sans"
    SERIF = "serif"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def contains(self, other: Box, *, tolerance: float = 0.01) -> bool:
        return (
            self.x - tolerance <= other.x
            and self.y - tolerance <= other.y
            and other.right <= self.right + tolerance
            and other.bottom <= self.bottom + tolerance
        )

    def overlaps(self, other: Box, *, tolerance: float = 0.01) -> bool:
        return (
            self.x < other.right - tolerance
            and other.x < self.right - tolerance
            and self.y < other.bottom - tolerance
            and other.y < self.bottom - tolerance
        )


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text at its place."""

    text: str
    x: float
    baseline: float
    width: float  #: as measured; the line is drawn this wide
    size: float  #: of the font, in pixels
    fill: str
    face: Face = Face.SANS
    is_strong: bool = False

    @property
    def box(self) -> Box:
        return Box(self.x, self.baseline - ASCENT * self.size, self.width, (ASCENT + DESCENT) * self.size)


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled rectangle, perhaps with round corners."""

    box: Box
    fill: str
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the picture that holds all its lines and shapes."""

    name: str
    box: Box
    lines: tuple[TextLine, ...] = ()
    shapes: tuple[Shape, ...] = ()
    fill: str = ""  #: of its ground
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Layout:
    """All that is drawn, in drawing order."""

    width: int
    height: int
    ground: str
    panels: tuple[Panel, ...]
    shortened: int = 0  #: texts that end in an ellipsis or were left out, for lack of room
