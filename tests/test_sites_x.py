"""X: a post from the documented interface, else from the one of embedded posts; all else is refused at once."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import internet
import pytest
from internet import Route
from visits import document_at, failure_at

from localdigest.records import DocumentKind, Reason, Role
from localdigest.sites.registry import plan_for
from localdigest.sites.x_token import token_of

URL = "https://x.com/ada_example/status/1971234567890123456"
OEMBED = f"publish.x.com/oembed?url={quote(URL, safe='')}&omit_script=1"
EMBEDDED = "cdn.syndication.twimg.com/tweet-result?id=1971234567890123456&token=4stdlscj"


def oembed(text: str, *, language: str = "en") -> Route:
    shown = URL.replace("x.com", "twitter.com")
    html = (
        f'<blockquote class="twitter-tweet"><p lang="{language}" dir="ltr">{text}</p>&mdash; Ada Example (@ada_example)'
        f' <a href="{shown}?ref_src=twsrc%5Etfw">December 29, 2025</a></blockquote>\n\n'
    )
    answer = {
        "url": shown, "author_name": "Ada Example", "author_url": "https://twitter.com/ada_example", "html": html,
        "width": 550, "height": None, "type": "rich", "cache_age": "3153600000", "provider_name": "Twitter",
        "provider_url": "https://twitter.com", "version": "1.0",
    }  # fmt: skip
    return internet.json(json.dumps(answer))


def tweet(text: str, **more: Any) -> dict[str, Any]:
    return {
        "__typename": "Tweet", "lang": "en", "created_at": "2025-12-29T08:15:00.000Z", "id_str": "1971234567890123456",
        "text": text, "user": {"id_str": "1", "name": "Ada Example", "screen_name": "ada_example", "verified": False},
        "display_text_range": [0, len(text)], "entities": {"hashtags": [], "urls": [], "user_mentions": []}, **more,
    }  # fmt: skip


def embedded(answer: dict[str, Any]) -> Route:
    return internet.json(json.dumps(answer))


GONE = Route('{"error":"Sorry, that page does not exist","request":"/oembed"}', 404, "application/json; charset=utf-8")


def test_a_post_of_few_words_is_a_document() -> None:
    with internet.internet({OEMBED: oembed("It runs. Nine seconds on a laptop of 2016 &amp; no cloud.")}) as web:
        document = document_at(URL, web)

    assert document.text == "It runs. Nine seconds on a laptop of 2016 & no cloud."
    assert document.title == "It runs. Nine seconds on a laptop of 2016 & no cloud."
    assert (document.byline, document.site) == ("Ada Example (@ada_example)", "X")
    assert (document.kind, document.published, document.url) == (DocumentKind.SOCIAL, "2025-12-29", URL)
    assert [web.name_of(request) for request in web.log] == [OEMBED]  # one request, and no robots.txt


def test_pictures_are_no_words_and_a_long_title_is_cut_at_a_word() -> None:
    text = (
        "It runs on a laptop that was bought in the summer of 2016 and that nobody has wanted to carry since, at nine"
        ' seconds.<br><br>All figures: <a href="https://t.co/aB1">https://t.co/aB1</a>'
        ' <a href="https://t.co/pQ2">pic.twitter.com/pQ2</a>'
    )
    with internet.internet({OEMBED: oembed(text)}) as web:
        document = document_at(URL, web)

    assert "pic.twitter.com" not in document.text
    assert document.sentences[-1].text.endswith("https://t.co/aB1")
    assert document.title == (
        "It runs on a laptop that was bought in the summer of 2016 and that nobody has wanted to carry…"
    )


def test_a_chinese_post_keeps_its_language() -> None:
    with internet.internet({OEMBED: oembed("這台舊筆電跑得動，一題九秒，不必連線。", language="zh")}) as web:
        assert document_at(URL, web).language.is_chinese


def test_a_long_post_says_that_it_breaks_off() -> None:
    link = '<a href="https://t.co/zZ9">https://t.co/zZ9</a>'
    text = "The first run took nine seconds, the second one ten.<br><br>" * 5
    with internet.internet({OEMBED: oembed(f"{text}And the third… {link}")}) as web:
        cut = document_at(URL, web)
    with internet.internet({OEMBED: oembed(f"And now we wait… {link}")}) as web:
        meant = document_at(URL, web)

    assert cut.warnings == ("it breaks off: of a long post X gives programs the beginning only",)
    assert meant.warnings == ()


def test_the_second_way_adds_time_links_and_the_quoted_post() -> None:
    answer = tweet(
        "It runs, see https://t.co/aB1 for all figures &amp; more https://t.co/pQ2",
        entities={
            "urls": [{"url": "https://t.co/aB1", "expanded_url": "https://example.org/figures"}],
            "media": [{"url": "https://t.co/pQ2", "expanded_url": f"{URL}/photo/1"}],
        },
        quoted_tweet=tweet("Does it run at home?", user={"name": "Bob", "screen_name": "bob"}),
    )
    with internet.internet({OEMBED: Route("", 503), EMBEDDED: embedded(answer)}) as web:
        document = document_at(URL, web)

    assert [(sentence.role, sentence.text) for sentence in document.sentences] == [
        (Role.TEXT, "It runs, see https://example.org/figures for all figures & more"),
        (Role.HEADING, "Bob (@bob)"),
        (Role.QUOTE, "Does it run at home?"),
    ]
    assert (document.published, document.url) == ("2025-12-29T08:15:00+00:00", URL)
    assert (document.byline, document.kind) == ("Ada Example (@ada_example)", DocumentKind.SOCIAL)
    assert "cdn.syndication.twimg.com/robots.txt" in map(web.name_of, web.log)


def test_the_second_way_tells_of_a_long_post_too() -> None:
    answer = tweet("The first run took nine seconds", note_tweet={"id": "Tm90ZQ=="})
    with internet.internet({OEMBED: GONE, EMBEDDED: embedded(answer)}) as web:
        assert document_at(URL, web).warnings == ("it breaks off: of a long post X gives programs the beginning only",)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (embedded({}), "X knows no such post"),
        (
            embedded({"__typename": "TweetTombstone", "tombstone": {"text": {"text": "This account was closed."}}}),
            "X says “This account was closed.”",
        ),
        (Route("", status=404), "status 404 (Not Found)"),
    ],
)
def test_a_post_that_is_gone(answer: Route, told: str) -> None:
    with internet.internet({OEMBED: GONE, EMBEDDED: answer}) as web:
        failure = failure_at(URL, web)

    assert (failure.reason, failure.status) == (Reason.NOT_FOUND, 404)
    assert told in failure.detail


def test_the_rules_of_the_second_host_hold() -> None:
    rules = internet.text("User-agent: *\nDisallow: /")
    with internet.internet(
        {OEMBED: GONE, "cdn.syndication.twimg.com/robots.txt": rules, EMBEDDED: embedded({})}
    ) as web:
        failure = failure_at(URL, web)

    assert "robots.txt asks programs to stay away" in failure.detail
    assert web.asked_addresses() == [OEMBED]


@pytest.mark.parametrize(
    "path",
    ["ada_example", "search?q=model", "i/lists/1", "ada_example/article/1", "hashtag/model", "ada_example/media"],
)
def test_what_needs_a_login_is_refused_without_a_request(path: str) -> None:
    with internet.internet({}) as web:
        failure = failure_at(f"https://x.com/{path}", web)

    assert failure.reason is Reason.LOGIN_WALL
    assert "only to people who are logged in; a single post" in failure.detail
    assert web.log == []


@pytest.mark.parametrize(
    "address",
    [
        "https://twitter.com/ada_example/status/1971234567890123456?s=20",
        "https://mobile.twitter.com/ada_example/statuses/1971234567890123456",
        "https://www.x.com/ada_example/status/1971234567890123456/photo/1",
    ],
)
def test_every_form_of_an_address_asks_for_the_same_post(address: str) -> None:
    plan = plan_for(address)

    assert plan is not None
    assert [ask.url for ask in plan.steps[0].asks] == [f"https://{OEMBED}", f"https://{EMBEDDED}"]


def test_a_post_without_its_author_in_the_address() -> None:
    plan = plan_for("https://x.com/i/web/status/20")

    assert plan is not None
    assert (
        plan.steps[0].asks[0].url
        == "https://publish.x.com/oembed?url=https%3A%2F%2Fx.com%2Fi%2Fstatus%2F20&omit_script=1"
    )


@pytest.mark.parametrize(
    "address", ["https://x.com/", "https://x.com/en/tos", "https://help.x.com/a", "https://ax.com/b"]
)
def test_other_pages_are_left_as_they_are(address: str) -> None:
    assert plan_for(address) is None


@pytest.mark.parametrize(
    ("number", "token"),
    [
        (1, "bhi2ay3f28n"),
        (20, "6dq1a2xwd93"),
        (507185938620219395, "189ddm8u5i"),
        (1697322795510759929, "444aooo9l2p"),
        (1971234567890123456, "4stdlscj"),
        (2083868672721039569, "51unzsucguy"),
    ],
)
def test_the_token_is_what_javascript_makes_of_the_number(number: int, token: str) -> None:
    """As Node 20 printed them."""
    assert token_of(number) == token
