"""A model in several files: their headers as one. llama.cpp is given the first and finds the others by their names.

model-00001-of-00003.gguf  metadata, the first tensors ─┐
model-00002-of-00003.gguf  the next tensors             ├─▶ one Header, the data as if it lay in a row
model-00003-of-00003.gguf  the last ones               ─┘
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from localdigest.engine.errors import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localdigest.engine.gguf import Header, Tensor

__all__ = ["join_parts", "part_names"]

_NAME = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")


def part_names(name: str, *, num_parts: int) -> tuple[str, ...]:
    """The names of all parts, from that of the first.

    Raises:
        ModelFileError: It is not named as llama.cpp would look for the others, or it is not the first.
    """
    found = _NAME.fullmatch(name)
    if found is None or int(found["count"]) != num_parts:
        raise ModelFileError(
            f"The file is one of {num_parts} parts of a model, and its name does not say so.",
            hint=f"Give the parts their names back, as in {name.removesuffix('.gguf')}-00001-of-{num_parts:05d}.gguf.",
        )
    names = tuple(f"{found['stem']}-{number:05d}-of-{num_parts:05d}.gguf" for number in range(1, num_parts + 1))
    if name != names[0]:
        raise ModelFileError(
            f"The file is part {int(found['number'])} of a model.", hint=f"Name the first: {names[0]}."
        )
    return names


def join_parts(headers: Sequence[Header]) -> Header:
    """What the whole model is: the first part's metadata, and all parts' tensors.

    Args:
        headers: Of all parts, in their order.

    Raises:
        ModelFileError: They are not the parts of one model.
    """
    first = headers[0]
    for place, header in enumerate(headers):
        if header.num_parts != len(headers) or header.part != place:
            raise _not_of_one(f"part {place + 1} says that it is {header.part + 1} of {header.num_parts}")
    tensors: list[Tensor] = []
    start = 0
    for header in headers:
        tensors += [replace(tensor, offset=start + tensor.offset) for tensor in header.tensors]
        start += -(-header.data_bytes // header.alignment) * header.alignment
    if len({tensor.name for tensor in tensors}) < len(tensors):
        raise _not_of_one("two hold the same tensor")
    expected = first.metadata.get("split.tensors.count", len(tensors))
    if expected != len(tensors):
        raise _not_of_one(f"they hold {len(tensors)} tensors of {expected}")
    return replace(first, tensors=tuple(tensors))


def _not_of_one(why: str) -> ModelFileError:
    return ModelFileError(
        f"The files are not the parts of one model: {why}.", hint="Download all parts again, from one place."
    )
