from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.parsing.robots import parse_robots

URL = "https://e.example/a/page?x=1"


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /a", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a/page", True),  # the longest rule decides
        ("User-agent: *\nDisallow: /*?x=", False),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: LocalDigest\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: localdigest\nAllow: /", True),
        ("\ufeffUser-agent: *\r\nDisallow: /\r\n", False),
        ("<html><body>Disallow: /</body></html>", True),
    ],
)
def test_who_may_come(rules: str, allowed: bool) -> None:  # noqa: FBT001 - a column of the table
    assert parse_robots(rules.encode(), agent="localdigest").allows(URL) is allowed


@pytest.mark.parametrize(
    ("rules", "seconds"),
    [
        ("", 0.0),
        ("User-agent: *\nCrawl-delay: 2.5", 2.5),
        ("User-agent: *\nCrawl-delay: soon", 0.0),
        ("User-agent: other\nCrawl-delay: 9", 0.0),
    ],
)
def test_how_often(rules: str, seconds: float) -> None:
    assert parse_robots(rules.encode(), agent="localdigest").crawl_delay_s == seconds


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=100)
def test_any_bytes_are_rules(body: bytes) -> None:
    robots = parse_robots(b"User-agent: *\n" + body, agent="localdigest")

    assert robots.allows(URL) in (True, False)
    assert robots.crawl_delay_s >= 0
