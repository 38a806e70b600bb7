"""What is on this disk: found, remembered, imported, verified, removed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from localdigest.errors import UsageError
from localdigest.hub.catalog import Catalog, Entry, ModelFile
from localdigest.hub.errors import DamagedFileError
from localdigest.hub.inventory import (
    check_again,
    files_to_remove,
    files_to_verify,
    import_named,
    inventory,
    remove,
    unnamed,
)
from localdigest.hub.library import Library, find_local, import_file, remembered, target_of, verify
from localdigest.hub.reference import HubFiles, LocalFile, WebFiles
from models import split_experts, tiny_mistral, tiny_mixtral

CONTENT = b"not a model, but as good as one here"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
OTHER = hashlib.sha256(b"other").hexdigest()


@pytest.fixture(autouse=True)
def _no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever whoever runs the tests has in the hub's cache is not seen; it is read once, at the first import."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "models"
    path.mkdir()
    return path


def hub_files(*files: ModelFile, repo: str = "owner/tiny", revision: str = "main") -> HubFiles:
    return HubFiles("tiny", repo, files or (ModelFile("tiny.gguf", len(CONTENT), SHA256),), revision)


def entry_of(path: Path, name: str = "tiny") -> Entry:
    data = path.read_bytes()
    file = ModelFile("published.gguf", len(data), hashlib.sha256(data).hexdigest())
    return Entry(name, "Tiny", "owner/tiny", (file,), "MIT", "llama", "F32")


# ── finding ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_in_the_folder_is_found(folder: Path) -> None:
    assert find_local(hub_files(), folder=folder) is None

    (folder / "tiny.gguf").write_bytes(CONTENT)

    assert find_local(hub_files(), folder=folder) == (folder / "tiny.gguf",)


def test_a_file_of_another_size_is_not_the_one(folder: Path) -> None:
    (folder / "tiny.gguf").write_bytes(CONTENT + b".")

    assert find_local(hub_files(), folder=folder) is None


def test_a_file_that_is_known_to_be_another_is_not_the_one(folder: Path) -> None:
    """Same name, same size: two publishers of one model."""
    path = folder / "tiny.gguf"
    path.write_bytes(CONTENT[::-1])
    verify(path, "", folder=folder)

    assert find_local(hub_files(), folder=folder) is None
    assert target_of(hub_files(), 0, folder=folder) == folder / "owner--tiny" / "tiny.gguf"


def test_the_place_apart_is_looked_at_too(folder: Path) -> None:
    (folder / "tiny.gguf").write_bytes(b"another")
    target = target_of(hub_files(), 0, folder=folder)
    target.parent.mkdir()
    target.write_bytes(CONTENT)

    assert find_local(hub_files(), folder=folder) == (target,)
    assert target_of(hub_files(), 0, folder=folder) == target


def test_of_an_address_only_the_name_is_known(folder: Path) -> None:
    """So a file of that name is taken, unless it came from elsewhere."""
    here = WebFiles("a", ("https://a.example/tiny.gguf",), (ModelFile("tiny.gguf"),))
    there = WebFiles("b", ("https://b.example/tiny.gguf",), (ModelFile("tiny.gguf"),))
    path = folder / "tiny.gguf"
    path.write_bytes(CONTENT)

    assert find_local(here, folder=folder) == (path,)

    Library(folder).remember(path, SHA256, source=here.source)

    assert find_local(here, folder=folder) == (path,)
    assert find_local(there, folder=folder) is None
    assert target_of(there, 0, folder=folder) != path


def test_all_parts_must_be_there(folder: Path) -> None:
    names = ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"]
    reference = hub_files(*map(ModelFile, names))
    (folder / names[0]).write_bytes(b"1")

    assert find_local(reference, folder=folder) is None

    (folder / names[1]).write_bytes(b"2")

    assert find_local(reference, folder=folder) == (folder / names[0], folder / names[1])


def test_a_local_file_is_itself(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "mine.gguf"

    assert find_local(LocalFile("mine.gguf", path), folder=folder) is None

    path.touch()

    assert find_local(LocalFile("mine.gguf", path), folder=folder) == (path,)


def test_the_cache_of_the_hub_is_used(tmp_path: Path, folder: Path) -> None:
    """In a process of its own: the hub's library reads its environment once."""
    commit = "a" * 40
    repo = tmp_path / "hf" / "hub" / "models--owner--tiny"
    snapshot = repo / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(commit)
    (snapshot / "tiny.gguf").write_bytes(CONTENT)
    script = f"""
from pathlib import Path
from localdigest.hub.catalog import ModelFile
from localdigest.hub.library import find_local
from localdigest.hub.reference import HubFiles
for revision, size in (("main", 0), ({commit!r}, {len(CONTENT)}), ("main", 1), ("{"b" * 40}", 0)):
    reference = HubFiles("tiny", "owner/tiny", (ModelFile("tiny.gguf", size),), revision)
    print(find_local(reference, folder=Path({str(folder)!r})))
"""
    environment = {**os.environ, "HF_HOME": str(tmp_path / "hf")}
    environment.pop("HF_HUB_CACHE", None)
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)

    found = f"({snapshot / 'tiny.gguf'!r},)"
    assert done.stdout.splitlines() == [found, found, "None", "None"]


