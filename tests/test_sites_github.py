"""GitHub: READMEs with releases, single releases, threads and files."""

from __future__ import annotations

import base64
import json

import internet
import pytest
from internet import Route
from visits import document_at, failure_at, visited

from localdigest.records import Document, DocumentKind, Reason, Role

URL = "https://github.com/quay-labs/small-engine"
API = "api.github.com/repos/quay-labs/small-engine"
RAW = "raw.githubusercontent.com/quay-labs/small-engine"
README = """<h1 align="center">Small engine</h1>

[![CI](https://github.com/quay-labs/small-engine/badge.svg)](https://github.com/quay-labs/small-engine/actions)

It answers questions on a laptop of 2016, in nine seconds each.

## Install

```sh
pip install small-engine
```

- It needs 4 GB of memory &amp; no card.
"""
ENTRY = """<entry><id>tag:github.com,2008:Repository/7/{tag}</id><updated>{day}T10:00:00Z</updated>
<link rel="alternate" type="text/html" href="https://github.com/quay-labs/small-engine/releases/tag/{tag}"/>
<title>{tag}</title><content type="html">&lt;p&gt;Version {tag} reads {n} pages at once.&lt;/p&gt;</content>
<author><name>ada</name></author></entry>"""
FEED = """<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-US">
<id>tag:github.com,2008:https://github.com/quay-labs/small-engine/releases</id>
<link type="text/html" rel="alternate" href="https://github.com/quay-labs/small-engine/releases"/>
<title>Release notes from small-engine</title><updated>2025-12-20T10:00:00Z</updated>{}</feed>"""
RELEASES = FEED.format("".join(ENTRY.format(tag=f"v{n}", day=f"2025-12-{10 + n}", n=n) for n in range(7, 0, -1)))
LIMITED = Route(
    json.dumps({"message": "API rate limit exceeded for 192.0.2.1.", "documentation_url": "https://docs.github.com"}),
    status=403,
    content_type="application/json; charset=utf-8",
    headers={"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1767052800"},
)
PAGE = """<html><head><title>Issue</title></head><body><main><h1>It stops at the second page</h1>
<div class="markdown-body"><p>The engine stops at the second page of every file, with no word why.</p></div>
<div class="markdown-body"><p>It does so here too, with files of two pages, and never with those of one page.</p></div>
</main></body></html>"""


def readme(text: str = README, name: str = "README.md") -> Route:
    answer = {
        "name": name,
        "path": name,
        "encoding": "base64",
        "content": base64.encodebytes(text.encode()).decode(),
        "html_url": f"{URL}/blob/main/{name}",
    }
    return internet.json(json.dumps(answer))


def texts(document: Document) -> list[str]:
    return [sentence.text for sentence in document.sentences]


def test_a_repository_is_its_readme_and_its_newest_releases() -> None:
    routes = {f"{API}/readme": readme(), "github.com/quay-labs/small-engine/releases.atom": internet.atom(RELEASES)}
    with internet.internet(routes) as web:
        document = document_at(URL, web)

    assert (document.title, document.byline, document.site) == ("Small engine", "quay-labs", "GitHub")
    assert (document.url, document.kind) == (URL, DocumentKind.DOCS)
    assert document.published == "2025-12-17T10:00:00+00:00", "that of the newest release: what is new"
    assert texts(document)[:4] == [
        "Small engine",
        "It answers questions on a laptop of 2016, in nine seconds each.",
        "Install",
        "pip install small-engine",
    ]
    assert "It needs 4 GB of memory & no card." in texts(document)
    headings = [sentence.text for sentence in document.sentences if sentence.role is Role.HEADING]
    assert headings[2:] == [f"v{n} (2025-12-{10 + n})" for n in range(7, 2, -1)]
    assert document.warnings == ("2 older releases of its feed were left out",)


def test_the_file_stands_in_when_the_interface_has_had_enough() -> None:
    routes = {f"{API}/readme": LIMITED, f"{RAW}/HEAD/README.md": internet.text(README)}
    with internet.internet(routes) as web:
        document = document_at(f"{URL}.git", web)

    assert (document.title, document.url) == ("Small engine", URL)
    assert document.published == ""
    assert document.warnings == ("a part of it is missing: its releases (status 404 (Not Found))",)


