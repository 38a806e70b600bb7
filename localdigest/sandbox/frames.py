"""Messages between a child and its parent: JSON, and bytes beside it that nobody has to escape.

[ length of the JSON: 4 bytes, big-endian ][ length of the bytes: 4 ][ JSON, UTF-8 ][ bytes ]

Never pickles: a child that was taken over can say wrong things, and run nothing. No half of a surrogate pair arrives,
though JSON of the web is full of them: no file, store or terminal takes one, and it would end the run that meets it.
"""

from __future__ import annotations

import json
import re
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import IO

__all__ = ["CutFrameError", "FrameError", "TooLongError", "read_frame", "to_frame"]

_LENGTHS = struct.Struct(">II")
_HALF = re.compile("[\ud800-\udfff]")
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")


class FrameError(Exception):
    """A frame that does not say what it should."""


class CutFrameError(FrameError):
    """The stream ended within a frame."""


class TooLongError(FrameError):
    """A frame that is longer than it may be: what it says was not looked at."""


def to_frame(head: dict[str, Any], *, num_bytes: int = 0, most_bytes: int) -> bytes:
    """The frame up to the bytes that are to follow.

    Raises:
        TooLongError: with the bytes it would be longer than `most_bytes`.
    """
    # JSON's own escapes would join two lone surrogates into one character on the way back.
    data = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    if len(data) + num_bytes > most_bytes:
        raise TooLongError(f"a message of {len(data) + num_bytes:,} bytes, more than {most_bytes:,}")
    return _LENGTHS.pack(len(data), num_bytes) + data


def read_frame(stream: IO[bytes], *, most_bytes: int) -> tuple[dict[str, Any], bytes] | None:
    """JSON and bytes of the next frame; None at the stream's end.

    Raises:
        FrameError: it is none, or longer than `most_bytes`.
    """
    lengths = stream.read(_LENGTHS.size)
    if not lengths:
        return None
    if len(lengths) < _LENGTHS.size:
        raise CutFrameError("a frame that breaks off")
    num_json, num_bytes = _LENGTHS.unpack(lengths)
    if num_json + num_bytes > most_bytes:
        raise TooLongError(f"a message of {num_json + num_bytes:,} bytes, more than {most_bytes:,}")
    data, body = stream.read(num_json), stream.read(num_bytes)
    if len(data) < num_json or len(body) < num_bytes:
        raise CutFrameError("a frame that breaks off")
    try:
        head = _read_json(data)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"a frame that cannot be read: {error}") from error
    if not isinstance(head, dict):
        raise FrameError("a frame that holds no object")
    return head, body


def _read_json(data: bytes) -> Any:
    """With a sign in place of each half of a surrogate pair, so that places in a text are what they were."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = _HALF.sub("\ufffd", data.decode("utf-8", "surrogatepass"))
    value = json.loads(text)
    return _whole(value) if _ESCAPED_HALF.search(text) else value


def _whole(value: Any) -> Any:
    match value:
        case str():
            return _HALF.sub("\ufffd", value)
        case list():
            return [_whole(item) for item in value]
        case dict():
            return {_whole(name): _whole(item) for name, item in value.items()}
    return value
