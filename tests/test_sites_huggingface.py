"""Hugging Face: cards of models and data sets."""

from __future__ import annotations

import json

import internet
import pytest
from internet import Route
from visits import document_at, failure_at, visited

from localdigest.records import DocumentKind, Reason

URL = "https://huggingface.co/quay-labs/small-8x1b"
CARD = """---
license: apache-2.0
library_name: transformers
tags:
- moe
---
# Small 8x1B

A model of eight experts, made for laptops.

| Test | Score |
|------|------:|
| Quay | 61.4  |
"""
ABOUT = {
    "id": "quay-labs/small-8x1b",
    "author": "quay-labs",
    "createdAt": "2025-12-10T08:00:00.000Z",
    "lastModified": "2025-12-28T10:00:00.000Z",
    "pipeline_tag": "text-generation",
    "downloads": 512,
}


@pytest.mark.parametrize("suffix", ["", "/", "/tree/main", "/blob/main/README.md", "?library=transformers"])
def test_the_card_and_what_is_known_of_it(suffix: str) -> None:
    routes = {
        "huggingface.co/quay-labs/small-8x1b/raw/main/README.md": internet.text(CARD),
        "huggingface.co/api/models/quay-labs/small-8x1b": internet.json(json.dumps(ABOUT)),
    }
    with internet.internet(routes) as web:
        document = document_at(URL + suffix, web)

    assert (document.title, document.byline, document.site) == ("Small 8x1B", "quay-labs", "Hugging Face")
    assert (document.published[:10], document.url, document.kind) == ("2025-12-10", URL, DocumentKind.DOCS)
    assert document.text.startswith("Small 8x1B\n\nA model of eight experts, made for laptops.")
    assert "apache" not in document.text


def test_a_data_set() -> None:
    routes = {
        "huggingface.co/datasets/quay-labs/ships/raw/main/README.md": internet.text("Ships that came in, by day."),
        "huggingface.co/api/datasets/quay-labs/ships": internet.json(json.dumps({**ABOUT, "id": "quay-labs/ships"})),
    }
    with internet.internet(routes) as web:
        document = document_at("https://hf.co/datasets/quay-labs/ships", web)

    assert (document.title, document.byline) == ("quay-labs/ships", "quay-labs")


def test_the_day_of_the_migration_is_no_date() -> None:
    routes = {
        "huggingface.co/quay-labs/small-8x1b/raw/main/README.md": internet.text(CARD),
        "huggingface.co/api/models/quay-labs/small-8x1b": internet.json(
            json.dumps({**ABOUT, "createdAt": "2022-03-02T23:29:04.000Z", "author": None})
        ),
    }
    with internet.internet(routes) as web:
        document = document_at(URL, web)

    assert (document.published, document.byline) == ("", "")


def test_the_page_stands_in_for_a_card_behind_a_login() -> None:
    page = """<html><body><main><h1>small-8x1b</h1><p>A model of eight experts, made for laptops of four gigabytes.</p>
<p>It was trained on the journals of harbours, for three weeks, and knows each ship that called at one.</p></main>"""
    routes = {
        "huggingface.co/quay-labs/small-8x1b/raw/main/README.md": Route("Access is restricted.", status=401),
        "huggingface.co/quay-labs/small-8x1b": Route(page),
    }
    with internet.internet(routes) as web:
        document = document_at(URL, web)

    assert "eight experts" in document.text
    assert document.warnings == ("a part of it is missing: who made it and when (status 404 (Not Found))",)


def test_a_model_that_is_not_there() -> None:
    gone = Route('{"error": "Repository not found"}', status=401, content_type="application/json")
    with internet.internet({"huggingface.co/quay-labs/small-8x1b/raw/main/README.md": gone}) as web:
        failure = failure_at(URL, web)

    assert (failure.reason, failure.status) == (Reason.FORBIDDEN, 401)


@pytest.mark.parametrize("path", ["/", "/quay-labs", "/blog/small", "/spaces/quay-labs/demo", "/docs/hub"])
def test_other_pages_are_pages(path: str) -> None:
    with internet.internet({}) as web:
        visited([f"https://huggingface.co{path}"], web)

    assert web.asked_addresses() == [f"huggingface.co{path}"]
