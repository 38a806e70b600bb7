"""What a person can do about a source that gave nothing."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from localdigest.records import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localdigest.records import Failure

__all__ = ["BY_HAND", "by_hand_command", "hint_for", "hint_of", "told"]

#: Why a page was not had that a person can see in a browser all the same.
BY_HAND = frozenset(
    {
        Reason.FORBIDDEN,
        Reason.HTTP_ERROR,
        Reason.ROBOTS,
        Reason.LOGIN_WALL,
        Reason.CONSENT_WALL,
        Reason.PAYWALL,
        Reason.NEEDS_SCRIPT,
        Reason.ERROR_PAGE,
    }
)
_BY_HAND = "Open the page in a browser and save it, then: localdigest add page.html --url URL"
_SAVED_SO = (
    "The file shows no more than that. Log in or agree in the browser until the text is there, then save it again."
)
_LATER = "Run again later: what was read is kept."

_HINTS = {
    Reason.NOT_FOUND: "Check the address or the path; paths are relative to this folder, or to the topic file.",
    Reason.FORBIDDEN: _BY_HAND,
    Reason.RATE_LIMITED: _LATER,
    Reason.SERVER_ERROR: _LATER,
    Reason.HTTP_ERROR: _BY_HAND,
    Reason.ROBOTS: f"The site asks programs to stay away. {_BY_HAND}",
    Reason.TIMEOUT: "Run again later, or give it more time with `--deadline SECONDS`.",
    Reason.CONNECTION: "Check the address and the network.",
    Reason.REDIRECTS: "Open the address in a browser and name the one that it ends at.",
    Reason.TOO_LARGE: "Raise the limit with `--max-bytes NUMBER`, or save the part that matters as a file.",
    Reason.ADDRESS: "Private and loopback addresses are refused; vouch for one with `--allow-host HOST`.",
    Reason.BAD_URL: "Only http and https addresses and local files can be read.",
    Reason.OFFLINE: "Fetch it first with the network: `localdigest fetch …`, then run with `--offline`.",
    Reason.UNSUPPORTED: "HTML, PDF, Markdown, plain text, mail (.eml), feeds and OPML can be read.",
    Reason.UNREADABLE: "Open the file in its own program to see whether it is whole, and save it again.",
    Reason.TOO_COSTLY: "Save the part that matters as text or HTML, and name that file.",
    Reason.READER_FAILED: "Please report it with the file. Its text, saved as plain text, can be read.",
    Reason.EMPTY: "There is no text in it. If the page needs a browser, save it there: `localdigest add` keeps it.",
    Reason.SCANNED: "The PDF holds pictures of pages: run it through OCR (for example `ocrmypdf`) first.",
    Reason.LOGIN_WALL: _BY_HAND,
    Reason.CONSENT_WALL: _BY_HAND,
    Reason.PAYWALL: _BY_HAND,
    Reason.NEEDS_SCRIPT: _BY_HAND,
    Reason.ERROR_PAGE: _BY_HAND,
    Reason.TOO_SHORT: "There is too little text to summarise; name a page with more of it.",
    Reason.OUT_OF_WINDOW: "Widen the window with `--since`, or drop it.",
    Reason.OVER_LIMIT: "Raise `--limit` or `--per-source`.",
    Reason.OFF_TOPIC: "Name another `--topic`, or none.",
    Reason.NO_ADDRESS: "Open the headline in a browser, and name the page or its site's feed as a source.",
    Reason.COVERED: "`--no-history` tells again what earlier digests told.",
}
_TOLD_ONE_BY_ONE = 3


def by_hand_command(url: str = "URL") -> str:
    """What keeps a page that was saved by hand; a stranger may have written the address, and a shell may read it."""
    return f"localdigest add page.html --url {shlex.quote(url)}"


def hint_of(reason: Reason) -> str:
    """What to do about one reason."""
    return _HINTS[reason]


def hint_for(failures: Sequence[Failure]) -> str:
    """What to do about the most frequent reason; the first of equals."""
    reasons = [failure.reason for failure in failures]
    reason = max(reasons, key=reasons.count)
    source = next(failure.source for failure in failures if failure.reason is reason)
    if reason not in BY_HAND:
        return _HINTS[reason]
    if not source.is_local:
        return _HINTS[reason].replace(by_hand_command(), by_hand_command(source.locator))
    return "See who may read the file." if reason is Reason.FORBIDDEN else _SAVED_SO


def told(failures: Sequence[Failure]) -> str:
    """The failures in a line: one by one while they are few, else counted by reason."""
    if len(failures) <= _TOLD_ONE_BY_ONE:
        return "; ".join(f"{one.source.locator}: {one.detail or one.reason.value}" for one in failures)
    counts = {failure.reason: 0 for failure in failures}
    for failure in failures:
        counts[failure.reason] += 1
    return ", ".join(f"{count} {reason.value}" for reason, count in sorted(counts.items(), key=lambda row: -row[1]))