# ── remembering ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_checksum_is_remembered_as_long_as_the_file_is_the_same(folder: Path) -> None:
    path = folder / "tiny.gguf"
    path.write_bytes(CONTENT)
    hashed: list[int] = []

    assert remembered(path, folder=folder) == ""
    assert verify(path, SHA256, folder=folder, on_progress=lambda done, _: hashed.append(done)) == SHA256
    assert verify(path, SHA256, folder=folder, on_progress=lambda done, _: hashed.append(done)) == SHA256
    assert hashed == [len(CONTENT)]
    assert remembered(path, folder=folder) == SHA256

    os.utime(path, ns=(1, 1))

    assert remembered(path, folder=folder) == ""


def test_a_changed_file_of_the_same_size_is_found_out(folder: Path) -> None:
    path = folder / "tiny.gguf"
    path.write_bytes(CONTENT)
    verify(path, SHA256, folder=folder)
    changed = folder / "other"
    changed.write_bytes(CONTENT[::-1])
    changed.replace(path)

    with pytest.raises(DamagedFileError, match="sha256") as caught:
        verify(path, SHA256, folder=folder)

    assert caught.value.path == path
    assert remembered(path, folder=folder) == ""


@pytest.mark.parametrize(
    "index",
    [
        "",
        "{",
        "[]",
        '{"schema": "localdigest/library/1", "files": {"tiny.gguf": 3}}',
        '{"schema": "other", "files": {}}',
    ],
)
def test_a_lost_index_costs_hashing_and_no_more(folder: Path, index: str) -> None:
    path = folder / "tiny.gguf"
    path.write_bytes(CONTENT)
    (folder / "index.json").write_text(index)

    assert remembered(path, folder=folder) == ""
    assert verify(path, SHA256, folder=folder) == SHA256
    assert remembered(path, folder=folder) == SHA256


def test_the_folder_can_be_moved(folder: Path) -> None:
    (folder / "tiny.gguf").write_bytes(CONTENT)
    verify(folder / "tiny.gguf", SHA256, folder=folder)

    moved = folder.rename(folder.with_name("moved"))

    assert remembered(moved / "tiny.gguf", folder=moved) == SHA256
    assert list(json.loads((moved / "index.json").read_text())["files"]) == ["tiny.gguf"]


def test_a_folder_that_cannot_be_written_does_not_hinder(tmp_path: Path) -> None:
    """The folder's place is taken by a file: nothing can be remembered, and the checksum is right all the same."""
    path = tmp_path / "tiny.gguf"
    path.write_bytes(CONTENT)
    blocked = tmp_path / "blocked"
    blocked.touch()

    assert verify(path, SHA256, folder=blocked) == SHA256


# ── importing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_import_is_a_link_and_the_file_stays(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(CONTENT)

    target = import_file(path, folder=folder)

    assert target == folder / "mine.gguf"
    assert target.samefile(path)
    assert remembered(target, folder=folder) == SHA256
    assert import_file(path, folder=folder) == target, "twice is as good as once"
    assert list(Library(folder).files) == ["mine.gguf"]


