"""Reads the phrases by which a page that is no article gives itself away (`gate_phrases.toml`)."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

from localdigest.records import Reason

__all__ = ["CONSENT_TERMS", "FORM_WORDS", "PHRASES", "TITLES"]

_DATA: dict[str, Any] = tomllib.loads(
    resources.files("localdigest.parsing").joinpath("gate_phrases.toml").read_text(encoding="utf-8")
)


def _by_reason(rows: list[dict[str, Any]]) -> tuple[tuple[Reason, tuple[str, ...]], ...]:
    return tuple((Reason(row["reason"]), tuple(row["phrases"])) for row in rows)


TITLES = _by_reason(_DATA["titles"])
PHRASES = _by_reason(_DATA["phrases"])
FORM_WORDS: tuple[str, ...] = tuple(_DATA["form_words"])
CONSENT_TERMS: tuple[str, ...] = tuple(_DATA["consent_terms"])
