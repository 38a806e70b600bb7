"""Notes beside files: `page.html.toml` tells the address and the title of `page.html`.

url = "https://example.com/story"
title = "The story"
"""

from __future__ import annotations

import json
import os
import stat
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localdigest import values
from localdigest.records import Failure, Reason
from localdigest.urls import flaw_of_url

if TYPE_CHECKING:
    from localdigest.records import Source

__all__ = ["SUFFIX", "Note", "note_of", "noted"]

SUFFIX = ".toml"
_SIZE_LIMIT = 65_536  #: bytes; a larger one is something else


@dataclass(frozen=True, slots=True)
class Note:
    """What a person knows of a file."""

    url: str = ""  #: the address that it was saved from
    title: str = ""
    byline: str = ""
    published: str = ""  #: `YYYY-MM-DD`
    added: str = ""  #: the day on which it was put there

    def text(self) -> str:
        """As it stands in its file."""
        known = {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}
        # One printable line each: JSON writes it as TOML does.
        return "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in known.items())


def note_of(path: Path) -> Path:
    """Where the note of a file lies."""
    return path.with_name(path.name + SUFFIX)


def noted(source: Source) -> Source | Failure:
    """The file with what its note tells; the source itself where it has none.

    A note that cannot be read is a failure: the file would be cited by a wrong address.
    """
    path = note_of(Path(source.locator))
    try:
        note = _read(tomllib.loads(_text_of(path)))
    except FileNotFoundError:
        return source
    except OSError as error:
        return Failure(source, Reason.UNREADABLE, f"{path.name} cannot be read: {error.strerror}")
    except ValueError as error:  # no UTF-8, no TOML, or no note
        return Failure(source, Reason.UNREADABLE, f"{path.name} is no note: {error}")
    return replace(
        source,
        url=note.url or source.url,
        title=note.title or source.title,
        byline=note.byline or source.byline,
        published=note.published or source.published,
    )


def _text_of(path: Path) -> str:
    """Raises OSError, and ValueError for what can be no note."""
    # Reading a pipe or a device might never end; a link may lead to a file that is nobody's business.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("no regular file")
        data = file.read(_SIZE_LIMIT + 1)
    if len(data) > _SIZE_LIMIT:
        raise ValueError("it is too large")
    return data.decode("utf-8-sig")


def _read(raw: dict[str, Any]) -> Note:
    for name in raw:
        if name not in Note.__slots__:
            raise ValueError(f"there is no `{name}` in a note")
    dates = ("published", "added")
    note = Note(**{name: values.date(raw[name]) if name in dates else values.text(raw[name]) for name in raw})
    if note.url and (flaw := flaw_of_url(note.url)):
        raise ValueError(f"`url`: {flaw}")
    return note
