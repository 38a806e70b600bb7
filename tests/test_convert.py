"""Mixtral files of 2023 become files that llama.cpp loads, and nothing of them is lost."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from convert_child import Converter
from gguf_files import RawFile, RawTensor, num_bytes, one_expert, read_raw, split, without
from headers import HeaderMaker
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.engine.backend import Run
from localdigest.engine.llamacpp import LlamaBackend
from localdigest.engine.loading import FlashAttention, LoadOptions, Placement, Threads
from localdigest.errors import LocalDigestError, OutputError, UsageError
from localdigest.hub.convert import convert
from models import split_experts, tiny_mistral, tiny_mixtral, truncated

TEXT = "The council said that the price of energy is 20 percent more than last year."


def quietly(num_bytes: int, total: int) -> None:
    assert num_bytes <= total


def logits(path: Path) -> Any:
    """After every token of the text."""
    placement = Placement(kv_type="f32", flash_attention=FlashAttention.OFF)
    options = LoadOptions(
        str(path), num_slots=1, slot_tokens=256, placement=placement, threads=Threads(decode=1, prefill=1)
    )
    with LlamaBackend(options) as backend:
        assert backend.bos is not None
        tokens = (backend.bos, *backend.tokenize(TEXT))
        return np.array(backend.decode([Run(0, 0, tokens, len(tokens))]))


# ── the model is the same ────────────────────────────────────────────────────


def test_a_converted_model_is_the_merged_one_to_the_byte(tmp_path: Path) -> None:
    """Both are made from the same weights."""
    made = convert(split_experts(), tmp_path / "new.gguf", on_progress=quietly)

    assert made.read_bytes() == tiny_mixtral().read_bytes()
    assert list(tmp_path.iterdir()) == [made]


@pytest.mark.parametrize("quant", ["F32", "Q8_0", "Q4_K_M"])
def test_a_converted_model_computes_what_the_merged_one_does(quant: str, tmp_path: Path) -> None:
    """Also where layers are of different types, and experts stood beside each other as they did in 2023."""
    merged = tiny_mixtral(quant=quant)
    old = split(read_raw(merged)).write(tmp_path / "old.gguf")

    made = convert(old, tmp_path / "new.gguf", on_progress=quietly)

    assert {tensor.name: tensor for tensor in read_raw(made).tensors} == {
        tensor.name: tensor for tensor in read_raw(merged).tensors
    }
    assert np.array_equal(logits(made), logits(merged))


def test_the_metadata_of_2023_are_enough(tmp_path: Path) -> None:
    """No size of the vocabulary was written then, and the router was of 16 bits."""
    merged = without(read_raw(tiny_mixtral()), "llama.vocab_size")
    merged = replace(merged, tensors=tuple(map(in_16_bits, merged.tensors)))
    expected = merged.write(tmp_path / "merged.gguf")
    old = split(merged).write(tmp_path / "old.gguf")

    made = convert(old, tmp_path / "new.gguf", on_progress=quietly)

    assert read_raw(made).keys == merged.keys
    assert np.array_equal(logits(made), logits(expected))


def in_16_bits(tensor: RawTensor) -> RawTensor:
    if not tensor.name.endswith("ffn_gate_inp.weight"):
        return tensor
    return replace(tensor, kind="F16", data=np.frombuffer(tensor.data, np.float32).astype(np.float16).tobytes())


KINDS = {"F32": 1, "F16": 1, "Q8_0": 32, "Q4_0": 32, "MXFP4": 32, "Q4_K": 256, "Q6_K": 256}


@st.composite
def merged_files(draw: st.DrawFn) -> RawFile:
    layers, experts = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    alignment = 1 << draw(st.integers(3, 12))
    keys = mixtral_keys(layers=layers, experts=experts, used=draw(st.integers(1, experts)))
    keys.add("general.alignment", alignment)
    keys.add("tokenizer.ggml.tokens", draw(st.lists(st.text(max_size=5), min_size=1, max_size=5)))
    seed = random.Random(draw(st.integers(0, 2**32)))

    def tensor(name: str, *more: int) -> RawTensor:
        kind = draw(st.sampled_from(sorted(KINDS)))
        shape = (KINDS[kind] * draw(st.integers(1, 3)), draw(st.integers(1, 5)), *more)
        return RawTensor(name, shape, kind, seed.randbytes(num_bytes(kind, shape)))

    tensors = [tensor("token_embd.weight")]
    for layer in range(layers):
        tensors.append(tensor(f"blk.{layer}.ffn_gate_inp.weight"))
        tensors += [tensor(f"blk.{layer}.ffn_{part}_exps.weight", experts) for part in ("up", "gate", "down")]
    return RawFile(tuple(keys.keys), tuple(tensors), alignment, draw(st.sampled_from([2, 3])))


def mixtral_keys(*, layers: int = 1, experts: int = 2, used: int = 1, **others: object) -> HeaderMaker:
    keys = HeaderMaker()
    values = {"general.architecture": "llama", "llama.block_count": layers, "llama.expert_count": experts}
    for key, value in {**values, "llama.expert_used_count": used, **others}.items():
        if value is not None:
            keys.add(key, value)
    return keys


@given(file=merged_files(), draws=st.data())
@settings(deadline=None, max_examples=60)
def test_merging_undoes_splitting(
    file: RawFile, draws: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the shapes, the order of the tensors, the room between them, and the size of the buffer."""
    folder = tmp_path_factory.mktemp("split")
    old = split(file)
    old = replace(old, tensors=tuple(draws.draw(st.permutations(old.tensors))))
    source = old.write(folder / "old.gguf", gap=draws.draw(st.integers(0, 2)))
    before = source.read_bytes()

    made = read_raw(
        convert(source, folder / "new.gguf", on_progress=quietly, buffer_bytes=draws.draw(st.integers(1, 5000)))
    )

    assert replace(made, tensors=()) == replace(file, tensors=())
    assert sorted(made.tensors, key=str) == sorted(file.tensors, key=str)
    assert source.read_bytes() == before
    shutil.rmtree(folder)


