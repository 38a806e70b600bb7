"""What an answer means for its source: pure decisions between the client and the fetch stage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urljoin

from localdigest.net.outcome import Answer, FetchError
from localdigest.net.retry import RETRIED_STATUSES
from localdigest.records import Page, PageOrigin, Reason, Source

__all__ = [
    "fetch_time",
    "is_misdated",
    "is_not_modified",
    "is_redirect",
    "is_too_early",
    "next_url",
    "page_of",
    "problem_of",
    "unchanged",
    "validators",
]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_MODIFIED = 304
_FIRST = datetime(2025, 1, 1, tzinfo=UTC)  #: this program is younger
#: By how much clocks are set back now and then.
_SKEW = timedelta(hours=1)
_OK = frozenset({200, 203})
_REASONS = {
    401: Reason.FORBIDDEN,
    403: Reason.FORBIDDEN,
    404: Reason.NOT_FOUND,
    407: Reason.FORBIDDEN,
    410: Reason.NOT_FOUND,
    429: Reason.RATE_LIMITED,
    451: Reason.FORBIDDEN,
}
_SERVER_ERRORS = range(500, 600)


def is_redirect(answer: Answer) -> bool:
    return answer.status in _REDIRECTS and bool(answer.header("location"))


def next_url(answer: Answer) -> str:
    """Where a redirect leads; the fragment is the reader's business, not the server's."""
    location = answer.header("location").strip()
    try:
        return urljoin(answer.url, location).partition("#")[0]
    except ValueError:  # `http://[bad/`: whoever checks addresses will say so
        return location


def is_misdated(stored: Page, *, now: datetime) -> bool:
    """Whether the page was fetched while the clock was wrong, or is now: nobody knows how old it is, and the dates in
    it were held against that time.
    """
    time = fetch_time(stored)
    return time is None or is_too_early(stored) or time > now + _SKEW


def is_too_early(page: Page) -> bool:
    """Whether its bytes came, as it says, before there was this program: to a clock that had lost the time."""
    time = fetch_time(page)
    return time is not None and time < _FIRST


def fetch_time(page: Page) -> datetime | None:
    """When its bytes came; None: nobody knows."""
    try:
        time = datetime.fromisoformat(page.fetched_at)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def validators(stored: Page | None, url: str) -> dict[str, str]:
    """Headers that ask for the page only if it changed. They belong to the address that the stored bytes came from."""
    if stored is None or stored.url != url:
        return {}
    headers = {"If-None-Match": stored.etag, "If-Modified-Since": stored.last_modified}
    return {name: value for name, value in headers.items() if value}


def is_not_modified(answer: Answer) -> bool:
    return answer.status == _NOT_MODIFIED


def unchanged(source: Source, answer: Answer, stored: Page) -> Page:
    """The stored page, which the server says is current."""
    return replace(
        stored,
        source=source,
        origin=PageOrigin.UNCHANGED,
        etag=answer.header("etag") or stored.etag,
        last_modified=answer.header("last-modified") or stored.last_modified,
    )


def page_of(source: Source, answer: Answer, *, fetched_at: str) -> Page:
    return Page(
        source=source,
        body=answer.body,
        media_type=answer.media_type,
        charset=answer.charset,
        url=answer.url,
        fetched_at=fetched_at,
        origin=PageOrigin.NETWORK,
        etag=answer.header("etag"),
        last_modified=answer.header("last-modified"),
    )


def problem_of(answer: Answer) -> FetchError | None:
    """Why an answer that is no redirect is no page either; None when it is one."""
    if answer.status in _OK:
        return None if answer.body else FetchError(Reason.EMPTY, "the server sent no bytes")
    may_pass = answer.status in RETRIED_STATUSES
    return FetchError(_reason_of(answer.status), _words_of(answer.status), may_pass=may_pass, answer=answer)


def _reason_of(status: int) -> Reason:
    by_class = Reason.SERVER_ERROR if status in _SERVER_ERRORS else Reason.HTTP_ERROR
    return _REASONS.get(status, by_class)


def _words_of(status: int) -> str:
    try:
        return f"status {status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return f"status {status}"
