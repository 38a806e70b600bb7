"""What may be written for a setting, and what it means."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdigest import values

NOON = dt.datetime(2025, 12, 30, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("since", "opens"),
    [
        ("", None),
        ("36h", dt.datetime(2025, 12, 29, 0, tzinfo=dt.UTC)),
        ("7d", dt.datetime(2025, 12, 23, 12, tzinfo=dt.UTC)),
        ("2w", dt.datetime(2025, 12, 16, 12, tzinfo=dt.UTC)),
        ("2025-12-01", dt.datetime(2025, 12, 1, tzinfo=dt.UTC)),
    ],
)
def test_a_window_opens_a_span_before_its_end_or_on_a_day(since: str, opens: dt.datetime | None) -> None:
    assert opens == values.window_start(since, end=NOON)


@pytest.mark.parametrize("raw", ["yesterday", "7", "7 days", "-7d", "2025-13-01", 7, True, None, "999999d"])
def test_a_window_that_is_none_is_refused_with_the_right_forms(raw: object) -> None:
    with pytest.raises(ValueError, match="36h, 7d or 2w"):
        values.window(raw)


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [
        ("", 0),
        ("90s", 90),
        ("45m", 2700),
        (" 2H ", 7200),
        ("1h30m", 5400),
        ("1h 30m 5s", 5405),
        ("1.5h", 5400),
        ("0.001s", 0.001),
    ],
)
def test_a_budget_is_a_span_of_time_or_none(raw: str, seconds: float) -> None:
    assert values.budget_seconds(values.budget(raw)) == seconds


@pytest.mark.parametrize(
    "raw", ["soon", "45", "0m", "0h0m0s", "-5m", "1.h", "1,5h", "30m1h", "٣m", "2d", "m", 45, True, None, ["1h"]]
)
def test_a_budget_that_is_none_is_refused_with_the_right_forms(raw: object) -> None:
    with pytest.raises(ValueError, match="90s, 45m, 2h"):
        values.budget(raw)


@pytest.mark.parametrize(
    ("raw", "slug"),
    [
        ("MISTRAL", "mistral"),
        ("Mistral AI: what's new?", "mistral-ai-what-s-new"),
        ("每日動態 Mistral", "每日動態-mistral"),
        ("../../etc/passwd", "etc-passwd"),
        ("ＦＵＬＬ width", "full-width"),
        ("", ""),
    ],
)
def test_a_slug_is_what_a_file_can_be_called(raw: str, slug: str) -> None:
    assert slug == values.slug(raw)


@given(st.text(max_size=200))
def test_a_slug_is_short_stable_and_free_of_separators(raw: str) -> None:
    try:
        slug = values.slug(raw)
    except ValueError:
        return

    assert len(slug.encode()) <= 60
    assert re.fullmatch(r"(?:[^\W_]+(?:-[^\W_]+)*)?", slug)
    assert slug == values.slug(slug)


@pytest.mark.parametrize(
    ("parse", "raw", "value"),
    [
        (values.count, "0", 0),
        (values.count, 12, 12),
        (values.seconds, "0.5", 0.5),
        (values.boolean, "yes", True),
        (values.boolean, "OFF", False),
        (values.date, dt.date(2025, 12, 30), "2025-12-30"),
        (values.date, dt.datetime(2025, 12, 30, 8, tzinfo=dt.UTC), "2025-12-30"),
        (values.texts, "a, b  c", ("a", "b", "c")),
        (values.choice("zh-TW", "en"), "ZH-tw", "zh-TW"),
    ],
)
def test_flags_environment_and_toml_mean_the_same(parse: object, raw: object, value: object) -> None:
    assert value == parse(raw)  # type: ignore[operator]  # a table of functions


@pytest.mark.parametrize(
    ("parse", "raw"),
    [
        (values.count, -1),
        (values.count, True),
        (values.count, "many"),
        (values.positive, 0),
        (values.seconds, -1),
        (values.seconds, "nan"),
        (values.share, 1.5),
        (values.boolean, "perhaps"),
        (values.date, "30.12.2025"),
        (values.text, 3),
        (values.path, ""),
        (values.texts, 3),
        (values.headings, []),
        (values.choice("zh-TW", "en"), "fr"),
        (values.slug, "!!!"),
    ],
)
def test_a_value_that_cannot_be_right_is_refused_with_what_was_given(parse: object, raw: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse(raw)  # type: ignore[operator]  # a table of functions


def test_sources_are_texts_or_tables() -> None:
    assert values.sources(
        [
            "https://example.com/feed",
            {"url": "https://example.com/a", "title": "A"},
            {"path": "saved.html", "url": "https://example.com/b"},
        ]
    ) == (
        values.SourceEntry("https://example.com/feed"),
        values.SourceEntry("https://example.com/a", title="A"),
        values.SourceEntry("saved.html", url="https://example.com/b"),
    )


@pytest.mark.parametrize("item", [3, "", {"title": "no address"}, {"url": "a", "colour": "red"}, {"url": 3}])
def test_a_source_without_an_address_is_refused(item: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        values.sources([item])


def test_a_list_of_locators_may_hold_blank_lines_comments_and_a_byte_order_mark() -> None:
    lines = ["\ufeffhttps://a.example/#x\n", "\n", "  # a note\n", "  b.html \r\n"]

    assert values.locators(lines) == ("https://a.example/#x", "b.html")
