"""Hacker News: a thread with its comments in order, and what of a large one was left out."""

from __future__ import annotations

import json
from typing import Any

import internet
import pytest
from internet import Route
from visits import document_at, failure_at

from localdigest.records import DocumentKind, Reason
from localdigest.sites.discussion import DEEPEST, MOST
from localdigest.sites.registry import plan_for

URL = "https://news.ycombinator.com/item?id=41000001"
ASKED = "hn.algolia.com/api/v1/items/41000001"


def item(number: int, author: str | None, text: str | None, *children: object, **more: object) -> dict[str, Any]:
    return {
        "id": number, "created_at": "2025-12-29T08:15:00.000Z", "created_at_i": 1767000000, "type": "comment",
        "author": author, "title": None, "url": None, "text": text, "points": None, "parent_id": 41000001,
        "story_id": 41000001, "children": list(children), "options": [], **more,
    }  # fmt: skip


STORY = item(
    41000001, "ada", None,
    item(2, "bob", "I tried it on a laptop of 2016.<p>It took nine seconds &amp; then it was quick.",
         item(3, "ada", "Which of the two models was that?"),
         item(4, None, None, item(5, "cy", "The smaller one, I would guess.<pre><code>run --small\n</code></pre>"))),
    item(6, "dee", "Half of the memory goes to the weights."),
    type="story", title="A small model on an old laptop", url="https://example.org/laptop", points=120,
)  # fmt: skip


def thread(story: dict[str, Any]) -> dict[str, Route]:
    return {ASKED: internet.json(json.dumps(story))}


def test_a_story_with_its_comments_in_order() -> None:
    with internet.internet(thread(STORY)) as web:
        document = document_at(URL, web)

    assert (document.title, document.byline, document.site) == ("A small model on an old laptop", "ada", "Hacker News")
    assert (document.kind, document.url) == (DocumentKind.FORUM, URL)
    assert document.published == "2025-12-29T08:15:00+00:00"
    assert document.text.split("\n\n") == [
        "bob",
        "I tried it on a laptop of 2016.",
        "It took nine seconds & then it was quick.",
        "ada",
        "Which of the two models was that?",
        "cy",
        "The smaller one, I would guess.",
        "run --small",
        "dee",
        "Half of the memory goes to the weights.",
    ]
    assert web.asked_addresses() == [ASKED]
    assert document.warnings == ()


def test_a_question_has_a_text_of_its_own_and_a_comment_no_title() -> None:
    question = item(41000001, "ada", "What do you run at home?", title="Ask HN: Models at home?", type="story")
    comment = item(41000001, "bob", "Nothing larger than a laptop can hold, for now.")
    with internet.internet(thread(question)) as web:
        asked = document_at(URL, web)
    with internet.internet(thread(comment)) as web:
        said = document_at(URL, web)

    assert (asked.text, asked.title) == ("What do you run at home?", "Ask HN: Models at home?")
    assert said.title == "Nothing larger than a laptop can hold, for now."


def test_what_is_nested_deeper_or_longer_is_left_out_and_told() -> None:
    chain = item(900, "eve", "The last word.")
    for depth in range(DEEPEST + 2):
        chain = item(800 + depth, "eve", f"Answer {depth}.", chain)
    many = [item(1000 + at, "bob", f"Remark {at}.") for at in range(MOST + 5)]
    with internet.internet(thread({**STORY, "children": [chain, *many]})) as web:
        document = document_at(URL, web)

    assert "The last word." not in document.text
    assert document.text.count("\n\nRemark ") == MOST - DEEPEST
    assert document.warnings == (
        f"3 remarks are nested more than {DEEPEST} deep and were left out",
        f"the first {MOST} of {MOST + 5 + DEEPEST} remarks were read",
    )


def test_a_nest_without_end_is_one_failed_source() -> None:
    nest = '{"children": [' * 5_000 + "]}" * 5_000
    with internet.internet({ASKED: internet.json(nest)}) as web:
        failure = failure_at(URL, web)

    assert (failure.reason, "nested too deep" in failure.detail) == (Reason.UNREADABLE, True)


def test_a_link_that_nobody_spoke_about_is_told_as_such() -> None:
    with internet.internet(thread({**STORY, "children": []})) as web:
        failure = failure_at(URL, web)

    assert failure.reason is Reason.EMPTY
    assert failure.detail.endswith("nobody has said anything yet about https://example.org/laptop")


def test_an_item_that_is_not_there() -> None:
    missing = Route('{"status":404,"error":"Not Found"}', status=404, content_type="application/json; charset=utf-8")
    with internet.internet({ASKED: missing}) as web:
        assert failure_at(URL, web).reason is Reason.NOT_FOUND


@pytest.mark.parametrize("path", ["news", "item", "item?id=", "item?id=a", "user?id=ada", "item?id=1%0a", ""])
def test_other_pages_are_left_as_they_are(path: str) -> None:
    assert plan_for(f"https://news.ycombinator.com/{path}") is None
