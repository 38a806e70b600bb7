"""`localdigest models`, from an empty folder and a hub on loopback; `pull` and its like in a process of their own."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import Command, Ran
from headers import mistral, mixtral
from hub_server import COMMIT, Fault, Hub, serve_hub

from localdigest.hub.catalog import load_catalog
from models import split_experts, tiny_mistral, tiny_mixtral

TINY = tiny_mixtral().read_bytes()
SHA256 = hashlib.sha256(TINY).hexdigest()
CATALOG = f"""
[[entry]]
name = "tiny-mixtral"
aliases = ["tm"]
title = "Tiny Mixtral"
repo = "owner/tiny"
revision = "{COMMIT}"
files = [{{ name = "tiny-mixtral.gguf", bytes = {len(TINY)}, sha256 = "{SHA256}" }}]
licence = "MIT"
architecture = "llama"
quantisation = "F32"
"""
HEADER_BYTES = 1 << 18


@dataclass(frozen=True)
class Shop:
    """A hub, and a working folder whose catalogue has a model on it."""

    hub: Hub
    folder: Path

    def run(self, *arguments: str | Path, **environment: str) -> Ran:
        """`localdigest models …`: the hub's library reads where the hub is when it is imported."""
        command = [sys.executable, "-m", "localdigest", "models", *map(str, arguments)]
        if arguments[0] in ("pull", "show"):
            command += ["--allow-host", "localhost"]
        done = subprocess.run(
            command,
            env={**os.environ, **self.hub.environment, "HF_HOME": str(self.folder / "hf"), **environment},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def left(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "models").iterdir() if path.suffix == ".gguf")


@pytest.fixture
def shop(home: Path) -> Iterator[Shop]:
    models = home / "models"
    models.mkdir()
    (models / "catalog.toml").write_text(CATALOG, encoding="utf-8")
    files = {
        "tiny-mixtral.gguf": TINY,
        "old.gguf": split_experts().read_bytes(),
        "page.gguf": b"<!DOCTYPE html><title>Log in</title>" + bytes(1 << 20),
    }
    with serve_hub({"owner/tiny": files}) as hub:
        yield Shop(hub, home)


# ── pull ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_model_is_fetched_by_its_name_once(shop: Shop) -> None:
    first = shop.run("pull", "tiny-mixtral", "--json")
    asked = len(shop.hub.log)
    second = shop.run("pull", "tm", "--json")
    offline = shop.run("pull", "tiny-mixtral", "--offline")

    path = "models/tiny-mixtral.gguf"
    row = {"source": f"hf:owner/tiny/tiny-mixtral.gguf@{COMMIT}", "paths": [path], "sha256": [SHA256]}
    assert (first.code, second.code, offline.code) == (0, 0, 0), first.err + second.err
    assert first.json == {
        "schema": "localdigest/models-pull/1",
        "models": [{"model": "tiny-mixtral", **row, "downloaded": True}],
    }
    assert second.json["models"] == [{"model": "tm", **row, "downloaded": False}]
    assert offline.out == f"{path}\n"
    assert (shop.folder / path).read_bytes() == TINY
    assert len(shop.hub.log) == asked, "nobody was asked again"


def test_the_way_is_told_stage_by_stage(shop: Shop) -> None:
    ran = shop.run("pull", "tiny-mixtral")

    assert ran.out == "models/tiny-mixtral.gguf\n"
    stages = [line.partition(":")[0] for line in ran.err.splitlines()]
    assert [stage.lower()[:5] for stage in stages][:2] == ["check", "downl"], ran.err


@pytest.mark.parametrize(
    "reference",
    [
        "hf:owner/tiny/tiny-mixtral.gguf",
        f"hf:owner/tiny/tiny-mixtral.gguf@{COMMIT}",
        "https://huggingface.co/owner/tiny/resolve/main/tiny-mixtral.gguf",
        "{store}/owner/tiny/tiny-mixtral.gguf",
    ],
)
def test_a_model_is_fetched_by_its_address(shop: Shop, reference: str) -> None:
    ran = shop.run("pull", reference.replace("{store}", shop.hub.store_url))

    assert ran.code == 0, ran.err
    assert (shop.folder / ran.out.strip()).read_bytes() == TINY


