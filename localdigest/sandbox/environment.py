"""The environment of a child: what it needs, and no secret."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["for_parsing", "secrets_in"]

#: Of languages and time, of where Python and its libraries are, and what Windows cannot start a program without.
_NEEDED = re.compile(
    r"LANG|LANGUAGE|LC_\w+|TZ|TZDIR|PATH|PYTHONHOME|PYTHONUTF8|PYTHONWARNINGS|VIRTUAL_ENV|LD_LIBRARY_PATH"
    r"|DYLD_(?:FALLBACK_)?LIBRARY_PATH|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|TEMP|TMP|TMPDIR|COVERAGE\w*",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|COOKIE|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|AUTH|_PROXY\Z|\AHF_|\AAWS_",
    re.IGNORECASE,
)


def for_parsing(base: Mapping[str, str]) -> dict[str, str]:
    """What is known to be needed, and nothing else."""
    kept = {name: value for name, value in base.items() if _NEEDED.fullmatch(name)}
    # An empty or relative entry would let a file of the working folder stand in for a module.
    entries = [entry for entry in base.get("PYTHONPATH", "").split(os.pathsep) if Path(entry).is_absolute()]
    return {**kept, "PYTHONPATH": os.pathsep.join(entries)} if entries else kept


def secrets_in(base: Mapping[str, str]) -> list[str]:
    """Names of variables that a model's process must not know; what drivers read has too many names to list."""
    return [name for name in base if _SECRET.search(name)]
