"""The pure parts of a download: ranges, sidecars, speeds, names."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import isclose
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdigest.hub.pace import Speedometer, StallWatch
from localdigest.hub.part import Identity, PartFile, identity_of
from localdigest.hub.ranges import ContentRange, Spans, content_range, is_strong, segments
from localdigest.hub.remote import RemoteFile, origin_of, split_names

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12)


@given(SPANS)
def test_spans_are_a_set_of_bytes(spans: list[tuple[int, int]]) -> None:
    """Against the set itself: sorted, disjoint, not touching, with what is missing as the rest."""
    expected = {byte for start, end in spans for byte in range(start, end)}
    found = Spans(spans)
    kept = list(found)

    assert {byte for start, end in kept for byte in range(start, end)} == expected
    assert found.num_bytes == len(expected)
    assert all(one[1] < other[0] for one, other in pairwise(kept))
    assert {byte for start, end in found.missing(60) for byte in range(start, end)} == set(range(60)) - expected
    assert found.frontier == next(byte for byte in range(62) if byte not in expected)


@given(SPANS, st.integers(1, 20), st.integers(1, 5))
def test_segments_ask_for_each_missing_byte_once(
    spans: list[tuple[int, int]], most_bytes: int, connections: int
) -> None:
    missing = list(Spans(spans).missing(60))
    cut = segments(missing, total=60, most_bytes=most_bytes, connections=connections)

    assert [byte for start, end in cut for byte in range(start, end)] == [
        byte for start, end in missing for byte in range(start, end)
    ]
    assert all(0 < end - start <= most_bytes for start, end in cut)


def test_a_small_file_is_cut_for_all_connections() -> None:
    assert len(segments([(0, 40 * 2**20)], total=40 * 2**20, most_bytes=64 * 2**20, connections=4)) == 8
    assert len(segments([(0, 10)], total=10, most_bytes=64 * 2**20, connections=4)) == 1


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes 0-0/10", ContentRange(0, 1, 10)),
        ("bytes 5-9/10", ContentRange(5, 10, 10)),
        ("bytes 5-9/*", ContentRange(5, 10, None)),
        ("bytes */10", ContentRange(0, 0, 10)),
        ("bytes 5-10/10", None),
        ("bytes 9-5/10", None),
        ("bytes -5/10", None),
        ("bytes 0-0/" + "9" * 30, None),
        ("items 0-0/10", None),
        ("", None),
    ],
)
def test_a_content_range_is_read_or_refused(header: str, expected: ContentRange | None) -> None:
    assert content_range(header) == expected


def test_only_a_strong_tag_speaks_for_the_bytes() -> None:
    assert is_strong('"abc"')
    assert not any(is_strong(tag) for tag in ("", '""', 'W/"abc"', "abc", '"'))


IDENTITY = Identity("https://a/b", revision="1", etag="e", num_bytes=10)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (IDENTITY, IDENTITY, True),
        (IDENTITY, replace(IDENTITY, validator='"x"'), True),
        (IDENTITY, replace(IDENTITY, etag=""), True),
        (IDENTITY, replace(IDENTITY, etag="f"), False),
        (IDENTITY, replace(IDENTITY, num_bytes=11), False),
        (IDENTITY, replace(IDENTITY, revision="2"), False),
        (IDENTITY, replace(IDENTITY, url="https://a/c"), False),
        (replace(IDENTITY, sha256="h"), replace(IDENTITY, sha256="h", url="https://mirror/b", etag="f"), True),
        (replace(IDENTITY, sha256="h"), replace(IDENTITY, sha256="i"), False),
    ],
)
def test_when_two_downloads_are_the_same_file(one: Identity, other: Identity, *, same: bool) -> None:
    """By the hash where both have one, whatever the mirror; else by all that is known."""
    assert one.is_same_file(other) is other.is_same_file(one) is same


def test_a_part_is_found_as_it_was_left(tmp_path: Path) -> None:
    identity = identity_of(RemoteFile("https://a/b?signature=1", "b", num_bytes=10, revision="1"))
    part, _ = PartFile.open(tmp_path / "b", identity)
    part.identity = replace(identity, validator='"x"')
    part.path.write_bytes(bytes(10))
    part.save([(0, 3), (5, 10)])
    found, why = PartFile.open(tmp_path / "b", identity)

    assert identity.url == "https://a/b"
    assert (list(found.spans), found.identity.validator, why) == ([(0, 3), (5, 10)], '"x"', "")
    assert {path.name for path in tmp_path.iterdir()} == {"b.part", "b.part.json"}


def test_a_part_without_a_sidecar_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "b.part").write_bytes(bytes(10))
    part, why = PartFile.open(tmp_path / "b", IDENTITY)

    assert (list(part.spans), part.path.stat().st_size, why) == ([], 0, "")


def test_speed_is_smoothed_and_time_left_follows() -> None:
    speed = Speedometer()
    assert speed.eta_s(100) is None
    for second in range(31):
        speed.feed(second * 100, at=float(second))
    steady = speed.bytes_per_second
    speed.feed(3000, at=31.0)

    assert isclose(steady, 100.0)
    assert 70.0 < speed.bytes_per_second < 100.0
    assert isclose(speed.eta_s(1000) or 0.0, 1000 / speed.bytes_per_second)


def test_a_drip_is_a_stall_and_a_slow_line_is_none() -> None:
    drip = StallWatch(window_s=10.0, least_bytes_per_s=100.0, at=0.0)
    slow = StallWatch(window_s=10.0, least_bytes_per_s=100.0, at=0.0)

    assert [drip.is_stalled(99, at=float(at)) for at in range(1, 11)] == [False] * 9 + [True]
    assert not any(slow.is_stalled(101, at=float(at)) for at in range(1, 60))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.gguf", ("a.gguf",)),
        ("a-00002-of-00003.gguf", tuple(f"a-0000{n}-of-00003.gguf" for n in (1, 2, 3))),
        ("q4/a-00001-of-00002.gguf", ("q4/a-00001-of-00002.gguf", "q4/a-00002-of-00002.gguf")),
        ("a-00004-of-00003.gguf", ("a-00004-of-00003.gguf",)),
        ("a-00000-of-00003.gguf", ("a-00000-of-00003.gguf",)),
        ("a-00001-of-99999.gguf", ("a-00001-of-99999.gguf",)),
        ("a-1-of-3.gguf", ("a-1-of-3.gguf",)),
    ],
)
def test_the_parts_of_a_split_model(name: str, expected: tuple[str, ...]) -> None:
    assert split_names(name) == expected


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin_of("https://A.example/x") == origin_of("https://a.example:443/y") == ("https", "a.example", 443)
    assert origin_of("http://a.example/") != origin_of("https://a.example/")
    assert origin_of("https://a.example:444/") != origin_of("https://a.example/")