def test_an_interrupted_download_goes_on(shop: Shop) -> None:
    """The header is read again, the rest is not."""
    shop.hub.faults["tiny-mixtral.gguf"] = Fault(cut_after=3_000_000, skip=1)
    first = shop.run("pull", "tiny-mixtral")
    shop.hub.faults.clear()
    second = shop.run("pull", "tiny-mixtral")

    assert second.code == 0, first.err + second.err
    assert (shop.folder / "models" / "tiny-mixtral.gguf").read_bytes() == TINY
    assert shop.hub.bytes_sent("tiny-mixtral.gguf") < 1.5 * len(TINY) + 2 * HEADER_BYTES


@pytest.mark.parametrize(
    ("name", "words", "hint"),
    [
        ("old.gguf", "layout of 2023", "`tiny-mixtral` is the same model"),
        ("page.gguf", "no GGUF", "web page"),
    ],
)
def test_what_cannot_be_loaded_is_not_fetched(shop: Shop, name: str, words: str, hint: str) -> None:
    shaped = CATALOG + (
        "shape = { layers = 4, width = 128, heads = 4, kv_heads = 2, head_length = 32, feed_forward = 128,"
        " vocabulary = 1000, experts = 8, experts_used = 2 }\n"
    )
    (shop.folder / "models" / "catalog.toml").write_text(shaped, encoding="utf-8")

    ran = shop.run("pull", f"hf:owner/tiny/{name}")

    assert ran.code == 2
    assert words in ran.err
    assert hint in ran.err
    assert shop.hub.bytes_sent(name) <= HEADER_BYTES
    assert shop.left() == []


def test_what_does_not_fit_is_not_fetched_unless_forced(shop: Shop) -> None:
    """Two terabytes. The server does not say how long the file is, so the header alone can tell."""
    data = mixtral(layers=2400).bytes()
    shop.hub.repos["owner/tiny"]["huge.gguf"] = data + bytes(1 << 22)
    shop.hub.faults["huge.gguf"] = Fault(ignore_range=True, no_length=True)
    address = f"{shop.hub.store_url}/owner/tiny/huge.gguf"

    refused = shop.run("pull", address)
    before = shop.left()
    forced = shop.run("pull", address, "--force")

    assert refused.code == 2
    assert "does not fit into this machine's memory" in refused.err
    assert "GiB of RAM are needed" in refused.err
    assert "localdigest plan" in refused.err
    assert before == []
    assert "Note: " in forced.err
    assert forced.code == 2, "what came is cut short, and that is told too"
    assert "cut short" in forced.err


def test_a_licence_that_must_be_accepted_is_told_before_anything_is_fetched(shop: Shop) -> None:
    shop.hub.gated.add("owner/tiny")

    ran = shop.run("pull", "tiny-mixtral")

    assert ran.code == 2
    assert "licence" in ran.err
    assert shop.hub.asked("store") == []


def test_another_file_than_the_catalogue_names_is_refused(shop: Shop) -> None:
    shop.hub.repos["owner/tiny"]["tiny-mixtral.gguf"] = TINY[:-1] + b"x"

    ran = shop.run("pull", "tiny-mixtral")

    assert ran.code == 1
    assert "another file than the catalogue" in ran.err
    assert f"hf:owner/tiny/tiny-mixtral.gguf@{COMMIT}" in ran.err
    assert shop.hub.asked("store") == []


def test_all_names_are_understood_before_the_first_is_fetched(shop: Shop) -> None:
    ran = shop.run("pull", "tiny-mixtral", "tiny-mixtrel", "--json")

    assert ran.code == 2
    assert ran.json["error"]["message"] == "There is no model 'tiny-mixtrel'."
    assert "`tiny-mixtral`" in ran.json["error"]["hint"]
    assert shop.hub.log == []


