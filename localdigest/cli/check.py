"""`localdigest check`: any text against sources, sentence by sentence."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from localdigest.cli.options import ConfigFile, Json, settings_flags
from localdigest.errors import UsageError

if TYPE_CHECKING:
    from localdigest.parsing.results import Draft
    from localdigest.reader import Reader

__all__ = ["check"]

_STDIN = "-"
_MOST_BYTES = 20 * 2**20


@settings_flags("since", "limit", "per_source", "offline", "robots", "allow_hosts", "concurrency", "interval",
                "deadline", "max_bytes", "store")  # fmt: skip
def check(
    draft: Annotated[
        str, typer.Argument(metavar="DRAFT", help="A text or Markdown file, a digest's post, or - for stdin.")
    ],
    more: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE", help="More sources.", show_default=False)
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(
            "--against",
            metavar="SOURCE",
            help="URLs, files, folders, feeds or a topic file to check it against. All after the first may follow it.",
        ),
    ] = None,
    config: ConfigFile = None,
    *,
    json: Json = False,
    flags: dict[str, Any],
) -> None:
    """Check every sentence of a text against sources: figures, dates, names, quotations.

    Example: localdigest check draft.md --against https://example.com/story report.pdf

    Exits with 3 when a sentence is not supported, with 4 when the sources hold nothing.
    """
    from localdigest.cli import check_report
    from localdigest.cli.progress import progress
    from localdigest.cli.session import open_session, planned
    from localdigest.gathering import gather, read_documents
    from localdigest.stages.check import check as check_draft
    from localdigest.stages.check import numbered

    sources = [*(against or ()), *(more or ())]
    if draft == _STDIN and _STDIN in sources:
        raise UsageError("stdin can hold the draft or the list of sources, not both")
    text = _text_named(draft)
    job = planned(sources, flags, config, with_inbox=False, is_digest=False)
    with progress(quiet=True) as on_event, open_session(job, on_event) as session:
        sentences = _read(text, draft, session.tools.reader)
        results = gather(session.job, session.tools).results
        reading = read_documents(results, session.job, session.tools)
    documents = numbered(reading.documents)
    check_report.tell_failures(reading.failures)
    if not documents:
        check_report.tell_nothing(reading.failures)
    verdicts = []
    for checked in check_draft(sentences, documents):
        verdicts.append(checked.judgement.verdict)
        check_report.tell(checked, as_json=json)
    check_report.tell_count(verdicts, len(documents), quiet=json)
    raise typer.Exit(check_report.exit_code(verdicts))


def _text_named(name: str) -> str:
    return sys.stdin.read() if name == _STDIN else _text_of(Path(name))


def _read(text: str, name: str, reader: Reader) -> Draft:
    """The draft.

    Raises:
        UsageError: it cannot be read, or holds no sentence.
    """
    from localdigest.sandbox.process import WorkerError

    shown = "stdin" if name == _STDIN else name
    try:
        draft = reader.draft(text)
    except WorkerError as error:
        raise UsageError(f"The draft {shown} cannot be read: {error}", hint="Check a part of it.") from error
    if not draft.sentences:
        raise UsageError(f"There is no sentence in {shown}")
    return draft


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{path} is larger than {_MOST_BYTES // 2**20} MiB: that is no draft")
        body = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"The draft {path} cannot be read: {error.strerror or error}",
            hint="Name a text or Markdown file first, then `--against` and the sources.",
        ) from error
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"The draft {path} is no text in UTF-8", hint="Save it as Markdown or plain text in UTF-8."
        ) from error
    if "\0" in text:
        raise UsageError(f"The draft {path} is no text", hint="Save it as Markdown or plain text in UTF-8.")
    return text
