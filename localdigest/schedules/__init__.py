"""Texts for the schedulers of several systems, each with a command in its own spelling. Pure: nothing is installed."""

from localdigest.schedules.texts import KINDS, Daily, draw

__all__ = ["KINDS", "Daily", "draw"]
