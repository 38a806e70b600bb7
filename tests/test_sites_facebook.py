"""Facebook: what a public page tells whoever shares it, and what to do where it tells nothing."""

from __future__ import annotations

import internet
import pytest
from internet import Route
from visits import document_at, failure_at

from localdigest.net.policy import USER_AGENT
from localdigest.records import DocumentKind, Reason
from localdigest.sites.registry import plan_for

URL = "https://www.facebook.com/ExampleLab/posts/pfbid0abc"
ASKED = URL.removeprefix("https://")
SHARED = Route(
    '<!DOCTYPE html><html lang="en"><head><title>Example Lab</title>'
    '<meta property="og:title" content="Example Lab" /><meta property="og:type" content="article" />'
    '<meta property="og:description" content="Our small model runs on a laptop of 2016. It needs no network." />'
    '</head><body><div id="mount"></div><script>require("Bootloader")</script></body></html>'
)
LOGIN = Route(
    '<html><head><title>Log in to Facebook</title></head><body><form><input name="email"><input type="password">'
    "<button>Log in</button></form></body></html>"
)
ADVICE = "save the page in a browser or copy its text, then `localdigest add`"


def test_title_and_description_are_read_and_the_rest_is_told() -> None:
    with internet.internet({ASKED: SHARED}) as web:
        document = document_at(URL, web)

    assert (document.title, document.site, document.kind) == ("Example Lab", "Facebook", DocumentKind.SOCIAL)
    assert document.text == "Our small model runs on a laptop of 2016. It needs no network."
    assert document.warnings == ("Facebook shows programs a title and a description: the text may go on",)
    assert document.url == URL
    assert web.asked_addresses() == [ASKED]
    assert web.log[-1].headers["user-agent"] == USER_AGENT


@pytest.mark.parametrize(
    ("routes", "reason", "told"),
    [
        ({ASKED: Route("<html><body>Error</body></html>", 400)}, Reason.HTTP_ERROR, "status 400 (Bad Request)"),
        ({ASKED: LOGIN}, Reason.LOGIN_WALL, "a page called “Log in to Facebook”"),
        (
            {
                ASKED: internet.redirect("https://www.facebook.com/login/?next=x"),
                "www.facebook.com/login/?next=x": SHARED,
            },
            Reason.LOGIN_WALL,
            "a page called “Example Lab”",
        ),
        (
            {"www.facebook.com/robots.txt": internet.text("User-agent: *\nDisallow: /"), ASKED: SHARED},
            Reason.ROBOTS,
            "robots.txt asks programs to stay away",
        ),
    ],
    ids=["400", "login", "login by redirect", "robots"],
)
def test_what_is_not_shown_is_told_with_advice(routes: dict[str, Route], reason: Reason, told: str) -> None:
    with internet.internet(routes) as web:
        failure = failure_at(URL, web)

    assert failure.reason is reason
    assert told in failure.detail
    assert ADVICE in failure.detail
    assert len(web.asked_addresses()) <= 2  # the address, and where it led


@pytest.mark.parametrize(
    "address",
    [
        "https://m.facebook.com/ExampleLab/posts/pfbid0abc",
        "https://mbasic.facebook.com/ExampleLab/posts/pfbid0abc#comments",
        "http://facebook.com/ExampleLab/posts/pfbid0abc",
    ],
)
def test_every_host_is_the_same_site(address: str) -> None:
    plan = plan_for(address)

    assert plan is not None
    assert [ask.url for ask in plan.steps[0].asks] == [URL]


def test_a_short_address_is_asked_itself() -> None:
    plan = plan_for("https://fb.watch/abc/")

    assert plan is not None
    assert plan.steps[0].asks[0].url == "https://fb.watch/abc/"


@pytest.mark.parametrize("host", ["developers.facebook.com", "about.fb.com", "notfacebook.com"])
def test_other_hosts_are_none_of_it(host: str) -> None:
    assert plan_for(f"https://{host}/a") is None
