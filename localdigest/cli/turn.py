"""One run at a time for the digests of a topic in a folder: the second waits, and finds all that the first made."""

from __future__ import annotations

import hashlib
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from localdigest.cli.layers import store_path
from localdigest.locks import Holder, locked
from localdigest.store.errors import explained

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localdigest.job import Job

__all__ = ["turn"]

_PRIVATE_FOLDER = 0o700


@contextmanager
def turn(job: Job) -> Iterator[None]:
    """Waits while another run with the same store writes the same files, and says so.

    Two that did the same work at once would load a model twice. Runs for other files go on side by side.

    Raises:
        StoreError: the folder of the store cannot be written.
    """
    files = str(job.folder.resolve() / job.slug)
    store = store_path(job.settings)
    folder = store.with_name(f"{store.name}.runs")
    with explained(store):
        folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    name = hashlib.sha256(files.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    def tell(holder: Holder | None) -> None:
        who = f" ({holder})" if holder else ""
        print(f"Another run{who} is writing to {job.folder} for {job.slug}: waiting until it ends.", file=sys.stderr)

    with locked(folder / f"{name}.lock", on_wait=tell):
        yield
