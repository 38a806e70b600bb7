from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.urls import canonical_url, flaw_of_url, host_of, site_of

SAME = [
    ("HTTPS://Example.COM:443/Path", "https://example.com/Path"),
    ("http://example.com:80/a", "https://example.com/a"),
    ("https://example.com", "https://example.com/"),
    ("https://example.com/a/", "https://example.com/a"),
    ("https://example.com/a/index.html", "https://example.com/a"),
    ("https://example.com/a#part-2", "https://example.com/a"),
    ("https://example.com/a#:~:text=word", "https://example.com/a"),
    ("https://example.com/a?b=2&a=1", "https://example.com/a?a=1&b=2"),
    ("https://example.com/a?utm_source=x&utm_medium=y&id=3", "https://example.com/a?id=3"),
    ("https://example.com/a?UTM_Source=x", "https://example.com/a"),
    ("https://example.com/a?fbclid=1&gclid=2&ref_src=3&spm=4&mc_cid=5", "https://example.com/a"),
    ("https://example.com/a/../b/./c", "https://example.com/b/c"),
    ("https://example.com/%7euser/%e4%b8%ad", "https://example.com/~user/中"),
    ("https://例子.測試/路", "https://xn--fsqu00a.xn--g6w251d/%E8%B7%AF"),
    ("https://example.com/story/amp", "https://example.com/story"),
    ("https://example.com/story/amp/", "https://example.com/story"),
    ("https://example.com/story.amp.html", "https://example.com/story.html"),
    ("https://example.com/story?amp=1", "https://example.com/story"),
    ("https://example.com/story?amp", "https://example.com/story"),
    ("https://example.com/story?outputType=amp", "https://example.com/story"),
    ("https://amp.example.com/story", "https://www.example.com/story"),
    ("https://m.example.com/story", "https://example.com/story"),
    ("https://mobile.example.com/story", "https://www.example.com/story"),
    ("https://zh.m.wikipedia.org/wiki/X", "https://zh.wikipedia.org/wiki/X"),
    ("https://mobile.twitter.com/a/status/1?s=20&t=xyz", "https://x.com/a/status/1"),
    ("https://www.youtube.com/watch?v=abc&feature=share&si=q", "https://m.youtube.com/watch?v=abc"),
    ("  https://example.com/a\n", "https://example.com/a"),
    ("https://example.com./a", "https://example.com/a"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_page_fall_together(one: str, other: str) -> None:
    """Two addresses of the same page have one key."""
    assert canonical_url(other) == canonical_url(one)


DIFFERENT = [
    ("https://www.youtube.com/watch?v=a", "https://www.youtube.com/watch?v=b"),
    ("https://example.com/show?id=1", "https://example.com/show?id=2"),
    ("https://mp.weixin.qq.com/s?__biz=A&mid=1&idx=1&sn=x", "https://mp.weixin.qq.com/s?__biz=A&mid=2&idx=1&sn=y"),
    ("https://example.com/app#!/one", "https://example.com/app#!/two"),
    ("https://example.com/a%2Fb", "https://example.com/a/b"),
    ("https://example.com:8080/a", "https://example.com/a"),
    ("https://example.com/A", "https://example.com/a"),
    ("https://example.com/camp", "https://example.com/c"),
    ("https://example.com/?p=1", "https://example.com/"),
    ("https://github.com/o/r?ref=dev", "https://github.com/o/r?ref=main"),
    ("https://example.com/s?q=%B0%EA", "https://example.com/s?q=%B0%EB"),
    ("https://m.com/a", "https://com/a"),
    ("https://blog.example.com/a", "https://example.com/a"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_pages_stay_apart(one: str, other: str) -> None:
    """A parameter, path or host that names a page is kept."""
    assert canonical_url(one) != canonical_url(other)


def test_the_form_of_the_key() -> None:
    """The key is an absolute https URL in ASCII."""
    assert canonical_url("http://www.例子.測試/中?q=文 字&utm_id=1") == (
        "https://xn--fsqu00a.xn--g6w251d/%E4%B8%AD?q=%E6%96%87+%E5%AD%97"
    )


@pytest.mark.parametrize(
    "text", ["mailto:a@b", "/local/path", "", "http://[bad/", "https://a:99999/", "C:\\x", "file:///x"]
)
def test_what_is_no_web_address_is_left_alone(text: str) -> None:
    assert canonical_url(text) == text


_WORDS = r"""
    amp amp/ index.html m. www. ? & = utm_x % %25 %32 %2f # #! / // .. . 中 é A a ; : + ~ @ .amp .html ?amp=1
    example .com [ ] \ ' |
"""
_PIECES = st.sampled_from([*_WORDS.split(), " "])


_HEADS = st.sampled_from(["https://m.example.com/", "http://www.amp.e.co", "https://x.com?"])


@given(st.lists(_PIECES, max_size=12).map("".join), _HEADS)
@settings(deadline=None, max_examples=400)
def test_canonical_url_is_idempotent(tail: str, head: str) -> None:
    """The key of a key is the key, whatever the address holds."""
    once = canonical_url(head + tail)

    assert canonical_url(once) == once


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=200)
def test_any_text_is_answered(text: str) -> None:
    """No text makes these functions raise."""
    canonical_url(text)
    canonical_url("https://" + text)
    host_of("https://" + text)
    site_of("https://" + text)
    flaw_of_url("https://" + text)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.example.com/a", "example.com"),
        ("https://news.example.com/a", "example.com"),
        ("https://m.udn.com.tw/x", "udn.com.tw"),
        ("https://www.bbc.co.uk/news", "bbc.co.uk"),
        ("https://someone.github.io/post", "someone.github.io"),
        ("http://127.0.0.1:8000/a", "127.0.0.1"),
        ("http://[::1]/", "::1"),
        ("http://localhost/", "localhost"),
        ("no url", ""),
        ("https://co.uk/", "co.uk"),
    ],
)
def test_site_of(url: str, site: str) -> None:
    """Hosts of one owner count as one site."""
    assert site_of(url) == site


def test_host_of() -> None:
    assert host_of("HTTPS://User@Example.COM.:8443/a") == "example.com"


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("file:///etc/passwd", "file"),
        ("ftp://example.com/", "ftp"),
        ("javascript:alert(1)", "javascript"),
        ("/path", "does not begin with http"),
        ("https://", "no host"),
        ("https://good.example\\@evil.example/", "backslash"),
        ("https://exa\nmple.com/", "control"),
        ("https://me:secret@example.com/", "user name"),
        ("https://[::1/", "IPv6"),
        ("https://example.com:70000/", "ort"),
    ],
)
def test_addresses_that_may_not_be_asked(url: str, word: str) -> None:
    """Each is refused with a word that says why."""
    assert word in flaw_of_url(url)


def test_an_ordinary_address_has_no_flaw() -> None:
    assert flaw_of_url("https://example.com:8443/a?b=c#d") == ""
