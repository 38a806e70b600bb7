"""The entry point: the commands, and the one edge where an error becomes a message, a hint and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from localdigest import __version__
from localdigest.cli import cache, config, extract, history, models, run, sources, steps
from localdigest.cli.add import add
from localdigest.cli.bench import bench
from localdigest.cli.check import check
from localdigest.cli.doctor import doctor
from localdigest.cli.init import init
from localdigest.cli.interrupts import Interrupts, heeding_signals
from localdigest.cli.plan import plan
from localdigest.cli.program import PROGRAM, Program
from localdigest.cli.schedule import schedule
from localdigest.cli.screen import harmless_streams
from localdigest.cli.view import view
from localdigest.errors import ExitCode, LocalDigestError
from localdigest.settings import ENVIRONMENT_PREFIX

__all__ = ["app", "main"]

# Plain help: rich's costs three times the start of the whole program.
app = typer.Typer(
    name="localdigest",
    help="Turns a topic and its sources into a structured, cited digest, on your own machine.",
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _print_version(value: bool) -> None:  # noqa: FBT001 - the shape that typer calls
    if value:
        typer.echo(f"localdigest {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Turns a topic and its sources into a structured, cited digest, on your own machine."""
    del version  # typer has printed it


app.command("run")(run.run)
app.command("collect")(steps.collect)
app.command("fetch")(steps.fetch)
app.command("summarize")(steps.summarize)
app.command("render")(steps.render)
app.command("view")(view)
app.command("add")(add)
app.command("extract")(extract.extract)
app.command("check")(check)
app.command("plan")(plan)
app.command("doctor")(doctor)
app.command("bench")(bench)
app.command("init")(init)
app.command("schedule")(schedule)
app.add_typer(models.app, name="models")
app.add_typer(sources.app, name="sources")
app.add_typer(config.app, name="config")
app.add_typer(cache.app, name="cache")
app.add_typer(history.app, name="history")


def main(program: Program | None = None) -> None:
    """Runs the command and exits with its code. `program` is for whoever goes on with this process afterwards."""
    if program is not None:
        PROGRAM.set(program)
    with heeding_signals() as interrupts, harmless_streams():
        _run(interrupts)


def _run(interrupts: Interrupts) -> None:
    try:
        app(prog_name="localdigest")
    except SystemExit as ended:
        if ended.code == ExitCode.INTERRUPTED:  # typer turns Ctrl-C into this
            _fail(interrupts.error)
        raise
    except BrokenPipeError:
        # The reader of our output went away (`… | head`): no failure, and nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.OK)
    except LocalDigestError as error:
        if os.environ.get(ENVIRONMENT_PREFIX + "DEBUG"):
            raise
        _fail(error)


def _fail(error: LocalDigestError) -> None:
    if "--json" in sys.argv[1:]:
        from localdigest.cli.report import error_envelope, print_json

        print_json(error_envelope(error))
    print(f"Error: {error.message}", file=sys.stderr)
    print(f"Hint: {error.hint}", file=sys.stderr)
    sys.exit(error.exit_code)
