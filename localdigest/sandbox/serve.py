"""The child that reads what strangers wrote: questions come on its standard input, answers go to its standard output.

    python -P -m localdigest.sandbox.serve MODULE PARENT LIMITS

    prepare ─▶ jail ─▶ what holds ─▶ ( question ─▶ MODULE.answer ─▶ answer ) … until the input ends

It is deaf to Ctrl-C, which reaches it with its parent: the parent decides.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, cast

from localdigest.codec import decode, encode
from localdigest.sandbox.frames import TooLongError, read_frame, to_frame
from localdigest.sandbox.jail import die_with, enter_for_parsing
from localdigest.sandbox.limits import Limits, begin_page, end_page

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["Service", "main"]


class Service(Protocol):
    """The module that answers."""

    def prepare(self) -> None:
        """What must be done while files can still be written: once, before anything of a stranger is there."""

    def answer(self, head: dict[str, Any], body: bytes) -> Any:
        """JSON-ready; whatever is raised is the answer too."""


def main() -> None:
    """Run as a child of `Worker`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    module, parent, limits_text = sys.argv[1:4]
    if parent != "-":
        die_with(int(parent))
    limits = decode(Limits, json.loads(limits_text))
    questions, answers = _take_pipes()
    with suppress(BrokenPipeError):  # the parent is gone
        try:
            service = cast("Service", importlib.import_module(module))
            service.prepare()
            _send(answers, {"enforced": encode(enter_for_parsing(limits))}, limits)
        except Exception as error:  # whatever keeps it from starting is what the parent tells
            _send(answers, {"problem": "error", "text": _told(error)}, limits)
            raise
        while frame := read_frame(questions, most_bytes=limits.message_bytes):
            head, body = frame
            if not _answered(service, head, body, answers, limits):
                break
    os._exit(0)  # nothing is to be saved, and taking down what was loaded takes time


def _answered(service: Service, head: dict[str, Any], body: bytes, answers: BinaryIO, limits: Limits) -> bool:
    """Whether this process is fit to go on."""
    wants_answer = not head.pop("quiet", False)
    begin_page(limits)
    try:
        answer = {"value": service.answer(head, body)}
        data = to_frame(answer, most_bytes=limits.message_bytes)
        is_fit = True
    except MemoryError:
        data = to_frame({"problem": "memory"}, most_bytes=limits.message_bytes)
        is_fit = False
    except TooLongError:
        data = to_frame({"problem": "long"}, most_bytes=limits.message_bytes)
        is_fit = True
    except Exception as error:  # noqa: BLE001 - a page that trips the reader up must not stop the others
        data = to_frame({"problem": "error", "text": _told(error)}, most_bytes=limits.message_bytes)
        is_fit = True
    end_page()
    if wants_answer:
        answers.write(data)
        answers.flush()
    return is_fit


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_MOST_TEXT]


_MOST_TEXT = 500


def _send(answers: BinaryIO, head: dict[str, Any], limits: Limits) -> None:
    answers.write(to_frame(head, most_bytes=limits.message_bytes))
    answers.flush()


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the parent, out of reach of whatever else reads standard input or prints to standard output."""
    os.closerange(3, _MOST_FILES)  # what the parent let through by mistake
    questions = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return questions, answers


_MOST_FILES = 1024


if __name__ == "__main__":
    main()
