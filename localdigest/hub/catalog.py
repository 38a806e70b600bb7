"""The models that go by a name: a table of data, read once, and looked up by name or alias.

    catalog.toml of the package ─▶ entries ◀─ catalog.toml in the models folder, whose entries come first

What it does not do: say what is on disk (`library.py`), what is on the hub (`huggingface.py`), or what fits.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any

from localdigest.errors import ConfigError, UsageError
from localdigest.files import read_text
from localdigest.hub.quantisation import MIXES
from localdigest.hub.shapes import ARCHITECTURES, Recurrence, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["FOLDER_CATALOG", "Catalog", "Entry", "Faithfulness", "ModelFile", "load_catalog", "parse_catalog"]

FOLDER_CATALOG = "catalog.toml"
_NAME = re.compile(r"[a-z0-9][a-z0-9._:-]*")
_REPO = re.compile(r"[\w.-]+/[\w.-]+")
_FILE = re.compile(r"(?:[\w.-]+/)*[\w.-]+\.gguf")
_REVISION = re.compile(r"(?:[0-9a-f]{40})?")
_SHA256 = re.compile(r"(?:[0-9a-f]{64})?")
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class ModelFile:
    name: str  #: within the repository
    num_bytes: int = 0  #: 0: not known
    sha256: str = ""  #: "": not known

    @property
    def basename(self) -> str:
        return self.name.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """How often a model was found to invent, by whoever measured it."""

    hallucination_percent: float  #: summaries with a claim that the text does not hold
    source: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One model in one quantisation."""

    name: str
    title: str
    repo: str
    files: tuple[ModelFile, ...]  #: more than one: the parts of a split GGUF, in their order
    licence: str  #: SPDX where there is such an identifier
    architecture: str  #: as GGUF has it
    quantisation: str
    aliases: tuple[str, ...] = ()
    revision: str = ""  #: the commit that the files are of; "": not known, the newest is taken
    licence_url: str = ""
    gated: bool = False  #: its licence must be accepted on the hub, and a token shown
    context_tokens: int = 0  #: that it was trained for; 0: not known
    languages: tuple[str, ...] = ()  #: BCP 47; (): not known
    good_at: str = ""  #: in one sentence
    faithfulness: Faithfulness | None = None
    shape: Shape | None = None  #: None: planning needs the header
    checked: bool = False  #: size, checksum and revision were compared with the hub
    toy: bool = False  #: for trying the machinery; never chosen unless named

    @property
    def num_bytes(self) -> int:
        """Of all files; 0: not known."""
        sizes = [file.num_bytes for file in self.files]
        return sum(sizes) if all(sizes) else 0

    def speaks(self, language: str) -> bool:
        """Whether the language is one of those named; zh-TW is zh-Hant, and en-GB is en."""
        wanted = {"zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-cn": "zh-hans"}.get(language.lower(), language.lower())
        return any(wanted == own.lower() or wanted.startswith(own.lower() + "-") for own in self.languages)


@dataclass(frozen=True, slots=True)
class Catalog:
    entries: tuple[Entry, ...]

    def find(self, name: str) -> Entry | None:
        """By name or alias, in any case."""
        wanted = name.strip().lower()
        return next((entry for entry in self.entries if wanted in (entry.name, *entry.aliases)), None)

    def get(self, name: str) -> Entry:
        """By name or alias.

        Raises:
            UsageError: there is none; with the nearest names.
        """
        if (found := self.find(name)) is None:
            raise UsageError(f"The catalogue has no model {name!r}.", hint=self.suggestion(name))
        return found

    def nearest(self, name: str) -> tuple[str, ...]:
        """Names of entries that are spelled, or have an alias that is spelled, much like it."""
        spellings = {spelling: entry.name for entry in self.entries for spelling in (entry.name, *entry.aliases)}
        close = difflib.get_close_matches(name.strip().lower(), spellings, n=3 * _NEAREST, cutoff=0.5)
        return tuple(dict.fromkeys(spellings[spelling] for spelling in close))[:_NEAREST]

    def suggestion(self, name: str) -> str:
        """A hint for whoever misspelled."""
        every = "`localdigest models list` lists all."
        close = self.nearest(name)
        return f"Did you mean {' or '.join(f'`{one}`' for one in close)}? {every}" if close else every


def load_catalog(folder: Path | None = None) -> Catalog:
    """The table, with what `catalog.toml` in the models folder adds or replaces.

    Raises:
        ConfigError: that file is no such table; names the entry and the key.
    """
    own = _of_package()
    path = folder / FOLDER_CATALOG if folder else None
    if path is None or not path.is_file():
        return own
    added = parse_catalog(read_text(path), path=str(path))
    taken = {spelling for entry in added for spelling in (entry.name, *entry.aliases)}
    # An added entry takes the whole name, so that no spelling means two models.
    kept = tuple(entry for entry in own.entries if not taken & {entry.name, *entry.aliases})
    return Catalog((*added, *kept))


