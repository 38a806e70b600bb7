"""The values that cross the stages, in pipeline order.

    Source ─fetch─▶ Page ─extract─▶ Document ─chunk─▶ Chunk ─map─▶ Claim ─cluster─▶ Story ─reduce─▶ Section, Digest

All are frozen: a stage makes new values and changes none.
The failure of one item is a value too (`Failure`); what nobody expected is raised (`errors.py`).
Times are ISO 8601 strings with an offset, dates are `YYYY-MM-DD`: they go to JSON and SQLite as they are.
"""

from localdigest.records.claim import Chunk, Claim, ClaimKind, Dropped, Line, Story, Verdict
from localdigest.records.digest import Conflict, Digest, Part, PartKey, Section, SectionKey, Statement
from localdigest.records.document import (
    Block,
    Concern,
    DateEvidence,
    Document,
    DocumentKind,
    Language,
    Role,
    Sentence,
    sentence_id,
)
from localdigest.records.fetched import Failure, Page, PageOrigin, Reason, Source

__all__ = [
    "Block",
    "Chunk",
    "Claim",
    "ClaimKind",
    "Concern",
    "Conflict",
    "DateEvidence",
    "Digest",
    "Document",
    "DocumentKind",
    "Dropped",
    "Failure",
    "Language",
    "Line",
    "Page",
    "PageOrigin",
    "Part",
    "PartKey",
    "Reason",
    "Role",
    "Section",
    "SectionKey",
    "Sentence",
    "Source",
    "Statement",
    "Story",
    "Verdict",
    "sentence_id",
]
