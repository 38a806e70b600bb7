"""What the `models` commands print: tables and sentences for people, one JSON object each with `--json`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from localdigest.cli.report import print_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from localdigest.hub.check import Verdict
    from localdigest.hub.inventory import Checked, Held
    from localdigest.hub.obtain import Obtained

__all__ = ["imported", "judged", "listed", "pulled", "shown", "verified"]

_GB = 1e9
_UNKNOWN = "?"
_HEADS = ("name", "size", "RAM", "licence", "languages", "here")


def listed(rows: Sequence[Held], others: Sequence[Path], folder: Path, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "schema": "localdigest/models/1",
                "folder": str(folder),
                "models": [_row(row) for row in rows],
                "others": [{"path": str(path), "bytes": path.stat().st_size} for path in others],
            }
        )
        return
    table = [_HEADS] + [
        (
            row.entry.name,
            _size(row.entry.num_bytes),
            _size(row.needs.ram_bytes) if row.needs else _UNKNOWN,
            row.entry.licence,
            " ".join(row.entry.languages) or _UNKNOWN,
            "yes" if row.paths else "",
        )
        for row in rows
    ]
    table += [(str(path), _size(path.stat().st_size), "", "", "", "yes") for path in others]
    widths = [max(len(line[column]) for line in table) for column in range(len(_HEADS))]
    for line in table:
        cells = (
            cell.rjust(width) if head in ("size", "RAM") else cell.ljust(width)
            for head, cell, width in zip(_HEADS, line, widths, strict=True)
        )
        typer.echo("  ".join(cells).rstrip())


def shown(row: Held, *, as_json: bool) -> None:
    if as_json:
        print_json({"schema": "localdigest/model/1", **_row(row)})
        return
    entry, needs = row.entry, row.needs
    facts = [
        ("", entry.good_at),
        ("also called", ", ".join(entry.aliases)),
        ("from", f"https://huggingface.co/{entry.repo}"),
        ("revision", entry.revision or "not pinned: the newest is taken"),
        *(("file", f"{file.name}, {_size(file.num_bytes)}, sha256 {file.sha256 or _UNKNOWN}") for file in entry.files),
        ("licence", " ".join(filter(None, (entry.licence, entry.licence_url, "(must be accepted)" * entry.gated)))),
        ("trained for", f"{entry.context_tokens:,} tokens" if entry.context_tokens else _UNKNOWN),
        ("languages", ", ".join(entry.languages) or _UNKNOWN),
        ("built as", ", ".join(filter(None, (entry.architecture, entry.quantisation, _experts(row))))),
        ("invents", _faithfulness(row)),
        ("RAM", _size(needs.ram_bytes) if needs else "known when its header is"),
        ("on a GPU", f"{_size(needs.gpu_bytes)} there and {_size(needs.ram_beside_gpu_bytes)} of RAM" if needs else ""),
        ("here", ", ".join(map(str, row.paths)) or "no"),
        ("checked", "" if entry.checked else "size and checksum were not yet compared with the hub; a download does"),
    ]  # fmt: skip
    typer.echo(f"{entry.name}: {entry.title}")
    for name, fact in facts:
        if fact:
            typer.echo(f"  {name:<12} {fact}" if name else f"  {fact}")


def judged(name: str, verdict: Verdict, *, as_json: bool) -> None:
    """The end of `show` for a file that has no name."""
    layout = verdict.layout
    if as_json:
        print_json(
            {
                "schema": "localdigest/model-check/1",
                "model": name,
                "finding": verdict.finding,
                "message": verdict.message,
                "hint": verdict.hint,
                "read_bytes": verdict.read_bytes,
                "architecture": layout.architecture if layout else "",
                "layers": layout.num_layers if layout else 0,
                "experts": layout.num_experts if layout else 0,
                "context_tokens": layout.context_length if layout else 0,
                "weight_bytes": layout.weight_bytes if layout else 0,
            }
        )
        return
    if layout is None:
        typer.echo(f"{name}: cannot be used. {verdict.message}")
        typer.echo(f"Hint: {verdict.hint}", err=True)
        return
    experts = f", {layout.num_experts_used} of {layout.num_experts} experts a token" if layout.num_experts else ""
    typer.echo(f"{name}: can be used")
    typer.echo(f"  {layout.architecture}, {layout.num_layers} layers{experts}, {_size(layout.weight_bytes)} of weights")
    typer.echo(f"  trained for {layout.context_length:,} tokens")


def pulled(found: Sequence[Obtained], *, as_json: bool) -> None:
    if as_json:
        print_json({"schema": "localdigest/models-pull/1", "models": [_obtained(each) for each in found]})
        return
    for each in found:
        for path in each.paths:
            typer.echo(path)
        if not each.was_downloaded:
            typer.echo(f"{each.reference.text} was here already", err=True)


def verified(checked: Sequence[Checked], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "path": str(each.path),
                "ok": each.is_right,
                "sha256": each.sha256,
                "expected": each.expected,
            }
            for each in checked
        ]
        ok = all(each.is_right for each in checked)
        print_json({"schema": "localdigest/models-verify/1", "ok": ok, "files": rows})
        return
    for each in checked:
        known = "whole" if each.expected else "read, with nothing to compare it with"
        typer.echo(f"{each.path}: {known if each.is_right else f'damaged: sha256 {each.sha256}, not {each.expected}'}")
    if not checked:
        typer.echo("There is no model here", err=True)


def imported(paths: Sequence[Path], *, as_json: bool) -> None:
    if as_json:
        print_json({"schema": "localdigest/models-import/1", "paths": [str(path) for path in paths]})
        return
    for path in paths:
        typer.echo(path)


def _row(row: Held) -> dict[str, Any]:
    entry = row.entry
    return {
        "name": entry.name,
        "aliases": list(entry.aliases),
        "title": entry.title,
        "repo": entry.repo,
        "revision": entry.revision,
        "files": [{"name": file.name, "bytes": file.num_bytes, "sha256": file.sha256} for file in entry.files],
        "bytes": entry.num_bytes,
        "licence": entry.licence,
        "gated": entry.gated,
        "context_tokens": entry.context_tokens,
        "languages": list(entry.languages),
        "architecture": entry.architecture,
        "layers": entry.shape.layers if entry.shape else None,
        "experts": entry.shape.experts if entry.shape else None,
        "experts_used": entry.shape.experts_used if entry.shape else None,
        "quantisation": entry.quantisation,
        "good_at": entry.good_at,
        "faithfulness": asdict(entry.faithfulness) if entry.faithfulness else None,
        "needs": asdict(row.needs) if row.needs else None,
        "checked": entry.checked,
        "paths": [str(path) for path in row.paths],
    }


def _obtained(each: Obtained) -> dict[str, Any]:
    return {
        "model": each.reference.text,
        "source": each.source,
        "paths": [str(path) for path in each.paths],
        "sha256": list(each.sha256),
        "downloaded": each.was_downloaded,
    }


def _size(num_bytes: int) -> str:
    if not num_bytes:
        return _UNKNOWN
    return f"{num_bytes / _GB:.1f} GB" if num_bytes >= _GB else f"{num_bytes / 1e6:.0f} MB"


def _experts(row: Held) -> str:
    shape = row.entry.shape
    return f"{shape.experts_used} of {shape.experts} experts a token" if shape and shape.experts else ""


def _faithfulness(row: Held) -> str:
    found = row.entry.faithfulness
    return f"in {found.hallucination_percent:g} % of summaries ({found.source})" if found else "not measured"
