"""Draws the pictures of a digest from its manifest alone: the same manifest, the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.render.locale import load_locale
from localdigest.render.picture.card import arrange_card
from localdigest.render.picture.content import to_content
from localdigest.render.picture.infographic import arrange_infographic
from localdigest.render.picture.legible import Legible
from localdigest.render.picture.raster import to_png
from localdigest.render.picture.svg import to_svg
from localdigest.render.picture.typeface import FAMILIES, typeface
from localdigest.render.picture.values import Face, Layout

if TYPE_CHECKING:
    from localdigest.manifest import Manifest

__all__ = ["Pictures", "draw_pictures", "measure"]

_MISSING_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Pictures:
    infographic: bytes  #: PNG, 1080 by 1350
    card: bytes  #: PNG, 1200 by 630
    missing: tuple[str, ...] = ()  #: characters that the faces do not have
    converted: int = 0  #: texts in Simplified characters, drawn in Traditional ones
    shortened: int = 0  #: texts that the infographic had no room for in full

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever publishes them should know, in English."""
        shown = " ".join(self.missing[:_MISSING_SHOWN]) + (" …" if len(self.missing) > _MISSING_SHOWN else "")
        told = (
            (self.missing, f"The pictures' font lacks these characters, so that they are marked or left out: {shown}"),
            (
                self.converted,
                f"In the pictures, Simplified Chinese stands in Traditional characters: {self.converted} text(s)",
            ),
            (self.shortened, f"Texts that the infographic shows in part, for lack of room: {self.shortened}"),
        )
        return tuple(note for is_so, note in told if is_so)


def draw_pictures(manifest: Manifest) -> Pictures:
    legible = Legible(has)
    words = load_locale(manifest.language, manifest.settings.get("headings"))
    content = to_content(manifest, words, legible)
    infographic = arrange_infographic(content, measure)
    return Pictures(
        infographic=_png(infographic),
        card=_png(arrange_card(content, measure)),
        missing=tuple(sorted(legible.missing)),
        converted=legible.converted,
        shortened=infographic.shortened,
    )


def measure(text: str, size: float, face: Face) -> float:
    return typeface(face).width(text, size)


def has(char: str) -> bool:
    return all(typeface(face).has(char) for face in Face)


def _png(layout: Layout) -> bytes:
    return to_png(to_svg(layout, FAMILIES), fonts=[typeface(face).path for face in Face])
