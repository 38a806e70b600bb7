"""What is wrong with a page that is read all the same: words for machines, in its text, its names or out of sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.parsing.sentences import split_sentences
from localdigest.records import Concern
from localdigest.text.instructions import find_instructions, instructs
from localdigest.text.unseen import smuggled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from localdigest.parsing.parsed import Parsed
    from localdigest.records import Sentence

__all__ = ["concerns_of", "unless_instructing"]


def concerns_of(parsed: Parsed, sentences: Sequence[Sentence], names: Iterable[str]) -> Iterator[str]:
    """Warnings, each of which begins with its `Concern`.

    Args:
        parsed: as the page was read.
        sentences: of the document.
        names: that the page gives itself, its authors and its site.
    """
    texts = [sentence.text for sentence in sentences]
    if found := find_instructions(texts, [sentence.paragraph for sentence in sentences]):
        yield f"{Concern.INSTRUCTIONS}: sentences that speak to AI readers: {len(found)}; they are not quoted"
    if any(map(instructs, filter(None, names))):
        yield f"{Concern.INSTRUCTIONS}: a title or name speaks to AI readers, and is not shown"
    if _any_instructs(parsed.hidden):
        yield f"{Concern.INSTRUCTIONS}: text that its readers do not see speaks to AI readers; it was left out"
    if unseen := smuggled("".join((parsed.title, *(block.text for block in parsed.blocks)))):
        yield f"{Concern.HIDDEN}: characters that show nothing were left out: {unseen}"


def unless_instructing(names: Iterable[str]) -> str:
    """The first name that is one, and no instruction."""
    return next((name for name in names if name and not instructs(name)), "")


def _any_instructs(text: str) -> bool:
    return any(instructs(sentence) for line in text.splitlines() for sentence in split_sentences(line))
