"""Which of the pages that services name are taken, and why: pure."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.discovery.service import Hit, Kind
from localdigest.records import Reason, Source
from localdigest.sourcing.headlines import front_pages, with_addresses
from localdigest.sourcing.ranking import Choice, Finding, Pick, choose
from localdigest.sourcing.relevance import LEAST, relevance, terms_of

NOW = datetime(2025, 12, 29, 12, tzinfo=UTC)


def news(*hits: Hit, service: str = "hacker-news") -> Finding:
    return Finding(service, Kind.NEWS, hits)


def hit(url: str, title: str = "Mistral opens a quay", *, days: float = 1, votes: int = 0, summary: str = "") -> Hit:
    noticed = (NOW - timedelta(days=days)).isoformat()
    return Hit(title, url, noticed=noticed, votes=votes, summary=summary)


def taken(choice: Choice) -> list[str]:
    return [pick.source.locator for pick in choice.picks]


def reasons(choice: Choice) -> dict[str, Reason]:
    return {failure.source.locator: failure.reason for failure in choice.failures}


# ── relevance ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("topic", "title", "aside"),
    [
        ("mistral", "MISTRAL opens a quay", ""),
        ("Mistral", "Le Chat remembers", "mistral ai news le chat remembers"),  # the address tells
        ("Mistral AI", "What Mistral did next", ""),
        ("Mistral AI", "European AI firms raise money", "Among them is Mistral."),
        ("Mixtral-8x7B", "Running Mixtral 8x7B at home", ""),
        ("GPT-4o", "GPT4o is slower today", ""),
        ("small models", "A small model on an old laptop", ""),
        ("台積電", "TSMC opens a second fab", ""),  # known names, in either language
        ("nvidia", "輝達發表新晶片", ""),
        ("輝達 新晶片", "英偉達公布新一代晶片", ""),
        ("開放模型", "開放的模型有哪些", ""),
    ],
)
def test_what_speaks_of_a_topic(topic: str, title: str, aside: str) -> None:
    assert relevance(terms_of(topic), title=title, aside=aside) >= LEAST


@pytest.mark.parametrize(
    ("topic", "title", "aside"),
    [
        ("mistral", "A quay opens", "the harbour has a second one"),
        ("Mistral AI", "What AI did next", "AI here and there"),
        ("quantum computing", "Computing in the browser", ""),
        ("small models", "Small talk", ""),
        ("台積電", "聯電公布財報", ""),
        ("開放模型", "開放時間", ""),
        ("the", "A quay", ""),
    ],
)
def test_what_does_not(topic: str, title: str, aside: str) -> None:
    assert relevance(terms_of(topic), title=title, aside=aside) < LEAST


def test_a_title_says_more_than_a_summary() -> None:
    terms = terms_of("mistral")

    assert relevance(terms, title="Mistral", aside="") == 1.0
    assert 0 < relevance(terms, title="A model", aside="by Mistral") < 1.0


@pytest.mark.parametrize("topic", ["", "!?", "  "])
def test_without_words_nothing_is_off_the_topic(topic: str) -> None:
    assert relevance(terms_of(topic), title="A quay", aside="") == 1.0


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=80), st.text(max_size=80))
def test_relevance_lies_between_0_and_1_whatever_stands_there(topic: str, title: str, aside: str) -> None:
    assert 0.0 <= relevance(terms_of(topic), title=title, aside=aside) <= 1.0


@settings(deadline=None)
@given(st.text(alphabet="abc 模型台積電", min_size=1, max_size=20))
def test_a_topic_is_on_its_own_topic(topic: str) -> None:
    assert relevance(terms_of(topic), title=topic, aside="") == pytest.approx(1.0)


# ── what is left out ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_off_the_topic_too_old_or_without_address_is_told() -> None:
    findings = [
        news(
            hit("https://a.example/1"),
            hit("https://a.example/2", "A quay opens"),
            hit("https://a.example/3", days=9),
            Hit("Mistral", "", site="https://b.example", opens="https://news.google.com/rss/articles/x"),
            Hit("Mistral", "javascript:alert(1)"),
        )
    ]
    choice = choose(findings, topic="Mistral", since=NOW - timedelta(days=7))

    assert taken(choice) == ["https://a.example/1"]
    assert reasons(choice) == {
        "https://a.example/2": Reason.OFF_TOPIC,
        "https://a.example/3": Reason.OUT_OF_WINDOW,
        "https://news.google.com/rss/articles/x": Reason.NO_ADDRESS,
        "javascript:alert(1)": Reason.NO_ADDRESS,
    }
    assert all(failure.is_left_out for failure in choice.failures)


def test_a_headline_without_address_tells_whose_it_is() -> None:
    choice = choose([news(Hit("Mistral", "", site="https://b.example"))], topic="Mistral")

    assert "https://b.example" in choice.failures[0].detail


def test_what_is_beyond_the_limit_is_told() -> None:
    choice = choose([news(hit("https://a.example/1"), hit("https://b.example/1"))], topic="Mistral", limit=1)

    assert len(choice.picks) == 1
    assert [failure.reason for failure in choice.failures] == [Reason.OVER_LIMIT]
    assert "beyond 1 found by discovery" in choice.failures[0].detail


def test_what_the_user_named_or_left_out_is_not_taken_again() -> None:
    """Under any spelling of its address."""
    findings = [
        news(hit("https://www.a.example/1?utm_source=x"), hit("https://b.example/1"), hit("https://c.example/1"))
    ]
    choice = choose(
        findings, topic="Mistral", known=[Source("https://a.example/1")], passed=[Source("https://b.example/1/")]
    )

    assert taken(choice) == ["https://c.example/1"]
    assert choice.failures == ()


def test_a_page_that_was_saved_by_hand_is_known_under_its_address() -> None:
    findings = [news(hit("https://a.example/1"))]

    assert choose(findings, topic="Mistral", known=[Source("saved.html", url="http://www.a.example/1")]).picks == ()


# ── headlines ────────────────────────────────────────────────────────────────────────────────────────────────────────


def headline(title: str, site: str, *, published: str = "2025-12-28") -> Hit:
    return Hit(title, "", published=published, site=site, opens=f"https://news.google.com/{title}")


def test_front_pages_are_asked_for_headlines_on_the_topic_each_site_once() -> None:
    findings = [
        news(
            headline("Mistral one", "https://www.a.example"),
            headline("Mistral two", "https://a.example"),
            headline("A quay", "https://b.example"),
            headline("Mistral old", "https://c.example", published="2025-01-01"),
            headline("Mistral three", "Port Post"),  # a name, and no address
            headline("Mistral four", "https://d.example"),
            headline("Mistral five", "https://e.example"),
            hit("https://f.example/1"),
        )
    ]
    since = NOW - timedelta(days=7)

    assert front_pages(findings, topic="Mistral", since=since, most=2) == ("https://www.a.example", "https://d.example")


def test_a_headline_gets_the_address_that_its_own_site_tells() -> None:
    """The very same headline, and no address elsewhere."""
    findings = [
        news(
            headline("Mistral: one", "https://www.a.example"),
            headline("Mistral: two", "https://www.a.example"),
            headline("Mistral: three", "https://b.example"),
            hit("https://c.example/4", "Mistral: four"),
        )
    ]
    posts = [
        Source("https://a.example/1", title="Mistral — one", feed_html="<p>Text", byline="Ada"),
        Source("https://a.example/2", title="Mistral: two and a half"),
        Source("https://evil.example/3", title="Mistral: three"),
        Source("https://c.example/other", title="Mistral: four"),
        Source("https://a.example/5", title=""),
    ]
    (located,) = with_addresses(findings, posts)

    assert [each.url for each in located.hits] == ["https://a.example/1", "", "", "https://c.example/4"]
    assert (located.hits[0].html, located.hits[0].byline) == ("<p>Text", "Ada")
    assert located.hits[0].published == "2025-12-28"


# ── what comes first ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_page_that_two_services_name_is_one_source_with_the_words_of_both() -> None:
    findings = [
        Finding("arxiv", Kind.PAPERS, (Hit("Mistral", "https://arxiv.org/abs/1", published="2025-12-28", byline="A"),)),
        Finding("hugging-face", Kind.PAPERS, (Hit("", "https://arxiv.org/abs/1/", html="<p>Text", votes=3),)),
    ]
    (pick,) = choose(findings, topic="Mistral").picks

    assert pick.services == ("arxiv", "hugging-face")
    assert pick.source == Source(
        "https://arxiv.org/abs/1",
        via="discovery arxiv, hugging-face",
        title="Mistral",
        byline="A",
        published="2025-12-28",
        feed_html="<p>Text",
    )
    assert pick.score.told == 0.5


def test_when_a_page_was_noticed_is_no_date_of_its_own() -> None:
    """It may be years old: its date is left to the page itself."""
    (pick,) = choose([news(hit("https://a.example/1"))], topic="Mistral").picks

    assert pick.source.published == ""
    assert pick.dated.startswith("2025-12-28")


def test_a_headline_that_others_have_too_counts_for_a_page() -> None:
    findings = [
        news(hit("https://a.example/1", "Mistral: one"), hit("https://b.example/1", "Mistral: two")),
        news(Hit("Mistral — two", "", opens="https://news.google.com/x"), service="google-news"),
    ]

    assert taken(choose(findings, topic="Mistral")) == ["https://b.example/1", "https://a.example/1"]


def test_the_newer_and_the_better_liked_come_first() -> None:
    old, new = hit("https://a.example/1", days=20), hit("https://b.example/1", days=1)
    few, many = hit("https://c.example/1", days=20, votes=3), hit("https://d.example/1", days=20, votes=90)

    assert taken(choose([news(old, new)], topic="Mistral"))[0] == new.url
    assert taken(choose([news(few, many)], topic="Mistral"))[0] == many.url


def test_a_page_on_another_site_comes_before_the_second_of_one() -> None:
    findings = [news(*(hit(f"https://a.example/{n}", votes=90) for n in range(3)), hit("https://b.example/1", days=30))]

    assert [pick.site for pick in choose(findings, topic="Mistral").picks] == [
        "a.example", "b.example", "a.example", "a.example",
    ]  # fmt: skip


def test_sites_that_the_user_named_have_given_already() -> None:
    findings = [news(hit("https://a.example/2", votes=9), hit("https://b.example/1", days=30, votes=1))]

    assert taken(choose(findings, topic="Mistral", known=[Source("https://www.a.example/1")])) == [
        "https://b.example/1",
        "https://a.example/2",
    ]


def test_kinds_take_turns() -> None:
    """Half of what is taken is news, a quarter each is papers and posts."""
    findings = [
        Finding("arxiv", Kind.PAPERS, tuple(hit(f"https://arxiv.org/abs/{n}") for n in range(9))),
        Finding("dev", Kind.POSTS, tuple(hit(f"https://dev.to/a/{n}") for n in range(9))),
        news(*(hit(f"https://{n}.example/") for n in range(9))),
    ]

    kinds = Counter(pick.kind for pick in choose(findings, topic="Mistral", limit=8).picks)
    assert kinds == {Kind.NEWS: 4, Kind.PAPERS: 2, Kind.POSTS: 2}


def test_a_kind_fills_what_the_others_leave() -> None:
    findings = [Finding("arxiv", Kind.PAPERS, tuple(hit(f"https://arxiv.org/abs/{n}") for n in range(9)))]

    assert len(choose(findings, topic="Mistral", limit=8).picks) == 8


def test_subdomains_of_hosts_are_sites_of_their_own() -> None:
    findings = [
        news(hit("https://a.substack.com/p/1"), hit("https://a.substack.com/p/2"), hit("https://b.substack.com/p/1"))
    ]

    assert [pick.site for pick in choose(findings, topic="Mistral", limit=2).picks] == [
        "a.substack.com",
        "b.substack.com",
    ]


# ── whatever services say ────────────────────────────────────────────────────────────────────────────────────────────

dates = st.one_of(
    st.just(""),
    st.sampled_from(["2025-12-28", "2024-01-01"]),
    st.datetimes(datetime(2024, 1, 1), datetime(2025, 12, 29), timezones=st.just(UTC)).map(datetime.isoformat),  # noqa: DTZ001
)
addresses = st.one_of(
    st.builds(
        "https://{}{}.example/{}".format, st.sampled_from(["", "www."]), st.sampled_from("abcd"), st.integers(0, 9)
    ),
    st.sampled_from(["", "ftp://a.example/", "https://[bad/", "not an address"]),
)
hits = st.builds(
    Hit,
    title=st.sampled_from(["Mistral", "Mistral AI", "A quay", ""]),
    url=addresses,
    published=dates,
    noticed=dates,
    summary=st.sampled_from(["", "of Mistral"]),
    votes=st.integers(0, 500),
)
findings_of_any_kind = st.lists(
    st.builds(
        Finding,
        service=st.sampled_from(["arxiv", "dev", "hacker-news"]),
        kind=st.sampled_from(Kind),
        hits=st.lists(hits, max_size=12).map(tuple),
    ),
    max_size=4,
)


@settings(deadline=None)
@given(findings_of_any_kind, st.integers(1, 8))
def test_every_page_is_taken_or_told_of_and_none_twice(findings: list[Finding], limit: int) -> None:
    choice = choose(findings, topic="Mistral", limit=limit, since=NOW - timedelta(days=60))
    named = {each.url for finding in findings for each in finding.hits}

    assert len(choice.picks) <= limit
    assert len(set(taken(choice))) == len(choice.picks)
    assert {*taken(choice), *(failure.source.locator for failure in choice.failures)} <= named
    assert all(failure.is_left_out for failure in choice.failures)
    assert len(choice.picks) == limit or Reason.OVER_LIMIT not in reasons(choice).values()


@settings(deadline=None)
@given(findings_of_any_kind, st.integers(0, 8))
def test_a_larger_limit_adds_to_what_a_smaller_one_takes(findings: list[Finding], limit: int) -> None:
    everything = taken(choose(findings, topic="Mistral"))

    assert taken(choose(findings, topic="Mistral", limit=limit)) == everything[:limit]


@settings(deadline=None)
@given(st.lists(hits, max_size=12, unique_by=lambda each: each.url), st.randoms(use_true_random=False))
def test_the_order_of_an_answer_changes_nothing(named: list[Hit], chance: object) -> None:
    unique = [each for each in named if "www." not in each.url]
    shuffled = list(unique)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert choose([news(*unique)], topic="Mistral").picks == choose([news(*shuffled)], topic="Mistral").picks


def crowd_of(picks: tuple[Pick, ...], kind: Kind) -> list[str]:
    return [pick.site for pick in picks if pick.kind is kind]


@settings(deadline=None)
@given(findings_of_any_kind)
def test_no_site_gives_a_second_page_of_a_kind_while_another_has_given_none(findings: list[Finding]) -> None:
    picks = choose(findings, topic="Mistral").picks

    for kind in Kind:
        sites = crowd_of(picks, kind)
        given_by_others = Counter(pick.site for pick in picks if pick.kind is not kind)
        if given_by_others.keys().isdisjoint(sites):
            first = sites[: len(set(sites))]
            assert len(set(first)) == len(first)
