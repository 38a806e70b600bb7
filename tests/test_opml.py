from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.parsing.opml import Outline, OutlineError, OutlineList, is_outline, parse_outline

HEAD = '<?xml version="1.0" encoding="utf-8"?>'


def opml(body: str, head: str = HEAD) -> bytes:
    return f"{head}<opml version='2.0'><head><title>t</title></head><body>{body}</body></opml>".encode()


def test_nested_outlines() -> None:
    """Folders are walked in the file's order; each way of writing an address is known; the rest is reported."""
    body = opml("""
      <outline text="Folder"><!-- a comment -->
        <outline type="rss" text="One" title="The One" xmlUrl="https://a.example/feed" htmlUrl="https://a.example"/>
        <outline text="Deeper"><outline text="二" XMLURL=" feeds/b.xml "/></outline>
      </outline>
      <outline type="link" text="Page" url="https://c.example/page"/>
      <outline text="Home only" htmlUrl="https://d.example"/>
      <outline text="Nothing"/><outline/>
    """)

    assert is_outline(body)
    assert parse_outline(body) == OutlineList(
        outlines=(
            Outline("The One", "https://a.example/feed"),
            Outline("二", "feeds/b.xml"),
            Outline("Page", "https://c.example/page"),
            Outline("Home only", "https://d.example"),
        ),
        without_address=("Nothing", "(no title)"),
    )


def test_another_encoding() -> None:
    body = opml('<outline text="中文" xmlUrl="a"/>', head='<?xml version="1.0" encoding="big5"?>')

    assert parse_outline(body.decode().encode("big5")).outlines == (Outline("中文", "a"),)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text",
        b"<html></html>",
        b"<opml><body>",
        b"<opml>&undefined;</opml>",
        b"\x00\x01",
        b'<?xml version="1.0" encoding="utf-8"?><rss/>',
        b"<opml><body><outline text='a' text='b'/></body></opml>",
    ],
)
def test_an_unreadable_outline_is_one_clear_error(body: bytes) -> None:
    with pytest.raises(OutlineError, match=r"\w+"):
        parse_outline(body)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(encoding: str) -> None:
    """A billion laughs and a local file, in any encoding, cost nothing."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY l0 "ha">{laughs}<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    body = opml('<outline text="&l9;&f;" xmlUrl="a"/>', head=head).decode().encode(encoding)
    with pytest.raises(OutlineError, match="entities"):
        parse_outline(body)


def test_a_hundred_thousand_levels() -> None:
    """Depth alone breaks nothing."""
    depth = 100_000
    outlines = parse_outline(
        opml('<outline text="x">' * depth + '<outline xmlUrl="a"/>' + "</outline>" * depth)
    ).outlines

    assert outlines == (Outline("", "a"),)


@given(st.binary(max_size=20), st.integers(0, 150))
@settings(deadline=None, max_examples=100)
def test_damage_gives_an_outline_or_the_one_error(put: bytes, at: int) -> None:
    body = opml('<outline text="a" xmlUrl="b"/>')
    try:
        parse_outline(body[:at] + put + body[at:])
    except OutlineError:
        return
