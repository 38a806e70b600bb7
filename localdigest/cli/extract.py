"""`localdigest extract`: what the reader makes of pages."""

from __future__ import annotations

from typing import Any

import typer

from localdigest.cli.options import ConfigFile, Json, Sources, settings_flags
from localdigest.errors import ExitCode

__all__ = ["extract"]


@settings_flags("since", "limit", "per_source", "date", "offline", "robots", "allow_hosts", "concurrency", "interval",
                "deadline", "max_bytes", "store")  # fmt: skip
def extract(sources: Sources = None, config: ConfigFile = None, *, json: Json = False, flags: dict[str, Any]) -> None:
    """Print the main text of pages, files or feeds. With --json: one object a line, with its sentences."""
    from localdigest.cli import report
    from localdigest.cli.progress import progress
    from localdigest.cli.session import open_session, planned
    from localdigest.gathering import gather, read_documents

    job = planned(sources, flags, config, with_inbox=False, is_digest=False)
    with progress(quiet=True) as on_event, open_session(job, on_event) as session:
        results = gather(session.job, session.tools).results
        reading = read_documents(results, session.job, session.tools)
    for result in reading.results:
        report.extracted(result, as_json=json)
    raise typer.Exit(ExitCode.OK if reading.documents else ExitCode.NOTHING)
