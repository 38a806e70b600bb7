"""Asks services for pages on the topic, and takes the best.

    query ─ask─▶ answers ─read─▶ hits ─locate─▶ hits with an address ─choose─▶ sources, and why not the others

What the user named comes first: it is read anyway, and is not taken again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from localdigest.discovery.service import Hits
from localdigest.manifest import Inquiry
from localdigest.records import Failure, Page, Reason, Source
from localdigest.services import via
from localdigest.sourcing.headlines import front_pages, with_addresses
from localdigest.sourcing.ranking import Finding, Pick, choose

if TYPE_CHECKING:
    from datetime import datetime

    from localdigest.discovery.service import Query, Question, Service

__all__ = ["Discovered", "Fetch", "Locate", "Read", "discover"]

#: `stages.fetch.fetch` with its client, cache and policy filled in. The second are addresses that need no robots.txt.
Fetch: TypeAlias = Callable[[Iterable[Source], frozenset[str]], Iterable[Page | Failure]]
#: What the answer of a service (its name) says, or what is wrong with it.
Read: TypeAlias = Callable[[str, Page], Hits | Failure]
#: The posts that front pages name.
Locate: TypeAlias = Callable[[Sequence[str]], Iterable[Source]]
_MOST_FRONT_PAGES = 8  #: that are asked for the sake of headlines: each costs a request or two
_NEVER_ASKED = "no answer to this question is stored, and the network may not be used"


@dataclass(frozen=True, slots=True)
class Discovered:
    """What services gave."""

    picks: tuple[Pick, ...] = ()  #: to be read, in the order of taking
    failures: tuple[Failure, ...] = ()  #: of pages that are not taken, and of services that gave nothing
    warnings: tuple[str, ...] = ()
    inquiries: tuple[Inquiry, ...] = ()  #: one for each service, whatever came of it


@dataclass(slots=True)
class _Errand:
    """One service on its way."""

    service: Service
    question: Question | None
    result: Hits | Failure | None = None  #: None: it was not asked

    @property
    def is_offline(self) -> bool:
        """Whether nobody may be asked, and no answer is stored."""
        return isinstance(self.result, Failure) and self.result.reason is Reason.OFFLINE

    @property
    def hits(self) -> Hits:
        return self.result if isinstance(self.result, Hits) else Hits(())


def discover(
    services: Iterable[Service],
    queries: Sequence[Query],
    *,
    fetch: Fetch,
    read: Read,
    locate: Locate,
    known: Sequence[Source] = (),
    passed: Sequence[Source] = (),
    since: datetime | None = None,
    limit: int | None = None,
) -> Discovered:
    """Pages on a topic.

    Args:
        services: who is asked. One that fails is told of, and stops none of the others.
        queries: what for. Beyond the first they are tried offline, where no answer to those before is stored.
        fetch: gives a result for each source.
        read: reads the answers.
        locate: finds the posts of sites of which only headlines are known.
        known: what is read anyway.
        passed: what was left out on purpose.
        since: what says that it is older is left out.
        limit: how many in all.
    """
    errands = [_Errand(service, service.ask(queries[0])) for service in services]
    _ask(errands, fetch, read)
    for query in queries[1:]:
        again = [
            (errand, _Errand(errand.service, errand.service.ask(query))) for errand in errands if errand.is_offline
        ]
        _ask([second for _, second in again], fetch, read)
        for errand, second in again:
            if not second.is_offline:
                errand.question, errand.result = second.question, second.result
    findings = [Finding(errand.service.name, errand.service.kind, errand.hits.hits) for errand in errands]
    findings, told = _located(findings, locate, topic=queries[0].words, since=since)
    choice = choose(findings, topic=queries[0].words, known=known, passed=passed, since=since, limit=limit)
    return Discovered(
        picks=choice.picks,
        failures=(*(each.result for each in errands if isinstance(each.result, Failure)), *choice.failures),
        warnings=(
            *(f"discovery: {each.service.title} {oddity}" for each in errands if (oddity := _oddity(each))),
            *(f"discovery: {each}" for each in told),
        ),
        inquiries=tuple(_inquiry(errand, choice.picks) for errand in errands),
    )


def _ask(errands: Iterable[_Errand], fetch: Fetch, read: Read) -> None:
    """Every question at once; what is documented for programs needs no robots.txt, which tells crawlers where to go."""
    asked = {errand.question.url: errand for errand in errands if errand.question}
    sources = [Source(url, via=via((each.service.name,)), title=each.service.title) for url, each in asked.items()]
    for result in fetch(sources, frozenset(asked)) if sources else ():
        errand = asked[result.source.locator]
        if isinstance(result, Page):
            errand.result = read(errand.service.name, result)
        elif result.reason is Reason.OFFLINE:
            errand.result = replace(result, detail=_NEVER_ASKED)
        else:
            errand.result = result


def _located(
    findings: list[Finding], locate: Locate, *, topic: str, since: datetime | None
) -> tuple[list[Finding], tuple[str, ...]]:
    """With the addresses that the sites of headlines tell themselves; and what came of asking them."""
    sites = front_pages(findings, topic=topic, since=since, most=_MOST_FRONT_PAGES)
    if not sites:
        return findings, ()
    located = with_addresses(findings, locate(sites))
    without = [sum(not hit.url for finding in each for hit in finding.hits) for each in (findings, located)]
    count = f"{without[0] - without[1]} of {without[0]} headlines without an address"
    return located, (f"{count} stand on the front pages or in the feeds of {len(sites)} sites that were looked at",)


def _oddity(errand: _Errand) -> str:
    match errand.result:
        case None:
            return f"was not asked: it takes {errand.service.needs}"
        case Failure() as failure:
            return f"gave nothing: {failure.reason.value}" + (f" ({failure.detail})" if failure.detail else "")
        case Hits() as found if found.num_odd:
            return f"names {found.num_odd} pages in a form that is not known, or more than were asked for: left out"
        case Hits() as found if not found.hits:
            return "knows no page for this topic"
    return ""


def _inquiry(errand: _Errand, picks: Iterable[Pick]) -> Inquiry:
    name, failure = errand.service.name, errand.result if isinstance(errand.result, Failure) else None
    return Inquiry(
        service=name,
        words=errand.question.words if errand.question else "",
        address=errand.question.url if errand.question else "",
        found=len(errand.hits.hits),
        taken=sum(name in pick.services for pick in picks),
        reason=failure.reason.value if failure else "",
    )