def test_without_a_network_what_is_not_here_is_told(shop: Shop) -> None:
    ran = shop.run("pull", "tiny-mixtral", "--offline")

    assert ran.code == 1
    assert "the network may not be used" in ran.err
    assert shop.hub.log == []


def test_a_file_that_is_not_the_models_is_not_taken_for_it(shop: Shop) -> None:
    """Of the right name and size, but damaged: told, and not loaded."""
    (shop.folder / "models" / "tiny-mixtral.gguf").write_bytes(TINY[:-1] + b"x")

    ran = shop.run("pull", "tiny-mixtral")

    assert ran.code == 1
    assert "sha256" in ran.err


# ── list, show ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_model_is_listed_with_what_it_needs(command: Command) -> None:
    ran = command("models", "list")

    lines = ran.out.splitlines()
    assert ran.code == 0
    assert [line.split()[0] for line in lines[1:]] == [entry.name for entry in load_catalog().entries]
    mixtral_line = next(line for line in lines if line.startswith("mixtral-8x7b-q4"))
    assert mixtral_line.split()[1:7] == ["28.4", "GB", "29.5", "GB", "Apache-2.0", "en"]


def test_the_list_tells_what_is_here(home: Path, command: Command) -> None:
    (home / "models").mkdir()
    (home / "models" / "catalog.toml").write_text(CATALOG, encoding="utf-8")
    (home / "models" / "tiny-mixtral.gguf").write_bytes(TINY)
    (home / "models" / "mine.gguf").write_bytes(tiny_mistral().read_bytes())

    plain = command("models", "list", "--installed")
    ran = command("models", "list", "--json", "--models", home / "models").json

    assert [line.split()[0] for line in plain.out.splitlines()[1:]] == ["tiny-mixtral", "models/mine.gguf"]
    assert ran["schema"] == "localdigest/models/1"
    assert [row["name"] for row in ran["models"] if row["paths"]] == ["tiny-mixtral"]
    assert [Path(row["path"]).name for row in ran["others"]] == ["mine.gguf"]
    tiny = ran["models"][0]
    assert (tiny["bytes"], tiny["files"][0]["sha256"], tiny["layers"]) == (len(TINY), SHA256, None)
    assert tiny["needs"]["ram_bytes"] > len(TINY)


def test_a_model_is_shown(command: Command) -> None:
    ran = command("models", "show", "mixtral")
    row = command("models", "show", "mixtral", "--json").json

    assert "20.1 % of summaries (Vectara" in ran.out
    assert "2 of 8 experts a token" in ran.out
    assert row["schema"] == "localdigest/model/1"
    assert (row["name"], row["layers"], row["experts"], row["checked"]) == ("mixtral-8x7b-q4", 32, 8, False)


def test_what_is_not_known_is_shown_as_unknown(command: Command) -> None:
    ran = command("models", "show", "qwen3.6-35b-a3b-q4")

    assert "known when its header is" in ran.out
    assert "not measured" in ran.out
    assert "not pinned" in ran.out


def test_a_file_without_a_name_is_judged(command: Command) -> None:
    usable = command("models", "show", tiny_mixtral(), "--json")
    old = command("models", "show", split_experts())

    assert (usable.code, old.code) == (0, 2)
    assert usable.json["finding"] == "usable"
    assert (usable.json["layers"], usable.json["experts"], usable.json["context_tokens"]) == (4, 8, 4096)
    assert "2023" in old.out


def test_a_file_on_the_hub_is_judged_without_fetching_it(shop: Shop) -> None:
    ran = shop.run("show", "hf:owner/tiny/old.gguf", "--json")

    assert (ran.code, ran.json["finding"]) == (2, "old-layout")
    assert shop.hub.bytes_sent("old.gguf") <= HEADER_BYTES
    assert shop.left() == []


