"""Indexes of blogs and posts of them, as generators and content systems write them."""

from __future__ import annotations

from collections.abc import Iterable

NAVIGATION = """<header><nav><a href="/">Quay notes by Ada</a><a href="/about/">About me and my work</a>
<a href="/posts/all-about-ships/">My best post on ships</a></nav></header>"""
FOOTER = """<footer><a href="/imprint-and-privacy/">Imprint and privacy</a>
<a href="https://elsewhere.example/ada-and-her-ships">Ada and her ships elsewhere</a></footer>"""
FEED = '<link rel="alternate" type="application/rss+xml" title="Quay notes" href="/index.xml">'
POSTS = (
    ("a-third-crane", "A third crane for the harbour", "2025-12-28"),
    ("ships-of-the-year", "The ships of the year, counted", "2025-12-20"),
    ("what-a-pilot-does", "What a pilot does all night", "2025-12-01"),
    ("the-old-light", "The old light burns again", "2025-11-15"),
    ("a-day-at-the-lock", "A day at the new lock", "2025-11-02"),
)
_PROSE = """<p>The harbour ordered its third crane on Monday, after a year in which two cranes had moved all of its
containers, and both of them had stood still for eleven days.</p>
<p>It lifts 65 tonnes and reaches over 22 rows, two more than the widest ship that has called here needs; the harbour
master calls it a crane for ships to come.</p>
<p>The old cranes stay where they are, since the quay between them carries no more than one crane at a time.</p>"""


def index(*, head: str = "", dates: bool = True, posts: Iterable[tuple[str, str, str]] = POSTS, above: str = "") -> str:
    """A blog's list of posts, as Quarto and Jekyll write it."""
    items = "".join(
        f'<li class="post"><h2><a href="/posts/{slug}/">{title}</a></h2>'
        f"{f'<time datetime={day}>{day}</time>' if dates else ''}<p>A teaser of some words on it.</p></li>"
        for slug, title, day in posts
    )
    body = f"{NAVIGATION}<main>{above}<ul>{items}</ul></main>{FOOTER}"
    return f"<html><head><title>Posts</title>{head}</head><body>{body}</body></html>"


def post(*, head: str = FEED, below: str = "") -> str:
    """One of them, with the feed of its whole site in its head and others below."""
    return f"""<html><head><title>A third crane</title><meta property="og:type" content="article">{head}</head><body>
{NAVIGATION}<main><article><h1>A third crane for the harbour</h1><time datetime="2025-12-28">28 Dec</time>
{_PROSE}</article>{below}</main>{FOOTER}</body></html>"""


def related() -> str:
    """Other posts below one, with title and date."""
    cards = "".join(
        f'<div class="card"><h3><a href="/posts/{slug}/">{title}</a></h3><time>{day}</time></div>'
        for slug, title, day in POSTS[1:]
    )
    return f"<section><h2>More posts</h2>{cards}</section>"
