"""`localdigest bench` on a tiny model, by the way that a user goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import REPOSITORY, Command

import models


def test_bench_measures_prompts_outputs_and_a_map(command: Command) -> None:
    ran = command("bench", "--model", models.tiny_mixtral(), "--widths", "1,4", "--jobs", "5", "--json")

    assert ran.code == 0, ran.err
    assert {"streams", "unified"} == {variant["layout"] for variant in ran.json["variants"]}
    assert {True, False} == {variant["repack"] for variant in ran.json["variants"]}
    for variant in ran.json["variants"]:
        assert variant["prefill_tokens_per_second"] > 0
        assert {"1", "4"} == set(variant["decode_tokens_per_second"])
        assert variant["peak_memory_bytes"] > 2**20
    load = ran.json["map_reduce"]
    assert (5, ran.json["chosen"]["width"]) == (load["jobs"], load["width"])
    assert load["reused_tokens"] >= 4 * 290
    assert load["output_tokens"] == 5 * 160
    assert 0 < load["in_llama_cpp"] <= 1
    assert {"streams", "unified"} >= {ran.json["chosen"]["layout"]}


def test_bench_tells_its_figures_in_words(command: Command) -> None:
    ran = command("bench", "--model", models.tiny_mistral(), "--widths", "2", "--jobs", "2", "--layout", "streams")

    assert ran.code == 0, ran.err
    assert "tokens/s, 2 at once" in ran.out
    assert "map over 2 chunks" in ran.out


def test_every_key_of_bench_is_documented(command: Command) -> None:
    page = (REPOSITORY / "docs" / "json.md").read_text(encoding="utf-8")
    ran = command(
        "bench", "--model", models.tiny_mistral(), "--widths", "1", "--jobs", "1", "--layout", "streams", "--json"
    )

    keys = {*ran.json, *ran.json["variants"][0], *ran.json["chosen"], *ran.json["map_reduce"]}
    assert {key for key in keys if f"`{key}`" not in page and key != "schema"} == set()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--model", "absent.gguf"), "no model file at absent.gguf"),
        (("--model", "page.gguf"), "page.gguf"),
        (("--model", "page.gguf", "--widths", "0,x"), "no list of numbers"),
        (("--model", "page.gguf", "--layout", "sideways"), "none of both, unified, streams"),
    ],
)
def test_what_cannot_be_measured_is_said(command: Command, home: Path, arguments: tuple[str, ...], says: str) -> None:
    (home / "page.gguf").write_text("<html>not found</html>" * 9, encoding="utf-8")
    ran = command("bench", *arguments)

    assert ran.code == 2
    assert says in ran.err
    assert "Hint: " in ran.err
    assert "Traceback" not in ran.err
