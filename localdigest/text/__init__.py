"""Pure text statistics: tokens, weights, likeness, near-copies, centrality, selection. Knows no record."""

from localdigest.text.centrality import centrality
from localdigest.text.quantities import quantities
from localdigest.text.select import Selector, Taste
from localdigest.text.shingles import CopyFinder, containment, resemblance, shared, shingles, sketch
from localdigest.text.tokens import content_tokens, tokens
from localdigest.text.vectors import Vector, Weights, cosine, neighbours, overlap

__all__ = [
    "CopyFinder",
    "Selector",
    "Taste",
    "Vector",
    "Weights",
    "centrality",
    "containment",
    "content_tokens",
    "cosine",
    "neighbours",
    "overlap",
    "quantities",
    "resemblance",
    "shared",
    "shingles",
    "sketch",
    "tokens",
]
