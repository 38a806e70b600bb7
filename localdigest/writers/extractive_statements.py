"""A ranked sentence as a statement of the digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.records import Statement

if TYPE_CHECKING:
    from localdigest.writers.extractive_candidates import Candidate

__all__ = ["statement"]


def statement(candidate: Candidate) -> Statement:
    """Word for word, citing every place where the same words stand."""
    return Statement(candidate.text, (candidate.identifier, *candidate.copies))
