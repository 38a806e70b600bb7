"""`localdigest plan`: from the catalogue alone, from a file, and as llama.cpp itself has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import headers
import pytest
from conftest import REPOSITORY, Command

import models
from localdigest.engine.estimate import assumed_cpu, assumed_gpu
from localdigest.engine.layout import read_layout
from localdigest.engine.loading import FlashAttention, KVLayout, LoadMode, LoadOptions, Placement
from localdigest.engine.offload import Machine
from localdigest.engine.rehearsal import rehearse
from localdigest.hub.catalog import load_catalog
from localdigest.planning.digest import digest_seconds
from localdigest.planning.recommend import recommend
from localdigest.planning.sizes import parse_size, size_text
from localdigest.planning.subject import of_entry

GIB = 1 << 30
#: In the catalogue, and of a shape that tests/headers.py can write as a file.
SHAPES = {"mixtral-8x7b-q4": headers.mixtral, "mistral-7b-q4": headers.mistral}


def options_of(placement: dict[str, Any], path: str = "") -> LoadOptions:
    """A plan's JSON as the engine takes it."""
    of_context = {name: placement.pop(name) for name in ("num_slots", "slot_tokens", "layout")}
    placement["flash_attention"] = FlashAttention(placement["flash_attention"])
    placement["load_mode"] = LoadMode(placement["load_mode"])
    of_context["layout"] = KVLayout(of_context["layout"])
    return LoadOptions(path, placement=Placement(**placement), **of_context)


def test_mixtral_is_placed_on_a_small_card_and_llama_cpp_takes_the_placement(command: Command) -> None:
    ran = command("plan", "--model", "mixtral-8x7b-q4", "--vram", "8GiB", "--ram", "32GiB", "--json")

    assert ran.code == 0, ran.err
    found = ran.json
    assert found["fits"], found["reason"]
    assert found["known_by"] == "catalogue"
    assert 24 <= found["placement"]["cpu_expert_layers"] <= 32
    assert found["memory"]["gpu_bytes"] <= 8 * GIB
    assert found["memory"]["ram_bytes"] <= 32 * GIB
    assert found["speed"]["prefill_tokens_per_second"] > found["speed"]["decode_tokens_per_second"]["1"] > 0
    maker = headers.mixtral()
    header = maker.bytes()
    told = rehearse(options_of(found["placement"]), header=header, file_bytes=len(header) + maker.data_bytes)
    rows = {row["name"]: row for row in found["memory"]["rows"]}
    assert told.cache_bytes == rows["cache"]["gpu"] + rows["cache"]["ram"]


def test_too_little_memory_names_what_fits(command: Command) -> None:
    ran = command("plan", "--model", "mixtral-8x7b-q4", "--ram", "16GiB", "--vram", "0", "--json")

    assert ran.code == 0
    assert not ran.json["fits"]
    assert "16.0 GiB may be used" in ran.json["reason"]
    names = [each["model"] for each in ran.json["alternatives"] if "model" in each]
    assert names[0].startswith("mixtral-8x7b-")
    assert 1 < len(names) <= 3


@pytest.mark.parametrize("name", SHAPES)
def test_catalogue_and_llama_cpp_agree(name: str) -> None:
    """What is reckoned from the catalogue's line and what llama.cpp would allocate differ by 3 % at most."""
    entry = load_catalog().get(name)
    subject = of_entry(entry)
    assert subject is not None
    found = recommend(subject.layout, Machine(ram_bytes=64 * GIB))
    maker = SHAPES[name]()
    header = maker.bytes()
    told = rehearse(found.options(""), header=header, file_bytes=len(header) + maker.data_bytes)
    rows = {row.name: row.ram for row in found.footprint.rows}

    exact = maker.data_bytes + told.cache_bytes + sum(told.compute_bytes.values()) + told.output_bytes
    assert rows["cache"] == pytest.approx(told.cache_bytes, rel=1e-3)
    reckoned = sum(rows[part] for part in ("weights", "cache", "compute buffer", "outputs"))
    assert reckoned == pytest.approx(exact, rel=0.03)


def test_a_file_is_planned_by_its_own_header(command: Command) -> None:
    ran = command("plan", "--model", models.tiny_mixtral(), "--json")

    assert ran.code == 0, ran.err
    assert ran.json["known_by"] == "file"
    assert ran.json["fits"]
    told = ran.json["memory"]["llama_cpp"]
    assert told["cache_bytes"] == next(row["ram"] for row in ran.json["memory"]["rows"] if row["name"] == "cache")
    layout = read_layout(headers.mixtral().header())
    assert layout.num_layers == 32, "and the catalogue's Mixtral is another model"


