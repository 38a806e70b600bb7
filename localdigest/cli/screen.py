"""Standard output and standard error while a command runs: what would make a terminal act is shown as a sign.

Titles, addresses, headers and names of files are words of strangers, and every command prints some. An escape sequence
in one could rewrite what was printed before, or set the title of the window, or have the terminal type an answer.
"""

from __future__ import annotations

import json
import re
import sys
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SIGN", "harmless_streams", "json_line", "raw", "shown"]

SIGN = "\ufffd"
#: Controls but for line feed and tab, separators of lines that are none to a pipe, overrides of direction, halves of a
#: surrogate pair.
_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(text: str) -> str:
    """The text as it may reach a terminal, each character that would act replaced by one that shows."""
    return _ACTING.sub(SIGN, text)


def json_line(value: Any) -> str:
    """One line of JSON that says the same to a program and does nothing to a terminal."""
    escaped = _ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
    try:
        escaped.encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return json.dumps(value)
    return escaped


def raw(stream: TextIO) -> TextIO:
    """The stream behind, for whoever moves the cursor himself and prints nothing of a stranger."""
    return stream.behind if isinstance(stream, _Harmless) else stream


@contextmanager
def harmless_streams() -> Iterator[None]:
    """Whatever is printed inside the block passes `shown`, and none of it ends the program for its encoding."""
    with ExitStack() as stack:
        stack.enter_context(redirect_stdout(cast("TextIO", _Harmless(sys.stdout))))
        stack.enter_context(redirect_stderr(cast("TextIO", _Harmless(sys.stderr))))
        yield


class _Harmless:
    """Has all that the stream behind has, and writes less."""

    def __init__(self, stream: TextIO) -> None:
        self.behind = raw(stream)

    def write(self, text: str) -> int:
        clean = shown(text)
        try:
            self.behind.write(clean)
        except UnicodeEncodeError:  # a terminal or a pipe that knows few letters
            encoding = self.behind.encoding or "ascii"
            self.behind.write(clean.encode(encoding, "replace").decode(encoding))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":  # a way past `write`
            raise AttributeError(name)
        return getattr(self.behind, name)
