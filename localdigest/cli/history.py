"""`localdigest history`: what earlier digests told, and forgetting it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from localdigest import values
from localdigest.cli.layers import settle_common, store_path
from localdigest.cli.options import Json, settings_flags
from localdigest.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localdigest.history import PastDigest
    from localdigest.store import Store

app = typer.Typer(
    rich_markup_mode=None,
    invoke_without_command=True,
)

__all__ = ["app"]

Date = Annotated[
    str | None, typer.Argument(metavar="DATE", help="Of the digests to forget, YYYY-MM-DD.", show_default=False)
]


@app.callback()
@settings_flags("topic", "store")
def list_(context: typer.Context, *, json: Json = False, flags: dict[str, Any]) -> None:
    """List the digests whose stories are remembered, of all topics or of --topic. What they told is not told again.

    Example: localdigest history --topic Mistral
    """
    context.obj = flags
    if context.invoked_subcommand:
        return
    from localdigest.cli.report import print_json
    from localdigest.cli.session import open_store

    with open_store(store_path(settle_common(flags=flags).settings)) as store:
        found = _remembered(store, flags)
    if json:
        print_json({"schema": "localdigest/history/1", "digests": list(map(_row, found))})
        return
    for past in found:
        typer.echo(f"{past.date}\t{past.slug}\t{len(past.stories)} stories\t{past.sources} sources")
        for story in past.stories:
            since = f" (told before, on {story.seen})" if story.seen else ""
            typer.echo(f"  {story.headline or ' '.join(story.sentences)}{since}")
    if not found:
        typer.echo("No digest is remembered", err=True)


@app.command("forget")
@settings_flags("topic", "store")
def forget(
    context: typer.Context,
    date: Date = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Forget the digests of every date.")] = False,
    flags: dict[str, Any],
) -> None:
    """Forget what the digests of a date told, or those of all dates, in all topics or in --topic. Files stay.

    Example: localdigest history forget 2025-12-30
    """
    from localdigest.cli.session import open_store

    if (date is None) is not every:
        raise UsageError("Name the date of a digest, or --all", hint="`localdigest history` lists the dates.")
    try:
        day = "" if date is None else values.date(date)
    except ValueError as error:
        raise UsageError(f"DATE: {error}", hint="`localdigest history` lists the dates.") from error
    flags = {**context.obj, **flags}  # before the word `forget`, and after it
    with open_store(store_path(settle_common(flags=flags).settings)) as store:
        chosen = [past for past in _remembered(store, flags) if not day or past.date == day]
        if day and not chosen:
            raise UsageError(f"No digest of {day} is remembered", hint="`localdigest history` lists the dates.")
        store.forget(chosen)
    typer.echo(f"{len(chosen)} digest{'s' * (len(chosen) != 1)} forgotten", err=True)


def _remembered(store: Store, flags: Mapping[str, Any]) -> list[PastDigest]:
    """Of the topic that the flags name, by its name or that of its files; else all. Oldest first."""
    topic = flags.get("topic", "")
    slug = values.slug(topic)
    return [past for past in store.past_digests() if not topic or slug in (past.slug, values.slug(past.topic))]


def _row(past: PastDigest) -> dict[str, Any]:
    return {
        "series": past.series,
        "slug": past.slug,
        "topic": past.topic,
        "date": past.date,
        "stories": [{"headline": story.headline, "seen": story.seen} for story in past.stories],
        "sources": past.sources,
        "documents": sum(bool(document.keys) for document in past.documents),
        "tags": list(past.tags),
    }
