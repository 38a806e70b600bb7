"""`localdigest run --model`, as a user starts it: an empty machine, a hub on loopback, real llama.cpp."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY, Ran
from hub_server import COMMIT, Fault, Hub, serve_hub

import models
from localdigest.cli.model_writer import budget_for
from localdigest.engine.estimate import assumed_cpu
from localdigest.engine.layout import read_layout
from localdigest.engine.model_file import read_file_header
from localdigest.engine.offload import Machine, plan
from localdigest.errors import UsageError

TINY = models.tiny_mixtral().read_bytes()
SHA256 = hashlib.sha256(TINY).hexdigest()
CATALOG = f"""
[[entry]]
name = "tiny-mixtral"
title = "Tiny Mixtral"
repo = "owner/tiny"
revision = "{COMMIT}"
files = [{{ name = "tiny-mixtral.gguf", bytes = {len(TINY)}, sha256 = "{SHA256}" }}]
licence = "MIT"
architecture = "llama"
quantisation = "F32"
languages = ["en", "zh-Hant"]
"""
TOPIC = "examples/mistral-week.toml"


@dataclass(frozen=True)
class User:
    """A working folder with the examples in it, and a home of its own."""

    folder: Path
    hub: Hub

    def run(self, *arguments: str | Path, **environment: str) -> Ran:
        homes = {name: str(self.folder / ".home" / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "HF_HOME")}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LOCALDIGEST_")}
        done = subprocess.run(
            [sys.executable, "-m", "localdigest", *map(str, arguments)],
            env={**inherited, **self.hub.environment, **homes, **environment},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "output" / "2025-12-30-mistral.json").read_text("utf-8"))
        return found

    @property
    def post(self) -> bytes:
        return (self.folder / "output" / "2025-12-30-mistral.md").read_bytes()


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    shutil.copytree(REPOSITORY / "examples", tmp_path / "examples")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "catalog.toml").write_text(CATALOG, encoding="utf-8")
    with serve_hub({"owner/tiny": {"tiny-mixtral.gguf": TINY}}) as hub:
        yield User(tmp_path, hub)


def statements(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    digest = manifest["digest"]
    parts = [part for section in digest["sections"] for part in section["parts"]]
    headlines = [part["headline"] for part in parts if part["headline"]]
    return [*digest["summary"], *headlines, *(each for part in parts for each in part["statements"])]


def test_from_nothing_to_a_digest_of_quotations(user: User) -> None:
    """Downloaded, verified, planned, loaded, asked; each sentence stands in its source; a second run asks nobody."""
    first = user.run("run", "--model", "tiny-mixtral", "--style", "quotes", TOPIC, "--allow-host", "localhost")

    assert first.code == 0, first.err
    stages = [line.partition(":")[0] for line in first.err.splitlines()]
    told = ["Planning", "Checking", "Downloading", "Fetching", "Reading", "Loading", "Mapping", "Composing"]
    assert [stage for stage in dict.fromkeys(stages) if stage in told] == told
    manifest, post = user.manifest(), user.post
    assert manifest["uses_model"]
    assert manifest["model"]["sha256"] == [SHA256]
    assert manifest["model"]["source"] == f"hf:owner/tiny/tiny-mixtral.gguf@{COMMIT}"
    assert manifest["model"]["licence"] == "MIT"
    assert manifest["run"]["work"]["jobs_run"] > 10
    assert manifest["run"]["placement"]["gpu_layers"] == 0
    if sys.platform == "linux":
        assert {held["network"] for held in manifest["sandbox"].values()} == {"seccomp"}
        assert set(manifest["sandbox"]) == {"main", "parser", "model"}
    texts = {each["id"]: each["text"] for each in manifest["evidence"]}
    found = statements(manifest)
    assert len(found) > 10
    assert all(each["verdict"] == "supported" for each in found)
    assert all(each["text"] in texts[id_] for each in found for id_ in each["evidence"])
    assert {section["key"] for section in manifest["digest"]["sections"] if section["parts"]} >= {"trend", "news"}
    assert user.hub.bytes_sent("tiny-mixtral.gguf") < 1.6 * len(TINY), "the header, and the file once"

    user.hub.log.clear()
    second = user.run("run", "--model", "tiny-mixtral", "--style", "quotes", TOPIC, "--offline")

    assert second.code == 0, second.err
    assert user.hub.log == []
    assert user.post == post
    assert user.manifest()["run"]["work"]["jobs_run"] == 0
    assert "Loading" not in second.err, "all answers are known: no model is loaded"
    assert user.manifest()["sandbox"] == manifest["sandbox"]


def test_a_budget_that_is_too_small_reads_one_chunk_and_says_so(user: User) -> None:
    """In the post, in the manifest, at the end; the next run without a budget reads the rest."""
    shutil.copy(models.tiny_mixtral(), user.folder / "models" / "tiny-mixtral.gguf")
    pages = ("examples/pages/company.html", "examples/pages/docs.html", "--date", "2025-12-30", "--slug",
             "mistral", "--lang", "en", "--model", "tiny-mixtral", "--style", "quotes", "--strict")  # fmt: skip
    environment = {"LOCALDIGEST_BUDGET": "0.001s"}
    ran = user.run("run", *pages, **environment)
    assert ran.code in (0, 3), ran.err
    hurried, post = user.manifest(), user.post.decode()
    again = user.run("run", *pages, "--budget", "99h")
    assert again.code in (0, 3), again.err
    unhurried = user.manifest()
    account, whole = hurried["model"]["account"], unhurried["model"]["account"]

    for done, manifest in ((ran, hurried), (again, unhurried)):
        assert manifest["counts"]["read"] == 2, done.err
        # A source that the model had no time for was read all the same: too little is only a digest of nothing.
        assert done.code == (0 if manifest["counts"]["statements"] else 3), done.err
    assert unhurried["settings"]["budget"] == "99h"
    assert account["chunks_left_out"] > 0
    unread, shortened = account["documents_left_out"], account["documents_shortened"]
    assert len(unread) + len(shortened) > 0
    assert f"sources read only in part: {len(shortened)}; not at all: {len(unread)}." in post
    assert ("The time given was too short even for that." in post) == account["is_over_budget"]
    assert f"Left out for lack of time: {account['chunks_left_out']} of {account['chunks']} chunk" in ran.err
    assert (whole["chunks_left_out"], whole["documents_left_out"], whole["chunks"]) == (0, [], account["chunks"])
    assert "lack of time" not in user.post.decode() + again.err


def test_the_next_day_a_model_repeats_no_sentence(user: User) -> None:
    """Of two pages one is as it was, the other has two sentences more: these are read, and nothing else."""
    shutil.copy(models.tiny_mixtral(), user.folder / "models" / "tiny-mixtral.gguf")
    pages = user.folder / "examples" / "pages"
    arguments = ("run", pages / "company.html", pages / "docs.html", "--slug", "mistral", "--lang", "en",
                 "--model", "tiny-mixtral", "--style", "quotes", "--no-pictures", "--date")  # fmt: skip
    assert user.run(*arguments, "2025-12-30").code in (0, 3)
    before = {each["text"] for each in statements(user.manifest())}
    news = (
        "The laboratory told its customers on Wednesday that the prices of its interface will fall by a third.",
        "Customers of the old interface have until the end of March to move to the new one, the company wrote.",
    )
    page = pages / "company.html"
    page.write_text(page.read_text("utf-8").replace("<hr>", f"<p>{' '.join(news)}</p><hr>"), "utf-8")

    ran = user.run(*arguments, "2025-12-31")

    assert ran.code in (0, 3), ran.err  # random weights may choose nothing
    manifest = json.loads((user.folder / "output" / "2025-12-31-mistral.json").read_text("utf-8"))
    texts = {each["text"] for each in manifest["digest"]["summary"]}
    texts |= {
        each["text"] for section in manifest["digest"]["sections"] for part in section["parts"]
        for each in part["statements"]
    }  # fmt: skip
    assert texts <= set(news)
    assert not texts & before
    assert [source["reason"] for source in manifest["sources"]] == ["", "covered"]
    assert manifest["model"]["account"]["chunks"] == 1


def test_a_budget_needs_a_known_speed() -> None:
    """A plan for a machine of which nothing is known but its memory."""
    layout = read_layout(read_file_header(models.tiny_mixtral()))
    unknown, known = (plan(layout, Machine(1 << 34, cpu=cpu)) for cpu in (None, assumed_cpu(1e10)))

    assert budget_for("tiny", unknown, "") is None
    with pytest.raises(UsageError, match="45m cannot be kept: nothing is known of how fast tiny runs") as refused:
        budget_for("tiny", unknown, "45m")
    assert "--limit" in refused.value.hint
    found = budget_for("tiny", known, "45m")
    assert found
    assert (found.seconds, found.pace.width) == (2700, known.request.num_slots)
    assert list(found.pace.decode_tokens_per_second) == sorted(found.pace.decode_tokens_per_second)


def test_a_model_that_invents_leaves_an_honest_account(user: User) -> None:
    """Random weights write nonsense, which does not stand in the sources: it is dropped and counted, exit code 3."""
    ran = user.run("run", "--model", models.tiny_mixtral(), "examples/pages/company.html", "--date", "2025-12-30",
                   "--slug", "mistral", "--lang", "en", "--second-judge")  # fmt: skip

    assert ran.code == 3, ran.err
    manifest = user.manifest()
    assert manifest["model"]["account"]["second_judge"]
    assert manifest["counts"]["unsupported"] == 0
    assert manifest["model"]["account"]["claims_dropped"]
    assert manifest["model"]["source"] == models.tiny_mixtral().name
    assert str(REPOSITORY) not in json.dumps(manifest)


def test_the_best_model_that_is_here_writes_unless_told_otherwise(user: User) -> None:
    shutil.copy(models.tiny_mixtral(), user.folder / "models" / "tiny-mixtral.gguf")
    page = "examples/pages/company.html"

    chosen = user.run("run", page, "--style", "quotes")
    told = user.run("run", page, "--writer", "extractive")
    planned = user.run("run", page, "--dry-run")

    assert "Writer: tiny-mixtral, the model here that writes zh-TW." in chosen.err
    assert chosen.code == 0, chosen.err
    assert "Writer:" not in told.err
    assert "with the tiny-mixtral writer" in planned.err


def test_without_a_model_the_built_in_writer_says_why_it_writes(user: User) -> None:
    ran = user.run("run", "examples/pages/company.html")

    assert ran.code == 0
    assert "Writer: extractive, since no model is here." in ran.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--model", "tiny-mixtrel"), "no model 'tiny-mixtrel'"),
        (("--model", "tiny-mixtral", "--writer", "extractive"), "uses no model"),
        (("--writer", "generative"), "needs a model, and no model is here"),
        (("--model", "tiny-mixtral", "--offline"), "not on this disk"),
        (("--model", "tiny-mixtral", "--budget", "soon"), "--budget: expected a time such as 90s, 45m, 2h"),
        (("--model", "absent.gguf"), "no model file at absent.gguf"),
    ],
)
def test_what_cannot_be_is_said_before_a_page_is_read(user: User, arguments: tuple[str, ...], says: str) -> None:
    ran = user.run("run", "examples/pages/company.html", *arguments)

    assert ran.code in (1, 2)
    assert says in ran.err, ran.err
    assert "Hint: " in ran.err
    assert "Traceback" not in ran.err
    assert list((user.folder / "output").glob("*")) == []


def test_a_file_of_2023_is_refused_with_what_to_do(user: User) -> None:
    ran = user.run("run", "examples/pages/company.html", "--model", models.split_experts())

    assert ran.code == 2
    assert "a layout of 2023" in ran.err
    assert "models convert" in ran.err


def test_a_damaged_download_never_gets_its_name(user: User) -> None:
    user.hub.faults["tiny-mixtral.gguf"] = Fault(wrong_at=len(TINY) // 2)

    ran = user.run("run", "examples/pages/company.html", "--model", "tiny-mixtral", "--allow-host", "localhost")

    assert ran.code == 1
    assert "sha256" in ran.err
    assert not (user.folder / "models" / "tiny-mixtral.gguf").exists()
