"""A word in the spelling of each scheduler. What has no certain spelling is refused, never guessed."""

from __future__ import annotations

import json
import shlex
from xml.sax.saxutils import escape

__all__ = ["cron_word", "github_text", "systemd_argument", "systemd_program", "systemd_text", "xml_text"]

_NO_PROGRAM = "\"'\\"  #: systemd takes no executable with one of them


def systemd_text(text: str) -> str:
    """The rest of a line in a unit file: `%` begins what systemd fills in, a backslash joins lines."""
    if text.endswith("\\") or text != text.strip():
        raise ValueError(f"a line of a unit cannot hold {text!r}")
    return _plain(text).replace("%", "%%")


def systemd_program(path: str) -> str:
    """The first word of `ExecStart`: may hold no quotes and backslashes, and `$` means itself in it."""
    if any(character in path for character in _NO_PROGRAM):
        return f"/usr/bin/env {systemd_argument(path)}"
    return _quoted(path)


def systemd_argument(text: str) -> str:
    """A further word."""
    return _quoted(text).replace("$", "$$")


def cron_word(text: str) -> str:
    """A word for the shell that cron starts; cron itself reads `%`, and not all crons read a backslash alike."""
    if "\\" in text:
        raise ValueError(f"a backslash has no certain meaning to cron: {text!r}")
    return shlex.quote(_plain(text)).replace("%", "\\%")


def xml_text(text: str) -> str:
    return escape(_plain(text))


def github_text(text: str) -> str:
    """A scalar of YAML; GitHub fills in what stands in `${{ }}`, in quotes or not."""
    if "${{" in text:
        raise ValueError(f"GitHub would fill in a part of {text!r}")
    return json.dumps(_plain(text), ensure_ascii=False)


def _quoted(text: str) -> str:
    escaped = _plain(text).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _plain(text: str) -> str:
    """Line ends and the like would begin another line; half a character has no bytes."""
    if not text.isprintable():
        raise ValueError(f"a character that cannot be written: {text!r}")
    return text
