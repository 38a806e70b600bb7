"""What can go wrong in the engine, each with a hint.

    EngineError
    ├── ModelFileError         the GGUF cannot be read or loaded: missing, cut short, bad header, an old layout
    ├── PlacementError         the model does not fit where it was asked to go
    ├── JobError               one job cannot be run; the others go on (a value in `Completion.error`)
    │   ├── ContextOverflowError    prompt and output are longer than a sequence may be
    │   ├── ConstraintError         a schema, expression or choice list that cannot be honoured
    │   └── TemplateError           the model's chat template refuses the messages
    └── BackendError           llama.cpp refused a step
        └── WorkerDiedError    the process that runs the model ended: killed, aborted, out of memory

The engine is a package of its own: the caller maps these to its exit codes.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "BackendError",
    "ConstraintError",
    "ContextOverflowError",
    "EngineError",
    "JobError",
    "ModelFileError",
    "PlacementError",
    "TemplateError",
    "WorkerDiedError",
]


class EngineError(Exception):
    """Base of all. `message` says what is wrong in one sentence, `hint` what to do about it."""

    default_hint: ClassVar[str] = "Run again with LOCALDIGEST_DEBUG=1 to see where it happened."

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint


class ModelFileError(EngineError):
    default_hint = "Check the path, or download the file again."


class PlacementError(EngineError):
    default_hint = "Give more memory, a shorter context, or take a smaller model."


class JobError(EngineError):
    """One job cannot be run; it harms no other."""


class ContextOverflowError(JobError):
    default_hint = "Shorten the prompt, ask for fewer tokens, or load the model with a longer context."


class ConstraintError(JobError):
    default_hint = "Use the parts of JSON Schema that the engine supports, or plainer ones."


class TemplateError(JobError):
    default_hint = "Send the messages in the roles and order that the model was trained on."


class BackendError(EngineError):
    default_hint = "This is a fault of the engine: please report it with the model's name."


class WorkerDiedError(BackendError):
    default_hint = "Free memory, or choose a smaller model or context, and run again: finished work is kept."
