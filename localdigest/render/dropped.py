"""What a model wrote and the digest does not say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localdigest.render.context import document_of, short

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from localdigest.render.context import Context

__all__ = ["DroppedView", "dropped"]


@dataclass(frozen=True, slots=True)
class DroppedView:
    text: str
    reason: str
    tokens: str  #: what does not stand in its evidence
    documents: tuple[str, ...]  #: ids of those that it names


def dropped(context: Context) -> tuple[DroppedView, ...]:
    """Statements first, then claims."""
    return tuple(
        _view(context, each)
        for key in ("statements_dropped", "claims_dropped")
        for each in context.account.get(key, ())
        if isinstance(each, dict) and each.get("text")
    )


def _view(context: Context, each: Mapping[str, Any]) -> DroppedView:
    tokens = context.listed(context.escapes.text(short(str(token))) for token in each.get("tokens", ()))
    reason = context.escapes.text(context.words.name("dropped", str(each.get("reason", ""))))
    return DroppedView(
        context.escapes.text(str(each["text"])), reason, tokens, tuple(dict.fromkeys(_named(context, each)))
    )


def _named(context: Context, each: Mapping[str, Any]) -> Iterator[str]:
    for id_ in each.get("evidence", ()):
        if (document := document_of(str(id_))) in context.documents:
            yield document