def test_a_long_header_comes_from_a_server_that_knows_no_ranges_too(shop: Shop) -> None:
    maker = mistral(layers=2, width=256, inner=256, heads=2, kv_heads=1, vocab=1000)
    maker.add("tokenizer.ggml.tokens", ["a token of some length"] * 40_000)
    data = maker.bytes()
    shop.hub.repos["owner/tiny"]["long.gguf"] = data + bytes(maker.data_bytes)
    shop.hub.ranges = False

    ran = shop.run("show", f"{shop.hub.store_url}/owner/tiny/long.gguf", "--json")

    assert (ran.code, ran.json["finding"], ran.json["layers"]) == (0, "usable", 2), ran.err
    assert HEADER_BYTES < len(data) <= ran.json["read_bytes"]


@pytest.mark.parametrize("what", ["show", "verify", "rm"])
def test_a_typo_is_told_with_the_nearest_name(command: Command, what: str) -> None:
    ran = command("models", what, "mixtral-8x7-q4")

    assert ran.code == 2
    assert "`mixtral-8x7b-q4`" in ran.err


def test_a_table_in_the_folder_that_is_wrong_is_told(home: Path, command: Command) -> None:
    (home / "models").mkdir()
    (home / "models" / "catalog.toml").write_text(CATALOG.replace("licence", "license"), encoding="utf-8")

    ran = command("models", "list")

    assert ran.code == 2
    assert "catalog.toml: entry tiny-mixtral: there is no key `license`" in ran.err


# ── verify, import, rm, convert ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def stocked(home: Path) -> Path:
    folder = home / "models"
    folder.mkdir()
    (folder / "catalog.toml").write_text(CATALOG, encoding="utf-8")
    (folder / "tiny-mixtral.gguf").write_bytes(TINY)
    return folder


def test_models_are_verified(stocked: Path, command: Command) -> None:
    right = command("models", "verify")
    with (stocked / "tiny-mixtral.gguf").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"x")
    wrong = command("models", "verify", "tm", "--json")

    assert (right.code, right.out) == (0, "models/tiny-mixtral.gguf: whole\n")
    assert wrong.code == 1
    assert wrong.json["ok"] is False
    (row,) = wrong.json["files"]
    assert (row["path"], row["ok"], row["expected"]) == ("models/tiny-mixtral.gguf", False, SHA256)
    assert row["sha256"] == hashlib.sha256(TINY[:-1] + b"x").hexdigest()


def test_a_file_of_this_disk_is_imported_and_then_known_by_name(home: Path, stocked: Path, command: Command) -> None:
    (stocked / "tiny-mixtral.gguf").rename(home / "downloaded.gguf")

    ran = command("models", "import", "downloaded.gguf")
    listed = command("models", "list", "--installed")

    assert (ran.code, ran.out) == (0, "models/tiny-mixtral.gguf\n")
    assert (home / "downloaded.gguf").read_bytes() == TINY
    assert "tiny-mixtral" in listed.out


def test_models_are_removed(stocked: Path, command: Command) -> None:
    ran = command("models", "rm", "tm", "--yes")

    assert ran.code == 0
    assert not (stocked / "tiny-mixtral.gguf").exists()
    assert (stocked / "catalog.toml").exists()


@pytest.mark.parametrize("answer", ["", "n\n"])
def test_nothing_is_removed_without_asking(stocked: Path, answer: str) -> None:
    """Nobody to ask is a no."""
    words = [sys.executable, "-m", "localdigest", "models", "rm", "tm"]
    done = subprocess.run(words, input=answer, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "Remove models/tiny-mixtral.gguf?" in done.stderr
    assert (stocked / "tiny-mixtral.gguf").exists()


def test_an_old_file_is_converted(home: Path, command: Command) -> None:
    ran = command("models", "convert", split_experts(), home / "new.gguf", "--json")
    judged: Any = json.loads(command("models", "show", home / "new.gguf", "--json").out)

    assert ran.code == 0
    assert ran.json == {
        "schema": "localdigest/models-convert/1",
        "path": str(home / "new.gguf"),
        "bytes": (home / "new.gguf").stat().st_size,
    }
    assert judged["finding"] == "usable"
