"""The table of models, and what its reader refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from localdigest.errors import ConfigError, UsageError
from localdigest.hub.catalog import Catalog, Entry, load_catalog, parse_catalog
from localdigest.hub.check import known_architectures

ENTRIES = load_catalog().entries
#: The README, docs and prompts of others rest on these names.
PROMISED = (
    "mixtral-8x7b-q4",
    "mixtral-8x7b-q2",
    "mistral-7b-q4",
    "mistral-nemo-12b-q4",
    "mistral-small-24b-q4",
    "ministral-3-3b-q4",
    "ministral-3-8b-q4",
    "ministral-3-14b-q4",
    "qwen3-30b-a3b-q4",
    "gpt-oss-20b",
)
SPDX = {"Apache-2.0", "MIT"}
LEAST = """
[[entry]]
name = "tiny"
title = "Tiny"
repo = "owner/tiny"
files = [{ name = "tiny.gguf" }]
licence = "MIT"
architecture = "llama"
quantisation = "Q8_0"
"""


@pytest.mark.parametrize("name", PROMISED)
def test_a_promised_model_is_there(name: str) -> None:
    entry = load_catalog().get(name)

    assert entry.num_bytes > 1e9
    assert entry.context_tokens


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_entry_is_complete_and_of_the_right_form(entry: Entry) -> None:
    assert entry.title
    assert re.fullmatch(r"[a-z0-9.-]+", entry.name)
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", entry.repo)
    assert re.fullmatch(r"([0-9a-f]{40})?", entry.revision)
    for file in entry.files:
        assert file.name.endswith(".gguf")
        assert "/" not in file.name
        assert file.num_bytes > 0
        assert re.fullmatch(r"([0-9a-f]{64})?", file.sha256)
    assert entry.licence in SPDX
    assert entry.architecture in known_architectures()
    assert re.fullmatch(r"[A-Z].*[.]", entry.good_at)
    assert all(re.fullmatch(r"[a-z]{2}(-[A-Z][a-z]{3})?", language) for language in entry.languages)
    if entry.faithfulness:
        assert 0 < entry.faithfulness.hallucination_percent < 100
        assert re.search(r"\d{4}-\d\d-\d\d$", entry.faithfulness.source)


def test_no_spelling_means_two_models() -> None:
    spellings = [spelling for entry in ENTRIES for spelling in (entry.name, *entry.aliases)]

    assert len(set(spellings)) == len(spellings)
    assert spellings == [spelling.lower() for spelling in spellings]


def test_no_two_entries_are_one_file() -> None:
    sums = [file.sha256 for entry in ENTRIES for file in entry.files if file.sha256]

    assert len(set(sums)) == len(sums)


def test_there_is_a_model_for_small_machines_and_one_for_traditional_chinese() -> None:
    small = [entry for entry in ENTRIES if entry.num_bytes < 5e9 and not entry.toy]
    chinese = [entry for entry in ENTRIES if entry.speaks("zh-TW")]

    assert small
    assert "qwen3-30b-a3b-q4" in [entry.name for entry in chinese]
    assert "mixtral-8x7b-q4" not in [entry.name for entry in chinese]


@pytest.mark.parametrize("name", ["mixtral", "MIXTRAL:8x7B", " mixtral-8x7b-q4 "])
def test_an_alias_in_any_case_is_the_entry(name: str) -> None:
    assert load_catalog().get(name).name == "mixtral-8x7b-q4"


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("mixtral-8x7b-q5", "mixtral-8x7b-q4"),
        ("mistral-nemo-q4", "mistral-nemo-12b-q4"),
        ("qwen-30b", "qwen3-30b-a3b-q4"),
        ("gptoss", "gpt-oss-20b"),
    ],
)
def test_a_typo_is_told_with_the_nearest_name(typo: str, meant: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_catalog().get(typo)

    assert f"`{meant}`" in caught.value.hint


def test_a_name_like_no_other_is_told_without_a_guess() -> None:
    with pytest.raises(UsageError) as caught:
        load_catalog().get("zzz")

    assert caught.value.hint == "`localdigest models list` lists all."


def test_the_folder_adds_models_and_takes_names(tmp_path: Path) -> None:
    """An entry of the folder comes first, and none of the package's keeps a name that it takes."""
    (tmp_path / "catalog.toml").write_text(LEAST.replace('"tiny"', '"mixtral"', 1), encoding="utf-8")

    catalog = load_catalog(tmp_path)

    assert catalog.get("mixtral").repo == "owner/tiny"
    assert catalog.find("mixtral-8x7b-q4") is None
    assert catalog.get("mistral-7b-q4")
    assert load_catalog(tmp_path / "elsewhere") == load_catalog()


def test_what_is_not_given_is_unknown() -> None:
    (entry,) = parse_catalog(LEAST, path="mine.toml")

    assert (entry.num_bytes, entry.files[0].sha256, entry.revision, entry.context_tokens) == (0, "", "", 0)
    assert (entry.languages, entry.faithfulness, entry.shape, entry.checked) == ((), None, None, False)
    assert Catalog((entry,)).get("tiny") == entry


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("name = ", "nome = "), "there is no key `nome`"),
        (('licence = "MIT"\n', ""), "the key `licence` is missing"),
        (('"owner/tiny"', '"tiny"'), "'tiny' cannot be a repository"),
        (('"tiny"', '"Tiny!"'), "'Tiny!' cannot be a name"),
        (('"tiny.gguf"', '"tiny.bin"'), "'tiny.bin' cannot be the name of a GGUF file"),
        (('"tiny.gguf"', '"../tiny.gguf"'), "'../tiny.gguf' cannot be the name of a GGUF file"),
        (('"tiny.gguf"', '"tiny.gguf", sha256 = "12"'), "a size or a sha256 that cannot be right"),
        (('"tiny.gguf"', '"tiny.gguf", bytes = -1'), "a size or a sha256 that cannot be right"),
        (("[{ name", "[{ size = 1, name"), "there is no key `size`"),
        (('title = "Tiny"', 'title = "Tiny"\nrevision = "main"'), "'main' cannot be a revision"),
        (('title = "Tiny"', "title = 3"), "`title` is 3, not str"),
        (('title = "Tiny"', 'title = "Tiny"\ngated = 1'), "`gated` is 1, not bool"),
        (('title = "Tiny"', 'title = "Tiny"\ncontext_tokens = true'), "`context_tokens` is True, not int"),
        (('title = "Tiny"', 'title = "Tiny"\naliases = "small"'), "`aliases` is no list"),
        (('title = "Tiny"', 'title = "Tiny"\nshape = { layers = 1 }'), "the key `feed_forward` is missing"),
        (('"Q8_0"', '"UD-Q9"\nshape = { layers = 1 }'), "a shape can be given for"),
        ((LEAST, LEAST + LEAST), "the name 'tiny' is taken"),
        (("[[entry]]", "[[model]]"), "holds [[entry]] tables only"),
        (("[[entry]]", "[[entry"), "it is no TOML"),
        (('files = [{ name = "tiny.gguf" }]', "files = []"), "it names no file"),
    ],
)
def test_a_table_that_is_none_is_refused(change: tuple[str, str], complaint: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(complaint)) as caught:
        parse_catalog(LEAST.replace(*change), path="mine.toml")

    assert caught.value.message.startswith("mine.toml: ")
