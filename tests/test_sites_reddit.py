"""Reddit: lists and posts from the feeds, and the truth where it turns programs away."""

from __future__ import annotations

from html import escape

import internet
import pytest
from internet import Route
from visits import document_at, failure_at, visited

from localdigest.net.job import Job
from localdigest.net.policy import SLOW_SITES
from localdigest.records import Document, DocumentKind, Failure, Reason, Role, Source
from localdigest.sites.registry import plan_for

LIST = "https://www.reddit.com/r/LocalModels/new"
LIST_FEED = "www.reddit.com/r/LocalModels/new/.rss"
POST = "https://www.reddit.com/r/LocalModels/comments/1abcde/a_small_model_on_an_old_laptop/"
POST_FEED = "www.reddit.com/r/LocalModels/comments/1abcde/a_small_model_on_an_old_laptop/.rss"

#: What Reddit answers to networks that it does not like.
BLOCKED = Route(
    "<html><head><title>Blocked</title></head><body><h1>whoa there, pardner!</h1>"
    "<p>Your request was turned away by our network policy.</p></body></html>",
    status=403,
)


def entry(title: str, text: str, *, author: str = "ada", hour: int = 8, kind: str = "t3_1abcde") -> str:
    link = "https://www.reddit.com/r/LocalModels/comments/1abcde/a_small_model_on_an_old_laptop/"
    written = f'<!-- SC_OFF --><div class="md">{text}</div><!-- SC_ON -->' if text else ""
    content = (
        f'{written} &#32; submitted by &#32; <a href="https://www.reddit.com/user/{author}"> /u/{author} </a> <br/>'
        f' <span><a href="https://example.org/laptop">[link]</a></span> &#32;'
        f' <span><a href="{link}">[comments]</a></span>'
    )
    return (
        f"<entry><author><name>/u/{author}</name><uri>https://www.reddit.com/user/{author}</uri></author>"
        f'<category term="LocalModels" label="r/LocalModels"/><content type="html">{escape(content)}</content>'
        f'<id>{kind}</id><link href="{link}" /><updated>2025-12-29T{hour:02}:15:00+00:00</updated>'
        f"<published>2025-12-29T{hour:02}:15:00+00:00</published><title>{escape(title)}</title></entry>"
    )


def feed(title: str, *entries: str, end: str = "</feed>") -> Route:
    return internet.atom(
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"'
        ' xmlns:media="http://search.yahoo.com/mrss/"><category term="LocalModels" label="r/LocalModels"/>'
        "<updated>2025-12-29T12:00:00+00:00</updated><id>/r/LocalModels/new/.rss</id>"
        '<link rel="alternate" href="https://www.reddit.com/r/LocalModels/new/" type="text/html" />'
        f"<title>{escape(title)}</title>{''.join(entries)}{end}"
    )


LISTED = feed(
    "newest submissions : LocalModels",
    entry(
        "Nine seconds on a laptop of 2016", "<p>I ran it &lt;three&gt; times.</p> <p>It never took longer.</p>", hour=9
    ),
    entry("A table of all results", "", author="bob", hour=7),
    entry("一台舊筆電的實測", "<p>這台筆電是二〇一六年買的，跑一個問題要九秒。</p>", author="cy"),
)
TALK = feed(
    "A small model on an old laptop : LocalModels",
    entry("A small model on an old laptop", "<p>It answers in nine seconds.</p>"),
    entry("/u/cy on A small model on an old laptop", "<p>[removed]</p>", author="cy", kind="t1_1"),
    entry("/u/bob on A small model on an old laptop", "<p>Which model is that?</p>", author="bob", kind="t1_2"),
    entry("/u/ada on A small model on an old laptop", "<p>The smaller of the two.</p>", kind="t1_3"),
)


def test_a_subreddit_is_one_document_of_its_posts() -> None:
    with internet.internet({LIST_FEED: LISTED}) as web:
        document = document_at(LIST, web)

    assert (document.title, document.site, document.kind) == (
        "r/LocalModels: newest submissions",
        "Reddit",
        DocumentKind.FORUM,
    )
    assert (document.published, document.url) == ("2025-12-29T09:15:00+00:00", LIST)
    assert [(sentence.role, sentence.text) for sentence in document.sentences] == [
        (Role.HEADING, "Nine seconds on a laptop of 2016"),
        (Role.TEXT, "I ran it <three> times."),
        (Role.TEXT, "It never took longer."),
        (Role.HEADING, "A table of all results"),
        (Role.HEADING, "一台舊筆電的實測"),
        (Role.TEXT, "這台筆電是二〇一六年買的，跑一個問題要九秒。"),
    ]
    assert [web.name_of(request) for request in web.log] == [LIST_FEED]  # and no robots.txt: a feed is for programs


