"""Each site as it really answers today. `make live` runs it; whoever has no network, or is turned away, is told."""

from __future__ import annotations

import socket
from functools import cache

import pytest
from visits import visited

from localdigest.net.guard import Guard
from localdigest.net.policy import FetchPolicy
from localdigest.records import Failure, Reason

#: Pages that have been there for years, by the names of the sites.
ADDRESSES = {
    "arxiv": "https://arxiv.org/abs/1706.03762",
    "bluesky": "https://bsky.app/profile/bsky.app/post/3l6oveex3ii2l",
    "facebook": "https://www.facebook.com/facebook",
    "forem": "https://dev.to/ben/devto-is-now-open-source-5n1",
    "gitbook": "https://gitbook.com/docs/getting-started/quickstart",
    "github": "https://github.com/python/cpython",
    "google_play": "https://play.google.com/store/apps/details?id=org.mozilla.firefox",
    "hackernews": "https://news.ycombinator.com/item?id=8863",
    "huggingface": "https://huggingface.co/google-bert/bert-base-uncased",
    "mastodon": "https://mastodon.social/@Gargron/1",
    "reddit": "https://www.reddit.com/r/Python/new",
    "wikipedia": "https://en.wikipedia.org/wiki/Mixture_of_experts",
    "x": "https://x.com/jack/status/20",
    "youtube": "https://www.youtube.com/watch?v=jNQXAC9IVRw",
}
#: The site's right, and no fault of its adapter.
TURNED_AWAY = (
    Reason.FORBIDDEN, Reason.RATE_LIMITED, Reason.SERVER_ERROR, Reason.ROBOTS, Reason.LOGIN_WALL, Reason.CONSENT_WALL,
    Reason.TIMEOUT, Reason.CONNECTION,
)  # fmt: skip
_SAYS_400 = "facebook"  #: to whoever is no browser


class TheInternet:
    """The real one, where the other tests have their own."""

    def guard(self) -> Guard:
        return Guard()


@cache
def why_no_network() -> str:
    try:
        socket.getaddrinfo("example.org", 443)
    except OSError as error:
        return str(error)
    return ""


@pytest.mark.live
@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_a_site_answers_as_its_adapter_expects(name: str) -> None:
    if why := why_no_network():
        pytest.skip(f"there is no network: {why}")
    url = ADDRESSES[name]
    result = visited([url], TheInternet(), policy=FetchPolicy())[url]

    if isinstance(result, Failure):
        is_its_right = result.reason in TURNED_AWAY or (name == _SAYS_400 and result.reason is Reason.HTTP_ERROR)
        assert is_its_right, f"{result.reason}: {result.detail}"
        pytest.skip(f"{name} does not answer programs today: {result.detail}")
    print(f"{name}: {result.title!r} {result.byline!r} {result.published} {len(result.sentences)} {result.warnings}")  # noqa: T201 - what `make live` shows
    assert result.title
    assert result.sentences
    assert not any("built otherwise than expected" in warning for warning in result.warnings)
