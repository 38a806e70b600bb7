"""Sources of known sites to pages: the addresses that answer programs are asked in place of the one that was named.

    source ─▶ no site's ──────────────────────────────────────────▶ its page
           ─▶ a site's ─▶ step 1: ask, or else ask, or else … ─┐
                          step 2: …                            ├─▶ a page with companions, or why not
                          what an answer leads to: step 3, …  ─┘
           ─▶ an address that the site answers to nobody ─────────▶ why not

A page that holds no article is asked for in another form, where it names one: that too is a step with its asks.
All that can be asked at the same time is asked in one round.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from localdigest.records import Document, Failure, Page, Reason, Source
from localdigest.sites.alternates import ALTERNATES
from localdigest.sites.site import Ask, Step
from localdigest.urls import site_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from localdigest.sites.site import Plan, Site

__all__ = ["Fetch", "Leads", "visit"]

#: `stages.fetch.fetch` with its client, cache and policy filled in. The second are addresses that need no robots.txt.
Fetch: TypeAlias = "Callable[[Iterable[Source], frozenset[str]], Iterable[Page | Failure]]"
#: What an answer of a site makes worth asking for.
Leads: TypeAlias = "Callable[[Page], tuple[Step, ...]]"
#: A site that answers with one of these is not asked for the same thing in another way.
_FINAL = (Reason.RATE_LIMITED, Reason.ADDRESS)
#: A page that holds no article for one of these may hold it in another form. Who wants a login or money is not evaded.
_PERHAPS_ELSEWHERE = (Reason.TOO_SHORT, Reason.EMPTY, Reason.NEEDS_SCRIPT, Reason.CONSENT_WALL)
#: Pages that would cost as much once more.
_COSTLY = (Reason.TOO_COSTLY, Reason.READER_FAILED)
_HTML = ("text/html", "application/xhtml+xml")


def visit(
    sources: Iterable[Source],
    *,
    plan_for: Callable[[str], Plan | None],
    fetch: Fetch,
    read: Callable[[Page], Document | Failure],
    leads: Leads,
) -> Iterator[Page | Failure]:
    """One result for each source, as they complete.

    Args:
        sources: of any kind.
        plan_for: what to ask in place of an address; None: the address itself.
        fetch: gives a result for each of its sources.
        read: whether an answer can be read decides whether another is asked for.
        leads: what else to ask for once an answer is there, or a page that gives no text.
    """
    visits = []
    plain = []
    for source in sources:
        plan = None if source.is_local else plan_for(source.locator)
        if plan is None:
            plain.append(source)
        elif plan.refusal:
            yield Failure(source, plan.refusal.reason, _advised([plan.refusal.detail], plan.site))
        else:
            visits.append(_Visit(source, plan.site, [_Errand(step) for step in plan.steps]))
    first = True
    while visits or first:
        others: list[_Visit] = []
        asks = {ask.url: ask for each in visits for ask in each.next_asks()}
        results: dict[str, Page | Failure] = {}
        asked = [*(plain if first else ()), *(Source(url, via="site") for url in asks)]
        for result in fetch(asked, frozenset(url for url, ask in asks.items() if ask.for_programs)):
            if result.source.via == "site" and result.source.locator in asks:
                results[result.source.locator] = result
            else:
                found = _unless_elsewhere(result, read, leads)
                if isinstance(found, _Visit):
                    others.append(found)
                else:
                    yield found
        first = False
        for each in visits:
            each.take(results, read, leads)
        yield from (each.result() for each in visits if each.is_over)
        visits = [*(each for each in visits if not each.is_over), *others]


def _unless_elsewhere(
    result: Page | Failure, read: Callable[[Page], Document | Failure], leads: Leads
) -> Page | Failure | _Visit:
    """The result, or a visit to other forms of a page that holds no article."""
    if not isinstance(result, Page) or result.source.is_local or result.media_type not in _HTML:
        return result
    reading = read(result)
    if isinstance(reading, Document) or reading.reason not in (*_PERHAPS_ELSEWHERE, *_COSTLY):
        return result
    if reading.reason in _COSTLY:
        return reading
    asks = tuple(ask for step in leads(result) for ask in step.asks)
    if not asks:
        return result
    first = (Ask("page", result.url), reading)
    return _Visit(result.source, ALTERNATES, [_Errand(Step(asks), failures=[first])])


@dataclass(slots=True)
class _Errand:
    """One step on its way."""

    step: Step
    tried: int = 0  #: of the asks
    page: Page | None = None
    failures: list[tuple[Ask, Failure]] = field(default_factory=list)

    @property
    def next_ask(self) -> Ask | None:
        if self.page is not None:
            return None
        shut = {site_of(ask.url) for ask, failure in self.failures if failure.reason in _FINAL}
        return next((ask for ask in self.step.asks[self.tried :] if site_of(ask.url) not in shut), None)

    @property
    def missing(self) -> str:
        """What came to nothing, and why."""
        ask, failure = self.failures[0]
        return f"{self.step.what or ask.url} ({_told(failure)})"


@dataclass(slots=True)
class _Visit:
    """One source on its way."""

    source: Source
    site: Site
    errands: list[_Errand]

    def next_asks(self) -> list[Ask]:
        return [ask for errand in self.errands if (ask := errand.next_ask)]

    @property
    def is_over(self) -> bool:
        return not self.next_asks() or self._is_lost

    @property
    def _is_lost(self) -> bool:
        """Whether a step that is needed came to nothing."""
        return any(errand.step.is_needed and not errand.page and not errand.next_ask for errand in self.errands)

    def take(
        self, results: dict[str, Page | Failure], read: Callable[[Page], Document | Failure], leads: Leads
    ) -> None:
        for errand in tuple(self.errands):
            ask = errand.next_ask
            if ask is None:
                continue
            errand.tried = errand.step.asks.index(ask) + 1
            result = results[ask.url]
            if isinstance(result, Page):
                page = replace(result, source=self.source, asked=f"{self.site.name}/{ask.reader}", stored_as=ask.url)
                reading = read(page) if errand.step.is_needed else None
                if not isinstance(reading, Failure):
                    errand.page = page
                    if ask.reader in self.site.leads:
                        self.errands += map(_Errand, leads(page))
                    continue
                result = reading
            errand.failures.append((ask, result))

    def result(self) -> Page | Failure:
        pages = [errand.page for errand in self.errands if errand.page]
        if self._is_lost or not pages:
            by_need = sorted(self.errands, key=lambda errand: not errand.step.is_needed)
            return self._failure([each for errand in by_need for each in errand.failures])
        missing = tuple(errand.missing for errand in self.errands if not errand.page)
        return replace(pages[0], companions=tuple(pages[1:]), missing=missing)

    def _failure(self, failures: Sequence[tuple[Ask, Failure]]) -> Failure:
        """The first reason is that of the best way; the others are told with it."""
        first = failures[0][1]
        details = dict.fromkeys(f"{ask.url}: {_told(failure)}" for ask, failure in failures)
        detail = _advised(details, self.site)
        return Failure(self.source, first.reason, detail, url=failures[0][0].url, status=first.status)


def _told(failure: Failure) -> str:
    return failure.detail or failure.reason.value


def _advised(details: Iterable[str], site: Site) -> str:
    return "; ".join((*details, *filter(None, (site.advice,))))
