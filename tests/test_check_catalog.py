"""scripts/check_catalog.py against a hub on loopback."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import REPOSITORY
from hub_server import COMMIT, Hub, serve_hub

from localdigest.hub.check import check_header
from models import split_experts, tiny_mixtral

TINY = tiny_mixtral().read_bytes()
SHA256 = hashlib.sha256(TINY).hexdigest()


def vocabulary() -> int:
    layout = check_header(lambda start, length: TINY[start : start + length], file_size=len(TINY)).layout
    assert layout is not None
    return layout.num_vocab


ENTRY = f"""
[[entry]]
name = "tiny-mixtral"
title = "Tiny Mixtral"
repo = "owner/tiny"
revision = "{COMMIT}"
files = [{{ name = "tiny.gguf", bytes = {len(TINY)}, sha256 = "{SHA256}" }}]
licence = "MIT"
context_tokens = 4096
architecture = "llama"
quantisation = "F32"

[entry.shape]
layers = 4
width = 128
heads = 4
kv_heads = 2
head_length = 32
feed_forward = 128
vocabulary = {vocabulary()}
experts = 8
experts_used = 2
"""


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serve_hub({"owner/tiny": {"tiny.gguf": TINY}}) as running:
        yield running


def check(hub: Hub, tmp_path: Path, table: str, *names: str) -> tuple[int, str]:
    path = tmp_path / "catalog.toml"
    path.write_text(table, encoding="utf-8")
    command = [sys.executable, str(REPOSITORY / "scripts" / "check_catalog.py")]
    done = subprocess.run(
        [*command, "--catalog", str(path), "--allow-host", "localhost", *names],
        env={**os.environ, **hub.environment, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def test_a_right_table_agrees(hub: Hub, tmp_path: Path) -> None:
    assert check(hub, tmp_path, ENTRY) == (0, "tiny-mixtral: agrees\n1 of 1 entries agree with the hub\n")
    assert hub.bytes_sent("tiny.gguf") <= 1 << 18


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (f"bytes = {len(TINY)}", "bytes = 17", f"  - tiny.gguf: bytes = 17\n  + tiny.gguf: bytes = {len(TINY)}\n"),
        (SHA256, "0" * 64, f"  + tiny.gguf: sha256 = {SHA256}\n"),
        ("context_tokens = 4096", "context_tokens = 1", "  + context_tokens = 4096\n"),
        ("feed_forward = 128", "feed_forward = 256", "  + tensor blk.0.ffn_down_exps.weight = (128, 128, 8) F32\n"),
        ("layers = 4", "layers = 5", "  + tensor blk.4.attn_k.weight = none\n"),
        ('quantisation = "F32"', 'quantisation = "Q8_0"', "  - tensor blk.0.attn_k.weight = (128, 64) Q8_0\n"),
    ],
)
def test_a_difference_is_told(hub: Hub, tmp_path: Path, old: str, new: str, shown: str) -> None:
    code, out = check(hub, tmp_path, ENTRY.replace(old, new, 1))

    assert code == 1
    assert out.startswith("tiny-mixtral: differs\n")
    assert shown in out


def test_what_the_table_leaves_open_is_told_and_not_wrong(hub: Hub, tmp_path: Path) -> None:
    table = ENTRY.replace(f'revision = "{COMMIT}"\n', "").replace(f', sha256 = "{SHA256}"', "")

    code, out = check(hub, tmp_path, table)

    assert code == 0
    assert f"  ? revision = {COMMIT}\n" in out
    assert f"  ? tiny.gguf: sha256 = {SHA256}\n" in out


def test_a_file_that_is_gone_is_told_and_the_others_are_compared(hub: Hub, tmp_path: Path) -> None:
    gone = ENTRY.replace('"tiny-mixtral"', '"gone"').replace('"tiny.gguf"', '"gone.gguf"')

    code, out = check(hub, tmp_path, gone + ENTRY)

    assert code == 1
    assert out.startswith("gone: could not be compared: ")
    assert "tiny-mixtral: agrees\n1 of 2 entries agree with the hub\n" in out


def test_a_file_that_cannot_be_loaded_differs(hub: Hub, tmp_path: Path) -> None:
    hub.repos["owner/tiny"]["tiny.gguf"] = split_experts().read_bytes()

    code, out = check(hub, tmp_path, ENTRY)

    assert code == 1
    assert "  + can be used = It has each expert in a tensor of its own" in out


def test_single_entries_can_be_named(hub: Hub, tmp_path: Path) -> None:
    assert check(hub, tmp_path, ENTRY, "tiny-mixtral")[0] == 0
    assert check(hub, tmp_path, ENTRY, "another")[0] == 2
