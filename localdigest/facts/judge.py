"""Whether the evidence bears a claim out: every checkable token must be found in it, in some equal form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from localdigest.facts.compare import Match, grain, match_fact
from localdigest.facts.copies import changed_figures
from localdigest.facts.denials import affirms, denials
from localdigest.facts.fold import squeeze
from localdigest.facts.language import Tongue
from localdigest.facts.names import bare
from localdigest.facts.opposites import opposed, sides, trend_near
from localdigest.facts.quotations import stands_in
from localdigest.facts.reading import Reading, read
from localdigest.facts.tokens import Fact, Kind, Name, Quotation
from localdigest.records import Language, Verdict

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Judgement", "Offence", "Search", "judge", "weigh"]

# Tuned on two thirds of tests/data/facts (figures in docs/verification.md).
_CARRIED = 0.6  #: of the claim's words that stand in the evidence: enough to call it supported
_CARRIED_WITH_FACTS = 0.4  #: the same where figures, dates or names agree as well
_TELLING = 2  #: facts that agree across languages and bear the claim out
_ALIKE = 0.5  #: of the claim's words in one sentence of the evidence: the two speak of the same


class Offence(NamedTuple):
    """A token that the evidence does not bear out."""

    text: str  #: as written in the claim
    kind: Kind
    why: str


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict
    tokens: tuple[
        Offence, ...
    ] = ()  #: what is wrong; at least one where the verdict is `unsupported`, but for an empty claim
    evidence: tuple[int, ...] = ()  #: places of the sentences that bear something of the claim out, most first


def judge(
    claim: str,
    evidence: Sequence[str],
    *,
    published: dt.date | None = None,
    claim_language: Language | None = None,
    evidence_language: Language | None = None,
) -> Judgement:
    """Whether sentences bear a claim out.

    Args:
        claim: one sentence, in any language.
        evidence: the sentences that it rests on.
        published: the day of the text: what 昨天 and `last week` are counted from.
        claim_language: where it is known and letters do not tell.
        evidence_language: the same.
    """
    return weigh(
        read(claim, published=published, language=claim_language),
        [read(text, published=published, language=evidence_language) for text in evidence],
    )


@dataclass(frozen=True, slots=True)
class Search:
    """Evidence that a search found, and not what the claim cites: best first, and perhaps not all there is.

    A sentence without figures and names for which nothing was found may still be a summary of it all. And a name that
    the sources hold elsewhere may be what a pronoun stands for.
    """

    keys: frozenset[str]  #: of all names in the sources
    near: frozenset[str] = frozenset()  #: of those in the documents of the evidence: what `it` may stand for


def weigh(claim: Reading, evidence: Sequence[Reading], *, search: Search | None = None) -> Judgement:
    """`judge` for what was read before; `search` where a search found the evidence."""
    if not claim.squeezed:
        return Judgement(Verdict.UNSUPPORTED)
    if not any(reading.squeezed for reading in evidence):
        missing = tuple(_nothing_to_rest_on(claim, search.keys if search else frozenset()))
        return Judgement(Verdict.UNDECIDED if search and not missing else Verdict.UNSUPPORTED, missing)
    holding = [
        index
        for index, reading in enumerate(evidence)
        if claim.squeezed in reading.squeezed and _same_tokens(claim, reading)
    ]
    if holding:
        return Judgement(Verdict.SUPPORTED, evidence=tuple(holding))
    return _Weighing(claim, evidence, search).judgement()


def _same_tokens(claim: Reading, reading: Reading) -> bool:
    """Letters and digits alone hide what parts them: 1.5 and 15, GPT-4 and GPT-4o."""
    return (
        not changed_figures(claim, reading)
        and all(not fact.checked or match_fact(fact, [reading]) is not Match.NONE for fact in claim.facts)
        and all(any(_holds(reading.keys, key) for key in name.keys) for name in claim.names if name.strict)
    )


def _nothing_to_rest_on(claim: Reading, known: frozenset[str]) -> Iterator[Offence]:
    tokens: list[tuple[Fact | Name, Kind]] = [
        (fact, fact.kind) for fact in claim.facts if fact.checked and not (fact.small or fact.loose)
    ]
    tokens += [(name, Kind.NAME) for name in claim.names if name.strict and not name.keys & known]
    for token, kind in sorted(tokens, key=lambda pair: pair[0].start):
        yield Offence(claim.folded.written(token.start, token.end), kind, "there is no evidence")


class _Weighing:
    """One claim against its evidence: what is found, what is missing, what nobody can tell."""

    def __init__(self, claim: Reading, evidence: Sequence[Reading], search: Search | None) -> None:
        self.claim = claim
        self.search = search
        self.evidence = [reading for reading in evidence if reading.squeezed]
        self.places = [index for index, reading in enumerate(evidence) if reading.squeezed]
        self.offences: list[Offence] = []
        self.open = 0  #: tokens that nobody can tell
        self.telling = 0  #: tokens that agree
        self.merit = [0.0] * len(self.evidence)

    @cached_property
    def keys(self) -> frozenset[str]:
        keys: set[str] = set()
        for reading in self.evidence:
            keys |= reading.keys
            keys.update(f"={known}" for known in reading.known)
        return frozenset(keys)

    @cached_property
    def tongues(self) -> frozenset[Tongue]:
        return frozenset(reading.tongue for reading in self.evidence if reading.tongue is not Tongue.NONE)

    @cached_property
    def same_language(self) -> bool:
        return self.claim.tongue in self.tongues or not self.tongues

    def judgement(self) -> Judgement:
        carried = self._carried()
        self._facts()
        self._names()
        self._known()
        self._chinese_names()
        self._quotations()
        self._copies()
        self._directions()
        self._denials()
        order = sorted(range(len(self.evidence)), key=lambda index: (-self.merit[index], index))
        used = tuple(self.places[index] for index in order if self.merit[index] > 0)
        offences = tuple(dict.fromkeys(sorted(_merged(self.offences, self.claim), key=self._place)))
        if offences and not any(reading.overlong for reading in self.evidence):
            return Judgement(Verdict.UNSUPPORTED, offences, used)
        return Judgement(Verdict.SUPPORTED if self._bears_out(carried) else Verdict.UNDECIDED, (), used)

    def _place(self, offence: Offence) -> int:
        return self.claim.folded.original.find(offence.text)

    def _bears_out(self, carried: float) -> bool:
        if self.open or self.offences or self.claim.overlong:
            return False
        if not self.claim.terms:
            return self.telling > 0
        if self.same_language:
            return carried >= (_CARRIED_WITH_FACTS if self.telling >= _TELLING else _CARRIED)
        return self.telling >= _TELLING

    # ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _carried(self) -> float:
        """How much of the claim's words all the evidence together holds."""
        terms = self.claim.terms
        if not terms:
            return 0.0
        for index, reading in enumerate(self.evidence):
            self.merit[index] += 2 * self._likeness(reading)
        together = frozenset().union(*(reading.terms for reading in self.evidence))
        return len(terms & together) / len(terms)

    def _likeness(self, reading: Reading) -> float:
        terms = self.claim.terms
        return len(terms & reading.terms) / len(terms) if terms else 0.0

    # ── figures and dates ────────────────────────────────────────────────────────────────────────────────────────────

    def _facts(self) -> None:
        for fact in self.claim.facts:
            if not fact.checked:
                continue
            match = match_fact(fact, self.evidence)
            if match is Match.FULL:
                self.telling += 1
                for index, reading in enumerate(self.evidence):
                    self.merit[index] += match_fact(fact, [reading]) is Match.FULL
            elif match is Match.WEAK or (
                match is Match.NONE and (self._may_be_a_list(fact) or self._may_be_added(fact))
            ):
                self.open += 1
            elif match is Match.CONTRARY:
                self._offend(fact, Kind.DIRECTION, "the evidence has the figure as a bound on the other side")
            else:
                self._offend(fact, fact.kind, self._instead(fact))

    def _may_be_a_list(self, fact: Fact) -> bool:
        """Three names bear out `three companies`: a small count in words is wrong only where another one stands."""
        return fact.small and not any(
            other.small and other.checked for reading in self.evidence for other in reading.facts
        )

    def _may_be_added(self, fact: Fact) -> bool:
        """本週 is the writer's own word, unless the evidence says when as precisely."""
        return fact.loose and not any(
            grain(other) >= grain(fact)
            for reading in self.evidence
            for other in reading.facts
            if other.kind is Kind.DATE
        )

    def _instead(self, fact: Fact) -> str:
        what = "date" if fact.kind is Kind.DATE else "figure"
        others = [
            reading.folded.written(other.start, other.end)
            for reading in self.evidence
            for other in reading.facts
            if other.kind is fact.kind and other.checked
        ]
        return f"the evidence has {', '.join(dict.fromkeys(others[:4]))}" if others else f"no {what} in the evidence"

    def _offend(self, token: Fact | Name | Quotation, kind: Kind, why: str) -> None:
        self.offences.append(Offence(self.claim.folded.written(token.start, token.end), kind, why))

    # ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _names(self) -> None:
        missing: list[Name] = []
        for name in self.claim.names:
            if self._has(name):
                if name.strict:
                    self.telling += 1
                for index, reading in enumerate(self.evidence):
                    self.merit[index] += 0.5 * any(_holds(reading.keys, key) for key in name.keys)
                self._version(name)
            else:
                missing.append(name)
        latin = bool(self.tongues & {Tongue.ENGLISH, Tongue.NONE}) or not self.tongues
        for name in missing:
            if self.search and name.keys & self.search.keys and not self._is_swapped(name):
                self.open += not name.keys & self.search.near
            elif not name.strict:
                self.open += self.claim.tongue is Tongue.ENGLISH and not self.same_language
            elif Tongue.OTHER in self.tongues or self.claim.tongue is Tongue.OTHER:
                self.open += 1
            elif latin or self.claim.tongue is Tongue.CHINESE or self._is_swapped(name):
                self._offend(name, Kind.NAME, "the evidence does not name it")
            else:
                self.open += 1  # a translated name: nobody can tell

    def _has(self, name: Name) -> bool:
        return any(_holds(self.keys, key) for key in name.keys)

    def _is_swapped(self, name: Name) -> bool:
        """Whether the Chinese evidence has a Latin name in its place: what is translated there has none."""
        own = frozenset().union(*(other.keys for other in self.claim.names))
        own |= frozenset(bare(word.text) for word in self.claim.words)
        near = self.evidence
        if self.search:  # only what is surely the same statement
            near = [r for r in near[:1] if self._likeness(r) >= _ALIKE or self._shares_figure(r)]
        return name.strict and any(
            other.strict and not (other.keys & own) for reading in near for other in reading.names
        )

    def _shares_figure(self, reading: Reading) -> bool:
        return any(fact.checked and match_fact(fact, [reading]) is Match.FULL for fact in self.claim.facts)

    def _version(self, name: Name) -> None:
        """`Llama 3.2` needs a `Llama 3.2`, where the evidence has a Llama of some number."""
        follower = next((fact for fact in self.claim.facts if 0 < fact.start - name.end <= 1 and fact.checked), None)
        if follower is None or not self.claim.text[follower.start : follower.end].replace(".", "").isdigit():
            return
        wanted = bare(self.claim.text[name.start : follower.end])
        heads = {bare(self.claim.text[name.start : name.end])}
        if any(key.startswith(wanted) for key in self.keys):
            return
        if any(key.startswith(head) and key[len(head) :].isdigit() for head in heads for key in self.keys):
            self._offend(
                follower,
                Kind.NUMBER,
                f"the evidence has {self.claim.folded.written(name.start, name.end)} of another number",
            )

    def _known(self) -> None:
        """Names that are translated: one in the place of another of its kind is wrong."""
        said = {known for reading in self.evidence for known in reading.known}
        for known, (start, end, is_place) in self.claim.known.items():
            if known in said:
                self.telling += 1
                continue
            rivals = {
                other
                for reading in self.evidence
                for other, (_, _, place) in reading.known.items()
                if place is is_place and other not in self.claim.known
            }
            if rivals and self.same_language and not self._stands_as_written(start, end):
                self.offences.append(
                    Offence(
                        self.claim.folded.written(start, end),
                        Kind.NAME,
                        f"the evidence has {', '.join(sorted(rivals))}",
                    )
                )

    def _chinese_names(self) -> None:
        """Names in Chinese are looked for in Chinese evidence only: elsewhere they are translated."""
        if self.tongues != {Tongue.CHINESE}:
            return
        together = "".join(reading.squeezed for reading in self.evidence)
        for start, end in self.claim.chinese_names:
            if squeeze(self.claim.text[start:end]) not in together:
                text = self.claim.folded.written(start, end)
                self.offences.append(Offence(text, Kind.NAME, "the evidence does not name it"))

    def _stands_as_written(self, start: int, end: int) -> bool:
        text = self.claim.text[start:end].casefold()
        return any(text in reading.text.casefold() for reading in self.evidence)

    # ── quotations ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _quotations(self) -> None:
        squeezed = [reading.squeezed for reading in self.evidence]
        for quotation in self.claim.quotations:
            inner = self.claim.text[quotation.start : quotation.end]
            if stands_in(inner, squeezed):
                self.telling += 1
            elif not self._is_decidable(inner):
                self.open += 1
            elif quotation.long:
                self._offend(quotation, Kind.QUOTATION, "these are not the words of the evidence")
            elif self._has_another_term():
                self._offend(quotation, Kind.NAME, "the evidence has another term between quotation marks")
            else:
                self.open += 1

    def _is_decidable(self, inner: str) -> bool:
        tongue = read(inner).tongue
        return tongue is Tongue.NONE or self.tongues <= {tongue, Tongue.NONE}

    def _has_another_term(self) -> bool:
        return any(
            not other.long and reading.text[other.start : other.end] not in self.claim.text
            for reading in self.evidence
            for other in reading.quotations
        )

    # ── near copies, directions, denials ─────────────────────────────────────────────────────────────────────────────

    def _copies(self) -> None:
        for reading in self.evidence:
            for start, end, instead in changed_figures(self.claim, reading):
                whole = next((f for f in self.claim.facts if f.start <= start and end <= f.end), None)
                text = (
                    self.claim.folded.written(whole.start, whole.end)
                    if whole
                    else self.claim.folded.written(start, end)
                )
                if not any(text in offence.text for offence in self.offences):
                    self.offences.append(
                        Offence(text, whole.kind if whole else Kind.NUMBER, f"the evidence has {instead}")
                    )

    def _directions(self) -> None:
        for fact in self.claim.facts:
            if fact.kind is Kind.NUMBER and fact.checked and (word := self._other_way(fact)):
                self._offend(fact, Kind.DIRECTION, word)
        for reading in self._alike():
            for word in opposed(sides(self.claim.text), sides(reading.text)):
                text = self.claim.folded.written(*word.span())
                self.offences.append(Offence(text, Kind.DIRECTION, "the evidence says the opposite"))

    def _alike(self) -> list[Reading]:
        """The evidence in the claim's language that speaks of the same."""
        return [
            reading
            for reading in self.evidence
            if reading.tongue is self.claim.tongue and self._likeness(reading) >= _ALIKE
        ]

    def _other_way(self, fact: Fact) -> str:
        """Why a figure that both have goes another way in the evidence; `""` when it does not."""
        own = trend_near(self.claim.text, fact.start, fact.end)
        if own == 0:
            return ""
        theirs = [
            trend_near(reading.text, other.start, other.end)
            for reading in self.evidence
            for other in reading.facts
            if match_fact(fact, [reading], only=other) is Match.FULL
        ]
        return "in the evidence it goes the other way" if theirs and all(way == -own for way in theirs) else ""

    def _denials(self) -> None:
        own = denials(self.claim.text)
        for reading in self._alike():
            their = denials(reading.text)
            affirmed = {term for term in own.terms - their.terms if not their.any and affirms(reading.text, term)}
            denied = {term for term in their.terms - own.terms if affirms(self.claim.text, term)}
            if affirmed:
                self._contradict(affirmed, "the evidence does not deny it")
            elif denied and not self._affirmed(denied):
                self._contradict(denied, "the evidence denies it")

    def _affirmed(self, terms: Iterable[str]) -> bool:
        return any(affirms(reading.text, term) for term in terms for reading in self.evidence)

    def _contradict(self, terms: Iterable[str], why: str) -> None:
        self.offences.append(Offence(_word_of(self.claim, terms), Kind.NEGATION, why))


def _merged(offences: Iterable[Offence], claim: Reading) -> Iterator[Offence]:
    """Neighbouring words of one name as one token."""
    last: Offence | None = None
    for offence in offences:
        if last and last.kind is offence.kind is Kind.NAME and f"{last.text} {offence.text}" in claim.folded.original:
            last = Offence(f"{last.text} {offence.text}", last.kind, last.why)
            continue
        if last:
            yield last
        last = offence
    if last:
        yield last


def _holds(keys: frozenset[str], key: str) -> bool:
    return all(part in keys for part in key.split(" ")) if " " in key else key in keys


def _word_of(claim: Reading, terms: Iterable[str]) -> str:
    term = min(terms)
    place = claim.text.lower().find(term)
    if place < 0:
        return term
    end = place + len(term)
    while term.isascii() and end < len(claim.text) and claim.text[end].isalpha():
        end += 1
    return claim.folded.written(place, end)