@cache
def _of_package() -> Catalog:
    text = resources("localdigest.hub").joinpath("catalog.toml").read_text(encoding="utf-8")
    return Catalog(parse_catalog(text, path="catalog.toml"))


def parse_catalog(text: str, *, path: str) -> tuple[Entry, ...]:
    """The entries of a table in TOML.

    Raises:
        ConfigError: it is no such table.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"it is no TOML: {error}", path=path, hint="Compare it with docs/models.md.") from error
    if set(table) - {"entry"} or not isinstance(table.get("entry", []), list):
        raise ConfigError("a catalogue holds [[entry]] tables only", path=path, hint="Compare it with docs/models.md.")
    entries: list[Entry] = []
    taken: set[str] = set()
    for raw in table.get("entry", []):
        name = raw.get("name", "without a name") if isinstance(raw, dict) else "that is no table"
        try:
            entry = _entry(raw)
            if double := taken & {entry.name, *entry.aliases}:
                raise ValueError(f"the name {double.pop()!r} is taken")  # noqa: TRY301 - one form for all flaws
        except ValueError as error:
            raise ConfigError(f"entry {name}: {error}", path=path, hint="Compare it with docs/models.md.") from error
        taken |= {entry.name, *entry.aliases}
        entries.append(entry)
    return tuple(entries)


def _entry(raw: Any) -> Entry:
    _check_keys(raw, Entry)
    values = dict(raw)
    values["files"] = tuple(_file(file) for file in _list(raw, "files"))
    values["aliases"] = tuple(_list(raw, "aliases"))
    values["languages"] = tuple(_list(raw, "languages"))
    if "faithfulness" in raw:
        _check_keys(raw["faithfulness"], Faithfulness)
        values["faithfulness"] = Faithfulness(**raw["faithfulness"])
    if "shape" in raw:
        values["shape"] = _shape(raw["shape"], raw)
    entry = Entry(**values)
    for what, pattern, texts in (
        ("name", _NAME, (entry.name, *entry.aliases)),
        ("repository", _REPO, (entry.repo,)),
        ("revision", _REVISION, (entry.revision,)),
    ):
        for text in texts:
            if not isinstance(text, str) or not pattern.fullmatch(text):
                raise ValueError(f"{text!r} cannot be a {what}")
    if not entry.files:
        raise ValueError("it names no file")
    return entry


def _file(raw: Any) -> ModelFile:
    _check_keys({("num_bytes" if key == "bytes" else key): value for key, value in dict(raw).items()}, ModelFile)
    file = ModelFile(name=raw["name"], num_bytes=raw.get("bytes", 0), sha256=raw.get("sha256", ""))
    if not _FILE.fullmatch(file.name) or ".." in file.name.split("/"):
        raise ValueError(f"{file.name!r} cannot be the name of a GGUF file")
    if not _SHA256.fullmatch(file.sha256) or file.num_bytes < 0:
        raise ValueError(f"{file.name} has a size or a sha256 that cannot be right")
    return file


def _shape(raw: Any, entry: Mapping[str, Any]) -> Shape:
    architecture = entry.get("architecture")
    if architecture not in ARCHITECTURES or entry.get("quantisation") not in MIXES:
        raise ValueError(f"a shape can be given for {', '.join(ARCHITECTURES)} in {', '.join(MIXES)} only")
    values = {"architecture": architecture, **raw}
    _check_keys(values, Shape)
    if "recurrence" in raw:
        _check_keys(raw["recurrence"], Recurrence)
        values["recurrence"] = Recurrence(**{**raw["recurrence"], "attending": tuple(raw["recurrence"]["attending"])})
    shape = Shape(**values)
    if min(shape.layers, shape.width, shape.heads, shape.kv_heads, shape.head_length, shape.vocabulary) < 1:
        raise ValueError("its shape has a size below 1")
    return shape


def _list(raw: Mapping[str, Any], key: str) -> list[Any]:
    value = raw.get(key, [])
    if not isinstance(value, list):
        raise ValueError(f"`{key}` is no list")  # noqa: TRY004 - a wrong value, like the others
    return value


#: What the fields of the tables are, as TOML has them.
_KINDS: dict[str, tuple[type, ...]] = {"int": (int,), "str": (str,), "bool": (bool,), "float": (int, float)}


def _check_keys(raw: Any, kind: type) -> None:
    """Every key known, none missing, each of its type: else ValueError."""
    if not isinstance(raw, dict):
        raise ValueError(f"{raw!r} is no table")  # noqa: TRY004 - a wrong value, like the others
    known = {field.name: field for field in fields(kind)}
    if unknown := set(raw) - set(known):
        raise ValueError(f"there is no key `{min(unknown)}`")
    needed = {name for name, field in known.items() if field.default is MISSING}
    if missing := needed - set(raw):
        raise ValueError(f"the key `{min(missing)}` is missing")
    for name, value in raw.items():
        wanted = _KINDS.get(str(known[name].type))
        if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)):
            raise ValueError(f"`{name}` is {value!r}, not {known[name].type}")
