"""A reader sees the old files or the new ones, and nothing is written anywhere else."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_disk import on_small_disk

from localdigest.errors import OutputError, UsageError
from localdigest.files import plain_name, prepare_folder, read_bytes, read_text, write_atomically, write_together

posix = pytest.mark.skipif(os.name == "nt", reason="links, signals and locks of POSIX")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


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


def test_a_folder_in_the_place_of_a_file_leaves_all_as_it_was(tmp_path: Path) -> None:
    post, manifest = tmp_path / "post.md", tmp_path / "m.json"
    post.write_text("old")
    manifest.mkdir()

    with pytest.raises(OutputError, match="a folder of that name is in the way"):
        write_together({post: b"new", manifest: b"{}"})

    assert post.read_text() == "old"
    assert names(tmp_path) == {"post.md", "m.json"}


@posix
@pytest.mark.parametrize("there", [True, False])
def test_what_is_in_place_is_taken_back_when_the_next_cannot_be_put_there(tmp_path: Path, *, there: bool) -> None:
    """The folder of the second goes away between the writing and the renaming."""
    first, second = tmp_path / "a" / "post.md", tmp_path / "b" / "m.json"
    first.parent.mkdir()
    second.parent.mkdir()
    if there:
        first.write_text("old")

    class Contents(dict[Path, bytes]):
        """Lets the folder go when all are written."""

        def items(self) -> Any:
            yield from super().items()
            second.parent.rename(tmp_path / "moved")

    with pytest.raises(OutputError, match="cannot be written: No such file"):
        write_together(Contents({first: b"new", second: b"{}"}))

    assert first.exists() == there
    assert not there or first.read_text() == "old"
    assert names(first.parent) == ({"post.md"} if there else set())


# ── links ────────────────────────────────────────────────────────────────────


@posix
def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_text("precious")
    (tmp_path / "out").mkdir()
    link, dangling = tmp_path / "out" / "post.md", tmp_path / "out" / "m.json"
    link.symlink_to(target)
    dangling.symlink_to(tmp_path / "nowhere")

    write_together({link: b"new", dangling: b"{}"})

    assert target.read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()
    assert (link.is_symlink(), dangling.is_symlink()) == (False, False)
    assert (link.read_bytes(), dangling.read_bytes()) == (b"new", b"{}")
    assert names(link.parent) == {"post.md", "m.json"}


@posix
def test_a_folder_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")

    prepare_folder(tmp_path / "out")
    write_atomically(tmp_path / "out" / "post.md", b"new")

    assert names(tmp_path / "real") == {"post.md"}


@posix
def test_a_folder_that_was_replaced_by_a_link_gets_no_half_of_a_pair(tmp_path: Path) -> None:
    """Whoever may write to the folder above swaps it for a link to elsewhere while the files are written."""
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()

    class Contents(dict[Path, bytes]):
        def items(self) -> Any:
            yield from super().items()
            out.rename(tmp_path / "moved")
            out.symlink_to(elsewhere)

    with pytest.raises(OutputError):
        write_together(Contents({out / "post.md": b"new", out / "m.json": b"{}"}))

    assert names(elsewhere) == set()


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "2025-12-30-../x.md", "a/b.md", "a\\b.md", "..", ".hidden.md", "-rf", "a\nb.md", "", "x" * 256,
     "a\0b.md", "a:b.md"],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="can be no file's name"):
        plain_name(name)


@given(name=st.text(max_size=40))
def test_a_plain_name_stays_in_its_folder(name: str) -> None:
    try:
        path = Path("folder") / plain_name(name)
    except UsageError:
        return
    assert path.parent == Path("folder")
    assert path.name == name


# ── folders ──────────────────────────────────────────────────────────────────


def test_a_folder_is_made_and_tried_and_left_empty(tmp_path: Path) -> None:
    prepare_folder(tmp_path / "a" / "b")

    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_file_in_the_way_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")

    with pytest.raises(OutputError, match="a cannot be written"):
        prepare_folder(tmp_path / "a")


def test_a_full_disk_leaves_the_old_files_and_says_so(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from localdigest.errors import OutputError
from localdigest.files import prepare_folder, write_together
disk = Path(sys.argv[1])
post, manifest = disk / "post.md", disk / "m.json"
prepare_folder(disk)
write_together({post: b"old", manifest: b"old"})
try:
    write_together({post: b"new" * 1000, manifest: bytes(3_000_000)})
except OutputError as error:
    print(error.message, error.hint)
print(post.read_bytes(), manifest.read_bytes(), sorted(path.name for path in disk.iterdir()))
"""
    told = on_small_disk(tmp_path, '"$PYTHON" -c "$SCRIPT" "$DISK"', script=script)

    assert "m.json cannot be written: No space left on device Free some disk space" in told
    assert "b'old' b'old' ['m.json', 'post.md']" in told


# ── what killed runs left ────────────────────────────────────────────────────


@posix
def test_what_a_killed_run_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    for stray in (".localdigest-ab3d_f7h.tmp", ".localdigest-0123abcd.old", ".localdigest-abcdefgh"):
        (tmp_path / stray).write_text("half")
    kept = {".localdigest-notes", ".localdigest-ABCDEFGH.tmp", "post.md", ".localdigest-abcdefgh.md"}
    for name in kept:
        (tmp_path / name).write_text("mine")
    (tmp_path / ".localdigest-linklink.tmp").symlink_to(tmp_path / "post.md")
    (tmp_path / ".localdigest-folders_.tmp").mkdir()

    prepare_folder(tmp_path)

    assert names(tmp_path) == kept | {".localdigest-linklink.tmp", ".localdigest-folders_.tmp"}


@posix
def test_what_another_run_is_writing_is_left_alone(tmp_path: Path) -> None:
    """As long as it lives; when it is killed the next run removes it."""
    script = f"""
import sys
from pathlib import Path
from localdigest.files import _temporary
with _temporary(Path({str(tmp_path)!r})) as (file, path):
    print(path.name, flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        name = process.stdout.readline().decode().strip()
        prepare_folder(tmp_path)
        assert names(tmp_path) == {name}
        process.send_signal(signal.SIGKILL)
        process.wait()

    prepare_folder(tmp_path)
    assert names(tmp_path) == set()


@posix
def test_two_that_write_the_same_pair_at_once_leave_one_of_them_whole(tmp_path: Path) -> None:
    """Each time: never the post of one beside the manifest of the other."""
    pair = (tmp_path / "post.md", tmp_path / "m.json")
    mixed: list[tuple[bytes, bytes]] = []

    def write(letter: bytes) -> None:
        for _ in range(30):
            write_together(dict.fromkeys(pair, letter * 1000))

    for _ in range(3):
        threads = [threading.Thread(target=write, args=(letter,)) for letter in (b"a", b"b", b"c")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        post, manifest = (path.read_bytes() for path in pair)
        if post != manifest:
            mixed.append((post, manifest))

    assert mixed == []
    assert names(tmp_path) == {"post.md", "m.json"}


# ── reading ──────────────────────────────────────────────────────────────────


def test_files_that_a_user_names_are_read_or_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbftext")
    (tmp_path / "b").write_bytes(b"\xff\xfe")

    assert read_text(tmp_path / "a") == "text"
    with pytest.raises(UsageError, match="no UTF-8 text"):
        read_text(tmp_path / "b")
    with pytest.raises(UsageError, match="cannot be read"):
        read_bytes(tmp_path)


def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir(mode=0o555)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write everywhere")

    with pytest.raises(OutputError, match="Permission denied"):
        prepare_folder(folder)
    shutil.rmtree(folder)
