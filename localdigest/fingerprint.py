"""Tells one version of a part of the program from another, for the keys of stored results."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata, resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["fingerprint"]

_SUFFIXES = (".py", ".toml", ".md", ".j2")


@cache
def fingerprint(packages: tuple[str, ...], distributions: tuple[str, ...] = ()) -> str:
    """The hash of the code and data of packages, and of the versions of the libraries they rest on.

    A version number would do, were it raised at every change of a rule; the bytes cannot be forgotten.
    """
    digest = hashlib.sha256()
    for package in packages:
        for name, content in _files(resources.files(package), package):
            digest.update(f"{name}:{len(content)}:".encode() + content)
    for distribution in distributions:
        digest.update(f"{distribution}={metadata.version(distribution)};".encode())
    return digest.hexdigest()[:16]


def _files(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        name = f"{prefix}/{entry.name}"
        if entry.is_dir():
            found += _files(entry, name)
        elif entry.name.endswith(_SUFFIXES):
            found.append((name, entry.read_bytes()))
    return found
