"""A model in several files: read, checked, loaded, found and fetched as one."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import models
from localdigest.engine.backend import Run
from localdigest.engine.errors import ModelFileError
from localdigest.engine.layout import read_layout
from localdigest.engine.llamacpp import LlamaBackend
from localdigest.engine.loading import LoadOptions
from localdigest.engine.model_file import read_file_header
from localdigest.engine.parts import join_parts, part_names
from localdigest.hub.catalog import load_catalog
from localdigest.hub.check import Finding
from localdigest.hub.library import find_local
from localdigest.hub.obtain import check_file, check_files, obtain
from localdigest.hub.reference import parse_reference
from localdigest.net.guard import Guard


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return models.in_parts(tmp_path_factory.mktemp("parts"))


def test_the_parts_are_one_model(parts: tuple[Path, ...]) -> None:
    whole = read_file_header(models.tiny_mixtral())
    joined = read_file_header(parts[0])

    assert len(parts) > 2
    assert {(tensor.name, tensor.shape, tensor.kind) for tensor in joined.tensors} == {
        (tensor.name, tensor.shape, tensor.kind) for tensor in whole.tensors
    }
    assert read_layout(joined).weight_bytes == read_layout(whole).weight_bytes
    offsets = sorted((tensor.offset, tensor.offset + tensor.num_bytes) for tensor in joined.tensors)
    assert all(end <= start for (_, end), (start, _) in pairwise(offsets))


def test_llama_cpp_loads_the_first_and_finds_the_others(parts: tuple[Path, ...]) -> None:
    def logits(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        with LlamaBackend(LoadOptions(str(path), num_slots=1, slot_tokens=256)) as backend:
            return backend.decode([Run(0, 0, tuple(range(3, 40)), 1)])[0].copy()

    assert np.array_equal(logits(parts[0]), logits(models.tiny_mixtral()))


def test_a_later_part_names_the_first(parts: tuple[Path, ...]) -> None:
    with pytest.raises(ModelFileError, match="part 2 of a model") as caught:
        read_file_header(parts[1])

    assert parts[0].name in caught.value.hint


def test_a_missing_part_is_named(parts: tuple[Path, ...], tmp_path: Path) -> None:
    for part in parts[:-1]:
        (tmp_path / part.name).symlink_to(part)

    with pytest.raises(ModelFileError, match=parts[-1].name):
        read_file_header(tmp_path / parts[0].name)


def test_a_part_under_another_name_is_refused(parts: tuple[Path, ...], tmp_path: Path) -> None:
    (tmp_path / "model.gguf").symlink_to(parts[0])

    with pytest.raises(ModelFileError, match="its name does not say so") as caught:
        read_file_header(tmp_path / "model.gguf")
    assert "model-00001-of-" in caught.value.hint


def test_parts_of_two_models_are_not_one(parts: tuple[Path, ...]) -> None:
    verdicts = [check_file(part, catalog=None) for part in parts]
    headers = [verdict.header for verdict in verdicts if verdict.header]
    assert [verdict.finding for verdict in verdicts] == [Finding.PART] * len(parts)

    for wrong in ([*reversed(headers)], headers[:-1], [headers[0], *headers[:-1]]):
        with pytest.raises(ModelFileError, match="not the parts of one model"):
            join_parts(wrong)
    twice = replace(headers[1], tensors=headers[0].tensors)
    with pytest.raises(ModelFileError, match="the same tensor"):
        join_parts([headers[0], twice, *headers[2:]])
    fewer = replace(headers[1], tensors=headers[1].tensors[:-1])
    with pytest.raises(ModelFileError, match=r"hold \d+ tensors of \d+"):
        join_parts([headers[0], fewer, *headers[2:]])


def test_names_of_parts() -> None:
    assert part_names("m-00001-of-00003.gguf", num_parts=3) == tuple(f"m-{n:05d}-of-00003.gguf" for n in (1, 2, 3))


def test_all_parts_are_found_and_judged_together(parts: tuple[Path, ...]) -> None:
    reference = parse_reference(str(parts[0]), catalog=load_catalog())
    found = find_local(reference, folder=parts[0].parent)

    assert found == parts
    assert check_files(parts, catalog=None).is_usable
    assert check_files(parts[:-1], catalog=None).finding is Finding.DAMAGED
    obtained = obtain(reference, folder=parts[0].parent, catalog=load_catalog(), guard=Guard(), offline=True)
    assert obtained.paths == parts
    assert len(set(obtained.sha256)) == len(parts)
