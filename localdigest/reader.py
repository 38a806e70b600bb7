"""Asks the jailed process to parse: the only way in which this program reads what strangers wrote.

    bytes ─▶ Reader ─▶ │ a process without network │ ─▶ Document, Feed, OutlineList, Draft, Rules, or why not

What comes back is data of known types, or the question failed; no parser is loaded here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from localdigest.codec import decode
from localdigest.discovery.service import Hits
from localdigest.net.seams import Rules
from localdigest.parsing.results import Draft, Feed, Listing, OutlineError, OutlineList
from localdigest.parsing.wire import bytes_of, pack_page, unpack_reading
from localdigest.records import Document, Failure, Page, Reason
from localdigest.sandbox.process import CostlyError, RaisedError, WorkerError
from localdigest.sandbox.worker import Worker
from localdigest.sites.site import Ask, Step
from localdigest.urls import site_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from localdigest.sandbox.enforced import Enforced
    from localdigest.sandbox.limits import Limits

__all__ = ["Reader"]

T = TypeVar("T")
_MOST_LEADS = 4  #: that a page may propose


class Reader:
    """One jailed process, started with the first question. Any thread may ask."""

    def __init__(self, *, limits: Limits | None = None) -> None:
        self._worker = Worker("localdigest.parsing.service", limits=limits, warming={"do": "warm"})
        self.parsed = 0  #: pages since the start

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Questions will come: let the process come up meanwhile."""
        self.parsed = 0
        self._worker.start()

    def warm(self) -> None:
        """Pages will come: let it load every parser meanwhile."""
        self._worker.warm()

    def enforced(self) -> Enforced:
        """What was found to hold the process."""
        return self._worker.enforced()

    def close(self) -> None:
        self._worker.close()

    def document(self, page: Page) -> Document | Failure:
        """What a page says."""
        self.warm()
        self.parsed += 1
        question = {"do": "document", "page": pack_page(page)}
        try:
            return self._answer(question, bytes_of(page), lambda data: unpack_reading(data, page))
        except WorkerError as error:
            return _failure(page, error)

    def leads(self, page: Page) -> tuple[Step, ...]:
        """What an answer of a site makes worth asking for: pages of the same site, which have no privilege."""
        question = {"do": "leads", "page": pack_page(page)}
        try:
            steps = self._answer(question, bytes_of(page), lambda data: decode(tuple[Step, ...], data))
        except WorkerError:
            return ()
        found = (_unprivileged(step, home=site_of(page.url)) for step in steps[:_MOST_LEADS])
        return tuple(step for step in found if step.asks)

    def listing(self, page: Page) -> Feed | OutlineList | Listing | Failure | None:
        """The feed, outline or list of posts that a page is; None: it is none of them."""
        question = {"do": "list", "charset": page.charset}
        if not page.source.is_local:  # a page that was saved was wanted itself
            question |= {"url": page.url, "media_type": page.media_type, "fetched_at": page.fetched_at}
        try:
            found = self._answer(question, page.body, _listing)
        except WorkerError as error:
            return _failure(page, error)
        return Failure(page.source, Reason.UNREADABLE, found, url=page.url) if isinstance(found, str) else found

    def hits(self, service: str, page: Page) -> Hits | Failure:
        """The pages that an answer of a service of discovery names."""
        question = {"do": "discovery", "service": service, "page": pack_page(page)}
        try:
            found = self._answer(question, page.body, _hits)
        except WorkerError as error:
            return _failure(page, error)
        return Failure(page.source, Reason.UNREADABLE, found, url=page.url) if isinstance(found, str) else found

    def outline(self, body: bytes) -> OutlineList:
        """The outline in a file.

        Raises:
            OutlineError: it is none that can be read.
        """
        try:
            found = self._answer({"do": "outline"}, body, _listing)
        except WorkerError as error:
            raise OutlineError(_told(error)) from error
        if not isinstance(found, OutlineList):
            raise OutlineError(found if isinstance(found, str) else "no OPML")
        return found

    def robots(self, body: bytes, url: str, agent: str) -> Rules | None:
        """What a robots.txt says to a program about an address; None: it cannot be read."""
        try:
            return self._answer({"do": "robots", "url": url, "agent": agent}, body, lambda data: decode(Rules, data))
        except WorkerError:
            return None

    def draft(self, text: str) -> Draft:
        """A draft's sentences.

        Raises:
            WorkerError: it cannot be read.
        """
        return self._answer(
            {"do": "draft"}, text.encode("utf-8", "surrogatepass"), lambda data: decode(Draft, data["draft"])
        )

    def _answer(self, question: dict[str, Any], body: bytes, understood: Callable[[Any], T]) -> T:
        """The answer as a value. Raises WorkerError; an answer of the wrong form is one too."""
        data = self._worker.ask(question, body)
        try:
            return understood(data)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise RaisedError(f"the answer is none: {error}") from error


def _unprivileged(step: Step, *, home: str) -> Step:
    """The step as a page may propose it: its own site, by the rules of robots.txt, and nothing hangs on it."""
    asks = tuple(Ask(ask.reader, ask.url) for ask in step.asks[:_MOST_LEADS] if site_of(ask.url) == home)
    return Step(asks, is_needed=False, what=step.what)


def _listing(data: Any) -> Feed | OutlineList | Listing | str | None:
    """What a list is, or what is wrong with it."""
    match data:
        case {"feed": feed}:
            return decode(Feed, feed)
        case {"outline": outline}:
            return decode(OutlineList, outline)
        case {"listing": listing}:
            return decode(Listing, listing)
        case {"flaw": str(flaw)}:
            return flaw
        case dict() if not data:
            return None
    raise ValueError("neither list nor flaw")


def _hits(data: Any) -> Hits | str:
    """What an answer names, or what is wrong with it."""
    match data:
        case {"flaw": str(flaw)}:
            return flaw
    return decode(Hits, data)


def _failure(page: Page, error: WorkerError) -> Failure:
    reason = Reason.TOO_COSTLY if isinstance(error, CostlyError) else Reason.READER_FAILED
    url = "" if page.url == page.source.locator else page.url
    return Failure(page.source, reason, _told(error), url=url)


def _told(error: WorkerError) -> str:
    return f"the reader failed on it: {error}" if isinstance(error, RaisedError) else str(error)
