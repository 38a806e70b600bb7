"""Claims of one event."""

from __future__ import annotations

from dataclasses import replace

import pytest
from documents import a_document
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.records import Claim
from localdigest.stages.cluster import cluster

FERRY = [
    "Port Ellis will replace its three diesel ferries with electric boats from the Norwegian yard Fjordverk.",
    "The Norwegian yard Fjordverk won the contract for three electric ferries in Port Ellis.",
    "Three electric ferries from Fjordverk will run in Port Ellis from 2027, the council decided.",
]
FROST = [
    "A late frost in April cost apple growers in the Lindow valley 62 percent of their harvest.",
    "Apple growers in the Lindow valley lost 62 percent of the harvest to the April frost.",
]
CHIP = [
    "雲川半導體宣布推論晶片「凌波」將於明年三月在新竹量產。",
    "推論晶片「凌波」明年三月量產，雲川半導體將在新竹擴建廠房。",
]
ALONE = "The museum of clocks in Harrow Bridge has reopened after two years of repairs to its roof."

DOCUMENTS = [a_document("x", url=f"https://s{number}.example/a", number=number) for number in range(1, 10)]


def a_claim(text: str, document: int, score: float = 0.5) -> Claim:
    return Claim(text, (f"D{document}.S1",), document, score=score)


ALL = [a_claim(text, number) for number, text in enumerate([*FERRY, *FROST, *CHIP, ALONE], start=1)]


def test_nothing_gives_no_story() -> None:
    assert cluster([], []) == ()


def test_claims_of_one_event_make_one_story() -> None:
    """Heaviest first; English and Chinese; a claim that nobody else makes is a story of its own."""
    stories = cluster(ALL, DOCUMENTS)

    assert [story.documents for story in stories] == [(1, 2, 3), (4, 5), (6, 7), (8,)]
    assert [story.weight for story in stories] == [3, 2, 2, 1]


def test_weight_counts_sites_not_pages() -> None:
    """Two pages of one site are one voice."""
    same = [replace(DOCUMENTS[0], url="https://www.s2.example/other"), *DOCUMENTS[1:]]

    assert cluster(ALL[:3], same)[0].weight == 2


def test_the_best_claim_leads_its_story() -> None:
    claims = [replace(claim, score=score) for claim, score in zip(ALL[:3], (0.1, 0.9, 0.5), strict=True)]

    assert [claim.score for claim in cluster(claims, DOCUMENTS)[0].claims] == [0.9, 0.5, 0.1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fjordverk delivered a ferry to Bergen in spring.", "Fjordverk sued its former chief for leaking plans."),
        ("Officials declined to say more about the budget.", "The spokesman declined to say who will follow her."),
        ("凌波晶片採用十二層堆疊記憶體。", "雲川半導體執行長因健康理由辭職。"),
    ],
)
def test_a_shared_name_alone_makes_no_event(one: str, other: str) -> None:
    assert len(cluster([a_claim(one, 1), a_claim(other, 2)], DOCUMENTS)) == 2


@given(st.lists(st.sampled_from(ALL), unique=True))
@settings(deadline=None, max_examples=60)
def test_every_claim_is_in_exactly_one_story(claims: list[Claim]) -> None:
    stories = cluster(claims, DOCUMENTS)
    grouped = [claim for story in stories for claim in story.claims]

    assert sorted(grouped, key=lambda claim: claim.document) == sorted(claims, key=lambda claim: claim.document)
    assert all(1 <= story.weight <= len(story.documents) for story in stories)


@given(st.permutations(ALL))
@settings(deadline=None, max_examples=30)
def test_the_order_of_claims_does_not_matter(claims: list[Claim]) -> None:
    assert cluster(claims, DOCUMENTS) == cluster(ALL, DOCUMENTS)


def test_claims_that_share_several_figures_state_one_fact_in_whatever_language() -> None:
    """One shared figure is none: many things cost a million."""
    round_en = a_claim("Mistral raised 1.7 billion euro at a valuation of 11.7 billion.", 1)
    round_zh = a_claim("法國新創完成 17 億歐元募資，估值達 117 億歐元。", 2)
    other = a_claim("荷蘭設備商去年的營收超過 17 億歐元。", 3)

    assert [story.documents for story in cluster([round_en, round_zh, other], DOCUMENTS)] == [(1, 2), (3,)]
