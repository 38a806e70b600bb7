"""Messages between the worker process and its parent: JSON in frames with their length before them.

[ length: 4 bytes, big-endian ][ UTF-8 JSON, lone surrogates passed through ]

Both sides decode by the types of the dataclasses below and refuse whatever does not fit them. The worker reads texts
that strangers wrote, so nothing that it sends is ever executed: no pickle, no names of classes but those listed here.
"""

from __future__ import annotations

import json
import types
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from localdigest.engine import errors, jobs
from localdigest.engine.errors import EngineError
from localdigest.engine.jobs import Completion, Job  # noqa: TC001 - read when messages are decoded
from localdigest.engine.loading import LoadOptions  # noqa: TC001 - as above

if TYPE_CHECKING:
    from typing import IO

__all__ = [
    "MAX_FRAME_BYTES",
    "Ask",
    "Cancel",
    "CancelWaiting",
    "Count",
    "Counted",
    "CutFrameError",
    "Done",
    "Fact",
    "Failed",
    "FrameError",
    "Loading",
    "Message",
    "Ready",
    "Report",
    "Reported",
    "Start",
    "Submit",
    "read_frame",
    "to_frame",
]

#: No message is longer: a length read from a stream that went wrong must not ask for all memory.
MAX_FRAME_BYTES = 64 * 2**20
LENGTH_BYTES = 4

_ERRORS = {name: getattr(errors, name) for name in errors.__all__}

T = TypeVar("T")


class FrameError(Exception):
    """A frame that is too long, cut short, or does not say what it should."""


class CutFrameError(FrameError):
    """The stream ended within a frame."""


# ── parent to worker ─────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Start:
    """The first message. `factory` names the function that makes the engine, as "module:function"; so does `jail`."""

    factory: str
    options: LoadOptions | str  #: a text is for a factory that loads no file, and knows what it means
    jail: str  #: entered before the factory is loaded; "": none


@dataclass(frozen=True, slots=True)
class Submit:
    """The job's id is the parent's own number for it, so that ids may be used again in another run."""

    job: Job


@dataclass(frozen=True, slots=True)
class Cancel:
    job_id: str


@dataclass(frozen=True, slots=True)
class CancelWaiting:
    """End the jobs that have not begun; those that are under way go on."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many tokens is each of these texts?"""

    number: int  #: comes back in the answer
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """What has the engine done so far?"""

    number: int


# ── worker to parent ─────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Loading:
    fraction: float  #: of the model, 0 to 1


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was found to hold the worker."""

    name: str
    value: str | int


@dataclass(frozen=True, slots=True)
class Ready:
    """The model is loaded."""

    held: tuple[Fact, ...]
    told: str  #: what the engine says of itself, for whoever named its factory; "": nothing


@dataclass(frozen=True, slots=True)
class Done:
    completion: Completion


@dataclass(frozen=True, slots=True)
class Counted:
    number: int
    num_tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One figure of the engine's statistics."""

    name: str
    value: int | float


@dataclass(frozen=True, slots=True)
class Reported:
    number: int
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """The last message of a worker that cannot go on."""

    error: EngineError


Message = Start | Submit | Cancel | CancelWaiting | Count | Ask | Loading | Ready | Done | Counted | Reported | Failed

_MESSAGES: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Message)}


# ── frames ───────────────────────────────────────────────────────────────────


def to_frame(message: Message) -> bytes:
    """The message as bytes. Raises FrameError when it is too long."""
    plain = {"": type(message).__name__, **_plain(message)}
    # JSON's own escapes would join two lone surrogates into one character on the way back.
    data = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    if len(data) > MAX_FRAME_BYTES:
        raise FrameError(f"a message of {len(data)} bytes is longer than {MAX_FRAME_BYTES}")
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


def read_frame(stream: IO[bytes]) -> Message | None:
    """The next message of a buffered stream, None at its end. Raises FrameError."""
    head = stream.read(LENGTH_BYTES)
    if not head:
        return None
    length = int.from_bytes(head, "big")
    if len(head) < LENGTH_BYTES:
        raise CutFrameError(f"a frame begins with {head.hex()}")
    if length > MAX_FRAME_BYTES:
        raise FrameError(f"a frame of {length} bytes")
    data = stream.read(length)
    if len(data) < length:
        raise CutFrameError(f"a frame of {length} bytes ends after {len(data)}")
    return _message(data)


def _message(data: bytes) -> Message:
    try:
        plain = json.loads(data.decode("utf-8", "surrogatepass"))
        kind = _MESSAGES[plain.pop("")]
        message: Message = _value(kind, plain)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise FrameError(f"a frame that cannot be read: {error}") from error
    return message


# ── values ───────────────────────────────────────────────────────────────────


def _plain(value: object) -> Any:
    """A value as JSON has it."""
    match value:
        case Enum():
            return value.value
        case EngineError():
            return {"": type(value).__name__, "message": value.message, "hint": value.hint}
        case tuple():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value):
            return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    # The values' modules name some types for the checker only.
    return get_type_hints(kind, localns={**vars(errors), **vars(jobs)})


def _value(kind: Any, plain: Any) -> Any:
    """JSON as a value of this type. Raises ValueError, TypeError or LookupError when it is not one."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), plain)
    if origin is tuple:
        return tuple(_value(get_args(kind)[0], item) for item in _of(list, plain))
    if is_dataclass(kind):
        hints = _hints(kind)  # type: ignore[arg-type]  # a class here, never an instance
        given = _of(dict, plain)
        if given.keys() != hints.keys():
            raise ValueError(f"{kind} has other fields than {sorted(given)}")
        return kind(**{name: _value(hints[name], item) for name, item in given.items()})  # type: ignore[operator]  # as above
    if isinstance(kind, type) and issubclass(kind, EngineError):
        return _error(kind, _of(dict, plain))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(plain)
    return _of(kind, plain)


def _one_of(kinds: tuple[Any, ...], plain: Any) -> Any:
    """The first of the types that the JSON fits. Those that share a union here differ in their fields."""
    for kind in kinds:
        try:
            return _value(kind, plain)
        except (ValueError, TypeError, LookupError):
            continue
    raise ValueError(f"{str(plain)[:80]!r} is none of {kinds}")


def _of(kind: type[T], plain: Any) -> T:
    if kind is float and type(plain) is int:
        return float(plain)  # type: ignore[return-value]  # T is float here
    # Exact types: JSON's true is no number.
    if type(plain) is not kind:
        raise TypeError(f"{str(plain)[:80]!r} is no {kind.__name__}")
    return plain


def _error(kind: type[EngineError], plain: dict[str, Any]) -> EngineError:
    named = _ERRORS[plain[""]]
    if not issubclass(named, kind):
        raise TypeError(f"{named.__name__} is no {kind.__name__}")
    error: EngineError = named(_of(str, plain["message"]), hint=_of(str, plain["hint"]))
    return error
