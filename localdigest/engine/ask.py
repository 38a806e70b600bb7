"""Asks a module of this package something in a process of its own: what it prints is the answer.

python -P -m localdigest.engine.ask JAIL MODULE ARGUMENTS…
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys

from localdigest.engine.calibrate import worker_environment
from localdigest.engine.errors import BackendError
from localdigest.engine.jail import JAIL, enter

__all__ = ["ask", "last_line"]


def ask(
    module: str, *arguments: str, text: str = "", limit_seconds: float, hint: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the `main` of a module as a worker is run, jail and all, with `text` on its standard input.

    Raises:
        BackendError: It did not end in time. How else it ended is for the caller to read.
    """
    # -P: a file of the user's working folder must not stand in for a module.
    command = [sys.executable, "-P", "-m", "localdigest.engine.ask", JAIL, module, *arguments]
    try:
        return subprocess.run(  # noqa: S603 - our own module
            command,
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit_seconds,
            env=worker_environment(os.environ),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BackendError(f"llama.cpp did not answer within {limit_seconds:.0f} s.", hint=hint) from error


def last_line(log: str) -> str:
    """What a process said last; "" where it said nothing."""
    return next((line.strip() for line in reversed(log.splitlines()) if line.strip()), "")


def main() -> None:
    """The child: the jail first, then whatever is to be loaded."""
    jail, module, *arguments = sys.argv[1:]
    enter(jail)
    sys.argv = [module, *arguments]
    importlib.import_module(module).main()


if __name__ == "__main__":
    main()
