"""The model that a plan is about, from as much of it as is here: its file, its header, or its line in the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.engine.layout import read_layout
from localdigest.engine.machine import cpu_features
from localdigest.engine.model_file import read_file_header
from localdigest.hub.shapes import shape_header

if TYPE_CHECKING:
    from pathlib import Path

    from localdigest.engine.layout import ModelLayout
    from localdigest.hub.catalog import Entry
    from localdigest.hub.check import Verdict

__all__ = ["Subject", "of_entry", "of_file", "of_verdict"]


@dataclass(frozen=True, slots=True)
class Subject:
    name: str
    layout: ModelLayout
    known_by: str  #: file, header or catalogue
    path: Path | None = None
    header: bytes = b""  #: where the file is not here
    file_bytes: int = 0


def of_entry(entry: Entry) -> Subject | None:
    """From its line in the catalogue alone; None where that does not tell the shape."""
    header = shape_header(entry)
    if header is None:
        return None
    return Subject(entry.name, read_layout(header, cpu=cpu_features()), "catalogue", file_bytes=entry.num_bytes)


def of_file(path: Path, *, name: str = "") -> Subject:
    """From the file's own header. Raises ModelFileError for anything that llama.cpp would not load."""
    layout = read_layout(read_file_header(path), cpu=cpu_features())
    return Subject(name or path.name, layout, "file", path=path, file_bytes=path.stat().st_size)


def of_verdict(name: str, verdict: Verdict) -> Subject:
    """From a header that was looked at on the network. Raises UsageError where the file cannot be used."""
    layout = verdict.need(name)
    assert verdict.header is not None, "a layout comes of a header"
    size = verdict.header.data_offset + verdict.header.data_bytes
    return Subject(name, layout, "header", header=verdict.data, file_bytes=size)
