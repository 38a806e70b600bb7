"""The documentation says what the program does."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY, Command

import localdigest
from localdigest.records import Reason

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
PAGES = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((REPOSITORY / "docs").glob("*.md")),
]


def shell_lines(text: str) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = (line.partition("  #")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def test_the_pages_made_from_the_code_are_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/make_docs.py", "--check"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_every_command_of_the_readme_runs(command: Command, home: Path) -> None:
    """In the order in which they stand, in a folder with the examples in it, without a network."""
    shutil.copytree(REPOSITORY / "examples", home / "examples")
    lines = [line for line in shell_lines(README) if line.startswith("localdigest ")]

    assert len(lines) > 5
    for line in lines:
        ran = command(*shlex.split(line)[1:])
        assert ran.code == 0, f"{line}\n{ran.err}"


def test_every_recipe_that_the_docs_name_is_in_the_makefile() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    named = {name for page in PAGES for name in re.findall(r"\bmake ([a-z]+)\b(?=[`\n])", page.read_text("utf-8"))}

    assert {"digest", "test"} <= named
    assert {name for name in named if not re.search(rf"^{name}:", makefile, re.MULTILINE)} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "", text)
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]

    assert missing == []


def test_version_and_changelog_agree() -> None:
    changelog = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")

    assert "## [Unreleased]" in changelog or f"## [{localdigest.__version__}]" in changelog


def keys_of(value: object) -> set[str]:
    """Every key of JSON data, but for the names of settings and stages."""
    if isinstance(value, dict):
        inner = (keys_of(item) for key, item in value.items() if key not in ("settings", "seconds", "origins"))
        return set(value) | set().union(*inner)
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


def test_every_key_that_is_printed_is_documented(command: Command, home: Path) -> None:
    text = (REPOSITORY / "docs" / "json.md").read_text(encoding="utf-8")
    page = str(REPOSITORY / "examples" / "pages" / "company.html")
    printed = [
        command("run", page, "nowhere.html", "--json", "--date", "2025-12-30").json,
        command("run", "nowhere.html", "--json").json,
        command("run", page, "--dry-run", "--json").json,
        *command("extract", page, "nowhere.html", "--json").rows,
        *command("fetch", page, "--json").rows,
        *command("collect", str(REPOSITORY / "examples" / "feed.xml"), "--json").rows,
        command("config", "show", "--json").json,
        command("cache", "stats", "--json").json,
    ]
    manifest = json.loads((home / "output" / "2025-12-30-digest.json").read_text(encoding="utf-8"))

    documented = set(re.findall(r"`([a-z_0-9-]+)`", text))
    assert set().union(*map(keys_of, printed)) - documented == set()
    assert set(manifest) - {"schema"} - documented == set()
    assert {str(reason) for reason in Reason} <= documented
