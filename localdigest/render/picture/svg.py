"""A layout as SVG: rectangles and lines of text. No address, no style sheet, no text that was not escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from localdigest.render.picture.values import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localdigest.render.picture.values import Face, Layout, Panel, TextLine

__all__ = ["to_svg"]

_STRONG = 0.028  # of an em: the outline that stands in for a bold face


def to_svg(layout: Layout, families: Mapping[Face, str]) -> str:
    size = f'width="{layout.width}" height="{layout.height}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', f"<rect {size} fill={quoteattr(layout.ground)}/>"]
    for panel in layout.panels:
        parts += _panel(panel, families)
    return "\n".join([*parts, "</svg>\n"])


def _panel(panel: Panel, families: Mapping[Face, str]) -> list[str]:
    ground = [_rectangle(Shape(panel.box, panel.fill, panel.radius))] if panel.fill else []
    return [*ground, *map(_rectangle, panel.shapes), *(_text(line, families) for line in panel.lines)]


def _rectangle(shape: Shape) -> str:
    box = shape.box
    return (
        f'<rect x="{box.x:.2f}" y="{box.y:.2f}" width="{box.width:.2f}" height="{box.height:.2f}"'
        f' rx="{shape.radius:.2f}" fill={quoteattr(shape.fill)}/>'
    )


def _text(line: TextLine, families: Mapping[Face, str]) -> str:
    fill = quoteattr(line.fill)
    outline = f' stroke={fill} stroke-width="{_STRONG * line.size:.2f}"' if line.is_strong else ""
    # With a length of its own a line is as wide as it was measured, however its letters are kerned.
    length = f' textLength="{line.width:.2f}" lengthAdjust="spacing"' if len(line.text) > 1 else ""
    return (
        f'<text x="{line.x:.2f}" y="{line.baseline:.2f}" font-family={quoteattr(families[line.face])}'
        f' font-size="{line.size:.2f}" fill={fill}{outline}{length} xml:space="preserve">{escape(line.text)}</text>'
    )
