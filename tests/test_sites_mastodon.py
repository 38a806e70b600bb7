"""Mastodon on any host: a post, its author's own thread below it, and what a missing context means."""

from __future__ import annotations

import json
from typing import Any

import internet
import pytest
from internet import Route
from visits import document_at, failure_at

from localdigest.records import DocumentKind, Reason, Role
from localdigest.sites.registry import plan_for

URL = "https://social.example.org/@ada/113000000000000001"
STATUS = "social.example.org/api/v1/statuses/113000000000000001"
CONTEXT = f"{STATUS}/context"
ADA = {"id": "7", "username": "ada", "acct": "ada", "display_name": "Ada Example"}
BOB = {"id": "8", "username": "bob", "acct": "bob@far.example", "display_name": "Bob"}


def status(number: int, content: str, *, author: dict[str, str] = ADA, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number), "created_at": "2025-12-29T08:15:00.000Z", "in_reply_to_id": None,
        "in_reply_to_account_id": None, "sensitive": False, "spoiler_text": "", "visibility": "public",
        "language": "en", "uri": f"https://social.example.org/users/ada/statuses/{number}", "url": URL,
        "replies_count": 0, "reblogs_count": 1, "content": content, "reblog": None, "account": author,
        "media_attachments": [], "mentions": [], "tags": [], "emojis": [], "card": None, "poll": None, **more,
    }  # fmt: skip


def data(answer: object, code: int = 200) -> Route:
    return Route(json.dumps(answer), code, "application/json; charset=utf-8")


FIRST = status(
    113000000000000001,
    '<p>It runs on a laptop of <a href="https://social.example.org/tags/2016" class="mention hashtag" rel="tag">'
    '#<span>2016</span></a>.</p><p>See <a href="https://example.org/figures"><span class="invisible">https://</span>'
    '<span class="ellipsis">example.org/fig</span><span class="invisible">ures</span></a></p>',
)
REFUSED = data({"error": "This API requires an authenticated user"}, 401)


def answer_to(number: int, to: int, content: str, author: dict[str, str], to_author: dict[str, str]) -> dict[str, Any]:
    return status(number, content, author=author, in_reply_to_id=str(to), in_reply_to_account_id=to_author["id"])


def test_a_post() -> None:
    with internet.internet({STATUS: data(FIRST)}) as web:
        document = document_at(URL, web)

    assert document.text == "It runs on a laptop of #2016.\n\nSee https://example.org/figures"
    assert (document.title, document.byline) == ("It runs on a laptop of #2016.", "Ada Example (@ada)")
    assert (document.site, document.kind, document.url) == ("social.example.org", DocumentKind.SOCIAL, URL)
    assert document.published == "2025-12-29T08:15:00+00:00"
    assert web.asked_addresses() == [STATUS]
    assert "social.example.org/robots.txt" in map(web.name_of, web.log)


def test_what_its_author_added_belongs_to_it_and_the_answers_of_others_do_not() -> None:
    first = 113000000000000001
    context = {
        "ancestors": [],
        "descendants": [
            answer_to(2, first, "<p>Can I have it?</p>", BOB, ADA),
            answer_to(3, first, "<p>Nine seconds a question.</p>", ADA, ADA),
            answer_to(4, 2, "<p>Soon.</p>", ADA, BOB),
            answer_to(5, 3, "<p>And no network.</p>", ADA, ADA),
        ],
    }
    with internet.internet({STATUS: data({**FIRST, "replies_count": 2}), CONTEXT: data(context)}) as web:
        document = document_at(URL, web)

    assert document.text.split("\n\n")[2:] == ["Nine seconds a question.", "And no network."]
    assert document.warnings == ()
    assert web.asked_addresses() == [STATUS, CONTEXT]


def test_a_context_that_cannot_be_had_is_told() -> None:
    with internet.internet({STATUS: data({**FIRST, "replies_count": 2}), CONTEXT: REFUSED}) as web:
        document = document_at(URL, web)

    assert document.warnings == ("a part of it is missing: what its author added to it (status 401 (Unauthorized))",)


def test_a_warning_is_the_title_and_a_quoted_post_stands_under_its_author() -> None:
    quote = {"state": "accepted", "quoted_status": status(9, "<p>Does it run?</p>", author=BOB)}
    with internet.internet({STATUS: data({**FIRST, "spoiler_text": "Old laptops", "quote": quote})}) as web:
        document = document_at(URL, web)

    assert document.title == "Old laptops"
    assert [(sentence.role, sentence.text) for sentence in document.sentences[-2:]] == [
        (Role.HEADING, "Bob (@bob@far.example)"),
        (Role.QUOTE, "Does it run?"),
    ]


def test_a_shared_post_is_that_of_its_author() -> None:
    shared = status(5, "", author=ADA, reblog=status(6, "<p>It runs.</p>", author=BOB), replies_count=1)
    with internet.internet({STATUS: data(shared)}) as web:
        document = document_at(URL, web)

    assert (document.byline, document.text) == ("Bob (@bob@far.example)", "It runs.")
    assert web.asked_addresses() == [STATUS]


def test_an_instance_that_asks_for_a_login() -> None:
    shell = Route('<html><body><div id="mastodon"></div><noscript>Please turn on JavaScript.</noscript></body></html>')
    with internet.internet({STATUS: REFUSED, URL.removeprefix("https://"): shell}) as web:
        failure = failure_at(URL, web)

    assert (failure.reason, failure.status) == (Reason.FORBIDDEN, 401)


def test_a_host_that_only_looks_like_it_gives_its_page() -> None:
    paragraphs = "".join(
        f"<p>Paragraph {number} of an article by Ada tells what became of the laptop that was bought in 2016.</p>"
        for number in ("one", "two", "three")
    )
    with internet.internet(
        {URL.removeprefix("https://"): Route(f"<html><body><article>{paragraphs}</article></body></html>")}
    ) as web:
        document = document_at(URL, web)

    assert document.sentences[0].text.startswith("Paragraph one")
    assert document.warnings == ()


def test_the_rules_of_an_unknown_host_hold() -> None:
    with internet.internet(
        {"social.example.org/robots.txt": internet.text("User-agent: *\nDisallow: /"), STATUS: data(FIRST)}
    ) as web:
        failure = failure_at(URL, web)

    assert failure.reason is Reason.ROBOTS
    assert web.asked_addresses() == []


@pytest.mark.parametrize("path", ["@ada@far.example/113", "web/@ada/113", "users/ada/statuses/113", "deck/@ada/113"])
def test_the_forms_of_an_address(path: str) -> None:
    plan = plan_for(f"https://social.example.org:8443/{path}")

    assert plan is not None
    assert plan.steps[0].asks[0].url == "https://social.example.org:8443/api/v1/statuses/113"


@pytest.mark.parametrize("path", ["@ada", "@ada/a-story-1a2b", "@ada/video/113", "ada/113", "@ada/113/photo"])
def test_other_paths_are_left_as_they_are(path: str) -> None:
    assert plan_for(f"https://social.example.org/{path}") is None


def test_a_host_cannot_have_its_words_cited_as_another_sites() -> None:
    with internet.internet({STATUS: data({**FIRST, "url": "https://news.example.com/scoop"})}) as web:
        document = document_at(URL, web)

    assert (document.url, document.site) == (URL, "social.example.org")
