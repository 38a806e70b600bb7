"""Compares the catalogue with the hub: sizes, checksums, revisions, and each shape with the header of its file.

usage: check_catalog.py [--catalog FILE] [--allow-host HOST] [NAME…]

Needs a network; of each file only the header is fetched. Prints a line for each thing that is different (`-` the table,
`+` the hub) or that the table leaves open and the hub knows (`?`). Exit code 1 if anything is different, or an entry
could not be compared. What agrees may be marked `checked = true`.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest.engine.errors import EngineError
from localdigest.errors import LocalDigestError
from localdigest.hub.catalog import Catalog, Entry, load_catalog, parse_catalog
from localdigest.hub.huggingface import remote_file
from localdigest.hub.obtain import check_remote
from localdigest.hub.shapes import shape_header
from localdigest.net.guard import Guard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localdigest.engine.gguf import Header

MOST_TENSORS_SHOWN = 5


@dataclass(frozen=True)
class Difference:
    what: str
    table: object
    hub: object

    @property
    def is_open(self) -> bool:
        """Whether the table says nothing, so that nothing is wrong."""
        return self.table in ("", 0)

    def __str__(self) -> str:
        if self.is_open:
            return f"  ? {self.what} = {self.hub}"
        return f"  - {self.what} = {self.table}\n  + {self.what} = {self.hub}"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--catalog", type=Path)
    parser.add_argument("--allow-host", action="append", default=[])
    named = parser.parse_args(arguments)
    try:
        catalog = load_catalog()
        if named.catalog:
            catalog = Catalog(parse_catalog(named.catalog.read_text(encoding="utf-8"), path=str(named.catalog)))
        entries = [catalog.get(name) for name in named.names] or list(catalog.entries)
    except LocalDigestError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
        return error.exit_code
    guard = Guard(allow_hosts=named.allow_host)
    agree = [agrees(entry, guard) for entry in entries]
    print(f"{sum(agree)} of {len(agree)} entries agree with the hub")
    return 0 if all(agree) else 1


def agrees(entry: Entry, guard: Guard) -> bool:
    """Whether the entry is right; says what is not."""
    try:
        found = list(differences(entry, guard))
    except (LocalDigestError, EngineError) as error:
        print(f"{entry.name}: could not be compared: {error.message}")
        return False
    wrong = any(not difference.is_open for difference in found)
    print(f"{entry.name}: {'differs' if wrong else 'agrees'}")
    for difference in found:
        print(difference)
    return not wrong


def differences(entry: Entry, guard: Guard) -> Iterator[Difference]:
    for file in entry.files:
        remote = remote_file(entry.repo, file.name, revision=entry.revision or "main", guard=guard)
        pairs = (
            ("revision", entry.revision, remote.revision),
            (f"{file.name}: bytes", file.num_bytes, remote.num_bytes),
            (f"{file.name}: sha256", file.sha256, remote.sha256),
        )
        for what, table, hub in pairs:
            if table != hub:
                yield Difference(what, table, hub)
        if file == entry.files[0]:
            verdict = check_remote(remote, catalog=None, guard=guard)
            if verdict.header is None or not verdict.is_usable:
                yield Difference("can be used", "yes", verdict.message)
            else:
                yield from of_header(entry, verdict.header)


def of_header(entry: Entry, header: Header) -> Iterator[Difference]:
    architecture = header.metadata["general.architecture"]
    context = header.metadata.get(f"{architecture}.context_length", 0)
    for what, table, hub in (
        ("architecture", entry.architecture, architecture),
        ("context_tokens", entry.context_tokens, context),
    ):
        if table != hub:
            yield Difference(what, table, hub)
    made = shape_header(entry)
    if made is None:
        return
    table = {tensor.name: f"{tensor.shape} {tensor.kind.name}" for tensor in made.tensors}
    hub = {tensor.name: f"{tensor.shape} {tensor.kind.name}" for tensor in header.tensors}
    other = [name for name in sorted(table.keys() | hub.keys()) if table.get(name) != hub.get(name)]
    for name in other[:MOST_TENSORS_SHOWN]:
        yield Difference(f"tensor {name}", table.get(name, "none"), hub.get(name, "none"))
    if more := other[MOST_TENSORS_SHOWN:]:
        yield Difference("more tensors", "as the shape has them", f"{len(more)} others")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
