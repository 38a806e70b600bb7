"""A reader sees the old files or the new ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from localdigest.errors import OutputError, UsageError
from localdigest.files import prepare_folder, read_bytes, read_text, write_atomically, write_together


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "post.md"
    path.write_text("old")

    write_atomically(path, b"new")

    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o644


def test_where_one_file_cannot_be_written_the_others_are_as_they_were(tmp_path: Path) -> None:
    post = tmp_path / "post.md"
    post.write_text("old")

    with pytest.raises(OutputError, match=r"missing/m\.json cannot be written"):
        write_together({post: b"new", tmp_path / "missing" / "m.json": b"{}"})

    assert post.read_text() == "old"
    assert list(tmp_path.iterdir()) == [post]


def test_a_folder_is_made_and_tried_and_left_empty(tmp_path: Path) -> None:
    prepare_folder(tmp_path / "a" / "b")

    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_file_in_the_way_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")

    with pytest.raises(OutputError, match="a cannot be written"):
        prepare_folder(tmp_path / "a")


def test_files_that_a_user_names_are_read_or_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbftext")
    (tmp_path / "b").write_bytes(b"\xff\xfe")

    assert read_text(tmp_path / "a") == "text"
    with pytest.raises(UsageError, match="no UTF-8 text"):
        read_text(tmp_path / "b")
    with pytest.raises(UsageError, match="cannot be read"):
        read_bytes(tmp_path)
