"""What each service is asked, and what its answers say: read by the jailed process, in the forms that they have."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import discovery_answers as answers
import pytest
from conftest import REPOSITORY
from internet import Route
from readers import READER

from localdigest.discovery.query import query_of
from localdigest.discovery.registry import MOST_ENTRIES, SERVICES, service_named
from localdigest.discovery.service import Hit, Hits, Query, Span
from localdigest.records import Failure, Page, PageOrigin, Reason, Source
from localdigest.services import DEFAULT, TITLES, found_by, services, via

NOW = datetime(2025, 12, 29, 12, tzinfo=UTC)
WEEK = Query("Mistral AI", "Mistral AI", Span.WEEK, "en")


def page_of(route: Route, url: str = "https://service.example/") -> Page:
    media_type = route.content_type.partition(";")[0]
    return Page(Source(url), route.payload, media_type, "utf-8", url, NOW.isoformat(), PageOrigin.NETWORK)


def hits(name: str, route: Route) -> tuple[Hit, ...]:
    found = READER.hits(name, page_of(route))
    assert isinstance(found, Hits), found
    assert found.num_odd == 0
    return found.hits


def failure(name: str, route: Route) -> Failure:
    found = READER.hits(name, page_of(route))
    assert isinstance(found, Failure), found
    assert found.reason is Reason.UNREADABLE
    return found


def asked(name: str, query: Query) -> tuple[str, dict[str, str], str]:
    """Host and path, parameters, and the words that are recorded as sent."""
    question = service_named(name).ask(query)
    assert question is not None
    parts = urlsplit(question.url)
    return (
        f"{parts.hostname}{parts.path}",
        {key: value for key, (value,) in parse_qs(parts.query).items()},
        question.words,
    )


# ── the setting ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_names_of_the_setting_are_those_of_the_services() -> None:
    assert tuple(service.name for service in SERVICES) == tuple(TITLES)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("all", DEFAULT),
        (["all"], DEFAULT),
        ([], ()),
        ("", ()),
        ("none", ()),
        ("arxiv, Hacker-News", ("hacker-news", "arxiv")),
        (["arxiv", "dev,arxiv"], ("arxiv", "dev")),
        ("all,gdelt", (*DEFAULT, "gdelt")),
        ("all,-reddit", tuple(name for name in DEFAULT if name != "reddit")),
        (("all", "-reddit", "-dev"), ("hacker-news", "arxiv", "hugging-face")),
    ],
)
def test_services_are_named_one_by_one_or_all_but_some(written: object, meant: tuple[str, ...]) -> None:
    assert services(written) == meant


@pytest.mark.parametrize(
    ("written", "told"),
    [("hackernews", "did you mean hacker-news"), ("bing", "there is all, none, hacker-news"), ("-bing", "'bing'")],
)
def test_a_name_that_is_none_is_refused_with_what_there_is(written: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        services(written)


def test_services_that_are_asked_by_default_leave_out_two() -> None:
    """GDELT turns most away; Google News has terms that a published digest does not keep."""
    assert set(TITLES) - set(DEFAULT) == {"gdelt", "google-news"}


def test_how_a_source_was_found_is_read_back() -> None:
    assert via(("arxiv", "dev")) == "discovery arxiv, dev"
    assert found_by("discovery arxiv, dev") == ("arxiv", "dev")
    assert found_by("topic file") == ()


def test_every_service_has_its_section_in_the_documentation() -> None:
    """With what is asked, what is sent, what can be had, and the limits."""
    text = (REPOSITORY / "docs" / "discovery.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### (.+?)\n(.*?)(?=^### |\Z)", text, re.MULTILINE | re.DOTALL))

    assert set(sections) == set(TITLES.values())
    for name, title in TITLES.items():
        section = sections[title]
        rows = dict(re.findall(r"^\| (asked|sent|had|limits) \| (.+) \|$", section, re.MULTILINE))
        assert list(rows) == ["asked", "sent", "had", "limits"]
        assert rows["sent"] == service_named(name).sends
        assert section.lstrip().startswith(f"| `{name}`")
        assert ("only when named" in section) == (name not in DEFAULT)
        question = service_named(name).ask(WEEK)
        assert question is not None
        parts = urlsplit(question.url)
        assert f"`{parts.hostname}{parts.path}`" in rows["asked"]


# ── what is asked ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("back", "span"),
    [
        (timedelta(hours=6), Span.DAY),
        (timedelta(days=1, seconds=20), Span.DAY),  # the run began a little before
        (timedelta(days=2), Span.WEEK),
        (timedelta(days=7), Span.WEEK),
        (timedelta(days=8), Span.MONTH),
        (timedelta(days=90), Span.YEAR),
    ],
)
def test_the_window_is_asked_for_in_steps(back: timedelta, span: Span) -> None:
    assert query_of("x", since=NOW - back, now=NOW, language="en").span is span


def test_without_a_window_a_month_is_asked_for() -> None:
    assert query_of("x", since=None, now=NOW, language="en").span is Span.MONTH


@pytest.mark.parametrize(
    ("topic", "english"),
    [
        (" Mistral  AI ", "Mistral AI"),
        ("輝達", "Nvidia"),
        ("台積電 Arizona", "TSMC Arizona"),
        ("輝達新晶片", ""),
        ("量子電腦", ""),
    ],
)
def test_services_in_english_are_asked_for_names_in_latin_letters(topic: str, english: str) -> None:
    query = query_of(topic, since=None, now=NOW, language="zh-TW")

    assert (query.words, query.english) == (" ".join(topic.split()), english)


def test_hacker_news_is_asked_for_its_newest_stories() -> None:
    """Points are not asked for (such filters are refused at times), nor is a date: the answer is found again."""
    where, parameters, words = asked("hacker-news", WEEK)

    assert where == "hn.algolia.com/api/v1/search_by_date"
    assert parameters == {"query": "Mistral AI", "tags": "story", "hitsPerPage": "100"}
    assert words == "Mistral AI"


def test_arxiv_is_asked_for_papers_with_all_words() -> None:
    where, parameters, words = asked(
        "arxiv", Query('Mixtral-8x7B: "open" (AI)', 'Mixtral-8x7B: "open" (AI)', Span.DAY, "en")
    )

    assert where == "export.arxiv.org/api/query"
    assert parameters["search_query"] == "all:Mixtral-8x7B AND all:open AND all:AI"
    assert (parameters["sortBy"], parameters["sortOrder"]) == ("submittedDate", "descending")
    assert words == "Mixtral-8x7B open AI"


def test_hugging_face_is_sent_nothing_of_the_topic() -> None:
    question = service_named("hugging-face").ask(WEEK)

    assert question is not None
    assert question.words == ""
    assert "mistral" not in question.url.lower()


def test_dev_is_asked_for_a_tag() -> None:
    where, parameters, words = asked("dev", WEEK)

    assert where == "dev.to/api/articles"
    assert parameters == {"tag": "mistralai", "top": "7", "per_page": "30"}
    assert words == "mistralai"


def test_reddit_is_asked_for_posts_of_the_span() -> None:
    where, parameters, _ = asked("reddit", WEEK)

    assert where == "www.reddit.com/search.rss"
    assert (parameters["q"], parameters["t"], parameters["type"]) == ("Mistral AI", "week", "link")


def test_gdelt_is_asked_without_what_it_refuses() -> None:
    """Words of two letters, and operators."""
    where, parameters, words = asked("gdelt", Query('AI: "Mistral" (x)', 'AI: "Mistral" (x)', Span.YEAR, "en"))

    assert where == "api.gdeltproject.org/api/v2/doc/doc"
    assert (parameters["query"], parameters["mode"], parameters["timespan"]) == ("Mistral", "ArtList", "3m")
    assert words == "Mistral"


@pytest.mark.parametrize(("language", "edition"), [("en", "US:en"), ("zh-TW", "TW:zh-Hant")])
def test_google_news_is_asked_in_the_language_of_the_digest(language: str, edition: str) -> None:
    where, parameters, words = asked("google-news", dataclasses.replace(WEEK, language=language))

    assert where == "news.google.com/rss/search"
    assert (parameters["q"], parameters["ceid"]) == ("Mistral AI when:7d", edition)
    assert words == "Mistral AI"


def test_what_knows_english_only_is_not_asked_for_chinese() -> None:
    """Nothing is sent that cannot bring anything."""
    chinese = query_of("輝達新晶片", since=None, now=NOW, language="zh-TW")
    unasked = {service.name for service in SERVICES if service.ask(chinese) is None}

    assert unasked == {"hacker-news", "arxiv", "dev"}
    assert all(service_named(name).needs for name in unasked)


# ── what is answered ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_story_of_hacker_news_names_a_page_that_may_be_older() -> None:
    (hit,) = hits(
        "hacker-news", answers.hacker_news(answers.story("Mistral opens a small model", "https://a.example/1"))
    )

    assert hit == Hit(
        "Mistral opens a small model", "https://a.example/1", noticed="2025-12-28T08:15:00+00:00", votes=49
    )


def test_a_question_on_hacker_news_is_its_own_page() -> None:
    route = answers.hacker_news(answers.story("Ask HN: Mistral at home?", None, story_text="<p>Who runs one?</p>"))
    (hit,) = hits("hacker-news", route)

    assert hit.url == "https://news.ycombinator.com/item?id=46100001"
    assert (hit.published, hit.byline) == ("2025-12-28T08:15:00+00:00", "ada")
    assert (hit.summary, hit.html) == ("Who runs one?", "<p>Who runs one?</p>")


def test_a_paper_of_arxiv_is_named_without_its_version() -> None:
    (hit,) = hits("arxiv", answers.arxiv(("2512.01234", "Small\n  models at home", "We run\n models with n < 9.")))

    assert (hit.title, hit.url) == ("Small models at home", "https://arxiv.org/abs/2512.01234")
    assert (hit.summary, hit.html) == ("We run models with n < 9.", "<p>We run models with n &lt; 9.</p>")
    assert hit.published == "2025-12-28T10:00:00+00:00"


def test_both_services_of_papers_name_one_page() -> None:
    paper = ("2512.01234", "Small models at home", "We run them.")
    (one,), (other,) = hits("arxiv", answers.arxiv(paper)), hits("hugging-face", answers.hugging_face(paper))

    assert one.url == other.url
    assert (other.votes, other.byline) == (31, "Ada Example, Bo Sample")
    assert (other.published[:10], other.noticed[:10]) == ("2025-12-27", "2025-12-29")


def test_an_article_of_dev() -> None:
    (hit,) = hits("dev", answers.dev(("one-91k", "Mistral on an old laptop")))

    assert hit == Hit(
        "Mistral on an old laptop",
        "https://dev.to/ada/one-91k",
        published="2025-12-27T09:00:00+00:00",
        byline="Ada Example",
        summary="What it took to run one at home. mistral ai",
        votes=14,
    )


def test_a_post_of_reddit_and_no_community() -> None:
    (hit,) = hits("reddit", answers.reddit(("1abc", "Mistral & me", "It answers in nine seconds.")))

    assert (hit.title, hit.byline) == ("Mistral & me", "ada")
    assert hit.url == "https://www.reddit.com/r/LocalModels/comments/1abc/x/"
    assert "It answers in nine seconds." in hit.summary
    assert "It answers in nine seconds." in hit.html


def test_an_article_of_gdelt_was_seen_not_published() -> None:
    (hit,) = hits("gdelt", answers.gdelt(("https://news.example/1", "Mistral opens a quay")))

    assert hit == Hit(
        "Mistral opens a quay", "https://news.example/1", noticed="2025-12-28T08:15:00+00:00", site="news.example"
    )


def test_gdelt_finds_nothing() -> None:
    assert hits("gdelt", answers.gdelt()) == ()


def test_a_headline_of_google_news_has_a_site_and_no_address() -> None:
    """Its link leads to Google: a person can open it, a program learns nothing from it."""
    route = answers.google_news(("Mistral opens - and closes - a quay", "Harbour Post", "https://www.harbour.example"))
    (hit,) = hits("google-news", route)

    assert hit == Hit(
        "Mistral opens - and closes - a quay",
        "",
        published="2025-12-28T08:00:00+00:00",
        site="https://www.harbour.example",
        opens="https://news.google.com/rss/articles/CBMi0000?oc=5",
    )


def test_a_date_to_come_is_none() -> None:
    (hit,) = hits("dev", answers.dev(("one", "Mistral"), published="2031-01-01T00:00:00Z"))

    assert hit.published == ""


@pytest.mark.parametrize("name", TITLES)
def test_an_answer_without_pages_is_no_fault(name: str) -> None:
    empty = {
        "hacker-news": answers.hacker_news(),
        "arxiv": answers.arxiv(),
        "hugging-face": answers.hugging_face(),
        "dev": answers.dev(),
        "reddit": answers.reddit(),
        "gdelt": answers.gdelt(),
        "google-news": answers.google_news(),
    }

    assert hits(name, empty[name]) == ()


ODD = [
    "<!DOCTYPE html><html><body><h1>Are you a robot?</h1></body></html>",
    "",
    "null",
    "3",
    '{"error": "rate limited", "status": 429}',
    '{"hits": 3, "articles": "none"}',
    '[1, {"paper": []}, {"title": 3, "url": "x", "user": 4}]',
    "\x00\x01\x02",
    "[" * 20_000,
]


@pytest.mark.parametrize(
    ("name", "body"),
    # An object without articles is how GDELT says that there are none.
    [(name, body) for name in TITLES for body in ODD if not (name == "gdelt" and "429" in body)],
)
def test_an_answer_of_another_form_is_told_and_breaks_nothing(name: str, body: str) -> None:
    told = failure(name, Route(body, content_type="text/html"))

    assert TITLES[name] in told.detail or "reader failed" in told.detail
    assert told.detail.isprintable()


@pytest.mark.parametrize(
    "body", ["<rss><channel><item/>", "<!DOCTYPE rss [<!ENTITY a 'b'>]><rss><channel>&a;</channel></rss>", "<rss/>"]
)
def test_a_damaged_or_hostile_feed_of_headlines_is_told(body: str) -> None:
    assert "Google News" in failure("google-news", Route(body, content_type="application/xml")).detail


def test_what_gdelt_answers_in_words_is_handed_on() -> None:
    told = failure("gdelt", Route("Your query was too short or too long.\n", content_type="text/html"))

    assert "it answers: Your query was too short or too long." in told.detail


def test_an_error_of_arxiv_is_no_paper() -> None:
    body = """<feed xmlns="http://www.w3.org/2005/Atom"><title>ArXiv Query</title><entry>
    <id>http://arxiv.org/api/errors#incorrect_id_format_for_x</id><title>Error</title>
    <summary>incorrect id format for x</summary><link href="http://arxiv.org/api/errors#incorrect_id_format_for_x"
    rel="alternate" type="text/html"/></entry></feed>"""
    told = failure("arxiv", Route(body, content_type="application/atom+xml"))

    assert "incorrect id format for x" in told.detail


def test_one_odd_entry_is_counted_and_the_others_are_read() -> None:
    route = answers.hacker_news(answers.story("Mistral", "https://a.example/1"), {"title": None, "objectID": "x"})
    found = READER.hits("hacker-news", page_of(route))

    assert isinstance(found, Hits)
    assert ([hit.title for hit in found.hits], found.num_odd) == (["Mistral"], 1)


def test_more_than_was_asked_for_is_counted_not_read() -> None:
    """And so is an address without end, or one that is none: an answer may come from anybody."""
    stories = [answers.story("Mistral", f"https://a.example/{number}") for number in range(MOST_ENTRIES + 5)]
    odd = [answers.story("Mistral", url) for url in ("https://a.example/" + "x" * 5_000, 5, ["https://a.example"])]
    found = READER.hits("hacker-news", page_of(answers.hacker_news(*odd, *stories)))

    assert isinstance(found, Hits)
    assert (len(found.hits), found.num_odd) == (MOST_ENTRIES - 3, 11)


def test_a_paper_whose_number_is_none_gets_no_address() -> None:
    """It would lead elsewhere on the site."""
    found = READER.hits(
        "hugging-face", page_of(answers.hugging_face(("2512.01234", "A", "a"), ("../../login?next=", "B", "b")))
    )

    assert isinstance(found, Hits)
    assert ([hit.title for hit in found.hits], found.num_odd) == (["A"], 1)
