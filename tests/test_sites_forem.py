"""DEV: the article from its interface, else from its page."""

from __future__ import annotations

import json

import internet
from internet import Route
from visits import document_at, failure_at

from localdigest.records import DocumentKind

URL = "https://dev.to/ada/a-small-model-91k"
ARTICLE = {
    "type_of": "article",
    "title": "A small model on an old laptop",
    "url": URL,
    "canonical_url": URL,
    "published_at": "2025-12-29T08:15:00Z",
    "body_markdown": "{% embed https://example.org %}\n\nIt answers in nine seconds.",
    "body_html": "<p>It answers in nine seconds on a laptop of 2016.</p><h2>Cost</h2><p>It costs nothing to run.</p>",
    "user": {"name": "Ada Example", "username": "ada"},
}
PAGE = """<html><head><title>A small model</title></head><body><article><h1>A small model</h1>
<p>The page itself says that it answers in nine seconds, on a laptop that was made in 2016.</p>
<p>Its author measured forty questions, each three times, and left out the slowest run of every question.</p>
<p>Half of the memory is taken by the weights, which are read once and then stay where they are.</p>
<p>A second laptop of the same year, with twice the memory, needed eight seconds for the same questions.</p>
</article></body></html>"""


def test_the_interface_gives_text_author_and_date() -> None:
    with internet.internet({"dev.to/api/articles/ada/a-small-model-91k": internet.json(json.dumps(ARTICLE))}) as web:
        document = document_at(URL, web)

    assert document.title == "A small model on an old laptop"
    assert document.byline == "Ada Example"
    assert document.published.startswith("2025-12-29")
    assert (document.site, document.url, document.kind) == ("DEV Community", URL, DocumentKind.NEWS)
    assert [sentence.text for sentence in document.sentences] == [
        "It answers in nine seconds on a laptop of 2016.",
        "Cost",
        "It costs nothing to run.",
    ]
    assert web.asked_addresses() == ["dev.to/api/articles/ada/a-small-model-91k"]


def test_the_page_stands_in_for_an_interface_that_is_gone() -> None:
    routes = {
        "dev.to/api/articles/ada/a-small-model-91k": Route("{}", status=404),
        "dev.to/ada/a-small-model-91k": Route(PAGE),
    }
    with internet.internet(routes) as web:
        document = document_at(URL, web)

    assert document.sentences[1].text.startswith("The page itself says")


def test_an_answer_of_another_form_is_told() -> None:
    with internet.internet({"dev.to/api/articles/ada/a-small-model-91k": internet.json('{"title": 3}')}) as web:
        failure = failure_at(URL, web)

    assert "built otherwise than expected" in failure.detail
