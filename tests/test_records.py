"""What values answer about themselves."""

from __future__ import annotations

from localdigest.records import Page, PageOrigin, Source


def page(body: bytes, *companions: Page) -> Page:
    return Page(
        Source("https://a.example"), body, "text/html", "", "https://a.example", "2026-01-01T00:00:00+00:00",
        PageOrigin.NETWORK, asked="site/page", companions=companions,
    )  # fmt: skip


def test_a_page_without_its_body_tells_the_same_of_it() -> None:
    """Its hash and that of what was asked beside it, as they stand in the manifest."""
    for whole in (page(b"a"), page(b"a", page(b"b"), page(b"c"))):
        slim = whole.without_body()

        assert (slim.body, [each.body for each in slim.companions]) == (b"", [b""] * len(whole.companions))
        assert (slim.sha256, slim.asked_in_all) == (whole.sha256, whole.asked_in_all)
        assert slim.without_body() == slim
    assert page(b"a").sha256 != page(b"b").sha256 != page(b"b", page(b"c")).sha256
