"""`localdigest bench`: how fast a model runs on this machine, and how it is best loaded here."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from localdigest.cli.options import Json, settings_flags

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from localdigest.engine.loading import KVLayout, LoadOptions
    from localdigest.engine.measure import MapLoad, Measured, Variant

__all__ = ["bench"]


@settings_flags("models")
def bench(
    *,
    model: Annotated[str, typer.Option("--model", metavar="MODEL", help="A GGUF file, or a model that is here.")],
    widths: Annotated[
        str, typer.Option("--widths", metavar="N,N,…", help="Numbers of sequences at once to measure.")
    ] = "1,2,4,8,16",
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Chunks of the map that is timed at the end.")] = 24,
    layout: Annotated[
        str, typer.Option("--layout", metavar="NAME", help="streams, unified, or both: divisions of the KV cache.")
    ] = "both",
    json: Json = False,
    flags: dict[str, Any],
) -> None:
    """Measure how fast a model runs here: prompts, outputs at several widths, and a map over chunks.

    The model is loaded once for each way that is compared, on the GPU as far as it fits. Nothing is downloaded, and
    nothing is kept.
    """
    from localdigest.cli.engine import engine_errors, require_engine
    from localdigest.cli.report import print_json

    require_engine()
    numbers, layouts = _numbers(widths), _layouts(layout)
    with engine_errors():
        from localdigest.engine.measure import choose, load_options, measure_map, measure_rates
        from localdigest.planning.here import look_here
        from localdigest.planning.subject import of_file

        path = _path(model, flags)
        subject = of_file(path)
        machine = look_here(measure=False).machine
        measured = []
        for variant in _variants(path, layouts):
            typer.echo(f"Measuring {_name(variant)} …", err=True)
            options = load_options(str(path), variant, width=max(numbers), model=subject.layout, machine=machine)
            measured.append(measure_rates(options, variant, widths=numbers, on_progress=_tell))
        best = choose(measured)
        width = best.rates.best_width()
        typer.echo(f"Mapping {jobs} chunks, {width} at once …", err=True)
        options = load_options(str(path), best.variant, width=width, model=subject.layout, machine=machine)
        load, peak_bytes = measure_map(options, num_jobs=jobs)
    if json:
        print_json(_envelope(options, measured, best, load=load, peak_bytes=peak_bytes))
        return
    for each in measured:
        _print_variant(each, chosen=each is best)
    _print_map(load, peak_bytes)


def _path(model: str, flags: Mapping[str, Any]) -> Path:
    """The model's file; a name is looked up among those that are here."""
    from localdigest.cli.layers import models_folder, settle_common
    from localdigest.hub.catalog import load_catalog
    from localdigest.hub.obtain import present

    folder = models_folder(settle_common(flags=flags).settings)
    return present(model, folder=folder, catalog=load_catalog(folder))


def _numbers(text: str) -> list[int]:
    from localdigest.errors import UsageError

    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and 0 < int(part) <= 256 for part in parts):  # noqa: PLR2004 - llama.cpp's LLAMA_MAX_SEQ
        raise UsageError(f"`--widths {text}` is no list of numbers from 1 to 256.", hint="As in `--widths 1,8`.")
    return sorted({int(part) for part in parts})


def _layouts(name: str) -> list[KVLayout]:
    from localdigest.engine.loading import KVLayout
    from localdigest.errors import UsageError

    layouts = {"both": list(KVLayout), **{each.value: [each] for each in KVLayout}}
    if name not in layouts:
        raise UsageError(f"`--layout {name}` is none of {', '.join(layouts)}.", hint="As in `--layout streams`.")
    return layouts[name]


def _variants(model: Path, layouts: list[KVLayout]) -> list[Variant]:
    from localdigest.engine.measure import Variant
    from localdigest.engine.model_file import has_experts, read_file_header

    # Only a model with experts is quicker one way for prompts and the other way for outputs.
    repacks = (False, True) if has_experts(read_file_header(model)) else (True,)
    return [Variant(each, repack) for repack in repacks for each in layouts]


def _tell(what: str) -> None:
    typer.echo(f"  {what}", err=True)


def _name(variant: Variant) -> str:
    return f"KV cache in {variant.layout}, weights {'repacked' if variant.repack else 'as they are'}"


def _envelope(
    options: LoadOptions, measured: list[Measured], best: Measured, *, load: MapLoad, peak_bytes: int | None
) -> dict[str, Any]:
    return {
        "schema": "localdigest/bench/1",
        "model": options.path,
        "variants": [
            {
                "layout": each.variant.layout,
                "repack": each.variant.repack,
                "prefill_tokens_per_second": each.rates.prefill,
                "decode_tokens_per_second": {str(width): rate for width, rate in each.rates.decode},
                "threads": {"decode": each.threads[0], "prefill": each.threads[1]},
                "peak_memory_bytes": each.peak_bytes,
            }
            for each in measured
        ],
        "chosen": {
            "layout": best.variant.layout,
            "repack": best.variant.repack,
            "width": best.rates.best_width(),
            "threads": {"decode": best.threads[0], "prefill": best.threads[1]},
            "gpu_layers": options.placement.gpu_layers,
            "cpu_expert_layers": options.placement.cpu_expert_layers,
        },
        "map_reduce": asdict(load),
        "peak_memory_bytes": peak_bytes,
    }


def _print_variant(each: Measured, *, chosen: bool) -> None:
    typer.echo(f"{_name(each.variant)}{'  (chosen)' if chosen else ''}")
    typer.echo(f"  prompts  {each.rates.prefill:8.1f} tokens/s")
    for width, rate in each.rates.decode:
        typer.echo(f"  outputs  {rate:8.1f} tokens/s, {width} at once")


def _print_map(load: MapLoad, peak_bytes: int | None) -> None:
    typer.echo(f"map over {load.jobs} chunks, {load.width} at once: {load.seconds:.1f} s")
    typer.echo(f"  {load.prompt_tokens} prompt tokens, of which {load.reused_tokens} were not computed again")
    typer.echo(f"  {load.output_tokens} tokens written; {load.in_llama_cpp:.1%} of the time inside llama.cpp")
    if peak_bytes is not None:
        typer.echo(f"  {peak_bytes / 2**20:.0f} MiB of memory at the most")
