"""Asking in one way after the other: which ways are left, with and without a network."""

from __future__ import annotations

import json
from dataclasses import replace

import internet
from arxiv_pages import ID, NO_HTML, routes
from caches import MemoryCache
from internet import Route
from visits import POLICY, visited

from localdigest.records import Document, Failure, Reason

PDF = f"https://arxiv.org/pdf/{ID}"


def test_what_was_read_in_the_second_way_is_found_again_without_a_network() -> None:
    cache = MemoryCache()
    with internet.internet(routes(html=NO_HTML)) as web:
        online = visited([PDF], web, cache=cache)[PDF]
        asked = len(web.log)
        offline = visited([PDF], web, cache=cache, policy=replace(POLICY, offline=True))[PDF]

    assert isinstance(online, Document)
    assert online == offline
    assert len(web.log) == asked


def test_what_was_never_read_says_that_the_network_may_not_be_used() -> None:
    with internet.internet(routes()) as web:
        failure = visited([PDF], web, policy=replace(POLICY, offline=True))[PDF]

    assert isinstance(failure, Failure)
    assert failure.reason is Reason.OFFLINE
    assert web.log == []


def test_another_form_of_a_page_is_found_again_without_a_network() -> None:
    url, cache = "https://harbour.example/quay", MemoryCache()
    link = '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/41">'
    post = {"title": {"rendered": "Quay"}, "content": {"rendered": "<p>It opened.</p>"}, "link": url}
    served = {
        "harbour.example/quay": Route(f"<html><head>{link}</head><body><div id=app></div><script></script></body>"),
        "harbour.example/wp-json/wp/v2/posts/41": internet.json(json.dumps(post)),
    }
    with internet.internet(served) as web:
        online = visited([url], web, cache=cache)[url]
        offline = visited([url], web, cache=cache, policy=replace(POLICY, offline=True))[url]

    assert isinstance(online, Document)
    assert online == offline


def test_two_sources_that_are_one_paper_are_asked_for_once() -> None:
    urls = [PDF, f"https://arxiv.org/abs/{ID}"]
    with internet.internet(routes()) as web:
        results = visited(urls, web)

    assert all(isinstance(result, Document) for result in results.values())
    assert len(web.asked_addresses()) == 2