def test_so_it_does_when_the_interface_answers_429() -> None:
    """The files lie on another host, which has not had enough."""
    limited = Route("{}", status=429, headers={"Retry-After": "3600"})
    with internet.internet({f"{API}/readme": limited, f"{RAW}/HEAD/README.md": internet.text(README)}) as web:
        assert document_at(URL, web).title == "Small engine"


def test_a_readme_in_another_markup_is_plain_text() -> None:
    text = "Small engine\n============\n\nIt answers questions on a laptop.\n\nIt needs no card."
    with internet.internet({f"{API}/readme": readme(text, "README.rst")}) as web:
        document = document_at(URL, web)

    assert document.title == "quay-labs/small-engine"
    assert texts(document)[-1] == "It needs no card."


def test_its_releases_alone() -> None:
    with internet.internet({"github.com/quay-labs/small-engine/releases.atom": internet.atom(RELEASES)}) as web:
        document = document_at(f"{URL}/releases/", web)

    assert document.title == "Release notes from small-engine"
    assert texts(document)[:2] == ["v7 (2025-12-17)", "Version v7 reads 7 pages at once."]


def test_a_release() -> None:
    answer = {
        "tag_name": "v7",
        "name": "Seven at once",
        "html_url": f"{URL}/releases/tag/v7",
        "published_at": "2025-12-17T10:00:00Z",
        "author": {"login": "ada"},
        "body": "## New\n\n* It reads **seven** pages at once.",
    }
    with internet.internet({f"{API}/releases/tags/v7": internet.json(json.dumps(answer))}) as web:
        document = document_at(f"{URL}/releases/tag/v7", web)

    assert (document.title, document.byline) == ("small-engine Seven at once", "ada")
    assert (document.published[:10], document.kind) == ("2025-12-17", DocumentKind.NEWS)
    assert texts(document) == ["New", "It reads seven pages at once."]


@pytest.mark.parametrize("kind", ["issues", "pull", "discussions"])
def test_a_thread_from_its_page(kind: str) -> None:
    with internet.internet({f"github.com/quay-labs/small-engine/{kind}/41": Route(PAGE)}) as web:
        document = document_at(f"{URL}/{kind}/41#issuecomment-1", web)

    assert document.kind is DocumentKind.FORUM
    assert texts(document)[-2].startswith("The engine stops at the second page of every file")
    assert texts(document)[-1].startswith("It does so here too")


def test_an_issue_from_the_interface_where_its_page_needs_scripts() -> None:
    issue = {
        "title": "It stops at the second page",
        "html_url": f"{URL}/issues/41",
        "user": {"login": "bo"},
        "created_at": "2025-12-18T09:00:00Z",
        "comments": 3,
        "body": "It stops **at the second page** of every file.",
    }
    shell = "<html><body><div id='root'></div><script src='/app.js'></script></body></html>"
    routes = {
        "github.com/quay-labs/small-engine/issues/41": Route(shell),
        f"{API}/issues/41": internet.json(json.dumps(issue)),
    }
    with internet.internet(routes) as web:
        document = document_at(f"{URL}/issues/41", web)

    assert (document.title, document.byline) == ("It stops at the second page", "bo")
    assert texts(document) == ["It stops at the second page of every file."]
    assert document.warnings == ("its comments were not read: 3",)


def test_a_file() -> None:
    with internet.internet({f"{RAW}/main/docs/speed.md": internet.text("# Speed\n\nNine seconds.")}) as web:
        document = document_at(f"{URL}/blob/main/docs/speed.md", web)

    assert (document.title, document.url) == ("Speed", f"{URL}/blob/main/docs/speed.md")


def test_a_repository_that_is_not_there() -> None:
    with internet.internet({}) as web:
        failure = failure_at(URL, web)

    assert (failure.reason, failure.status) == (Reason.NOT_FOUND, 404)


@pytest.mark.parametrize("path", ["", "/topics/llm", "/quay-labs", f"/{'x' * 3}/y/actions", "/orgs/quay-labs/people"])
def test_other_pages_of_github_are_pages(path: str) -> None:
    with internet.internet({}) as web:
        visited([f"https://github.com{path}"], web)

    assert web.asked_addresses() == [f"github.com{path or '/'}"]
