"""Bluesky: a post, its author's own thread below it, and who does not want to be read by everybody."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import internet
import pytest
from internet import Route
from visits import document_at, failure_at

from localdigest.records import DocumentKind, Language, Reason, Role
from localdigest.sites.registry import plan_for

URL = "https://bsky.app/profile/ada.example.org/post/3mabcdefgh2x"
INTERFACE = "public.api.bsky.app/xrpc/app.bsky.feed.getPostThread"
ASKED = (
    f"{INTERFACE}?uri={quote('at://ada.example.org/app.bsky.feed.post/3mabcdefgh2x', safe='')}&depth=20&parentHeight=0"
)

ADA = {"did": "did:plc:ada", "handle": "ada.example.org", "displayName": "Ada Example", "labels": []}
BOB = {"did": "did:plc:bob", "handle": "bob.bsky.social", "displayName": "", "labels": []}


def post(text: str, *replies: dict[str, Any], author: dict[str, Any] = ADA, **more: Any) -> dict[str, Any]:
    record = {
        "$type": "app.bsky.feed.post", "createdAt": "2025-12-29T08:15:00.000Z", "langs": ["en"], "text": text,
        "facets": [{"features": [{"$type": "app.bsky.richtext.facet#link"}], "index": {"byteStart": 0, "byteEnd": 2}}],
    }  # fmt: skip
    return {
        "$type": "app.bsky.feed.defs#threadViewPost",
        "post": {"uri": "at://did:plc:ada/app.bsky.feed.post/3m", "author": author, "record": record, **more},
        "replies": list(replies),
    }


def answer(thread: dict[str, Any]) -> dict[str, Route]:
    return {ASKED: internet.json(json.dumps({"thread": thread}))}


def test_a_post_with_what_its_author_added_and_nobody_else() -> None:
    thread = post(
        "It runs on a laptop of 2016.",
        post("Can I have the file?", author=BOB),
        {"$type": "app.bsky.feed.defs#blockedPost", "uri": "at://x", "blocked": True},
        post("Nine seconds a question.", post("And no network at all."), post("Great!", author=BOB)),
    )
    with internet.internet(answer(thread)) as web:
        document = document_at(URL, web)

    assert document.text.split("\n\n") == [
        "It runs on a laptop of 2016.",
        "Nine seconds a question.",
        "And no network at all.",
    ]
    assert document.title == "It runs on a laptop of 2016."
    assert (document.byline, document.site) == ("Ada Example (@ada.example.org)", "Bluesky")
    assert (document.kind, document.url) == (DocumentKind.SOCIAL, URL)
    assert (document.published, document.language) == ("2025-12-29T08:15:00+00:00", Language.ENGLISH)
    assert [web.name_of(request) for request in web.log] == [ASKED]


@pytest.mark.parametrize("with_media", [False, True])
def test_a_quoted_post_stands_under_its_own_author(with_media: bool) -> None:  # noqa: FBT001 - a case
    record: dict[str, Any] = {
        "$type": "app.bsky.embed.record#viewRecord",
        "author": BOB,
        "value": {"text": "Does it run?"},
    }
    embed = {"$type": "app.bsky.embed.record#view", "record": {"record": record} if with_media else record}
    with internet.internet(answer(post("It does.", embed=embed))) as web:
        document = document_at(URL, web)

    assert [(sentence.role, sentence.text) for sentence in document.sentences] == [
        (Role.TEXT, "It does."),
        (Role.HEADING, "@bob.bsky.social"),
        (Role.QUOTE, "Does it run?"),
    ]


def test_a_thread_that_goes_on_says_so() -> None:
    thread = post("The last.")
    for number in reversed(range(25)):
        thread = post(f"Post number {number}.", thread)
    with internet.internet(answer(thread)) as web:
        document = document_at(URL, web)

    assert document.text.count("Post number") == 20
    assert document.warnings == ("of its thread the first 20 posts were read",)


def test_who_wants_only_people_with_a_login_is_not_read() -> None:
    shy = {**ADA, "labels": [{"src": "did:plc:ada", "val": "!no-unauthenticated"}]}
    with internet.internet(answer(post("Only for friends.", author=shy))) as web:
        failure = failure_at(URL, web)

    assert (failure.reason, "only to people who are logged in" in failure.detail) == (Reason.LOGIN_WALL, True)


def test_a_post_that_is_gone() -> None:
    gone = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": "at://x", "notFound": True}
    error = Route('{"error":"NotFound","message":"Post not found: at://x"}', 400, "application/json; charset=utf-8")
    with internet.internet(answer(gone)) as web:
        deleted = failure_at(URL, web)
    with internet.internet({ASKED: error}) as web:
        unknown = failure_at(URL, web)

    assert (deleted.reason, "notFoundPost" in deleted.detail) == (Reason.NOT_FOUND, True)
    assert (unknown.reason, unknown.status) == (Reason.HTTP_ERROR, 400)


@pytest.mark.parametrize("path", ["profile/ada.example.org", "search?q=a", "profile/ada.example.org/feed/x"])
def test_other_pages_are_left_as_they_are(path: str) -> None:
    assert plan_for(f"https://bsky.app/{path}") is None


def test_an_account_may_be_named_by_its_number() -> None:
    plan = plan_for("https://bsky.app/profile/did:plc:ada/post/3m")

    assert plan is not None
    assert "at%3A%2F%2Fdid%3Aplc%3Aada%2Fapp.bsky.feed.post%2F3m" in plan.steps[0].asks[0].url