def test_a_post_with_its_comments() -> None:
    with internet.internet({POST_FEED: TALK}) as web:
        document = document_at(POST, web)

    assert (document.title, document.byline) == ("A small model on an old laptop", "ada")
    assert (document.url, document.kind, document.published[:10]) == (POST, DocumentKind.FORUM, "2025-12-29")
    assert document.text.split("\n\n") == [
        "It answers in nine seconds.",
        "bob",
        "Which model is that?",
        "ada",
        "The smaller of the two.",
    ]


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("www.reddit.com/r/LocalModels/", "/r/LocalModels/.rss"),
        ("old.reddit.com/r/LocalModels/top/?t=week&after=t3_x", "/r/LocalModels/top/.rss?t=week"),
        ("np.reddit.com/r/LocalModels/new.rss", "/r/LocalModels/new/.rss"),
        ("m.reddit.com/r/LocalModels+OldLaptops/rising/.rss", "/r/LocalModels+OldLaptops/rising/.rss"),
        ("reddit.com/r/LocalModels/comments/1abcde", "/r/LocalModels/comments/1abcde/.rss"),
        ("www.reddit.com/r/LocalModels/comments/1abcde.json", "/r/LocalModels/comments/1abcde/.rss"),
        ("www.reddit.com/r/L/comments/1abcde/slug/2fghij/?context=3", "/r/L/comments/1abcde/slug/2fghij/.rss"),
        ("www.reddit.com/user/ada/comments/1abcde/slug", "/user/ada/comments/1abcde/slug/.rss"),
        ("redd.it/1abcde", "/comments/1abcde/.rss"),
    ],
)
def test_every_form_of_an_address_asks_the_same_host(address: str, asked: str) -> None:
    plan = plan_for(f"https://{address}")

    assert plan is not None
    asks = [(ask.url, ask.for_programs) for step in plan.steps for ask in step.asks]
    assert asks == [(f"https://www.reddit.com{asked}", True)]


@pytest.mark.parametrize("path", ["", "search/?q=model", "r/LocalModels/wiki/faq", "r/LocalModels/s/Ab12", "user/ada"])
def test_what_has_no_feed_is_refused_without_a_request(path: str) -> None:
    with internet.internet({}) as web:
        failure = failure_at(f"https://www.reddit.com/{path}", web)

    assert failure.reason is Reason.ROBOTS
    assert "only the feeds of subreddits" in failure.detail
    assert web.log == []


@pytest.mark.parametrize("address", ["https://i.redd.it/abc.png", "https://notreddit.com/r/a", "https://redd.it/"])
def test_other_hosts_are_none_of_it(address: str) -> None:
    assert plan_for(address) is None


def test_being_blocked_is_told_with_advice() -> None:
    with internet.internet({LIST_FEED: BLOCKED}) as web:
        failure = failure_at(LIST, web)

    assert (failure.reason, failure.status) == (Reason.FORBIDDEN, 403)
    assert "status 403 (Forbidden)" in failure.detail
    assert "run again later, or `localdigest add` a saved page" in failure.detail
    assert len(web.asked_addresses()) == 1


def test_a_host_that_asks_for_patience_is_asked_no_more() -> None:
    tired = Route("Too Many Requests", status=429, headers={"Retry-After": "600", "x-ratelimit-remaining": "0"})
    with internet.internet({LIST_FEED: tired, POST_FEED: TALK}) as web:
        results = visited([LIST, POST], web)

    failures = [result for result in results.values() if isinstance(result, Failure)]
    assert [failure.reason for failure in failures] == [Reason.RATE_LIMITED] * 2
    assert all("asks to be left alone for 600 s" in failure.detail for failure in failures)
    assert web.asked_addresses() == [LIST_FEED]


def test_a_short_wait_is_kept() -> None:
    tired = Route("Too Many Requests", status=429, headers={"Retry-After": "1"})
    with internet.internet({LIST_FEED: [tired, LISTED]}) as web:
        result = visited([LIST], web)[LIST]
        first, second = web.log

    assert isinstance(result, Document)
    assert second.at - first.at >= 1


def test_a_page_to_log_in_is_called_one() -> None:
    login = Route(
        "<html><head><title>Log in</title></head><body><form><h1>Log in</h1><input type=password>"
        "<p>Log in to continue</p></form></body></html>"
    )
    routes = {LIST_FEED: internet.redirect("https://www.reddit.com/login/"), "www.reddit.com/login/": login}
    with internet.internet(routes) as web:
        failure = failure_at(LIST, web)

    assert failure.reason is Reason.LOGIN_WALL


def test_a_private_subreddit_answers_with_an_empty_feed() -> None:
    with internet.internet({LIST_FEED: feed("newest submissions : LocalModels")}) as web:
        failure = failure_at(LIST, web)

    assert failure.reason is Reason.EMPTY
    assert "private, restricted or banned" in failure.detail


def test_a_link_without_comments_is_no_source() -> None:
    with internet.internet({POST_FEED: feed("A table : LocalModels", entry("A table of all results", ""))}) as web:
        failure = failure_at(POST, web)

    assert failure.reason is Reason.EMPTY
    assert "nobody has commented yet" in failure.detail


def test_a_feed_that_breaks_off_is_read_and_told() -> None:
    cut = feed("A small model : LocalModels", entry("A small model", "<p>Nine seconds.</p>"), end="")
    with internet.internet({POST_FEED: cut}) as web:
        document = document_at(POST, web)

    assert document.text == "Nine seconds."
    assert document.warnings == ("the feed breaks off; 1 of its entries were read",)


def test_a_run_leaves_six_seconds_between_two_requests() -> None:
    """The pause is Reddit's alone, and all its hosts share it."""
    urls = ("https://www.reddit.com/r/a/.rss", "https://old.reddit.com/r/b/.rss")

    assert {SLOW_SITES[Job(Source(url), url).host] for url in urls} == {6.0}
