"""A model file's header, read from disk: enough to say what it is, and why it cannot be loaded, before loading it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from localdigest.engine.errors import ModelFileError
from localdigest.engine.gguf import NeedMoreBytes, read_header
from localdigest.engine.parts import join_parts, part_names

if TYPE_CHECKING:
    from localdigest.engine.gguf import Header

__all__ = ["has_experts", "read_file_header"]

FIRST_READ_BYTES = 1 << 20  #: most headers are below 16 MiB, tiny models' below one


def read_file_header(path: str | Path, *, any_layout: bool = False) -> Header:
    """The header of the GGUF file; of a model in several files, of which it is the first, all of theirs joined.

    Args:
        path: Of the file.
        any_layout: Also take a layout that llama.cpp no longer loads, as whoever converts it must. Then of one file.

    Raises:
        ModelFileError: For anything else that llama.cpp would not load either.
    """
    path = Path(path)
    first = _read(path, any_layout=any_layout, part=not any_layout)
    if first.num_parts == 1:
        return first
    names = part_names(path.name, num_parts=first.num_parts)
    return join_parts([first, *(_read(path.with_name(name), any_layout=False, part=True) for name in names[1:])])


def _read(path: Path, *, any_layout: bool, part: bool) -> Header:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            data = file.read(FIRST_READ_BYTES)
            while True:
                try:
                    return read_header(data, file_size=size, any_layout=any_layout, part=part)
                except NeedMoreBytes as more:
                    missing = max(more.at_least, 2 * len(data)) - len(data)
                    if not (piece := file.read(missing)):
                        raise ModelFileError(f"{path.name} ends within its header.") from more
                    data += piece
    except FileNotFoundError as error:
        raise ModelFileError(f"There is no model file at {path}.") from error
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read: {error.strerror}.") from error
    except ModelFileError as error:
        raise ModelFileError(f"{path.name}: {error.message}", hint=error.hint) from error


def has_experts(header: Header) -> bool:
    """Repacked experts are multiplied row by row, plain ones in blocks: a prompt takes half the time with those."""
    return any(tensor.name.endswith("_exps.weight") for tensor in header.tensors)
