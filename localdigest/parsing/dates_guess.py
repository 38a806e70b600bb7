"""A day found by searching a page's words: a guess, and marked as one by the caller."""

from __future__ import annotations

import logging

from localdigest.parsing.dates import iso_date

__all__ = ["guess_date"]

# htmldate tells each candidate to the log; a page that it cannot read is no news either.
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def guess_date(html: str, *, url: str = "", not_after: str = "") -> str:
    """`YYYY-MM-DD`, or `""`. Without htmldate's extensive search, which gives nearly every page some day."""
    # Imported here: 0.25 s that a page with a stated date, and a program that reads none, need not pay.
    from htmldate import find_date  # noqa: PLC0415 - see above

    try:
        found = find_date(
            html, original_date=True, extensive_search=False, url=url or None, max_date=not_after[:10] or None
        )
    except Exception:  # noqa: BLE001 - a third party's parser over hostile input: no guess is an answer
        return ""
    return iso_date(found, not_after=not_after) if isinstance(found, str) else ""