# ── killed, and run again ────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def converter() -> Iterator[Converter]:
    with Converter() as converter:
        yield converter


STEPS = {"buffer_bytes": 10_007, "checkpoint_bytes": 300_000}


def test_a_conversion_killed_anywhere_goes_on(converter: Converter, tmp_path: Path) -> None:
    """Up to five times in one conversion; what is kept is never less than what a checkpoint promises."""
    source, expected = split_experts(), tiny_mixtral().read_bytes()
    chance = random.Random(1)
    target = tmp_path / "new.gguf"
    for _ in range(12):
        done = 0
        for at in sorted(chance.choices(range(len(expected)), k=chance.randrange(1, 6))):
            if at <= done:
                continue
            assert converter(source, target, convert=STEPS, kill_at_bytes=at) == {"killed": True}
            assert not target.exists()
            done = at

        ended = converter(source, target, convert=STEPS)

        assert not ended["killed"]
        assert ended["kept"] > done - STEPS["checkpoint_bytes"] - STEPS["buffer_bytes"]
        assert target.read_bytes() == expected
        assert list(tmp_path.iterdir()) == [target]
        target.unlink()


def test_a_conversion_killed_at_any_file_operation_goes_on(converter: Converter, tmp_path: Path) -> None:
    """Also between the steps that put the file in its place."""
    source, expected = split_experts(), tiny_mixtral().read_bytes()
    target = tmp_path / "new.gguf"
    steps = {"buffer_bytes": 1 << 20, "checkpoint_bytes": len(expected) // 3}
    killed = 0
    while converter(source, target, convert=steps, kill_at_event=killed)["killed"]:
        whole = target.exists()
        assert not whole or target.read_bytes() == expected

        ended = converter(source, target, convert=steps)

        # Killed when only the lock was left to go, it was finished already.
        assert "error" not in ended or (whole and "is there already" in ended["error"]), killed
        assert target.read_bytes() == expected
        assert {path.name for path in tmp_path.iterdir() if not path.name.startswith(".localdigest-")} == {"new.gguf"}
        for path in tmp_path.iterdir():
            path.unlink()
        killed += 1

    assert killed > 20


def test_the_first_progress_tells_what_was_kept(converter: Converter, tmp_path: Path) -> None:
    source, target = split_experts(), tmp_path / "new.gguf"

    converter(source, target, convert=STEPS, kill_at_bytes=2_000_000)
    seen: list[tuple[int, int]] = []
    convert(source, target, on_progress=lambda *progress: seen.append(progress))

    total = target.stat().st_size
    assert 1_600_000 < seen[0][0] < 2_000_000
    assert seen[-1] == (total, total)
    assert seen == sorted(seen)


def test_the_disk_holds_what_the_sidecar_counts(converter: Converter, tmp_path: Path) -> None:
    """Bytes after the last checkpoint may be anything, as after a power cut: they are written again."""
    source, target = split_experts(), tmp_path / "new.gguf"
    converter(source, target, convert=STEPS, kill_at_bytes=2_000_000)
    part = tmp_path / "new.gguf.part"
    flushed = json.loads((tmp_path / "new.gguf.part.json").read_text())["flushed_bytes"]
    with part.open("r+b") as file:
        file.seek(flushed)
        file.write(b"\xff" * 200_000)

    convert(source, target, on_progress=quietly)

    assert target.read_bytes() == tiny_mixtral().read_bytes()


def test_one_process_at_a_time(tmp_path: Path) -> None:
    source, target = split_experts(), tmp_path / "new.gguf"
    refused: list[LocalDigestError] = []

    def meanwhile(num_bytes: int, total: int) -> None:
        if 0 < num_bytes < total and not refused:
            with pytest.raises(LocalDigestError, match="Another process") as error:
                convert(source, target, on_progress=quietly, overwrite=True)
            refused.append(error.value)

    convert(source, target, on_progress=meanwhile)

    assert "Wait" in refused[0].hint
    assert target.read_bytes() == tiny_mixtral().read_bytes()


@pytest.mark.parametrize("change", ["source", "part", "sidecar", "foreign"])
def test_a_part_of_something_else_is_left_alone(change: str, converter: Converter, tmp_path: Path) -> None:
    """Unless one says so: it may be a download's, or hours of work."""
    source, target = tmp_path / "old.gguf", tmp_path / "new.gguf"
    shutil.copy(split_experts(), source)
    part, sidecar = tmp_path / "new.gguf.part", tmp_path / "new.gguf.part.json"
    converter(source, target, convert=STEPS, kill_at_bytes=2_000_000)
    match change:
        case "source":
            os.utime(source, ns=(1, 1))
        case "part":
            part.write_bytes(b"short")
        case "sidecar":
            sidecar.write_text("[" * 100_000)
        case "foreign":
            sidecar.unlink()
    before = part.read_bytes()

    with pytest.raises(UsageError, match="something else") as refused:
        convert(source, target, on_progress=quietly)

    assert "--overwrite" in refused.value.hint
    assert part.read_bytes() == before
    convert(source, target, on_progress=quietly, overwrite=True)
    assert target.read_bytes() == tiny_mixtral().read_bytes()


def test_a_source_that_changes_meanwhile_gives_no_model(tmp_path: Path) -> None:
    source, target = tmp_path / "old.gguf", tmp_path / "new.gguf"
    shutil.copy(split_experts(), source)

    def touch(num_bytes: int, total: int) -> None:
        if num_bytes:
            os.utime(source, ns=(num_bytes, total))

    with pytest.raises(LocalDigestError, match="was changed"):
        convert(source, target, on_progress=touch)
    assert not target.exists()


def test_a_source_that_shrinks_meanwhile_gives_no_model(tmp_path: Path) -> None:
    source, target = tmp_path / "old.gguf", tmp_path / "new.gguf"
    shutil.copy(split_experts(), source)

    def cut(num_bytes: int, total: int) -> None:
        if 0 < num_bytes < total:
            os.truncate(source, 1_000_000)

    with pytest.raises(LocalDigestError, match="was changed"):
        convert(source, target, on_progress=cut, buffer_bytes=100_000)
    assert not target.exists()


# ── room ─────────────────────────────────────────────────────────────────────


def sparse(path: Path, *, layer_bytes: int, layers: int = 4) -> Path:
    """A file that is one hole: its tensors are all zeros."""
    keys = mixtral_keys(layers=layers, experts=8, used=2)
    rows = layer_bytes // (3 * 8 * 256 * 4)
    for layer in range(layers):
        keys.tensor(f"blk.{layer}.ffn_gate_inp.weight", (256, 8))
        for expert in range(8):
            for part in ("gate", "up", "down"):
                keys.tensor(f"blk.{layer}.ffn_{part}.{expert}.weight", (256, rows))
    path.write_bytes(keys.bytes())
    os.truncate(path, len(keys.bytes()) + keys.data_bytes)
    return path


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Half a gigabyte through a few megabytes."""
    source = sparse(tmp_path / "old.gguf", layer_bytes=128 << 20)
    target = tmp_path / "new.gguf"
    with Converter() as converter:
        small = converter(split_experts(), tmp_path / "small.gguf")
        large = converter(source, target)

    assert target.stat().st_size > 500 << 20
    assert large["peak_bytes"] - small["peak_bytes"] < 8 << 20


def test_a_disk_without_room_is_told_before_anything_is_written(tmp_path: Path) -> None:
    """A hole of four terabytes takes no room to make."""
    source = sparse(tmp_path / "old.gguf", layer_bytes=1 << 40)

    with pytest.raises(OutputError, match=r"needs 409\d\.\d\d GiB more, and its disk has [\d.]+ GiB free") as refused:
        convert(source, tmp_path / "new.gguf", on_progress=quietly)

    assert "Make room" in refused.value.hint
    assert list(tmp_path.iterdir()) == [source]


def test_a_write_that_fails_leaves_a_part_to_go_on_with(converter: Converter, tmp_path: Path) -> None:
    source, target = split_experts(), tmp_path / "new.gguf"

    failed = converter(source, target, convert=STEPS, file_limit=2_000_000)
    ended = converter(source, target, convert=STEPS)

    assert failed["kind"] == "OutputError"
    assert "new.gguf.part cannot be written: File too large" in failed["error"]
    assert "goes on" in failed["hint"]
    assert ended["kept"] > 1_600_000
    assert target.read_bytes() == tiny_mixtral().read_bytes()


MOUNT = 'mount -t tmpfs -o size=12m tmpfs "$0" && exec "$@"'
ON_A_SMALL_DISK = ("unshare", "--map-root-user", "--mount", "sh", "-c", MOUNT)


def test_a_disk_that_fills_up_leaves_a_part_to_go_on_with(tmp_path: Path) -> None:
    """On a real, small disk, which another file takes meanwhile."""
    disk, filler = tmp_path / "disk", tmp_path / "disk" / "filler"
    disk.mkdir()
    command = [*ON_A_SMALL_DISK, str(disk)]
    if shutil.which("unshare") is None or subprocess.run([*command, "true"], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    source, size = split_experts(), tiny_mixtral().stat().st_size
    steps = {**STEPS, "checkpoint_bytes": 500_000}
    with Converter(*command) as converter:
        failed = converter(source, disk / "new.gguf", convert=steps, filler=[str(filler), 12 << 20, size // 2])
        crowded = converter(source, disk / "new.gguf", convert=steps)
        ended = converter(source, disk / "new.gguf", convert=steps, unlink=str(filler))
        again = converter(source, disk / "new.gguf")

    assert failed["kind"] == "OutputError"
    assert "No space left on device" in failed["error"]
    assert crowded["kind"] == "OutputError"
    assert "MiB more, and its disk has" in crowded["error"]
    assert ended["kept"] > size // 2 - 600_000
    assert "is there already" in again["error"]


# ── what cannot be converted ─────────────────────────────────────────────────


def refused(source: Path, target: Path, **options: Any) -> UsageError:
    with pytest.raises(UsageError) as error:
        convert(source, target, on_progress=quietly, **options)
    assert error.value.exit_code == 2
    assert error.value.hint
    assert not list(target.parent.glob(target.name + ".*"))
    return error.value


def test_a_merged_file_needs_no_conversion(tmp_path: Path) -> None:
    error = refused(tiny_mixtral(), tmp_path / "new.gguf")

    assert "already" in error.message
    assert "as it is" in error.hint


def test_a_dense_model_has_nothing_to_merge(tmp_path: Path) -> None:
    assert "no mixture of experts" in refused(tiny_mistral(), tmp_path / "new.gguf").message


def test_a_file_cut_short_is_told(tmp_path: Path) -> None:
    content = split_experts().read_bytes()
    (tmp_path / "header.gguf").write_bytes(content[:5000])
    (tmp_path / "data.gguf").write_bytes(content[:-5000])

    assert "cut short" in refused(truncated(), tmp_path / "new.gguf").message
    assert "ends inside its header" in refused(tmp_path / "header.gguf", tmp_path / "new.gguf").message
    assert "bytes are missing" in refused(tmp_path / "data.gguf", tmp_path / "new.gguf").message


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "page.gguf").write_bytes(b"<!DOCTYPE html>")
    os.mkfifo(tmp_path / "pipe.gguf")

    assert "no GGUF" in refused(tmp_path / "page.gguf", tmp_path / "new.gguf").message
    assert "no model file" in refused(tmp_path / "none.gguf", tmp_path / "new.gguf").message
    assert "is no file" in refused(tmp_path, tmp_path / "new.gguf").message
    assert "is no file" in refused(tmp_path / "pipe.gguf", tmp_path / "new.gguf").message


def test_a_target_that_is_there_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "new.gguf"
    target.write_text("mine")

    assert "is there already" in refused(split_experts(), target).message
    assert target.read_text() == "mine"
    convert(split_experts(), target, on_progress=quietly, overwrite=True)
    assert target.read_bytes() == tiny_mixtral().read_bytes()


def test_the_source_is_no_target(tmp_path: Path) -> None:
    source = tmp_path / "old.gguf"
    shutil.copy(split_experts(), source)
    (tmp_path / "link.gguf").symlink_to(source)

    assert "to be converted" in refused(source, source, overwrite=True).message
    assert "to be converted" in refused(source, tmp_path / "link.gguf", overwrite=True).message
    assert source.read_bytes() == split_experts().read_bytes()


def test_a_folder_is_no_target_and_a_missing_one_is_made(tmp_path: Path) -> None:
    assert "is a folder" in refused(split_experts(), tmp_path).message

    made = convert(split_experts(), tmp_path / "a" / "b" / "new.gguf", on_progress=quietly)

    assert made.is_file()


@pytest.mark.parametrize("length", [250, 300])
def test_a_name_too_long_for_the_disk_is_told(length: int, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be made"):
        convert(split_experts(), tmp_path / ("n" * length), on_progress=quietly)


def matrix(part: str, *, layer: int = 0, kind: str = "F32", shape: tuple[int, ...] = (256, 2, 2)) -> RawTensor:
    return RawTensor(f"blk.{layer}.ffn_{part}_exps.weight", shape, kind, bytes(num_bytes(kind, shape)))


def old_tensors(*, layers: int = 1) -> list[RawTensor]:
    merged = [matrix(part, layer=layer) for layer in range(layers) for part in ("gate", "up", "down")]
    return list(split(RawFile((), tuple(merged))).tensors)


def with_experts_of(kind: str, layer: int = 0) -> list[RawTensor]:
    other = one_expert(matrix("down", layer=layer, kind=kind), 1)
    return [other if tensor.name == other.name else tensor for tensor in old_tensors(layers=2)]


ODD_FILES: dict[str, tuple[dict[str, object], list[RawTensor], str]] = {
    "parts": ({"split.count": 5}, old_tensors(), "one of 5 parts"),
    "another architecture": ({"general.architecture": "grok"}, old_tensors(), "architecture 'grok'"),
    "no architecture": ({"general.architecture": None}, old_tensors(), "architecture None"),
    "no count": ({"llama.expert_count": None}, old_tensors(), "expert_count is missing"),
    "no layers": ({"llama.block_count": 0}, old_tensors(), "block_count is 0"),
    "count of text": ({"llama.expert_count": "x" * 10_000}, old_tensors(), r"expert_count is 'x{5,20}\.\.\."),
    "more used": ({"llama.expert_used_count": 3}, old_tensors(), "3 of 2 experts"),
    "missing expert": ({}, old_tensors()[:-1], r"blk\.0\.ffn_down\.1\.weight is missing"),
    "missing matrix": ({}, old_tensors()[::3] + old_tensors()[1::3], r"ffn_down\.0\.weight is missing"),
    "missing layer": ({"llama.block_count": 2**31}, old_tensors(), r"blk\.1\.ffn_gate\.0\.weight is missing"),
    "more experts": ({"llama.expert_count": 1}, old_tensors(), "more experts than 1 in each of 1 layers"),
    "more layers": ({}, old_tensors(layers=2), "more experts than 2 in each of 1 layers"),
    "other shape": (
        {},
        [replace(old_tensors()[0], shape=(128, 4)), *old_tensors()[1:]],
        r"blk\.0\.ffn_gate are not matrices of one shape",
    ),
    "flat": ({}, [replace(tensor, shape=(512,)) for tensor in old_tensors()], "are not matrices"),
    "other type": (
        {"llama.block_count": 2},
        with_experts_of("Q4_K", layer=1),
        r"different types in one layer.*: blk\.1\.ffn_down \(F32: 0; Q4_K: 1\)\.",
    ),
    "both layouts": ({}, [*old_tensors(), matrix("up")], "in both layouts"),
    "a name that is no text": ({}, [*old_tensors(), RawTensor("\ufffd", (1,), "F32", bytes(4))], "no text"),
}


@pytest.mark.parametrize("name", ODD_FILES)
def test_files_that_cannot_be_merged_say_why(name: str, tmp_path: Path) -> None:
    changes, tensors, reason = ODD_FILES[name]
    keys = mixtral_keys(**changes)
    source = RawFile(tuple(keys.keys), tuple(tensors)).write(tmp_path / "old.gguf")

    error = refused(source, tmp_path / "new.gguf")

    assert error.message.startswith("old.gguf")
    assert len(error.message) < 300
    assert re.search(reason, error.message)
