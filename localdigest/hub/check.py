"""Whether a model file can be used, from its first bytes alone: asked before 28 GB are fetched, and of files here too.

    read(start, length) ─▶ 256 KiB, 512 KiB, … 16 MiB ─engine.gguf─▶ header ─engine.layout─▶ Verdict

Pure: where the bytes come from is the caller's business, and so is whether the model fits (the planner says, from
`Verdict.layout`). Nothing in the bytes is believed; the most that is read of them is a constant.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING

from localdigest.engine.errors import ModelFileError
from localdigest.engine.gguf import MAGIC, OLD_EXPERT, NeedMoreBytes, read_header
from localdigest.engine.layout import read_layout
from localdigest.engine.parts import join_parts
from localdigest.engine.tensor_types import Cpu
from localdigest.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from localdigest.engine.gguf import Header
    from localdigest.engine.layout import ModelLayout
    from localdigest.hub.catalog import Catalog, Entry

__all__ = ["MOST_BYTES", "Finding", "Verdict", "check_header", "check_parts", "known_architectures"]

FIRST_BYTES = 1 << 18
#: Ten times a usual header; vocabularies of 260,000 tokens with all their merges take less.
MOST_BYTES = 1 << 24
#: Loaded by llama.cpp, but they do not continue a text token by token.
_SILENT_NAMES = """
    bert modern-bert nomic-bert nomic-bert-moe neo-bert jina-bert-v2 jina-bert-v3 eurobert gemma-embedding llama-embed
    t5 t5encoder wavtokenizer-dec qwen3tts pockettts eagle3 dflash gemma4-assistant dream llada llada-moe rnd1
"""
_SILENT = frozenset(_SILENT_NAMES.split())
_KINDS = {
    "mmproj": "the part of a model that looks at pictures",
    "adapter": "an adapter (LoRA) to another model",
    "imatrix": "a table of weights' importance",
}
_TAKE_MODEL = "Take the file of the whole model; `localdigest models list` shows some."


class Finding(StrEnum):
    """What a check ends with."""

    USABLE = "usable"
    NOT_GGUF = "not-gguf"
    DAMAGED = "damaged"  #: or cut short, or of a type or version that cannot be read
    OLD_LAYOUT = "old-layout"
    UNKNOWN_ARCHITECTURE = "unknown-architecture"
    NO_WRITER = "no-writer"  #: a GGUF, but no model that writes text
    TOO_LONG = "header-too-long"
    PART = "part"  #: one of several files; only all of them say whether the model can be used


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the header says. `layout` is there exactly when the file can be used."""

    finding: Finding
    message: str = ""  #: one sentence, where it cannot be used
    hint: str = ""
    header: Header | None = None
    layout: ModelLayout | None = None
    data: bytes = b""  #: the beginning of the file, as far as it was read

    @property
    def read_bytes(self) -> int:
        return len(self.data)

    @property
    def is_usable(self) -> bool:
        return self.finding is Finding.USABLE

    @property
    def has_flaw(self) -> bool:
        """Whether it is known that it cannot be used; a part by itself has none."""
        return self.finding not in (Finding.USABLE, Finding.PART)

    def need(self, name: str) -> ModelLayout:
        """The layout.

        Raises:
            UsageError: the file cannot be used.
        """
        if self.layout is None:
            raise UsageError(f"{name} cannot be used: {self.message}", hint=self.hint)
        return self.layout


def check_header(
    read: Callable[[int, int], bytes], *, file_size: int = 0, catalog: Catalog | None = None, cpu: Cpu = Cpu.PLAIN
) -> Verdict:
    """Looks at as much of a file as it takes to say whether it can be used.

    Args:
        read: gives so many bytes (start, length), fewer only where the file ends. Its errors pass through.
        file_size: of the whole file; 0 where it is not known.
        catalog: to name a file that works.
        cpu: of the machine that is to run it; `Verdict.layout` depends on it.
    """
    data, wanted = b"", FIRST_BYTES
    while True:
        # A server may send more than it was asked for.
        data += read(len(data), wanted - len(data))[: wanted - len(data)]
        try:
            header = read_header(data, file_size=file_size or None, any_layout=True, part=True)
        except NeedMoreBytes as more:
            if len(data) < wanted:
                return Verdict(Finding.DAMAGED, *_CUT, data=data)
            if more.at_least > MOST_BYTES:
                return Verdict(Finding.TOO_LONG, *_TOO_LONG, data=data)
            wanted = min(max(2 * len(data), more.at_least), MOST_BYTES)
        except ModelFileError as error:
            finding = Finding.DAMAGED if MAGIC.startswith(data[: len(MAGIC)]) else Finding.NOT_GGUF
            return Verdict(finding, error.message, error.hint, data=data)
        else:
            if header.num_parts > 1:
                return Verdict(Finding.PART, *_PART, header=header, data=data)
            return _judge(header, catalog, cpu, data)


