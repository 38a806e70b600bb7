"""What a model's process finds of the world as its factory is loaded; run by tests only."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable
from typing import NoReturn

from localdigest.engine.errors import BackendError
from localdigest.engine.loading import LoadOptions


def _found() -> dict[str, object]:
    try:
        socket.socket(socket.AF_INET).close()
    except OSError as error:
        internet = type(error).__name__
    else:
        internet = "open"
    secrets = sorted({"HF_TOKEN", "HTTPS_PROXY"} & set(os.environ))
    return {"internet": internet, "secrets": secrets, "has llama.cpp": "llama_cpp" in sys.modules}


FOUND = _found()


def make_engine(_: LoadOptions, *, on_progress: Callable[[float], None]) -> NoReturn:
    """Tells it, in the one way that there is before an engine is."""
    del on_progress
    raise BackendError(json.dumps(FOUND))


def main() -> None:
    sys.stdout.write(json.dumps(FOUND))
