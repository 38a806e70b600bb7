"""Which of the pages that services name are taken: pure.

    findings ─▶ one candidate for each page ─▶ address? window? topic? ─▶ score ─▶ in turns ─▶ limit

Kinds of services take turns, and each gives the best page of a site that has given least so far: independent sites come
before many pages of one. What the user named counts as given. The order does not depend on the limit: a larger one adds
to what a smaller one takes. What is not taken is a `Failure`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import cycle, islice
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from localdigest.discovery.service import Hit, Kind
from localdigest.facts.fold import squeeze
from localdigest.records import Failure, Reason, Source
from localdigest.services import via
from localdigest.sourcing.relevance import LEAST, relevance, terms_of
from localdigest.sourcing.selection import is_older, key_of, over_limit, time_of, too_old
from localdigest.urls import flaw_of_url, site_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from localdigest.sourcing.relevance import Term

__all__ = ["Choice", "Finding", "Pick", "Score", "choose"]

# What a page is worth. Relevance decides; the rest orders what speaks of the topic alike. Set by thought, not by
# measurement: there is no set of pages that people chose from such answers.
_RELEVANCE, _RECENCY, _VOTES, _TOLD = 1.0, 0.5, 0.3, 0.3
_HALF_LIFE = timedelta(days=7)
_MOST_TOLD = 2  #: further services that count
_NO_VOTES = 0.5  #: where a service counts none
#: Whose turn it is: half of what is taken is news, a quarter each is papers and posts, as long as there are any.
_TURNS = (Kind.NEWS, Kind.PAPERS, Kind.NEWS, Kind.POSTS)
_WORD_OF_ADDRESS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one service named."""

    service: str
    kind: Kind
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Why a page is taken before another; each part from 0 to 1."""

    relevance: float
    recency: float  #: by the newest that was found; 0 without a date
    votes: float  #: the share of its service's pages that have fewer
    told: float  #: by how many further services, in page or headline

    @property
    def total(self) -> float:
        return round(_RELEVANCE * self.relevance + _RECENCY * self.recency + _VOTES * self.votes + _TOLD * self.told, 4)


@dataclass(frozen=True, slots=True)
class Pick:
    """A page, and what is known of it before it is read."""

    source: Source
    services: tuple[str, ...]
    kind: Kind
    dated: str  #: when it was published, or else noticed; `""`: nobody says
    score: Score

    @property
    def site(self) -> str:
        return site_of(self.source.locator)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is read, in the order of taking; and what is not."""

    picks: tuple[Pick, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One page, with all that services say of it."""

    hit: Hit
    services: tuple[str, ...]
    kind: Kind
    votes: float

    @property
    def dated(self) -> str:
        return self.hit.published or self.hit.noticed

    @property
    def source(self) -> Source:
        hit = self.hit
        return Source(
            hit.url or hit.opens,
            via=via(self.services),
            title=hit.title,
            byline=hit.byline,
            published=hit.published,
            feed_html=hit.html,
        )


def choose(
    findings: Sequence[Finding],
    *,
    topic: str,
    known: Iterable[Source] = (),
    passed: Iterable[Source] = (),
    since: datetime | None = None,
    limit: int | None = None,
) -> Choice:
    """What is taken of all that services named.

    Args:
        findings: of each service, in the order in which equals are preferred.
        topic: of the digest.
        known: what is read anyway; it is not taken again, and its sites have given.
        passed: what was left out before, which discovery does not bring back.
        since: what says that it is older is left out.
        limit: how many in all; None: all.
    """
    known = tuple(known)
    failures: list[Failure] = []
    pages: list[_Candidate] = []
    without = {key for source in (*known, *passed) for key in _keys(source)}
    for candidate in _candidates(findings, without=without):
        failure = _without_address(candidate) or _out_of_window(candidate, since)
        if failure:
            failures.append(failure)
        else:
            pages.append(candidate)
    terms = terms_of(topic)
    picks: list[Pick] = []
    newest = max((time_of(_dated(page)) for page in pages), default=None)
    headlines = _headlines(findings)
    for page in pages:
        pick = _pick(page, terms, newest, headlines)
        if pick.score.relevance < LEAST:
            failures.append(_off_topic(page, topic))
        else:
            picks.append(pick)
    ordered = tuple(_in_turns(picks, Counter(site_of(source.locator) for source in known if not source.is_local)))
    taken = ordered[:limit]
    failures += [over_limit(pick.source, f"beyond {limit} found by discovery") for pick in ordered[len(taken) :]]
    return Choice(taken, tuple(failures))


# ── one candidate for each page ──────────────────────────────────────────────────────────────────────────────────────


def _keys(source: Source) -> Iterator[str]:
    """A saved page stands for the address that it was saved from, too."""
    yield key_of(source)
    if source.url:
        yield key_of(Source(source.url))


def _candidates(findings: Sequence[Finding], *, without: Collection[str]) -> Iterator[_Candidate]:
    """Each page once, with the words of all services that name it; headlines without an address one by one."""
    merged: dict[str, _Candidate] = {}
    bare: list[_Candidate] = []
    for finding in findings:
        ranks = _ranks([hit.votes for hit in finding.hits])
        for hit, votes in zip(finding.hits, ranks, strict=True):
            candidate = _Candidate(hit, (finding.service,), finding.kind, votes)
            if flaw_of_url(hit.url):
                bare.append(candidate)
                continue
            key = key_of(Source(hit.url))
            if key not in without:
                merged[key] = _merged(merged[key], candidate) if key in merged else candidate
    yield from merged.values()
    yield from bare


def _ranks(votes: Sequence[int]) -> list[float]:
    """For each count the share of the others that are smaller."""
    if not any(votes):
        return [_NO_VOTES] * len(votes)
    return [sum(other < count for other in votes) / max(1, len(votes) - 1) for count in votes]


def _merged(first: _Candidate, other: _Candidate) -> _Candidate:
    hit, more = first.hit, other.hit
    return replace(
        first,
        hit=replace(
            hit,
            title=hit.title or more.title,
            published=hit.published or more.published,
            noticed=max(hit.noticed, more.noticed),
            byline=hit.byline or more.byline,
            summary=max(hit.summary, more.summary, key=len),
            html=max(hit.html, more.html, key=len),
        ),
        services=tuple(dict.fromkeys((*first.services, *other.services))),
        votes=max(first.votes, other.votes),
    )


def _headlines(findings: Sequence[Finding]) -> Mapping[str, frozenset[str]]:
    """By title the services that have it."""
    found: dict[str, set[str]] = {}
    for finding in findings:
        for hit in finding.hits:
            found.setdefault(squeeze(hit.title), set()).add(finding.service)
    return {title: frozenset(services) for title, services in found.items() if title}


# ── what cannot be taken ─────────────────────────────────────────────────────────────────────────────────────────────


def _without_address(candidate: _Candidate) -> Failure | None:
    hit = candidate.hit
    if hit.url and (flaw := flaw_of_url(hit.url)):
        return Failure(replace(candidate.source, locator=hit.url), Reason.NO_ADDRESS, flaw)
    if not hit.url:
        told = f"the headline is one of {hit.site}" if hit.site else "it names no site either"
        return Failure(candidate.source, Reason.NO_ADDRESS, f"the service keeps the article's address; {told}")
    return None


def _dated(candidate: _Candidate) -> Source:
    return replace(candidate.source, published=candidate.dated)


def _out_of_window(candidate: _Candidate, since: datetime | None) -> Failure | None:
    dated = _dated(candidate)
    return too_old(dated, since) if since and is_older(dated, since) else None


def _off_topic(candidate: _Candidate, topic: str) -> Failure:
    return Failure(candidate.source, Reason.OFF_TOPIC, f"neither title nor summary speaks of {topic!r}")


# ── what comes first ─────────────────────────────────────────────────────────────────────────────────────────────────


def _pick(
    candidate: _Candidate, terms: tuple[Term, ...], newest: datetime | None, headlines: Mapping[str, frozenset[str]]
) -> Pick:
    hit = candidate.hit
    tellers = headlines.get(squeeze(hit.title), frozenset()) | set(candidate.services)
    score = Score(
        relevance=round(relevance(terms, title=hit.title, aside=f"{hit.summary} {_words_of_address(hit.url)}"), 4),
        recency=round(_recency(candidate, newest), 4),
        votes=round(candidate.votes, 4),
        told=min(len(tellers) - 1, _MOST_TOLD) / _MOST_TOLD,
    )
    return Pick(candidate.source, candidate.services, candidate.kind, candidate.dated, score)


def _words_of_address(url: str) -> str:
    parts = urlsplit(url)
    return " ".join(_WORD_OF_ADDRESS.findall(f"{parts.hostname} {unquote(parts.path)}"))


def _recency(candidate: _Candidate, newest: datetime | None) -> float:
    if newest is None or not candidate.dated:
        return 0.0
    return float(0.5 ** ((newest - time_of(_dated(candidate))) / _HALF_LIFE))


def _in_turns(picks: Iterable[Pick], given: Counter[str]) -> Iterator[Pick]:
    """All of them, in the order in which they are taken."""
    sited = [(pick.site, pick) for pick in picks]
    waiting = {kind: [each for each in sited if each[1].kind is kind] for kind in Kind}

    def rank(each: tuple[str, Pick]) -> tuple[int, float, str]:
        site, pick = each
        return given[site], -pick.score.total, pick.source.locator

    for kind in _turns(waiting):
        best = min(waiting[kind], key=rank)
        waiting[kind].remove(best)
        given[best[0]] += 1
        yield best[1]


def _turns(waiting: Mapping[Kind, list[tuple[str, Pick]]]) -> Iterator[Kind]:
    """The kinds that have a pick left, as their turns come."""
    turns = cycle(_TURNS)
    while any(waiting.values()):
        yield from (kind for kind in islice(turns, len(_TURNS)) if waiting[kind])