def check_parts(verdicts: Sequence[Verdict], *, catalog: Catalog | None = None, cpu: Cpu = Cpu.PLAIN) -> Verdict:
    """The verdict on a model from those on its files, in their order: one file's is its own."""
    if len(verdicts) == 1 and verdicts[0].finding is not Finding.PART:
        return verdicts[0]
    if flawed := [verdict for verdict in verdicts if verdict.finding is not Finding.PART]:
        return flawed[0] if flawed[0].message else Verdict(Finding.DAMAGED, *_MIXED)
    try:
        header = join_parts([verdict.header for verdict in verdicts if verdict.header is not None])
    except ModelFileError as error:
        return Verdict(Finding.DAMAGED, error.message, error.hint)
    return _judge(header, catalog, cpu, b"")


_PART = ("It is one of several files of a model.", "Keep all of them in one folder, and name the first.")
_MIXED = ("Some of its files are parts of a model and some are not.", "Download all parts again, from one place.")
_CUT = ("The file ends inside its header.", "The download was cut short, or the file is damaged: take it anew.")
_TOO_LONG = (
    f"Its header is longer than {MOST_BYTES >> 20} MiB, which no known model's is.",
    "Take the model's file from another publisher.",
)


def _judge(header: Header, catalog: Catalog | None, cpu: Cpu, data: bytes) -> Verdict:
    flaw = _other_kind(header) or _old_layout(header, catalog) or _no_known_architecture(header)
    if flaw is not None:
        return Verdict(*flaw, header=header, data=data)
    try:
        layout = read_layout(header, cpu=cpu)
    except ModelFileError as error:
        return Verdict(Finding.DAMAGED, error.message, error.hint, header=header, data=data)
    return Verdict(Finding.USABLE, header=header, layout=layout, data=data)


_Flaw = tuple[Finding, str, str]


def _other_kind(header: Header) -> _Flaw | None:
    kind = header.metadata.get("general.type", "model")
    if header.metadata.get("general.architecture") == "clip":
        kind = "mmproj"  # files of before `general.type`
    if kind in _KINDS:
        return Finding.NO_WRITER, f"It is {_KINDS[str(kind)]}, no model by itself.", _TAKE_MODEL
    if not header.tensors:
        return Finding.NO_WRITER, "It holds a vocabulary and no weights.", _TAKE_MODEL
    return None


def _old_layout(header: Header, catalog: Catalog | None) -> _Flaw | None:
    if not any(OLD_EXPERT.fullmatch(tensor.name) for tensor in header.tensors):
        return None
    message = "It has each expert in a tensor of its own, a layout of 2023 that llama.cpp no longer loads."
    return Finding.OLD_LAYOUT, message, _instead(header, catalog)


def _no_known_architecture(header: Header) -> _Flaw | None:
    architecture = header.metadata.get("general.architecture")
    if not isinstance(architecture, str):
        return Finding.DAMAGED, "It does not say what kind of model it is.", _TAKE_MODEL
    if architecture in _SILENT:
        return Finding.NO_WRITER, f"Models of the kind {architecture!r} do not write text.", _TAKE_MODEL
    if architecture not in known_architectures():
        return (
            Finding.UNKNOWN_ARCHITECTURE,
            f"It is of the architecture {architecture!r}, which this version's llama.cpp does not know.",
            "A newer localdigest may; or take another model: `localdigest models list`.",
        )
    return None


def _instead(header: Header, catalog: Catalog | None) -> str:
    convert = "A file that is here already can be rewritten: `localdigest models convert SOURCE TARGET`."
    same = _of_same_shape(header, catalog.entries if catalog else ())
    if not same:
        return f"Take a file made after April 2024. {convert}"
    size = header.data_bytes
    nearest = min(same, key=lambda entry: abs(entry.num_bytes - size))
    return f"`{nearest.name}` is the same model in today's layout. {convert}"


def _of_same_shape(header: Header, entries: Sequence[Entry]) -> list[Entry]:
    """Entries with as many layers, experts and columns."""
    architecture = header.metadata.get("general.architecture")
    sizes = [
        header.metadata.get(f"{architecture}.{key}") for key in ("block_count", "expert_count", "embedding_length")
    ]
    return [
        entry
        for entry in entries
        if entry.shape and [entry.shape.layers, entry.shape.experts, entry.shape.width] == sizes
    ]


@cache
def known_architectures() -> frozenset[str]:
    """What the pinned llama.cpp can load."""
    text = resources("localdigest.hub").joinpath("architectures.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
