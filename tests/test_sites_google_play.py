"""Google Play: an app's page."""

from __future__ import annotations

import internet
import pytest
from internet import Route
from visits import document_at, failure_at

from localdigest.records import DateEvidence, DocumentKind, Language, Reason, Role
from localdigest.sites.registry import plan_for

URL = "https://play.google.com/store/apps/details?id=org.example.chat"
ASKED = "play.google.com/store/apps/details?id=org.example.chat&hl=en&gl=US"
DESCRIPTION = (
    '<div class="bARER" data-g-id="description">Ask Example answers on the phone itself.<br><br>'
    "What it does:<br>- It reads PDFs.<br>- It needs no network &amp; no account.</div>"
)
NEWS = (
    '<section><header><h2 class="cswwxf">What&#39;s new</h2></header>'
    '<div class="SfzRHd"><div itemprop="description">It starts twice as fast.<br>Sound was mended.</div></div>'
    "</section>"
)


def app(
    *parts: str, title: str = "Ask Example - Apps on Google Play", updated: str = "Dec 15, 2025", language: str = "en"
) -> Route:
    return Route(
        f'<!doctype html><html lang="{language}" dir="ltr"><head><title id="main-title">{title}</title>'
        '<meta name="description" content="Answers on your phone, without a network.">'
        f'<meta property="og:title" content="{title}"><meta property="og:type" content="website">'
        '<script type="application/ld+json" nonce="a">{"@context":"https://schema.org","@type":"SoftwareApplication",'
        '"name":"Ask Example","operatingSystem":"ANDROID","applicationCategory":"PRODUCTIVITY",'
        '"author":{"@type":"Person","name":"Example Lab","url":"https://example.org"},'
        '"aggregateRating":{"@type":"AggregateRating","ratingValue":"4.5","ratingCount":"812"}}</script></head>'
        '<body><h1><span class="AfwdI" itemprop="name">Ask Example</span></h1>'
        "<section><header><h2>About this app</h2></header>"
        '<meta itemprop="description" content="Answers on your phone, without a network.">'
        f'{parts[0] if parts else ""}<div class="TKjAsc"><div><div class="lXlx5">Updated on</div>'
        f'<div class="xg1aie">{updated}</div></div></div></section>{"".join(parts[1:])}'
        "<section><header><h2>Ratings and reviews</h2></header><div>Ten years from now we will laugh.</div></section>"
        "<script>AF_initDataCallback({key: 'ds:5', data:[]});</script></body></html>"
    )


def test_what_the_app_is_and_what_is_new() -> None:
    with internet.internet({ASKED: app(DESCRIPTION, NEWS)}) as web:
        document = document_at(URL, web)

    assert (document.title, document.byline, document.site) == ("Ask Example", "Example Lab", "Google Play")
    assert (document.kind, document.url, document.language) == (DocumentKind.APP, URL, Language.ENGLISH)
    assert (document.published, document.published_by) == ("2025-12-15", DateEvidence.MARKUP)
    assert [sentence.text for sentence in document.sentences] == [
        "Answers on your phone, without a network.",
        "Ask Example answers on the phone itself.",
        "What it does:",
        "- It reads PDFs.",
        "- It needs no network & no account.",
        "What's new",
        "It starts twice as fast.",
        "Sound was mended.",
    ]
    assert [sentence.text for sentence in document.sentences if sentence.role is Role.HEADING] == ["What's new"]
    assert web.asked_addresses() == [ASKED]


def test_the_language_of_the_address_is_kept() -> None:
    url = f"{URL}&hl=zh-TW&gl=TW"
    page = app(
        '<div data-g-id="description">這個助理在手機上自己回答問題，不需要網路，也不需要帳號。</div>',
        title="問問看 - Google Play 應用程式",
        updated="2025年12月15日",
        language="zh-TW",
    )
    with internet.internet({"play.google.com/store/apps/details?id=org.example.chat&hl=zh-TW&gl=TW": page}) as web:
        document = document_at(url, web)

    assert (document.title, document.published) == ("問問看", "2025-12-15")
    assert document.text.endswith("也不需要帳號。")


def test_a_page_of_another_form_gives_what_its_head_says() -> None:
    with internet.internet({ASKED: app(updated="soon")}) as web:
        document = document_at(URL, web)

    assert document.text == "Answers on your phone, without a network."
    assert (document.published, document.published_by) == ("", DateEvidence.NONE)


def test_an_app_that_is_not_there_and_a_page_that_asks_for_consent() -> None:
    missing = Route("<html><title>Not Found</title>We could not find it.</html>", status=404)
    consent = "consent.google.com/ml?continue=x"
    with internet.internet({ASKED: missing}) as web:
        absent = failure_at(URL, web)
    with internet.internet({ASKED: internet.redirect(f"https://{consent}"), consent: app(DESCRIPTION)}) as web:
        walled = failure_at(URL, web)

    assert (absent.reason, absent.status) == (Reason.NOT_FOUND, 404)
    assert (walled.reason, "consent.google.com" in walled.detail) == (Reason.CONSENT_WALL, True)


@pytest.mark.parametrize(
    "address",
    [
        "https://play.google.com/store/apps",
        "https://play.google.com/store/apps/details",
        "https://play.google.com/books?id=a",
    ],
)
def test_other_pages_are_left_as_they_are(address: str) -> None:
    assert plan_for(address) is None
