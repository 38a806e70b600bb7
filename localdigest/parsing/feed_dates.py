"""The dates of an XML feed with the offset that their author gave them.

The feed library turns every date into UTC, which moves an early morning in Taipei to the day before,
and reads "yesterday" or "12:30" against today's clock, which makes two runs differ.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["FeedDates"]

_ELEMENTS = re.compile(
    r"<(?:\w+:)?(?:published|updated|pubdate|date|modified|issued|created)(?:\s[^>]*)?>([^<]{4,80})<", re.IGNORECASE
)


class FeedDates:
    """Knows how each instant is written in one feed."""

    def __init__(self, body: bytes) -> None:
        texts = dict.fromkeys(text.strip() for text in _ELEMENTS.findall(body.decode("utf-8", errors="replace")))
        times = {text: _time(text) for text in texts}
        self._written = {time.astimezone(UTC): time for time in times.values() if time is not None}
        self._odd = tuple(text for text, time in times.items() if time is None)

    def as_written(self, utc: str) -> str:
        """The same instant in its author's offset; `""` for what the author did not write."""
        try:
            time = datetime.fromisoformat(utc)
        except ValueError:
            return ""
        if time in self._written:
            return self._written[time].isoformat()
        # A form that only the library knows. Its year must stand there, or the clock was asked for it.
        return utc if any(utc[:4] in text for text in self._odd) else ""


def _time(text: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            time = parse(text)
            time = time if time.tzinfo else time.replace(tzinfo=UTC)
            time.astimezone(UTC)  # the first and the last day of all have none
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return time
    return None
