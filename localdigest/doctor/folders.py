"""Tries whether files can be made where they are to go, and how much room there is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from localdigest.doctor.data_checks import Folder
from localdigest.errors import OutputError
from localdigest.files import prepare_folder

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["look_at_folder"]


def look_at_folder(use: str, path: Path) -> Folder:
    """Makes, renames and removes a file there, or, where the folder is not made yet, in the nearest that is."""
    try:
        there = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
        if not there.is_dir():
            return Folder(use, path, exists=there == path, free_bytes=0, problem=f"{there} is no folder")
        free_bytes = shutil.disk_usage(there).free
        prepare_folder(there)
    except OutputError as error:
        return Folder(use, path, exists=path.exists(), free_bytes=0, problem=error.message.rstrip("."))
    except OSError as error:
        return Folder(use, path, exists=False, free_bytes=0, problem=error.strerror or str(error))
    return Folder(use, path, exists=path.exists(), free_bytes=free_bytes)
