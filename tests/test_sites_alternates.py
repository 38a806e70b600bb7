"""Pages that hold no article, in another form that they name: as WordPress's data, as Markdown, as AMP."""

from __future__ import annotations

import json

import internet
import pytest
from internet import Route
from visits import document_at, failure_at, visited

from localdigest.parsing.alternates import alternates_of
from localdigest.records import DateEvidence, DocumentKind, Failure, Reason

PAGE = "harbour.example/2025/second-quay/"
URL = f"https://{PAGE}"
POST = {
    "id": 41,
    "date": "2025-12-29T09:00:00",
    "date_gmt": "2025-12-29T08:00:00",
    "link": URL,
    "title": {"rendered": "The second quay &#8211; and the first"},
    "content": {"rendered": "<p>The harbour opened its <b>second</b> quay.</p><p>It takes 300 ships.</p>"},
    "yoast_head_json": {"author": "Ann Example"},
}
API = "harbour.example/wp-json/wp/v2/posts/41"
TO_WORDPRESS = f'<link rel="alternate" title="JSON" type="application/json" href="https://{API}">'
ARTICLE = """<p>The harbour opened its second quay on Monday, after four years of work and two of delay.</p>
<p>It takes ships of up to 340 metres, which until now had to unload in the next county, at a third more.</p>
<p>The first quay, which was built in 1871, is to become a park with a small museum of the harbour.</p>"""


AMP = Route(f"<html><head><title>Quay</title></head><body><article><h1>The second quay</h1>{ARTICLE}</article></body>")


def shell(*links: str) -> Route:
    """A page that its scripts are to fill."""
    return Route(
        f"<html><head><title>Quay</title>{''.join(links)}</head><body><div id=app></div><script src=a></script>"
    )


def test_wordpress_gives_the_post_of_a_page_that_needs_scripts() -> None:
    with internet.internet({PAGE: shell(TO_WORDPRESS), API: internet.json(json.dumps(POST))}) as web:
        document = document_at(URL, web)

    assert document.title == "The second quay – and the first"
    assert document.text == "The harbour opened its second quay.\n\nIt takes 300 ships."
    assert (document.byline, document.url) == ("Ann Example", URL)
    assert (document.published, document.published_by) == ("2025-12-29T08:00:00+00:00", DateEvidence.DOCUMENT)


def test_markdown_that_a_page_names() -> None:
    link = '<link rel="alternate" type="text/markdown" href="../second.md">'
    markdown = internet.text("# Quay\n\nIt opened.")
    with internet.internet({PAGE: shell(link), "harbour.example/2025/second.md": markdown}) as web:
        document = document_at(URL, web)

    assert (document.text, document.url, document.kind) == ("Quay\n\nIt opened.", URL, DocumentKind.NEWS)


def test_markdown_beside_a_page_of_documentation() -> None:
    """Sites with names of their own are told by what their pages say of themselves."""
    generator = '<meta name="generator" content="GitBook (28f7fba)">'
    routes = {
        "manual.example/start": shell(generator),
        "manual.example/start.md": internet.text("# Start\n\nPress it."),
    }
    with internet.internet(routes) as web:
        document = document_at("https://manual.example/start", web)

    assert (document.text, document.url) == ("Start\n\nPress it.", "https://manual.example/start")


def test_amp() -> None:
    link = '<link rel="amphtml" href="/amp/second-quay">'
    with internet.internet({PAGE: shell(link), "harbour.example/amp/second-quay": AMP}) as web:
        document = document_at(URL, web)

    assert "340 metres" in document.text


def test_the_next_form_is_asked_for_where_the_best_cannot_be_had() -> None:
    routes = {
        PAGE: shell(TO_WORDPRESS, '<link rel="amphtml" href="?amp=1">'),
        API: internet.json('{"code": "rest_forbidden", "data": {"status": 401}}'),
        "harbour.example/2025/second-quay/?amp=1": AMP,
    }
    with internet.internet(routes) as web:
        document = document_at(URL, web)

    assert "340 metres" in document.text


