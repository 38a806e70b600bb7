"""The manifest: all that is known of one digest, as values; every file of a run is drawn from it.

Two runs over the same input make equal manifests but for `run`, which holds what no two runs share.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from localdigest import __version__, values
from localdigest.codec import decode, encode
from localdigest.errors import UsageError
from localdigest.history import History
from localdigest.records import Digest  # noqa: TC001 - `decode` resolves the hints of Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "SCHEMA",
    "Counts",
    "DocumentEntry",
    "Evidence",
    "Fate",
    "Inquiry",
    "Manifest",
    "ModelRecord",
    "RunRecord",
    "ServerRecord",
    "SourceEntry",
    "dumps",
    "loads",
]

SCHEMA = "localdigest/manifest/1"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_WEB = re.compile(r"https?://", re.IGNORECASE)
_ID = re.compile(r"D\d+\.(?:S\d+|T)", re.ASCII)


class Fate(StrEnum):
    CITED = "cited"
    READ = "read"  #: read, and nothing of it was chosen
    NOT_READ = "not-read"
    LEFT_OUT = "left-out"  #: beyond the window or the limits, or told before


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source and what became of it."""

    locator: str
    via: str
    title: str
    fate: Fate
    document: str = ""  #: `D3`; empty when there is none
    sha256: str = ""  #: of the bytes that were read
    reason: str = ""
    detail: str = ""
    url: str = ""  #: the address that failed, or that a local copy was saved from
    status: int = 0
    asked: str = ""  #: which of its site's interfaces answered in place of its own address: `arxiv/api`
    seen: str = ""  #: of one that was covered: date of the digest that told it


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    id: str  #: `D3`
    number: int
    title: str
    url: str  #: address to cite; `""` for a local file that does not know where it came from
    path: str  #: of the local copy that was read; `""` for what came from the network
    site: str
    byline: str
    published: str
    published_by: str
    language: str
    kind: str
    sentences: int
    cited_sentences: int
    from_feed: bool = False  #: its page could not be had: this is the text that its feed carries
    warnings: tuple[str, ...] = ()
    told: int = 0  #: sentences of it that earlier digests told, and this one does not
    seen: str = ""  #: date of the latest of them


@dataclass(frozen=True, slots=True)
class Evidence:
    """A source sentence that the digest rests on, in its paragraph."""

    id: str
    document: str
    text: str
    paragraph: str


@dataclass(frozen=True, slots=True)
class Counts:
    sources: int
    read: int  #: sources whose text was read, copies included
    not_read: int
    left_out: int
    documents: int  #: different texts
    cited_documents: int
    sentences: int  #: read
    statements: int  #: sentences of the digest, its summary counted
    supported: int
    unsupported: int
    undecided: int
    covered: int = 0  #: of those left out: read, and an earlier digest had told all of it

    @property
    def coverage(self) -> float:
        """Share of the wanted sources that were read."""
        obtained = self.read + self.covered
        return obtained / (obtained + self.not_read) if obtained + self.not_read else 0.0


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What differs from one run to the next."""

    started_at: str = ""
    seconds: dict[str, float] = field(default_factory=dict)  #: by stage
    origins: dict[str, int] = field(default_factory=dict)  #: how many pages came from where
    hosts: tuple[str, ...] = ()  #: that were contacted
    parsed: int = 0  #: pages that were read anew; the text of the others was known
    work: dict[str, Any] = field(default_factory=dict)  #: of a model: jobs and tokens, computed and known before
    placement: dict[str, Any] = field(default_factory=dict)  #: how it was loaded on this machine
    store: tuple[str, ...] = ()  #: what befell the store: it was damaged, set aside, migrated


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What one service of discovery was asked, and what came of it."""

    service: str
    words: str  #: of the topic, as they were sent; `""`: none were
    address: str  #: that was asked; `""`: it was not, since these words are none for it
    found: int = 0  #: pages that it named
    taken: int = 0
    reason: str = ""  #: why it gave nothing


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """The servers that ran the model, as they were found at the start of the run."""

    endpoints: tuple[str, ...]  #: addresses of their interfaces
    public: tuple[str, ...]  #: of these, `host:port` of those that are beyond one's own network
    software: str  #: what they say that they are
    identity: str  #: sha256 of all that they tell of the model, which answers are remembered by
    told: dict[str, Any]  #: what that is: file, size, digest
    context_tokens: int
    forms: tuple[str, ...]  #: how they were found to keep a schema
    counting: tuple[str, ...]  #: how tokens are counted; `bound`: an upper bound is reckoned with
    notes: tuple[str, ...] = ()  #: what was odd, or left out


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """The model that wrote, and what became of all that it was shown and all that it wrote."""

    name: str
    source: str  #: `hf:…@commit`, an address, the name of a local file, or `server`
    sha256: tuple[str, ...]  #: of its files; none where a server has them
    licence: str = ""  #: where the catalogue tells
    engine: str = ""  #: versions of what ran it
    account: dict[str, Any] = field(default_factory=dict)
    server: ServerRecord | None = None  #: None: it ran here, in a process of this program