def test_every_entry_with_a_shape_has_a_plan() -> None:
    for entry in load_catalog().entries:
        if (subject := of_entry(entry)) is not None:
            found = recommend(subject.layout, Machine(ram_bytes=256 * GIB))
            assert found.fits, entry.name
            assert found.request.slot_tokens >= min(2048, subject.layout.context_length)


def test_how_a_model_is_loaded_does_not_depend_on_how_fast_the_machine_was_just_now() -> None:
    for entry in load_catalog().entries:
        if (subject := of_entry(entry)) is None:
            continue
        for gpu_bytes in (0, 8 * GIB):
            machines = [
                Machine(64 * GIB, assumed_cpu(speed, num_cores=cores), gpu_bytes=gpu_bytes, gpu=assumed_gpu())
                for speed, cores in ((10e9, 2), (90e9, 16))
            ]
            slow, fast = (recommend(subject.layout, machine) for machine in machines)
            assert (slow.request, slow.placement) == (fast.request, fast.placement), entry.name


def test_people_read_it_in_a_table(command: Command) -> None:
    ran = command("plan", "--model", "mixtral-8x7b-q4", "--vram", "12GiB", "--ram", "32GiB", "--pages", "20")

    assert ran.code == 0
    assert ran.out.startswith("mixtral-8x7b-q4: it fits: all on the GPU but the experts of ")
    assert "tokens a second" in ran.out
    assert "a digest of 20 pages takes about" in ran.out
    assert "may be used" in ran.out


def test_what_does_not_fit_is_told_with_what_does(command: Command) -> None:
    ran = command("plan", "--model", "mixtral:8x7b", "--vram", "0", "--ram", "8G")

    assert ran.code == 0
    assert "it does not fit" in ran.out
    assert "These fit:" in ran.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--model", "mixtrall"), "mixtral"),
        (("--model", "absent.gguf"), "no model file at absent.gguf"),
        (("--model", "mixtral-8x7b-q4", "--ram", "much"), "no size of memory"),
        (("--model", "mixtral-8x7b-q4", "--ctx", "9999999"), "was trained for 32768 tokens"),
        (("--model", "hf:owner/repo/file.gguf", "--offline"), "not on this disk"),
    ],
)
def test_what_cannot_be_planned_is_said(command: Command, home: Path, arguments: tuple[str, ...], says: str) -> None:
    assert home.is_dir()
    ran = command("plan", *arguments)

    assert ran.code in (1, 2)
    assert says in ran.err
    assert "Hint: " in ran.err
    assert "Traceback" not in ran.err


def test_every_key_of_plan_is_documented(command: Command) -> None:
    page = (REPOSITORY / "docs" / "json.md").read_text(encoding="utf-8")
    ran = command("plan", "--model", models.tiny_mixtral(), "--json")

    keys = {*ran.json, *ran.json["placement"], *ran.json["memory"], *ran.json["speed"]}
    assert {key for key in keys if f"`{key}`" not in page and key != "schema"} == set()


@pytest.mark.parametrize(
    ("text", "num_bytes"),
    [("8GiB", 8 * GIB), ("8G", 8 * GIB), ("8gb", 8_000_000_000), ("512MiB", 512 << 20), ("1.5 GiB", 3 << 29), ("0", 0)],
)
def test_sizes_are_read_as_people_write_them(text: str, num_bytes: int) -> None:
    assert parse_size(text) == num_bytes


def test_sizes_are_shown_in_the_unit_that_fits() -> None:
    assert [size_text(size) for size in (8 * GIB, 100 << 20)] == ["8.0 GiB", "100 MiB"]


def test_more_pages_take_longer_and_a_faster_machine_less() -> None:
    subject = of_entry(load_catalog().get("mistral-7b-q4"))
    assert subject is not None
    slow, fast = (
        recommend(subject.layout, Machine(64 * GIB, assumed_cpu(speed, num_cores=cores))).speed
        for speed, cores in ((20e9, 2), (80e9, 16))
    )
    assert slow
    assert fast

    assert digest_seconds(slow, width=4, pages=5) < digest_seconds(slow, width=4, pages=50)
    assert digest_seconds(fast, width=4) < digest_seconds(slow, width=4)
