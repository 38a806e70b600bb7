"""Writes what is made from the code: docs/commands.md, docs/settings.md, and the example in README.md.

usage: make_docs.py [--check]

With --check nothing is written; exit code 1 says that a page is not what the code says.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path

from typer.testing import CliRunner

from localdigest.cli.main import app
from localdigest.cli.options import flag_of, flagged
from localdigest.errors import ExitCode
from localdigest.settings import ENVIRONMENT_PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
MADE = "<!-- Made by `make docs` from the code: change it there. -->\n\n"

EXIT_CODES = {
    ExitCode.OK: "done",
    ExitCode.FAILED: "failed",
    ExitCode.USAGE: "a flag, an argument or a file of settings cannot be right",
    ExitCode.BELOW_THRESHOLD: "written, but a sentence is not supported, or too few sources were read",
    ExitCode.NOTHING: "nothing to summarise: no source gave any text, or nothing in it is new",
    ExitCode.INTERRUPTED: "interrupted; the same command goes on from there",
    ExitCode.TERMINATED: "ended by SIGTERM; likewise",
}


def main(arguments: list[str]) -> int:
    pages = {
        ROOT / "docs" / "commands.md": commands_page(),
        ROOT / "docs" / "settings.md": settings_page(),
        ROOT / "README.md": readme_page(),
    }
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} {'is stale: run `make docs`' if '--check' in arguments else 'written'}")
        if "--check" not in arguments:
            path.write_text(pages[path], encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


def commands_page() -> str:
    text = f"# Commands\n\n{MADE}"
    text += "Results go to stdout, progress and notes to stderr; with `--json` stdout holds JSON only.\n"
    text += "\n| exit code | means |\n|---|---|\n"
    text += "".join(f"| {code} | {meaning} |\n" for code, meaning in EXIT_CODES.items())
    for words in [(), *command_words()]:
        name = " ".join(("localdigest", *words))
        text += f"\n## `{name}`\n\n```text\n{help_of(words)}\n```\n"
    return text


def command_words(prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command and subcommand, as its help lists them."""
    found: list[tuple[str, ...]] = []
    section = help_of(prefix).partition("Commands:\n")[2]
    for name in re.findall(r"^  (\S+)  ", section, re.MULTILINE):
        words = (*prefix, name)
        found.append(words)
        found += command_words(words) if "Commands:\n" in help_of(words) else []
    return found


@cache
def help_of(words: tuple[str, ...]) -> str:
    shown = CliRunner().invoke(app, [*words, "--help"], prog_name="localdigest", terminal_width=100)
    assert shown.exit_code == 0, shown.output
    return "\n".join(line.rstrip() for line in shown.output.strip().splitlines())


def settings_page() -> str:
    text = f"# Settings\n\n{MADE}"
    text += (
        "A setting is taken from the first of these that names it: a flag, the environment, the topic file,\n"
        "the user's file, its default. `localdigest config show` prints each with its value and its origin.\n\n"
        "| in a topic file | flag | environment | default | what it does |\n|---|---|---|---|---|\n"
    )
    for option in fields(Settings):
        flag = f"`{flag_of(option.name)}`" if flagged(option.name) else ""
        default = "" if option.default in (MISSING, "", ()) else f"`{json.dumps(option.default).strip(chr(34))}`"
        variable = f"`{ENVIRONMENT_PREFIX}{option.name.upper()}`" if flagged(option.name) else ""
        text += f"| `{option.name}` | {flag} | {variable} | {default} | {option.metadata['help']} |\n"
    return text + (
        f"\n`{ENVIRONMENT_PREFIX}CONFIG` names the topic file, "
        f"`{ENVIRONMENT_PREFIX}DEBUG=1` shows where an error comes from.\n"
        "`sources` and `[headings]` stand in files only, `after` in a topic file only; on the command line sources\n"
        "are arguments. [automation.md](automation.md) tells what `after` does.\n"
    )


def readme_page() -> str:
    """The README with the beginning of the digest that the examples make today."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    start, end = "<!-- example -->\n", "<!-- end of example -->"
    before, after = text.partition(start)[0], text.partition(end)[2]
    return f"{before}{start}```markdown\n{example()}```\n{end}{after}"


def example() -> str:
    """The trend, the first two news items, and the citations that they hold."""
    with tempfile.TemporaryDirectory() as folder:
        topic = "examples/mistral-week.toml"
        command = ["run", topic, "--out", f"{folder}/output", "--store", f"{folder}/store.sqlite3", "--quiet"]
        subprocess.run([sys.executable, "-m", "localdigest", *command], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        post = next(Path(folder, "output").glob("*.md")).read_text(encoding="utf-8")
    lines = post.split("---\n", 2)[2].splitlines(keepends=True)
    shown = lines[: next(at for at, line in enumerate(lines) if line.startswith("3) "))]
    link = re.search(r"\[\\\[\d+\\\]\]\[(D\d+\.S\d+)\]", "".join(shown))
    assert link, "the digest of the examples has no citation"
    definition = next(line for line in lines if line.startswith(f"[{link[1]}]: "))
    # The folder of the run is a temporary one; beside the checkout's output/ the copies lie one folder up.
    definition = re.sub(r"<[^>]*?(?=examples/)", "<../", definition)
    return f"{''.join(shown)}…\n\n{definition}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
