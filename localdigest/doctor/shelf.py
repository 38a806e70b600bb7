"""Looks at the models on the disk: those of the catalogue, others beside them, and what was not fetched to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.doctor.data_checks import FoundModel, Models
from localdigest.errors import UsageError
from localdigest.hub.catalog import load_catalog
from localdigest.hub.inventory import check_again, inventory, unnamed
from localdigest.hub.library import remembered
from localdigest.hub.obtain import check_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from localdigest.hub.catalog import Catalog, Entry, ModelFile

__all__ = ["look_at_models", "smallest_model"]


def smallest_model(folder: Path) -> tuple[int, str]:
    """Bytes of RAM that the least demanding model of the catalogue takes, and its name."""
    rows = inventory(load_catalog(folder), folder)
    needs = [(row.needs.ram_bytes, row.entry.name) for row in rows if row.needs and not row.entry.toy]
    return min(needs, default=(0, ""))


def look_at_models(folder: Path, *, verify: bool) -> Models:
    """With `verify` each file is read through, which takes a minute for 30 GB from a quick disk."""
    catalog = load_catalog(folder)
    rows = inventory(catalog, folder)
    found = [
        _found(row.entry.name if number == 0 else f"{row.entry.name} ({path.name})", path, file, folder)
        for row in rows
        if row.paths
        for number, (path, file) in enumerate(zip(row.paths, row.entry.files, strict=True))
    ]
    by_size = dict(_of_other_size(catalog, folder))
    for path in unnamed(rows, folder):
        if path in by_size:
            entry, file = by_size[path]
            found.append(_found(entry.name, path, file, folder))
        else:
            found.append(_unnamed(path, catalog, folder))
    if verify:
        found = [_verified(model, folder) for model in found]
    partial = tuple(sorted(path.name.removesuffix(".part") for path in folder.rglob("*.part") if path.is_file()))
    return Models(folder, tuple(found), partial, verified=verify)


def _of_other_size(catalog: Catalog, folder: Path) -> Iterator[tuple[Path, tuple[Entry, ModelFile]]]:
    """Files that have the name of a model of the catalogue, and another size."""
    for entry in catalog.entries:
        for file in entry.files:
            path = folder / file.basename
            if file.num_bytes and path.is_file() and path.stat().st_size != file.num_bytes:
                yield path, (entry, file)


def _found(name: str, path: Path, file: ModelFile, folder: Path) -> FoundModel:
    return FoundModel(
        name=name,
        path=path,
        num_bytes=path.stat().st_size,
        expected_bytes=file.num_bytes,
        sha256=remembered(path, folder=folder),
        expected_sha256=file.sha256,
    )


def _unnamed(path: Path, catalog: Catalog, folder: Path) -> FoundModel:
    model = FoundModel(path.name, path, path.stat().st_size, sha256=remembered(path, folder=folder))
    try:
        verdict = check_file(path, catalog=catalog)
    except UsageError as error:
        return _with_flaw(model, error.message, error.hint)
    return model if not verdict.has_flaw else _with_flaw(model, f"{path}: {verdict.message}", verdict.hint)


def _with_flaw(model: FoundModel, flaw: str, hint: str) -> FoundModel:
    return FoundModel(model.name, model.path, model.num_bytes, sha256=model.sha256, flaw=flaw, hint=hint)


def _verified(model: FoundModel, folder: Path) -> FoundModel:
    checked = check_again(model.path, model.expected_sha256, folder=folder)
    return FoundModel(
        model.name,
        model.path,
        model.num_bytes,
        expected_bytes=model.expected_bytes,
        sha256=checked.sha256,
        expected_sha256=model.expected_sha256,
        flaw=model.flaw,
        hint=model.hint,
    )
