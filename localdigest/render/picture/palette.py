"""The colours. Each text's stands out from its ground by 4.5 to 1 or more, which a test reckons."""

from __future__ import annotations

__all__ = ["ACCENT", "BAR", "CHIP", "DEEP", "DEEP_MUTED", "DEEP_TEXT", "INK", "MUTED", "PAPER", "SHEET", "TEXT_ON"]

PAPER = "#f3f1ea"
SHEET = "#ffffff"
INK = "#1f2a33"
MUTED = "#5a6670"
ACCENT = "#0f6673"
BAR = "#7fb0b5"
CHIP = "#e3eeee"
DEEP = "#12343d"
DEEP_TEXT = "#ffffff"
DEEP_MUTED = "#a9c9cc"

#: Which text stands on which ground.
TEXT_ON = (
    *((INK, SHEET), (INK, PAPER), (MUTED, SHEET), (MUTED, PAPER), (ACCENT, SHEET), (ACCENT, PAPER), (ACCENT, CHIP)),
    *((DEEP_TEXT, DEEP), (DEEP_MUTED, DEEP)),
)
