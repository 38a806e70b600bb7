"""How a digest came about, as labelled facts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from localdigest.services import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from localdigest.manifest import ServerRecord
    from localdigest.render.context import Context

__all__ = ["Fact", "Group", "making", "settings"]

_OF_WORK = (
    *("chunks", "chunks_without_answer", "chunks_left_out", "cut_sentences", "claims", "claims_repaired"),
    *("claims_left_out", "stories", "stories_left_out", "statements_repaired"),
)
_OF_TOKENS = ("jobs_run", "jobs_stored", "computed_tokens", "reused_tokens", "written_tokens")
_MIB = 2**20
_BARRIERS = {
    "network": "network_barriers",
    "ports": "port_barriers",
    "files": "file_barriers",
    "programs": "program_barriers",
}


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    values: tuple[str, ...]
    is_code: bool = False  #: a hash, an address, a name of the program's own


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    title: str
    facts: tuple[Fact, ...]


def making(context: Context) -> tuple[Group, ...]:
    """Those groups that hold something; what differs from one run to the next is the last."""
    facts = {
        "author": _author(context),
        "counts": _counts(context),
        "discovery": _discovery(context),
        "model_work": _numbers(context, context.account, _OF_WORK),
        "sandbox": _sandbox(context),
        "run": _run(context),
    }
    groups = (Group(key, context.words.name("making_groups", key), tuple(each)) for key, each in facts.items())
    return tuple(group for group in groups if group.facts)


def settings(context: Context) -> tuple[Fact, ...]:
    """All that shaped the digest."""
    return tuple(
        Fact(key, (context.escapes.text(json.dumps(value, ensure_ascii=False)),), is_code=True)
        for key, value in context.manifest.settings.items()
    )


def _author(context: Context) -> Iterator[Fact]:
    manifest = context.manifest
    yield _fact(context, "writer", manifest.writer)
    yield _fact(context, "generator", manifest.generator)
    if manifest.model:
        yield _fact(context, "model", manifest.model.name)
        yield _fact(context, "source", manifest.model.source, is_code=True)
        if manifest.model.sha256:
            yield _fact(context, "sha256", *manifest.model.sha256, is_code=True)
        yield from _told(context, {"licence": manifest.model.licence, "engine": manifest.model.engine})
        if manifest.model.server:
            yield from _server(context, manifest.model.server)
    shaped = {key: context.account.get(key, "") for key in ("style", "seed")}
    yield from _told(context, shaped)
    if prompts := context.account.get("prompts"):
        yield _fact(context, "prompts", str(prompts), is_code=True)
    if "second_judge" in context.account:
        yield _fact(context, "second_judge", context.words.say("yes" if context.account["second_judge"] else "no"))


def _server(context: Context, server: ServerRecord) -> Iterator[Fact]:
    yield _fact(context, "endpoints", *server.endpoints, is_code=True)
    if server.public:
        yield _fact(context, "public", *server.public, is_code=True)
    if server.told:
        yield _fact(context, "told", *(f"{key} {value}" for key, value in server.told.items()), is_code=True)
    yield _fact(context, "identity", server.identity, is_code=True)
    yield from _numbers(context, {"context_tokens": server.context_tokens}, ("context_tokens",))
    if server.notes:
        yield _fact(context, "notes", *server.notes)


def _counts(context: Context) -> Iterator[Fact]:
    counts = context.manifest.counts
    yield from _numbers(context, asdict(counts), tuple(asdict(counts)))
    yield _fact(context, "coverage", f"{counts.coverage:.0%}")


def _numbers(context: Context, values: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[Fact]:
    for key in keys:
        if isinstance(value := values.get(key), int):
            yield _fact(context, key, f"{value:,}")


def _discovery(context: Context) -> Iterator[Fact]:
    """Whom the topic's words went to, and what came of it."""
    words = context.words
    for inquiry in context.manifest.discovery:
        sent = words.say("asked_for", words=inquiry.words) if inquiry.words else words.say("asked_for_nothing")
        found = words.say("found_and_taken", found=inquiry.found, taken=inquiry.taken)
        gave = words.name("reasons", inquiry.reason) if inquiry.reason else found
        told = (sent, gave) if inquiry.address else (words.say("not_asked"),)
        label = TITLES.get(inquiry.service, inquiry.service)
        yield Fact(context.escapes.text(label), tuple(map(context.escapes.text, told)))


def _sandbox(context: Context) -> Iterator[Fact]:
    for process, held in context.manifest.sandbox.items():
        if isinstance(held, dict):
            yield _fact(context, "model_process" if process == "model" else process, *_held(context, held))


def _held(context: Context, held: Mapping[str, Any]) -> Iterator[str]:
    words = context.words
    for key, table in _BARRIERS.items():
        if key in held:
            yield words.name(table, str(held[key]))
    for key, value in held.items():
        if key in words.words["limits"] and isinstance(value, int) and value:
            shown = f"{value // _MIB:,} MiB" if key.endswith("_bytes") else f"{value:,}"
            yield words.name("limits", key).format(value=shown)


def _run(context: Context) -> Iterator[Fact]:
    run = context.manifest.run
    yield from _told(context, {"started_at": run.started_at})
    if run.seconds:
        yield _fact(context, "seconds", *(f"{stage} {seconds:,.1f}" for stage, seconds in run.seconds.items()))
    if run.origins:
        yield _fact(context, "origins", *(f"{origin} {count:,}" for origin, count in run.origins.items()))
    yield _fact(context, "hosts", *(run.hosts or (context.words.say("hosts_none"),)), is_code=bool(run.hosts))
    yield _fact(context, "parsed", f"{run.parsed:,}")
    yield from _numbers(context, run.work, _OF_TOKENS)
    if run.store:
        yield _fact(context, "store", *run.store)


def _told(context: Context, values: Mapping[str, Any]) -> Iterator[Fact]:
    for key, value in values.items():
        if value != "":
            yield _fact(context, key, str(value))


def _fact(context: Context, key: str, *values: str, is_code: bool = False) -> Fact:
    label = context.escapes.text(context.words.name("facts", key))
    return Fact(label, tuple(map(context.escapes.text, values)), is_code)
