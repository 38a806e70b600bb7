"""What a user may write for a model, and what it means."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdigest.errors import UsageError
from localdigest.hub.catalog import load_catalog
from localdigest.hub.reference import HubFiles, LocalFile, Reference, WebFiles, parse_reference

CATALOG = load_catalog()
MIXTRAL = CATALOG.get("mixtral-8x7b-q4")


def parse(text: str) -> Reference:
    return parse_reference(text, catalog=CATALOG)


@pytest.mark.parametrize("text", ["mixtral-8x7b-q4", "mixtral", "Mixtral:8x7b"])
def test_a_name_is_the_entry(text: str) -> None:
    assert parse(text) == HubFiles(text, MIXTRAL.repo, MIXTRAL.files, MIXTRAL.revision, MIXTRAL)


def test_an_entry_without_a_revision_is_the_newest() -> None:
    reference = parse("mistral-7b-q4")

    assert isinstance(reference, HubFiles)
    assert reference.revision == "main"


@pytest.mark.parametrize(
    ("text", "repo", "names", "revision"),
    [
        ("hf:o/r/m.gguf", "o/r", ["m.gguf"], "main"),
        ("HF:o/r/m.gguf@v1.0", "o/r", ["m.gguf"], "v1.0"),
        ("hf:o/r/deep/er/m.gguf", "o/r", ["deep/er/m.gguf"], "main"),
        ("hf:o/r/m.gguf@refs/pr/7", "o/r", ["m.gguf"], "refs/pr/7"),
        ("https://huggingface.co/o/r/resolve/main/m.gguf", "o/r", ["m.gguf"], "main"),
        ("https://huggingface.co/o/r/blob/abc/d/m.gguf", "o/r", ["d/m.gguf"], "abc"),
        ("https://hf.co/o/r/resolve/main/m.gguf?download=true", "o/r", ["m.gguf"], "main"),
        ("hf:o/r/m-00002-of-00003.gguf", "o/r", [f"m-0000{n}-of-00003.gguf" for n in (1, 2, 3)], "main"),
        ("hf:o/r/d/m-00001-of-00002.gguf", "o/r", [f"d/m-0000{n}-of-00002.gguf" for n in (1, 2)], "main"),
    ],
)
def test_a_file_on_the_hub(text: str, repo: str, names: list[str], revision: str) -> None:
    reference = parse(text)

    assert isinstance(reference, HubFiles)
    assert (reference.repo, reference.revision) == (repo, revision)
    assert [file.name for file in reference.files] == names
    assert reference.entry is None


def test_a_file_of_the_catalogue_is_known_under_its_address_too() -> None:
    address = f"https://huggingface.co/{MIXTRAL.repo}/resolve/{MIXTRAL.revision}/{MIXTRAL.files[0].name}"

    reference = parse(address)

    assert reference == HubFiles(address, MIXTRAL.repo, MIXTRAL.files, MIXTRAL.revision, MIXTRAL)


def test_the_newest_of_a_pinned_file_may_be_another_one() -> None:
    """It is the same model, but size and checksum are those of the pinned revision."""
    reference = parse(f"hf:{MIXTRAL.repo}/{MIXTRAL.files[0].name}")

    assert isinstance(reference, HubFiles)
    assert reference.entry == MIXTRAL
    assert (reference.files[0].num_bytes, reference.files[0].sha256) == (0, "")


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("https://example.com/models/m.gguf", ["https://example.com/models/m.gguf"]),
        ("http://example.com/m.GGUF?key=1", ["http://example.com/m.GGUF?key=1"]),
        (
            "https://example.com/m-00001-of-00002.gguf?key=1",
            [f"https://example.com/m-0000{n}-of-00002.gguf?key=1" for n in (1, 2)],
        ),
    ],
)
def test_an_address_elsewhere(text: str, urls: list[str]) -> None:
    reference = parse(text)

    assert isinstance(reference, WebFiles)
    assert list(reference.urls) == urls


@pytest.mark.parametrize("text", ["./m.gguf", "models/m.gguf", "/models/any", "m.gguf", "M.GGUF", "..\\m"])
def test_a_path_need_not_be_there(text: str) -> None:
    assert parse(text) == LocalFile(text, Path(text))


def test_a_file_that_is_there_needs_no_separator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights").touch()

    assert parse("weights") == LocalFile("weights", Path("weights"))


def test_a_home_folder_is_found() -> None:
    reference = parse("~/m.gguf")

    assert isinstance(reference, LocalFile)
    assert reference.path == Path.home() / "m.gguf"


def test_the_parts_of_a_split_file_are_looked_for_beside_it() -> None:
    reference = parse("models/m-00002-of-00003.gguf")

    assert isinstance(reference, LocalFile)
    assert [str(path) for path in reference.paths] == [f"models/m-0000{n}-of-00003.gguf" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mixtrl",
        "hf:o/r",
        "hf:o/m.gguf",
        "hf:o/r/m.bin",
        "hf:o/r/m.gguf@",
        "hf:o/r/m.gguf@a b",
        "hf:o/r/m.gguf@../x",
        "hf:o/../m.gguf",
        "hf:o/r/../m.gguf",
        "hf:o/r/./m.gguf",
        "hf:/r/m.gguf",
        "https://huggingface.co/o/r",
        "https://huggingface.co/o/r/tree/main",
        "https://huggingface.co/o/r/resolve/main/README.md",
        "https://example.com/",
        "https://example.com/m.bin",
        "https://example.com/..%2fm.gguf",
        "https://user:secret@example.com/m.gguf",
        "ftp://example.com/m.gguf",
        "file:///m.gguf",
    ],
)
def test_all_else_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)

    assert caught.value.hint


def test_a_typo_is_told_with_the_nearest_name() -> None:
    with pytest.raises(UsageError) as caught:
        parse("mixtral-8x7-q4")

    assert "`mixtral-8x7b-q4`" in caught.value.hint


@given(st.text(max_size=60) | st.from_regex(r"hf:[\w./@-]{0,40}") | st.from_regex(r"https?://[\w./@:%?-]{0,40}"))
def test_any_text_means_something_or_is_refused(text: str) -> None:
    """And what lies on the hub or elsewhere never gets a name that leads out of a folder."""
    try:
        reference = parse(text)
    except UsageError:
        return

    if not isinstance(reference, LocalFile):
        for file in reference.files:
            assert file.basename == Path(file.basename).name
            assert file.basename.strip(".")
            assert ".." not in file.name.split("/")
