"""YouTube: what the player data of a video's page tell, and what is missing where it cannot be had."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import internet
import pytest
from internet import Route
from servers import Answers
from visits import document_at, failure_at

from localdigest.records import Document, Reason, Role
from localdigest.sites.registry import plan_for

URL = "https://www.youtube.com/watch?v=abcDEF12_-x"
PAGE = URL.removeprefix("https://")
OEMBED = f"www.youtube.com/oembed?url={quote(URL, safe='')}&format=json"
TRACK = "www.youtube.com/api/timedtext?v=abcDEF12_-x&lang=en&fmt=json3"
#: What YouTube's own says of the paths that matter here.
RULES = internet.text("User-agent: *\nDisallow: /api/\nDisallow: /youtubei/\nDisallow: /results")

DETAILS = {
    "videoId": "abcDEF12_-x",
    "title": "A small model on an old laptop",
    "author": "Ada Example",
    "lengthSeconds": "312",
    "shortDescription": "I run it on a laptop of 2016.\nIt answers in nine seconds.\n\n00:00 Start\n01:00 Figures",
}
TRACKS = [
    {"baseUrl": "/api/timedtext?v=abcDEF12_-x&kind=asr&lang=en", "languageCode": "en", "kind": "asr"},
    {"baseUrl": "/api/timedtext?v=abcDEF12_-x&lang=en", "languageCode": "en", "name": {"simpleText": "English"}},
]


def player(tracks: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "playabilityStatus": {"status": "OK"},
        "videoDetails": DETAILS,
        "microformat": {"playerMicroformatRenderer": {"publishDate": "2025-12-29T08:15:00-08:00"}},
        **({"captions": {"playerCaptionsTracklistRenderer": {"captionTracks": tracks}}} if tracks else {}),
        **more,
    }


def page(data: dict[str, Any]) -> Route:
    return Route(
        '<!DOCTYPE html><html lang="en"><head><title>A small model on an old laptop - YouTube</title>'
        '<meta name="description" content="I run it on a laptop…"></head><body>'
        '<script nonce="a">if (!window.ytInitialPlayerResponse) {}</script>'
        f'<script nonce="a">var ytInitialPlayerResponse = {json.dumps(data)};var meta = {{}};</script></body></html>'
    )


def read(routes: dict[str, Answers]) -> tuple[Document, list[str]]:
    with internet.internet(routes) as web:
        return document_at(URL, web), web.asked_addresses()


def test_title_channel_date_and_description() -> None:
    document, asked = read({PAGE: page(player([]))})

    assert (document.title, document.byline, document.site) == (DETAILS["title"], "Ada Example", "YouTube")
    assert (document.published, document.url) == ("2025-12-29T08:15:00-08:00", URL)
    assert [sentence.text for sentence in document.sentences if sentence.role is Role.TEXT][:2] == [
        "I run it on a laptop of 2016.",
        "It answers in nine seconds.",
    ]
    assert (document.warnings, asked) == ((), [PAGE])


def test_the_captions_that_people_wrote_follow_the_description() -> None:
    events = [
        {"tStartMs": 0, "dDurationMs": 1000},
        {"tStartMs": 0, "segs": [{"utf8": "Today we open "}, {"utf8": "an old laptop."}]},
        {"tStartMs": 900, "aAppend": 1, "segs": [{"utf8": "\n"}]},
        {"tStartMs": 1000, "segs": [{"utf8": "It still has its first battery."}]},
        *({"tStartMs": at, "segs": [{"utf8": f"Sentence {at} of the talk is here."}]} for at in range(20)),
    ]
    document, asked = read({PAGE: page(player(TRACKS)), TRACK: internet.json(json.dumps({"events": events}))})

    spoken = document.text.split("\n\n")[3:]
    assert spoken[0].startswith("Today we open an old laptop. It still has its first battery. Sentence 0 of the talk")
    assert spoken[-1].endswith("Sentence 19 of the talk is here.")
    assert all(300 <= len(paragraph) < 400 for paragraph in spoken[:-1])
    assert (document.warnings, asked) == ((), [PAGE, TRACK])


def test_captions_by_a_machine_are_marked() -> None:
    track = "www.youtube.com/api/timedtext?v=abcDEF12_-x&kind=asr&lang=en&fmt=json3"
    events = [{"segs": [{"utf8": "today we open an old laptop"}]}]
    routes = {PAGE: page(player(TRACKS[:1])), track: internet.json(json.dumps({"events": events}))}

    document, _ = read(routes)

    assert document.text.endswith("today we open an old laptop")
    assert document.warnings == ("its captions were made by a machine",)


@pytest.mark.parametrize(
    ("routes", "told"),
    [
        ({TRACK: internet.json("")}, "the server sent no bytes"),
        ({"www.youtube.com/robots.txt": RULES}, "the site's robots.txt asks programs to stay away"),
        ({TRACK: Route(status=403)}, "status 403 (Forbidden)"),
    ],
    ids=["empty", "robots", "forbidden"],
)
def test_captions_that_cannot_be_had_are_told(routes: dict[str, Answers], told: str) -> None:
    document, asked = read({PAGE: page(player(TRACKS)), **routes})

    assert document.warnings == (f"a part of it is missing: its captions in 'en' ({told})",)
    assert (TRACK in asked) == ("robots" not in told)


def test_captions_of_another_form_are_told() -> None:
    document, _ = read({PAGE: page(player(TRACKS)), TRACK: internet.json('{"events": 3}')})

    assert "a part of it is missing: the answer of YouTube is built otherwise than expected" in document.warnings[0]


def test_a_page_cannot_send_us_to_another_site() -> None:
    tracks = [{"baseUrl": "https://elsewhere.example/api/timedtext?v=1", "languageCode": "en"}]
    document, asked = read({PAGE: page(player(tracks))})

    assert (document.warnings, asked) == ((), [PAGE])


def test_behind_a_consent_page_the_interface_gives_title_and_channel() -> None:
    oembed = {
        "title": DETAILS["title"], "author_name": "Ada Example", "author_url": "https://www.youtube.com/@ada",
        "type": "video", "version": "1.0", "provider_name": "YouTube", "html": "<iframe></iframe>",
    }  # fmt: skip
    consent = "consent.youtube.com/m?continue=x"
    routes = {
        PAGE: internet.redirect(f"https://{consent}"),
        consent: Route("<html><head><title>Before you continue</title></head><body>We use cookies</body></html>"),
    }
    document, _ = read({**routes, OEMBED: internet.json(json.dumps(oembed))})
    with internet.internet({**routes, OEMBED: Route("Unauthorized", status=401)}) as web:
        failure = failure_at(URL, web)

    assert (document.title, document.byline, document.text) == (DETAILS["title"], "Ada Example", DETAILS["title"])
    assert document.warnings == ("only title and channel are known: the page with the description could not be had",)
    assert failure.reason is Reason.CONSENT_WALL
    assert "it leads to consent.youtube.com" in failure.detail
    assert "status 401" in failure.detail


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ({"status": "ERROR", "reason": "This video isn't here any more"}, Reason.NOT_FOUND),
        ({"status": "LOGIN_REQUIRED", "reason": "Sign in to show that you are a person"}, Reason.LOGIN_WALL),
        ({"status": "UNPLAYABLE"}, Reason.FORBIDDEN),
    ],
)
def test_what_the_player_says_is_the_reason(status: dict[str, str], reason: Reason) -> None:
    routes = {PAGE: page({"playabilityStatus": status}), OEMBED: Route("Not Found", status=404)}
    with internet.internet(routes) as web:
        failure = failure_at(URL, web)

    assert failure.reason is reason
    assert f"YouTube says “{status.get('reason', status['status'])}”" in failure.detail


@pytest.mark.parametrize(
    "address",
    [
        "https://youtu.be/abcDEF12_-x?si=tracking",
        "https://m.youtube.com/watch?app=desktop&v=abcDEF12_-x&t=42s",
        "https://www.youtube.com/shorts/abcDEF12_-x",
        "https://youtube.com/live/abcDEF12_-x?feature=share",
        "https://www.youtube.com/embed/abcDEF12_-x",
    ],
)
def test_every_form_of_an_address_asks_for_the_same_page(address: str) -> None:
    plan = plan_for(address)

    assert plan is not None
    assert [ask.url for ask in plan.steps[0].asks] == [URL, f"https://{OEMBED}"]


@pytest.mark.parametrize(
    "path", ["@ada/videos", "playlist?list=PL1", "watch", "watch?v=short", "results?search_query=a"]
)
def test_other_pages_are_left_as_they_are(path: str) -> None:
    assert plan_for(f"https://www.youtube.com/{path}") is None
