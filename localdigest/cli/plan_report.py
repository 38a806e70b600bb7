"""What `plan` prints: the answer in a sentence, then a table for people; one JSON object with `--json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import typer

from localdigest.cli.report import print_json
from localdigest.planning.digest import digest_seconds
from localdigest.planning.sizes import size_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localdigest.engine.offload import Plan
    from localdigest.engine.rehearsal import Rehearsal
    from localdigest.planning.fitting import Fit
    from localdigest.planning.here import Here
    from localdigest.planning.subject import Subject

__all__ = ["Report", "duration", "printed"]

WIDTHS = (1, 8, 16)
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found out."""

    subject: Subject
    here: Here
    plan: Plan
    others: tuple[Fit, ...]  #: models that fit, where this one does not
    rehearsal: Rehearsal | None  #: llama.cpp's own figures, where it could be asked
    pages: int

    @property
    def seconds(self) -> float:
        """Of the digest; 0: not known."""
        speed, width = self.plan.speed, self.plan.request.num_slots
        return digest_seconds(speed, width=width, pages=self.pages) if speed else 0.0


def printed(report: Report, *, as_json: bool) -> None:
    if as_json:
        print_json(_envelope(report))
        return
    for line in _lines(report):
        typer.echo(line)
    for note in report.here.notes:
        typer.echo(f"Note: {note}", err=True)


def _envelope(report: Report) -> dict[str, Any]:
    found, machine = report.plan, report.here.machine
    request, footprint = found.request, found.footprint
    return {
        "schema": "localdigest/model-plan/1",
        "model": report.subject.name,
        "known_by": report.subject.known_by,
        "fits": found.fits,
        "reason": found.reason,
        "placement": {
            **asdict(found.placement),
            "num_slots": request.num_slots,
            "slot_tokens": request.slot_tokens,
            "layout": request.layout,
        },
        "memory": {
            "ram_bytes": footprint.ram,
            "gpu_bytes": footprint.gpu,
            "rows": [asdict(row) for row in footprint.rows],
            "margin": asdict(footprint.margin),
            "given": {"ram_bytes": machine.ram_bytes, "gpu_bytes": machine.gpu_bytes},
            "usable": {"ram_bytes": machine.usable_ram, "gpu_bytes": machine.usable_gpu},
            "llama_cpp": asdict(report.rehearsal) if report.rehearsal else None,
        },
        "speed": _speed(report),
        "alternatives": [
            *({"change": each.change, **_request(each.request)} for each in found.alternatives),
            *(_model(fit, report.pages) for fit in report.others),
        ],
    }


def _speed(report: Report) -> dict[str, Any] | None:
    speed = report.plan.speed
    if speed is None:
        return None
    return {
        "known_by": report.here.speeds,
        "prefill_tokens_per_second": round(speed.prefill, 1),
        "decode_tokens_per_second": {str(width): round(speed.decode(width), 1) for width in WIDTHS},
        "digest": {"pages": report.pages, "seconds": round(report.seconds)},
    }


def _request(request: Any) -> dict[str, Any]:
    return {"num_slots": request.num_slots, "slot_tokens": request.slot_tokens, "kv_type": request.kv_type}


def _model(fit: Fit, pages: int) -> dict[str, Any]:
    return {
        "model": fit.entry.name,
        "title": fit.entry.title,
        "reason": fit.plan.reason,
        "bytes": fit.entry.num_bytes,
        "digest": {"pages": pages, "seconds": round(fit.seconds)} if fit.seconds else None,
    }


# ── for people ───────────────────────────────────────────────────────────────


def _lines(report: Report) -> Iterator[str]:
    found = report.plan
    yield f"{report.subject.name}: {found.reason[0].lower()}{found.reason[1:]}"
    yield ""
    yield from _placement(report)
    yield ""
    yield from _memory(report)
    if found.speed:
        yield ""
        yield from _pace(report)
    if changes := [each.change for each in found.alternatives]:
        yield ""
        yield "More would be on the GPU with:" if found.fits else "It would fit with:"
        yield from (f"  {change[0].lower()}{change[1:]}" for change in changes)
    if not found.fits:
        yield ""
        yield from _instead(report)


def _placement(report: Report) -> Iterator[str]:
    request, placement = report.plan.request, report.plan.placement
    at_once = "1 text at a time" if request.num_slots == 1 else f"{request.num_slots} texts at once"
    yield f"  context   {request.slot_tokens:,} tokens a text, {at_once}, cache in {placement.kv_type}"
    layout = report.subject.layout
    layers = layout.num_layers
    if not placement.gpu_layers:
        yield f"  layers    all {layers} in RAM"
        return
    # Layers are counted from the last, the output and what is not loaded first.
    there = max(0, layers - max(layout.num_blocks + 1 - placement.gpu_layers, 0))
    text = f"all {layers} on the GPU" if there == layers else f"the last {there} of {layers} on the GPU"
    if kept := placement.cpu_expert_layers:
        text += "; all experts in RAM" if kept == layers else f"; the experts of the first {kept} in RAM"
    yield f"  layers    {text}"


def _memory(report: Report) -> Iterator[str]:
    footprint, machine = report.plan.footprint, report.here.machine
    with_gpu = machine.gpu_bytes > 0
    rows = [(row.name, row.gpu, row.ram) for row in (*footprint.rows, footprint.margin) if row.gpu or row.ram]
    rows.append(("in all", footprint.gpu + footprint.margin.gpu, footprint.ram + footprint.margin.ram))
    rows.append(("may be used", machine.usable_gpu, machine.usable_ram))
    heads = f"  {'memory':<18}" + (f"{'GPU':>12}" if with_gpu else "") + f"{'RAM':>12}"
    yield heads
    for name, gpu, ram in rows:
        yield f"  {name:<18}" + (f"{_amount(gpu):>12}" if with_gpu else "") + f"{_amount(ram):>12}"
    if report.rehearsal:
        told = report.rehearsal
        cache, compute = size_text(told.cache_bytes), size_text(sum(told.compute_bytes.values()))
        yield f"  llama.cpp itself reckons {cache} for the cache and {compute} for computing."


def _amount(num_bytes: int) -> str:
    return size_text(num_bytes) if num_bytes else "–"


def _pace(report: Report) -> Iterator[str]:
    speed, width = report.plan.speed, report.plan.request.num_slots
    assert speed is not None
    together = f", and {speed.decode(width):,.1f} with {width} at once" if width > 1 else ""
    yield f"  prompts   about {speed.prefill:,.0f} tokens a second"
    yield f"  outputs   about {speed.decode(1):,.1f}{together}"
    how = "" if report.here.speeds == "measured" else ", for speeds that are assumed, not measured"
    yield f"  a digest of {report.pages} pages takes about {duration(report.seconds)}{how}"


def _instead(report: Report) -> Iterator[str]:
    if not report.others:
        yield "No model of the catalogue fits."
        return
    yield "These fit:"
    for fit in report.others:
        time = f", {duration(fit.seconds)} for {report.pages} pages" if fit.seconds else ""
        yield f"  {fit.entry.name:<24} {fit.entry.num_bytes / 1e9:5.1f} GB{time}"


def duration(seconds: float) -> str:
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.1f} h"
