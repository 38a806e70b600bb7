"""What the commands that run a model share: the engine's errors as ours, with their exit codes."""

from __future__ import annotations

from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from localdigest.errors import LocalDigestError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["engine_errors", "require_engine"]


def require_engine() -> None:
    """Raises UsageError where the engine's libraries are not installed, with the command that installs them here."""
    if missing := tuple(name for name in ("llama_cpp", "llguidance", "numpy") if find_spec(name) is None):
        from localdigest.doctor.engine_checks import without_engine
        from localdigest.doctor.gather import look_at_host, version_of
        from localdigest.doctor.system import System

        message, hint = without_engine(missing, look_at_host(System(), bindings=version_of("llama-cpp-python")))
        raise UsageError(message, hint=hint)


@contextmanager
def engine_errors() -> Iterator[None]:
    """The engine knows nothing of exit codes: a file that cannot be a model is a usage error, the rest are failures."""
    from localdigest.engine.errors import EngineError, ModelFileError

    try:
        yield
    except ModelFileError as error:
        raise UsageError(error.message, hint=error.hint) from error
    except EngineError as error:
        raise LocalDigestError(error.message, hint=error.hint) from error
