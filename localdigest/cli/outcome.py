"""What a digest comes to: its files, and the exit code that it deserves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.errors import ExitCode

if TYPE_CHECKING:
    from localdigest.job import Tools
    from localdigest.manifest import Manifest
    from localdigest.pipeline import Made
    from localdigest.render.sites import Places
    from localdigest.stages.render import Written

__all__ = ["exit_code", "write_files"]


def write_files(made: Made, where: Places, tools: Tools) -> Written:
    """Draws a digest and writes its files; only then is it remembered as told."""
    from localdigest.pipeline import remember_digest
    from localdigest.stages.render import render

    written = render(made.manifest, where)
    remember_digest(made, tools)
    return written


def exit_code(manifest: Manifest) -> int:
    """3 when a sentence is not supported, too small a share of the sources was read, or a model said hardly anything
    that stands in them.

    One feed that gives many pages does not make up for others that give nothing.
    """
    from localdigest.health import share_read

    counts = manifest.counts
    wanted = 1.0 if manifest.settings["strict"] else manifest.settings["min_coverage"]
    share = min(counts.coverage, share_read(manifest))
    below = counts.unsupported > 0 or share < wanted or _mostly_dropped(manifest)
    return ExitCode.BELOW_THRESHOLD if below else ExitCode.OK


def _mostly_dropped(manifest: Manifest) -> bool:
    if manifest.model is None:
        return False
    account = manifest.model.account
    unsupported = [
        each
        for key in ("claims_dropped", "statements_dropped")
        for each in account.get(key, ())
        if each["reason"] in ("unsupported", "malformed")
    ]
    stand = account.get("claims", 0) + account.get("statements", 0)
    return not manifest.counts.statements or len(unsupported) > stand