@dataclass(frozen=True, slots=True)
class Manifest:
    topic: str
    slug: str
    date: str
    language: str
    writer: str
    uses_model: bool
    settings: dict[str, Any]
    counts: Counts
    digest: Digest
    sources: tuple[SourceEntry, ...]
    documents: tuple[DocumentEntry, ...]
    evidence: tuple[Evidence, ...]
    warnings: tuple[str, ...] = ()  #: what was odd about feeds and outlines that were read all the same
    discovery: tuple[Inquiry, ...] = ()  #: of services that were asked for pages on the topic
    model: ModelRecord | None = None  #: None: no model wrote
    sandbox: dict[str, Any] = field(default_factory=dict)  #: by process, what was found to hold it
    history: History = field(default_factory=History)  #: of the topic
    generator: str = f"localdigest {__version__}"
    run: RunRecord = RunRecord()


def dumps(manifest: Manifest) -> str:
    """The file's text: indented, so that a person can read it and a `diff` shows what changed."""
    return json.dumps({"schema": SCHEMA, **encode(manifest)}, ensure_ascii=False, indent=1) + "\n"


def loads(text: str, *, path: str) -> Manifest:
    """The inverse of `dumps`.

    Raises:
        UsageError: no manifest, one of another schema, or one with values that no run writes.
    """
    hint = "`localdigest summarize` and `localdigest run` write manifests."
    try:
        data = json.loads(text)
        json.dumps(data, ensure_ascii=False).encode()  # an escaped half of a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON: {error}", hint=hint) from error
    schema = data.pop("schema", None) if isinstance(data, dict) else None
    if schema != SCHEMA:
        raise UsageError(
            f"{path} is no manifest that this version knows (schema {schema!r}, not {SCHEMA!r})", hint=hint
        )
    if not data.get("sandbox"):
        data.pop("sandbox", None)  # it was an empty list before there was any
    try:
        return _checked(decode(Manifest, data))
    except (ValueError, TypeError) as error:
        raise UsageError(f"{path} is a damaged manifest: {error}", hint=hint) from error


def _checked(manifest: Manifest) -> Manifest:
    """With what a post holds as it stands in the form that a run gives it: a manifest may come from anybody.

    Raises:
        ValueError: what would be right.
    """
    for document in manifest.documents:
        if document.id != f"D{document.number}":
            raise ValueError(f"expected D{document.number} as the id of a document, got {document.id[:80]!r}")
    for evidence in manifest.evidence:
        if not _ID.fullmatch(evidence.id):
            raise ValueError(f"expected the id of a sentence such as D3.S17, got {evidence.id[:80]!r}")
    for date in _dates(manifest):
        values.date(date)
    values.headings(manifest.settings.get("headings", {}))
    assets = values.text(manifest.settings.get("assets", ""))
    if _SCHEME.match(assets) and not _WEB.match(assets):  # a theme would make an address of it
        raise ValueError(f"expected a path or a web address as `assets`, got {assets[:80]!r}")
    for number in (*manifest.run.seconds.values(), *manifest.run.origins.values()):
        if not isinstance(number, int | float):
            raise ValueError(f"expected a number, got {str(number)[:80]!r}")  # noqa: TRY004 - as all values of it
    return replace(
        manifest, date=values.date(manifest.date), language=values.choice(*values.LANGUAGES)(manifest.language)
    )


def _dates(manifest: Manifest) -> Iterator[str]:
    """Those that are drawn as they stand."""
    seen = [source.seen for source in manifest.sources] + [document.seen for document in manifest.documents]
    seen += [part.seen for section in manifest.digest.sections for part in section.parts]
    yield from filter(None, seen)
    for week in manifest.history.weeks:
        yield from (week.first, week.last)