def test_an_import_can_be_a_copy(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(CONTENT)

    target = import_file(path, folder=folder, link=False)

    assert not target.samefile(path)
    assert (path.read_bytes(), target.read_bytes()) == (CONTENT, CONTENT)
    assert remembered(target, folder=folder) == SHA256


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
def test_on_another_file_system_a_file_is_registered_where_it_is(folder: Path) -> None:
    path = Path("/dev/shm") / f"localdigest-test-{os.getpid()}.gguf"
    path.write_bytes(CONTENT)
    try:
        assert import_file(path, folder=folder) == path
        assert find_local(hub_files(), folder=folder) == (path,), "known by its checksum, whatever its name"

        remove(path, folder=folder)

        assert path.exists(), "a file elsewhere is never taken away"
        assert find_local(hub_files(), folder=folder) is None
    finally:
        path.unlink()


def test_an_import_does_not_take_the_place_of_another_file(tmp_path: Path, folder: Path) -> None:
    (folder / "mine.gguf").write_bytes(b"other")
    path = tmp_path / "mine.gguf"
    path.write_bytes(CONTENT)

    with pytest.raises(UsageError, match="another file"):
        import_file(path, folder=folder)

    assert (folder / "mine.gguf").read_bytes() == b"other"


def test_an_import_of_nothing_is_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(UsageError, match="There is no file"):
        import_file(tmp_path / "none.gguf", folder=folder)


def test_a_file_of_the_catalogue_is_imported_under_its_name(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "whatever.gguf"
    path.write_bytes(tiny_mistral().read_bytes())
    catalog = Catalog((entry_of(path),))

    target = import_named(path, catalog=catalog, folder=folder)

    assert target == folder / "published.gguf"
    (row,) = inventory(catalog, folder)
    assert row.paths == (target,)


def test_what_cannot_be_loaded_is_not_imported(folder: Path) -> None:
    with pytest.raises(UsageError, match="2023") as caught:
        import_named(split_experts(), catalog=Catalog(()), folder=folder)

    assert "models convert" in caught.value.hint
    assert list(folder.iterdir()) == []


# ── what there is ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def two(folder: Path) -> Catalog:
    """One model of the catalogue, and one of no name, and an entry that is not here."""
    (folder / "published.gguf").write_bytes(tiny_mistral().read_bytes())
    (folder / "mine.gguf").write_bytes(tiny_mixtral().read_bytes())
    absent = Entry("absent", "Absent", "owner/absent", (ModelFile("absent.gguf"),), "MIT", "llama", "F32")
    return Catalog((entry_of(tiny_mistral()), absent))


def test_the_inventory_tells_named_from_unnamed(two: Catalog, folder: Path) -> None:
    rows = inventory(two, folder)

    assert [(row.entry.name, row.paths) for row in rows] == [("tiny", (folder / "published.gguf",)), ("absent", ())]
    assert rows[0].needs is not None, "without a shape in the table the header that is here is read"
    assert rows[1].needs is None
    assert unnamed(rows, folder) == (folder / "mine.gguf",)


def test_all_that_is_here_is_verified(two: Catalog, folder: Path) -> None:
    mine = hashlib.sha256((folder / "mine.gguf").read_bytes()).hexdigest()
    verify(folder / "mine.gguf", "", folder=folder)

    pairs = dict(files_to_verify((), two, folder))

    assert pairs == {folder / "published.gguf": two.entries[0].files[0].sha256, folder / "mine.gguf": mine}
    assert files_to_verify(["tiny"], two, folder) == [(folder / "published.gguf", pairs[folder / "published.gguf"])]
    assert files_to_verify(["mine.gguf"], two, folder) == [(folder / "mine.gguf", mine)]
    for path, expected in pairs.items():
        assert check_again(path, expected, folder=folder).is_right


def test_a_byte_that_changed_without_a_trace_is_found(two: Catalog, folder: Path) -> None:
    """Size and time are the same: only reading the file through tells."""
    path = folder / "mine.gguf"
    verify(path, "", folder=folder)
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x5a")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    (expected,) = (sha256 for found, sha256 in files_to_verify((), two, folder) if found == path)

    checked = check_again(path, expected, folder=folder)

    assert not checked.is_right
    assert checked.sha256 != expected
    assert remembered(path, folder=folder) == "", "a wrong checksum is not taken for the file's own"


@pytest.mark.parametrize("name", ["absent", "none.gguf", "./models/none.gguf"])
def test_what_is_not_here_cannot_be_verified_or_removed(two: Catalog, folder: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is not here"):
        files_to_verify([name], two, folder)
    with pytest.raises(UsageError, match="is not here"):
        files_to_remove([name], two, folder)


def test_a_model_is_removed_with_what_a_download_left(two: Catalog, folder: Path) -> None:
    leftover = folder / "published.gguf.part"
    leftover.touch()
    verify(folder / "published.gguf", "", folder=folder)

    for path in files_to_remove(["tiny", "published.gguf"], two, folder):
        remove(path, folder=folder)

    assert sorted(path.name for path in folder.iterdir()) == ["index.json", "mine.gguf"]
    assert Library(folder).files == {}


def test_a_download_that_was_given_up_can_be_removed(two: Catalog, folder: Path) -> None:
    (folder / "absent.gguf.part").touch()
    (folder / "absent.gguf.part.json").touch()

    for path in files_to_remove(["absent"], two, folder):
        remove(path, folder=folder)

    assert sorted(path.name for path in folder.iterdir()) == ["mine.gguf", "published.gguf"]


def test_a_file_elsewhere_is_not_removed(tmp_path: Path, two: Catalog, folder: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(CONTENT)

    with pytest.raises(UsageError, match="not in the models folder"):
        files_to_remove([str(path)], two, folder)

    assert path.exists()
