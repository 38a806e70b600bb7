"""What `check` prints: a line for every sentence, and the account at the end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn

from localdigest.cli.screen import json_line
from localdigest.errors import ExitCode, NothingToSummarizeError
from localdigest.hints import hint_for, told
from localdigest.records import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localdigest.records import Failure
    from localdigest.stages.check import Checked

__all__ = ["exit_code", "row", "tell", "tell_count", "tell_failures", "tell_nothing"]

_MARKS = {Verdict.SUPPORTED: "✓", Verdict.UNSUPPORTED: "✗", Verdict.UNDECIDED: "?"}
_CUT = 160  #: characters of a source sentence on a terminal; JSON has all


def tell(checked: Checked, *, as_json: bool) -> None:
    """One sentence."""
    if as_json:
        print(json_line(row(checked)), flush=True)
        return
    judgement = checked.judgement
    print(f"{_MARKS[judgement.verdict]} {checked.sentence.written}")
    for token in judgement.tokens:
        print(f"    {token.text}: {token.kind.value}: {token.why}")
    if judgement.verdict is Verdict.UNSUPPORTED:
        for passage in checked.evidence[:1]:
            text = passage.text if len(passage.text) <= _CUT else passage.text[:_CUT] + "…"
            print(f"    {passage.id}: {' '.join(text.split())}")


def row(checked: Checked) -> dict[str, Any]:
    """The documented object of `check --json`."""
    judgement = checked.judgement
    return {
        "sentence": checked.sentence.written,
        "verdict": judgement.verdict.value,
        "tokens": [token.text for token in judgement.tokens],
        "problems": [{"token": token.text, "kind": token.kind.value, "why": token.why} for token in judgement.tokens],
        "evidence": [{"id": passage.id, "text": passage.text, "url": passage.url} for passage in checked.evidence],
    }


def tell_failures(failures: Sequence[Failure]) -> None:
    """What the sentences could not be checked against."""
    for failure in failures:
        print(f"Not read: {failure.source.locator}: {failure.reason.value} {failure.detail}".rstrip(), file=sys.stderr)


def tell_nothing(failures: Sequence[Failure]) -> NoReturn:
    """Raises the error of a check against nothing."""
    if not failures:
        raise NothingToSummarizeError("There is nothing to check against: the sources name no page")
    raise NothingToSummarizeError(f"No source gave any text ({told(failures)})", hint=hint_for(failures))


def tell_count(verdicts: Sequence[Verdict], documents: int, *, quiet: bool) -> None:
    """The account, on stderr."""
    if quiet:
        return
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict.value}" for verdict in Verdict)
    noun = "source" if documents == 1 else "sources"
    print(f"{len(verdicts)} sentences against {documents} {noun}: {counts}", file=sys.stderr)


def exit_code(verdicts: Sequence[Verdict]) -> int:
    return ExitCode.BELOW_THRESHOLD if Verdict.UNSUPPORTED in verdicts else ExitCode.OK
