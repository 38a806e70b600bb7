"""What a command says at its end: files on stdout, the account on stderr; one JSON object instead with `--json`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from localdigest.cli.screen import json_line
from localdigest.cli.summary import tell_account, tell_times
from localdigest.codec import encode
from localdigest.errors import NothingNewError
from localdigest.manifest import Fate
from localdigest.records import Document, Failure
from localdigest.values import is_url

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from localdigest.errors import LocalDigestError
    from localdigest.hooks.process import HookRun
    from localdigest.job import Job
    from localdigest.manifest import Manifest
    from localdigest.records import Page, Source
    from localdigest.render.sites import Places
    from localdigest.stages.collect import Collected
    from localdigest.stages.render import Written

__all__ = [
    "collected",
    "dry_run",
    "error_envelope",
    "extracted",
    "fetched",
    "finished",
    "print_json",
    "summarized",
    "tested",
    "told_error",
    "told_failure",
    "told_writer",
]


def print_json(value: dict[str, Any]) -> None:
    """One object on one line of stdout."""
    print(json_line(encode(value)))


def finished(
    manifest: Manifest,
    written: Written,
    *,
    code: int,
    as_json: bool,
    quiet: bool,
    timed: bool = False,
    hooks: Sequence[HookRun] = (),
) -> None:
    """The end of `run` and `render`; `timed` where this very run made the manifest."""
    for note in written.notes:
        print(note, file=sys.stderr)
    if as_json:
        envelope = _run_envelope(manifest, {name: str(path) for name, path in written.files.items()}, code)
        print_json(envelope | ({"hooks": list(map(encode, hooks))} if hooks else {}))
        return
    print(written.post)
    if quiet:
        return
    tell_account(manifest)
    if timed:
        tell_times(manifest)
    print(f"Read it:  localdigest view {written.page}   (or open it in any browser)", file=sys.stderr)
    print(
        f"Check it: each number on that page shows the source's own words; {written.manifest} holds all",
        file=sys.stderr,
    )


def told_error(error: LocalDigestError, topic: str, *, as_json: bool) -> None:
    """The end of one topic of many that gave no digest."""
    if as_json:
        print_json({**error_envelope(error), "topic": topic})
    if isinstance(error, NothingNewError):
        print(f"No digest: {topic}: {error.message}", file=sys.stderr)
    else:
        print(f"Error: {topic}: {error.message}\nHint: {error.hint}", file=sys.stderr)


def error_envelope(error: LocalDigestError) -> dict[str, Any]:
    """The documented object of any error."""
    return {
        "schema": "localdigest/error/1",
        "ok": False,
        "exit_code": error.exit_code,
        "error": {"type": type(error).__name__, "message": error.message, "hint": error.hint},
    }


def told_writer(name: str, why: str, *, quiet: bool) -> None:
    """Who writes, and why, where the user did not say."""
    if why and not quiet:
        print(f"Writer: {name}, since {why}." if name == "extractive" else f"Writer: {name}, {why}.", file=sys.stderr)


def summarized(manifest: Manifest, path: Path, *, code: int, as_json: bool) -> None:
    """The end of `summarize`."""
    if as_json:
        print_json(_run_envelope(manifest, {"manifest": str(path)}, code))
        return
    print(path)
    tell_account(manifest)
    print(f"Draw it: localdigest render {path}", file=sys.stderr)


def collected(found: Collected, *, as_json: bool) -> None:
    """The end of `collect`: a line for every page, which `fetch -` reads back."""
    for source in (*(page.source for page in found.pages), *found.sources):
        if as_json:
            print_json(_source_row(source))
        else:
            print(source.locator)
    for failure in found.failures:
        if as_json:
            print_json(failure_row(failure))
        else:
            print(_failure_line("Not taken", failure), file=sys.stderr)


def told_failure(what: str, failure: Failure) -> None:
    """A line on stderr."""
    print(_failure_line(what, failure), file=sys.stderr)


def extracted(result: Document | Failure, *, as_json: bool) -> None:
    """One result of `extract`."""
    if as_json:
        print_json(document_row(result) if isinstance(result, Document) else failure_row(result))
    elif isinstance(result, Failure):
        print(_failure_line("Not read", result), file=sys.stderr)
    else:
        facts = " · ".join(filter(None, (result.site, result.byline, result.published[:10], result.language.value)))
        print(f"# {result.title}\n{facts}\n{result.url}\n\n{result.text}\n")


def tested(result: Document | Failure, asked: Mapping[str, str], *, as_json: bool) -> None:
    """One result of `sources test`; `asked` is what answered in place of each address."""
    way = "" if isinstance(result, Failure) else asked.get(result.sources[0].locator, "")
    if as_json:
        row = failure_row(result) if isinstance(result, Failure) else document_row(result) | {"asked": way}
        print_json({key: value for key, value in row.items() if key not in ("text", "sentences")})
    elif isinstance(result, Failure):
        print(f"failed\t{result.source.locator}\t{result.reason.value}\t{result.detail}")
    else:
        facts = [f"{len(result.sentences)} sentences", result.published[:10] or "no date", result.title]
        print("\t".join(("ok", result.sources[0].locator, *facts, *([f"asked {way}"] if way else ()))))


def fetched(results: Sequence[Page | Failure], *, as_json: bool) -> None:
    """The end of `fetch`: a line for every source."""
    for result in results:
        if as_json:
            print_json(_fetched_row(result))
        elif isinstance(result, Failure):
            print(f"{result.source.locator}\tnot read\t{result.reason.value}\t{result.detail}")
        else:
            print(f"{result.source.locator}\t{result.origin.value}\t{result.num_bytes} bytes")


def dry_run(job: Job, where: Places, plan: Sequence[tuple[Source, str]], *, writer: str, as_json: bool) -> None:
    """What `run --dry-run` would do, a line for every source that is known without the network."""
    from localdigest.stages.render import file_paths

    files = [str(path) for path in file_paths(job.date, job.slug, where, pictures=job.settings.pictures).values()]
    if as_json:
        rows = [{"source": source.locator, "via": source.via, "from": origin} for source, origin in plan]
        print_json({"schema": "localdigest/plan/1", "sources": rows, "files": files, "writer": writer})
        return
    for source, origin in plan:
        print(f"{origin}\t{source_line(source)}")
    print(f"Would write {', '.join(files)} with the {writer} writer.", file=sys.stderr)


def source_line(source: Source) -> str:
    note = " — ".join(filter(None, (source.title, source.published[:10])))
    return f"{source.locator}\t{note}" if note else source.locator


def document_row(document: Document) -> dict[str, Any]:
    """The documented object of `extract --json`."""
    return {
        "source": document.sources[0].locator,
        "url": document.url,
        "title": document.title,
        "byline": document.byline,
        "published": document.published,
        "published_by": document.published_by.value,
        "site": document.site,
        "language": document.language.value,
        "kind": document.kind.value,
        "text": document.text,
        "sentences": [
            {"id": f"S{index}", "text": sentence.text, "role": sentence.role.value, "paragraph": sentence.paragraph}
            for index, sentence in enumerate(document.sentences, start=1)
        ],
        "warnings": list(document.warnings),
    }


def failure_row(failure: Failure) -> dict[str, Any]:
    return {
        "source": failure.source.locator,
        "url": failure.url or (failure.source.locator if is_url(failure.source.locator) else ""),
        "failure": {"reason": failure.reason.value, "detail": failure.detail, "status": failure.status},
    }


def _fetched_row(result: Page | Failure) -> dict[str, Any]:
    if isinstance(result, Failure):
        return failure_row(result)
    return {
        "source": result.source.locator,
        "url": result.url,
        "from": result.origin.value,
        "media_type": result.media_type,
        "bytes": result.num_bytes,
        "sha256": result.sha256,
        "fetched_at": result.fetched_at,
    }


def _source_row(source: Source) -> dict[str, Any]:
    return {
        "source": source.locator,
        "via": source.via,
        "title": source.title,
        "byline": source.byline,
        "published": source.published,
        "url": source.url,
    }


def _run_envelope(manifest: Manifest, files: dict[str, str], code: int) -> dict[str, Any]:
    return {
        "schema": "localdigest/run/1",
        "topic": manifest.topic,
        "ok": code == 0,
        "exit_code": code,
        "files": files,
        "counts": {**encode(manifest.counts), "coverage": round(manifest.counts.coverage, 4)},
        "not_read": [
            {"source": source.locator, "reason": source.reason, "detail": source.detail}
            for source in manifest.sources
            if source.fate is Fate.NOT_READ
        ],
    }


def _failure_line(what: str, failure: Failure) -> str:
    detail = f" ({failure.detail})" if failure.detail else ""
    return f"{what}: {failure.source.locator}: {failure.reason.value}{detail}"