def test_the_reason_is_that_of_the_page_and_all_that_was_tried_is_told() -> None:
    with internet.internet({PAGE: shell(TO_WORDPRESS)}) as web:
        failure = failure_at(URL, web)

    assert failure.reason is Reason.NEEDS_SCRIPT
    assert "until its scripts run" in failure.detail
    assert f"https://{API}: status 404" in failure.detail


def test_an_article_is_asked_for_nothing_else() -> None:
    with internet.internet(
        {PAGE: Route(f"<html><head>{TO_WORDPRESS}</head><body><article>{ARTICLE}</article>")}
    ) as web:
        document_at(URL, web)

    assert web.asked_addresses() == [PAGE]


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="alternate" type="application/json" href="https://elsewhere.example/wp-json/wp/v2/posts/41">',
        '<link rel="amphtml" href="https://cdn.ampproject.example/c/harbour.example">',
        '<link rel="alternate" type="text/markdown" href="file:///etc/passwd">',
    ],
)
def test_no_other_site_is_asked(link: str) -> None:
    with internet.internet({PAGE: shell(link)}) as web:
        failure_at(URL, web)

    assert web.asked_addresses() == [PAGE]


def test_robots_txt_has_its_say() -> None:
    routes = {
        PAGE: shell(TO_WORDPRESS),
        "harbour.example/robots.txt": internet.text("User-agent: *\nDisallow: /wp-json/"),
        API: internet.json(json.dumps(POST)),
    }
    with internet.internet(routes) as web:
        failure = failure_at(URL, web)

    assert "robots.txt" in failure.detail
    assert API not in web.asked_addresses()


@pytest.mark.parametrize(
    ("wall", "reason"),
    [
        ("<p>Log in to continue reading.</p><form><input type=password></form>", Reason.LOGIN_WALL),
        ("<article><p>The harbour opened.</p><p>Subscribe to read the full story.</p></article>", Reason.PAYWALL),
    ],
)
def test_who_wants_a_login_or_money_is_not_evaded(wall: str, reason: Reason) -> None:
    page = f"<html><head><title>Quay</title>{TO_WORDPRESS}</head><body>{wall}</body></html>"
    with internet.internet({PAGE: Route(page), API: internet.json(json.dumps(POST))}) as web:
        result = visited([URL], web)[URL]

    assert isinstance(result, Failure)
    assert result.reason is reason
    assert API not in web.asked_addresses()


def test_only_forms_of_the_page_are_its_forms() -> None:
    """WordPress names data of lists and pictures too, and cards for other sites to show."""
    head = """<base href="/de/"><link rel="alternate" type="application/rss+xml" href="feed">
    <link rel="alternate" type="application/json" href="/wp-json/wp/v2/categories/3">
    <link rel="alternate" type="application/json+oembed" href="/wp-json/oembed/1.0/embed?url=x">
    <link rel="https://api.w.org/" href="/wp-json/"><link rel="alternate" hreflang="fr" href="/fr/">
    <link rel="amphtml" href="amp"><link rel="ALTERNATE" type="text/markdown; charset=utf-8" href="a.md#top">
    <link rel="alternate" type="application/json" href="/?rest_route=/wp/v2/pages/7"><link rel="amphtml" href="http://[">"""

    assert alternates_of(f"<html><head>{head}</head><body>", url="https://harbour.example/a") == (
        ("wordpress", "https://harbour.example/?rest_route=/wp/v2/pages/7"),
        ("markdown", "https://harbour.example/de/a.md"),
        ("amp", "https://harbour.example/de/amp"),
    )


def test_a_front_page_has_no_markdown_beside_it() -> None:
    assert alternates_of('<meta name=generator content="GitBook">', url="https://harbour.example/") == ()


def test_a_page_that_names_hundreds_of_forms_is_asked_for_a_few() -> None:
    """Each that is none costs a request, and a slow one half a minute."""
    links = [f'<link rel="amphtml" href="/amp/{number}">' for number in range(300)]
    with internet.internet({PAGE: shell(*links)}) as web:
        failure_at(URL, web)
        asked = [entry.path for entry in web.log if "/amp/" in entry.path]

    assert len(asked) == 4
