"""The words that a model is asked with: one Markdown file per prompt and language, checked when loaded.

    map.<style>       what to take from a run of sentences            {topic} {source}
    map.<style>.shared   the same for several topics at once          {topics} {source}
    reduce.<style>    what the sections are written from              {topic} {stories} {task}
    reduce.<section>  what belongs in one section: the {task} above   ({topic})
    grade             how much each story matters, when all are too many   {topic} {stories}
    judge             whether a sentence's evidence states it         {case}
    repair            a sentence that says what its evidence does not {case}
    no_topic          what stands for {topic} when there is none

A folder of one's own replaces single files by name.
Instructions stand first and data last, so that a model computes what jobs share once.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LANGUAGES", "Prompts", "fenced", "load_prompts", "one_line"]

LANGUAGES = ("en", "zh-TW")

#: Name → what must stand in it; what else may.
_PLACEHOLDERS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "map.abstract": (frozenset({"topic", "source"}), frozenset()),
    "map.quotes": (frozenset({"topic", "source"}), frozenset()),
    "map.abstract.shared": (frozenset({"topics", "source"}), frozenset()),
    "map.quotes.shared": (frozenset({"topics", "source"}), frozenset()),
    "reduce.abstract": (frozenset({"topic", "stories", "task"}), frozenset()),
    "reduce.quotes": (frozenset({"topic", "stories", "task"}), frozenset()),
    "reduce.news": (frozenset(), frozenset({"topic"})),
    "reduce.trend": (frozenset(), frozenset({"topic"})),
    "reduce.analysis": (frozenset(), frozenset({"topic"})),
    "reduce.key_points": (frozenset(), frozenset({"topic"})),
    "reduce.implications": (frozenset(), frozenset({"topic"})),
    "reduce.summary": (frozenset(), frozenset({"topic"})),
    "grade": (frozenset({"topic", "stories"}), frozenset()),
    "judge": (frozenset({"case"}), frozenset()),
    "repair": (frozenset({"case"}), frozenset()),
    "no_topic": (frozenset(), frozenset()),
}
_PLACEHOLDER = re.compile(r"\{([A-Za-z_]+)\}")
_NOT_PROMPTS = frozenset({"README.md"})
_FENCE = "~"
_SHORTEST_FENCE = 5


@dataclass(frozen=True, slots=True)
class Prompts:
    """Every prompt in every language, checked."""

    texts: Mapping[str, str]  #: by `map.abstract.en`
    hash: str  #: of all texts: part of the key of everything that is made with them

    def fill(self, name: str, language: str, **values: str) -> str:
        """The prompt with values in their places; what looks like a placeholder in a value stays as it is."""
        text = self.texts[f"{name}.{language}"]
        return _PLACEHOLDER.sub(lambda match: values[match.group(1)], text)

    def topic(self, topic: str, language: str) -> str:
        return topic.strip() or self.texts[f"no_topic.{language}"]


def load_prompts(folder: Path | None = None) -> Prompts:
    """The prompts that come with the program, with the files of a folder in the place of those of the same name.

    Raises:
        ConfigError: a file that is no prompt, cannot be read, or has a placeholder too many or too few.
    """
    own = _own_files()
    overriding = _overriding_files(folder) if folder else {}
    texts = {}
    for name in _PLACEHOLDERS:
        for language in LANGUAGES:
            file = f"{name}.{language}.md"
            text, path = overriding.get(file) or own[file]
            texts[f"{name}.{language}"] = _checked(text.strip(), name, path)
    return Prompts(texts, _hash(texts))


def fenced(text: str) -> str:
    """Data between two lines of tildes, longer than any run of tildes in it: nothing in it can end it."""
    longest = max((len(run) for run in re.findall(f"{_FENCE}+", text)), default=0)
    fence = _FENCE * max(_SHORTEST_FENCE, longest + 1)
    return f"{fence}\n{text.rstrip()}\n{fence}"


def one_line(text: str) -> str:
    """Data as a line of a prompt: no break in it can begin another."""
    return " ".join(text.split())


def _hash(texts: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name, text in sorted(texts.items()):
        digest.update(f"{name}:{len(text)}:{text}".encode())
    return digest.hexdigest()


_Files = dict[str, tuple[str, str]]  # by file name: text and path


def _own_files() -> _Files:
    # In the wheel they lie in the package, in a checkout beside it.
    packed = resources.files("localdigest") / "prompts"
    folder = packed if packed.is_dir() else Path(__file__).resolve().parent.parent / "prompts"
    return {
        entry.name: (entry.read_text(encoding="utf-8"), str(entry))
        for entry in folder.iterdir()
        if entry.name.endswith(".md")
    }


def _overriding_files(folder: Path) -> _Files:
    known = [f"{name}.{language}.md" for name in _PLACEHOLDERS for language in LANGUAGES]
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".md" and path.name not in _NOT_PROMPTS)
        for path in paths:
            if path.name not in known:
                near = difflib.get_close_matches(path.name, known, n=1)
                hint = f"Did you mean {near[0]}?" if near else f"The prompts are: {', '.join(known)}."
                raise ConfigError("there is no prompt of this name", path=str(path), hint=hint)
        return {path.name: (path.read_text(encoding="utf-8"), str(path)) for path in paths}
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"the prompts cannot be read: {reason}", path=str(folder), hint=_FOLDER_HINT) from error


_FOLDER_HINT = "Name a folder that holds prompts as Markdown files in UTF-8."


def _checked(text: str, name: str, path: str) -> str:
    needed, allowed = _PLACEHOLDERS[name]
    found = set(_PLACEHOLDER.findall(text))
    for unknown in sorted(found - needed - allowed):
        known = ", ".join(f"{{{other}}}" for other in sorted(needed | allowed)) or "none"
        hint = f"This prompt may have: {known}."
        raise ConfigError(f"the placeholder {{{unknown}}} is unknown", path=path, hint=hint)
    for missing in sorted(needed - found):
        hint = "The prompt is of no use without it: put it in."
        raise ConfigError(f"the placeholder {{{missing}}} is missing", path=path, hint=hint)
    if not text:
        raise ConfigError("the prompt is empty", path=path, hint="Write it, or take the file away.")
    return text
