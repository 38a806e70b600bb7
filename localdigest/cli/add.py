"""`localdigest add`: keeps a page that a person saved, or text that a person copied, for the runs to come."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from localdigest.cli.options import ConfigFile, Json, settings_flags
from localdigest.errors import UsageError

if TYPE_CHECKING:
    from localdigest.net.policy import FetchPolicy
    from localdigest.records import Document, Failure, Page, Source
    from localdigest.sourcing.notes import Note

__all__ = ["add"]

_STDIN = "-"
_INBOX = Path("inbox")  # of the working folder
_NAME_LIMIT = 60  #: characters of a kept file's name, before the sign that tells addresses apart
_HEADLINE = 120  #: characters
_KINDS = ((b"%PDF-", ".pdf"), (b"<!doctype html", ".html"), (b"<html", ".html"), (b"<?xml", ".html"))


@settings_flags("inbox", "max_bytes")
def add(
    page: Annotated[str, typer.Argument(metavar="FILE", help="A saved page, PDF, mail or text; - for text on stdin.")],
    url: Annotated[
        str, typer.Option("--url", metavar="URL", help="Its address; not needed where the page names it itself.")
    ] = "",
    title: Annotated[str, typer.Option("--title", help="Its title, where it has none.")] = "",
    config: ConfigFile = None,
    *,
    json: Json = False,
    flags: dict[str, Any],
) -> None:
    """Keep a page that you saved by hand; runs read it in place of its address, and without the network.

    Example: localdigest add page.html --url https://example.com/story
    """
    from localdigest.cli import report
    from localdigest.cli.layers import settle_common
    from localdigest.cli.program import PROGRAM
    from localdigest.cli.session import policy_of
    from localdigest.files import write_together
    from localdigest.records import Failure, Source
    from localdigest.sourcing.folders import is_document
    from localdigest.sourcing.inbox import VIA
    from localdigest.sourcing.notes import Note, note_of
    from localdigest.urls import flaw_of_url
    from localdigest.values import is_url

    if is_url(page):
        raise UsageError("A file is kept, not an address", hint="Save the page in a browser, and name the file.")
    if url and (flaw := flaw_of_url(url) or ("" if url.isprintable() else "it holds characters that show nothing")):
        raise UsageError(f"`--url`: {flaw}", hint="Copy the address of the page from the browser.")
    settings = settle_common(flags=flags, config=config).settings
    source = Source(page, via=VIA, title=_printable(title), url=url)
    taken = _pasted(source, policy_of(settings)) if page == _STDIN else _saved(source, policy_of(settings))
    with PROGRAM.get().open_reader() as reader:
        read = reader.document(taken)
    if isinstance(read, Failure):
        raise _refused(read)
    if flaw_of_url(read.url):
        raise UsageError("The page does not name its own address", hint="Give it with `--url URL`.")
    folder = _inbox(settings.inbox)
    path = folder / f"{_name(url or read.url)}{_suffix(taken)}"
    note = Note(url or read.url, taken.source.title, added=dt.datetime.now().astimezone().date().isoformat())
    replaced = [other for other in folder.glob(f"{_name(note.url)}.*") if is_document(other.name)]
    write_together({note_of(path): note.text().encode(), path: taken.body})
    for other in replaced:
        if other != path:
            note_of(other).unlink(missing_ok=True)
            other.unlink()
    if json:
        report.print_json(_envelope(path, note, read, replaced=bool(replaced)))
        return
    typer.echo(path)
    typer.echo(f"{len(read.sentences)} sentences: {read.title}", err=True)
    typer.echo(
        f"It is read in place of {note.url} from now on{', the earlier copy is gone' * bool(replaced)}.", err=True
    )


def _printable(title: str) -> str:
    """On one line, without what a terminal or a shell may have put into it that is no text."""
    return "".join(letter for letter in " ".join(title.split()) if letter.isprintable())


def _saved(source: Source, policy: FetchPolicy) -> Page:
    from localdigest.net.files import read_file
    from localdigest.records import Failure
    from localdigest.sourcing.folders import is_document

    if not is_document(source.locator):
        raise UsageError(
            f"{source.locator} is no document by its name",
            hint="HTML, PDF, Markdown, plain text and mail (.eml) can be kept.",
        )
    taken = read_file(source, policy)
    if isinstance(taken, Failure):
        raise _refused(taken)
    return taken


def _pasted(source: Source, policy: FetchPolicy) -> Page:
    from localdigest.net.media import media_type_of_name
    from localdigest.records import Page, PageOrigin
    from localdigest.urls import host_of

    if not source.url:
        raise UsageError("Text from stdin names no address", hint="Give it with `--url URL`.")
    if sys.stdin.isatty():
        typer.echo("Paste the text; end it with Ctrl-D on a line of its own.", err=True)
    body = sys.stdin.buffer.read(policy.max_bytes + 1)
    if len(body) > policy.max_bytes:
        raise UsageError(
            f"stdin holds more than {policy.max_bytes:,} bytes", hint="Raise the limit with `--max-bytes`."
        )
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    if not source.title:
        source = replace(source, title=_first_line(body) or host_of(source.url))
    name = f"pasted{next((suffix for start, suffix in _KINDS if _starts(body, start)), '.txt')}"
    return Page(source, body, media_type_of_name(name), "", source.url, now, PageOrigin.FILE)


def _first_line(body: bytes) -> str:
    """What a copied text begins with, where that is as short as a headline; its words are then a title of its own."""
    line = " ".join(body.decode("utf-8", "replace").lstrip("\ufeff").strip().partition("\n")[0].split())
    return line if line.isprintable() and not line.startswith(("<", "%")) and len(line) <= _HEADLINE else ""


def _starts(body: bytes, start: bytes) -> bool:
    return body[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[: len(start)].lower() == start.lower()


def _refused(failure: Failure) -> UsageError:
    from localdigest.hints import hint_for

    shown = "The text" if failure.source.locator == _STDIN else failure.source.locator
    return UsageError(f"{shown} was not kept: {failure.detail or failure.reason.value}", hint=hint_for([failure]))


def _inbox(named: str) -> Path:
    """The folder, made where it is not there.

    Raises:
        UsageError: what lies at the default place was not made for this.
        OutputError: it cannot be written.
    """
    from localdigest.files import prepare_folder, write_atomically
    from localdigest.sourcing.paths import INBOX_MARK

    folder = Path(named) if named else _INBOX
    if not named and folder.is_dir() and any(folder.iterdir()):
        raise UsageError(
            f"The folder {folder} is there already, and holds something else",
            hint='Name a folder for saved pages: `--inbox DIR`, or `inbox = "DIR"` in the topic file.',
        )
    prepare_folder(folder)
    if not (folder / INBOX_MARK).exists():
        write_atomically(folder / INBOX_MARK, b"")
    return folder


def _name(url: str) -> str:
    """The same for all spellings of one address, and readable."""
    from localdigest.urls import canonical_url, host_of

    canonical = canonical_url(url)
    words = re.sub(
        r"[^a-z0-9]+", "-", f"{host_of(canonical)} {canonical.partition('://')[2].partition('/')[2]}".lower()
    )
    return f"{words.strip('-')[:_NAME_LIMIT].strip('-')}-{hashlib.sha256(canonical.encode()).hexdigest()[:8]}"


def _suffix(page: Page) -> str:
    own = Path(page.source.locator).suffix.lower()
    by_type = {"text/html": ".html", "application/pdf": ".pdf"}
    return own if page.source.locator != _STDIN else by_type.get(page.media_type, ".txt")


def _envelope(path: Path, note: Note, read: Document, *, replaced: bool) -> dict[str, Any]:
    return {
        "schema": "localdigest/add/1",
        "ok": True,
        "path": str(path),
        "url": note.url,
        "title": read.title,
        "published": read.published,
        "language": read.language.value,
        "sentences": len(read.sentences),
        "warnings": list(read.warnings),
        "replaced": replaced,
    }
