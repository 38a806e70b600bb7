"""The values that cross the stages, in pipeline order.

    Source ─fetch─▶ Page ─extract─▶ Document ─chunk─▶ Chunk ─map─▶ Claim ─cluster─▶ Story ─reduce─▶ Section, Digest

All are frozen: a stage makes new values and changes none.
The failure of one item is a value too (`Failure`); what nobody expected is raised (`errors.py`).
Times are ISO 8601 strings with an offset, dates are `YYYY-MM-DD`: they go to JSON and SQLite as they are.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from enum import StrEnum

from localdigest.redact import redacted, without_credentials
from localdigest.values import is_url

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


_HALF_SURROGATE = re.compile("[\ud800-\udfff]")

# ── collect ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to read, before anything of it was fetched."""

    locator: str  #: an http(s) URL, or the path of a local file
    #: How it was found: `command line`, `topic file`, `stdin`, `inbox`, `feed URL`, `outline PATH`, `discovery NAME`.
    via: str = "command line"
    title: str = ""  #: hint of whoever named it (a feed entry's title); empty when there is none
    byline: str = ""  #: hint
    published: str = ""  #: hint, ISO 8601 date or time
    feed_html: str = ""  #: what the feed itself carries of the entry, as HTML; used when the page cannot be had
    url: str = ""  #: for a local file: the address it was saved from, where known

    def __post_init__(self) -> None:
        """What names a source is stored and published: a password in it goes no further than here, and a name of a file
        that is no UTF-8 (half surrogates, in Python) becomes text.
        """
        object.__setattr__(self, "url", without_credentials(self.url))
        if not self.locator.isascii():
            object.__setattr__(self, "locator", _HALF_SURROGATE.sub("\ufffd", self.locator))
        if is_url(self.locator):  # in the name of a file it is a name
            object.__setattr__(self, "locator", redacted(self.locator))

    @property
    def is_local(self) -> bool:
        return not is_url(self.locator)


# ── fetch ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class PageOrigin(StrEnum):
    """Where the bytes came from in this run."""

    NETWORK = "network"  #: a full answer
    UNCHANGED = "unchanged"  #: the server said 304: the stored bytes are current
    STORE = "store"  #: taken from the store without asking (offline, or still fresh)
    FILE = "file"
    FEED = "feed"  #: the entry's own text; its page could not be had


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes of one source."""

    source: Source
    body: bytes  #: decoded of its content-encoding, not of its charset
    media_type: str  #: lower case, no parameters, from the header or the file name; `""` when nobody says
    charset: str  #: as declared outside the body (HTTP header); `""` when nobody says
    url: str  #: after redirects; for a file its `file:` URI or the address it was saved from
    fetched_at: str  #: when these bytes were received (a 304 does not change it)
    origin: PageOrigin
    etag: str = ""
    last_modified: str = ""
    #: What was asked in place of the source's own address, and who reads it: `arxiv/api`; `""`: the address itself.
    asked: str = ""
    companions: tuple[Page, ...] = ()  #: further answers that make one document with this one
    missing: tuple[str, ...] = ()  #: what else was asked for and could not be had, a line each
    stored_as: str = ""  #: the locator that its bytes are stored under, where it is not the source's
    known_sha256: str = ""  #: of bytes that are not held any more
    known_bytes: int = 0  #: how many those were

    @property
    def asked_in_all(self) -> str:
        """With that of its companions: `arxiv/api + arxiv/html`."""
        return " + ".join(page.asked for page in (self, *self.companions) if page.asked)

    @property
    def sha256(self) -> str:
        """Of the bytes; with companions, of the hashes of all."""
        own = self.own_sha256
        if not self.companions:
            return own
        return hashlib.sha256("".join((own, *(page.sha256 for page in self.companions))).encode()).hexdigest()

    @property
    def own_sha256(self) -> str:
        """Of the bytes, without those of companions."""
        return self.known_sha256 or hashlib.sha256(self.body).hexdigest()

    @property
    def num_bytes(self) -> int:
        """Without those of companions."""
        return self.known_bytes or len(self.body)

    def without_body(self) -> Page:
        """The page without its bytes: a thousand pages are hundreds of megabytes."""
        return replace(
            self,
            body=b"",
            companions=tuple(page.without_body() for page in self.companions),
            known_sha256=self.own_sha256,
            known_bytes=self.num_bytes,
        )


class Reason(StrEnum):
    """Why a source gave nothing. The value is stable: it stands in the manifest and in `--json`."""

    # nothing arrived
    NOT_FOUND = "not-found"  #: 404, 410, or no such file
    FORBIDDEN = "forbidden"  #: 401, 403, 451, or no permission to read the file
    RATE_LIMITED = "rate-limited"  #: 429 after the last try
    SERVER_ERROR = "server-error"  #: 5xx after the last try
    HTTP_ERROR = "http-error"  #: any other status that is no page
    ROBOTS = "robots"  #: robots.txt asks programs to stay away
    TIMEOUT = "timeout"  #: the page's deadline passed
    CONNECTION = "connection"  #: name, TCP or TLS failed, or the answer broke off
    REDIRECTS = "redirects"  #: too many, or a circle
    TOO_LARGE = "too-large"
    ADDRESS = "address-refused"  #: a private or loopback address that was not allowed, or a forbidden port
    BAD_URL = "bad-url"  #: no http(s) URL
    OFFLINE = "offline"  #: not in the store, and the network may not be used
    # something arrived that is no text
    UNSUPPORTED = "unsupported-type"  #: an image, a video, an archive, an unknown binary
    UNREADABLE = "unreadable"  #: damaged, encrypted, or no parser could make sense of it
    TOO_COSTLY = "too-costly"  #: reading it takes more time or memory than one page may take
    READER_FAILED = "reader-failed"  #: the reader broke on it: a fault of the program, or a trap
    EMPTY = "empty"  #: no bytes, or no text at all
    SCANNED = "scanned-pdf"  #: pictures of pages, no text layer
    # text arrived that is not the article
    LOGIN_WALL = "login-wall"
    CONSENT_WALL = "consent-wall"  #: cookie or consent page
    PAYWALL = "paywall"  #: a stub of the text before "subscribe"
    NEEDS_SCRIPT = "needs-javascript"
    ERROR_PAGE = "error-page"  #: "not found", "access denied", a captcha, with status 200
    TOO_SHORT = "too-short"  #: less text than a summary needs
    # it was readable, and left out
    OUT_OF_WINDOW = "out-of-window"  #: older than `--since`
    OVER_LIMIT = "over-limit"  #: beyond `--limit` or the cap of its source
    OFF_TOPIC = "off-topic"
    NO_ADDRESS = "no-address"  #: discovery knows its headline, and not where it stands
    COVERED = "covered"  #: an earlier digest told it, and it has not changed


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that gives nothing to the digest, and why."""

    source: Source
    reason: Reason
    detail: str = ""  #: one line for a person: the status, the limit, the phrase that gave it away
    url: str = ""  #: the address that failed, where it is not the source's own
    status: int = 0  #: HTTP status, 0 when there was none
    seen: str = ""  #: date of the digest that covered it

    @property
    def is_left_out(self) -> bool:
        """Whether it could be read, and was left out on purpose: neither read nor failed."""
        return self.reason in _LEFT_OUT


_LEFT_OUT = (Reason.OUT_OF_WINDOW, Reason.OVER_LIMIT, Reason.OFF_TOPIC, Reason.NO_ADDRESS, Reason.COVERED)


# ── extract ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class DocumentKind(StrEnum):
    NEWS = "news"  #: news and blog articles: the default
    PAPER = "paper"
    FORUM = "forum"
    APP = "app"
    DOCS = "docs"
    SOCIAL = "social"
    REFERENCE = "reference"  #: encyclopaedic page
    INDEX = "index"  #: a listing of other pages


class DateEvidence(StrEnum):
    """How the published date was found, best first."""

    JSON_LD = "json-ld"
    META = "meta"
    MARKUP = "markup"  #: `<time>`, microdata
    DOCUMENT = "document"  #: PDF information, mail header, front matter
    FEED = "feed"
    URL = "url"
    TEXT = "text"  #: found by search in the visible text: a guess
    NONE = ""


class Language(StrEnum):
    """What the program tells apart. Anything else is `OTHER`, with its text untouched."""

    ENGLISH = "en"
    TRADITIONAL_CHINESE = "zh-Hant"
    SIMPLIFIED_CHINESE = "zh-Hans"
    JAPANESE = "ja"
    KOREAN = "ko"
    OTHER = "und"

    @property
    def is_chinese(self) -> bool:
        return self in (Language.TRADITIONAL_CHINESE, Language.SIMPLIFIED_CHINESE)


class Concern(StrEnum):
    """What is wrong with a page that is read all the same: a warning of its document begins with one of these words."""

    INSTRUCTIONS = "instructions-to-ai"  #: it speaks to AI readers
    HIDDEN = "hidden-text"  #: it keeps text from its readers' eyes that machines read


class Role(StrEnum):
    """What a block of text is on its page."""

    TEXT = "text"
    HEADING = "heading"
    ITEM = "item"  #: of a list
    QUOTE = "quote"
    TABLE = "table"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item, quotation, table or listing, in reading order."""

    text: str
    role: Role = Role.TEXT


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of `Document.text`: `text == document.text[start : start + len(text)]`."""

    text: str
    start: int  #: in characters
    paragraph: int  #: index of its block, from 0
    role: Role = Role.TEXT


@dataclass(frozen=True, slots=True)
class Document:
    """What one page says. Sentence k (from 0) of the document numbered n has the id `Dn.S(k+1)`, its title `Dn.T`."""

    url: str  #: the address to cite
    title: str
    byline: str
    published: str  #: `YYYY-MM-DD`, or with time and offset; `""` when unknown
    published_by: DateEvidence
    language: Language
    site: str  #: name of the site, else its host
    kind: DocumentKind
    text: str  #: blocks joined by blank lines
    sentences: tuple[Sentence, ...]
    sources: tuple[Source, ...] = ()  #: every source that led here: more than one after `dedupe`
    warnings: tuple[str, ...] = ()
    from_feed: bool = False  #: its page could not be had: this is the text that its feed carries
    number: int = 0  #: n of its ids; given once the documents of a run are known
    told: tuple[int, ...] = ()  #: indexes of the sentences that earlier digests told: no writer is shown them
    seen: str = ""  #: date of the latest digest that told of it

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", without_credentials(self.url))  # a saved page may name itself with a password

    @property
    def title_id(self) -> str:
        return f"D{self.number}.T"

    def id_of(self, index: int) -> str:
        return sentence_id(self.number, index)


def sentence_id(document_number: int, index: int) -> str:
    """`D3.S17` for the sentence at index 16 of document 3."""
    return f"D{document_number}.S{index + 1}"


# ── chunk ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence as a prompt shows it, or a part of one that is too long: the parts joined are the sentence."""

    index: int  #: of the sentence in its document, from 0
    text: str

    @property
    def label(self) -> str:
        """What the line is called in its prompt: `S17`, as in `D3.S17`."""
        return f"S{self.index + 1}"

    @property
    def shown(self) -> str:
        """Label and text on one line, whatever breaks the text has in its document."""
        return f"[{self.label}] {' '.join(self.text.split())}\n"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole sentences of one document that fits a model's budget."""

    document: int  #: its number
    language: Language
    header: str  #: what a reader needs to know of the document: title, site, date, language
    lines: tuple[Line, ...]
    num_tokens: int  #: of header and lines, as the model counts

    @property
    def text(self) -> str:
        return self.header + "".join(line.shown for line in self.lines)


# ── map, verify, cluster ─────────────────────────────────────────────────────────────────────────────────────────────


class Verdict(StrEnum):
    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"
    UNDECIDED = "undecided"


class ClaimKind(StrEnum):
    EVENT = "event"
    NUMBER = "number"
    QUOTATION = "quotation"
    OPINION = "opinion"
    BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement and the sentences that it rests on."""

    text: str
    evidence: tuple[str, ...]  #: sentence ids, at least one
    document: int  #: number of the document that it comes from
    kind: ClaimKind = ClaimKind.EVENT
    score: float = 0.0  #: how much it matters to the digest; only the order counts


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that a model wrote and that the digest does not say."""

    text: str
    evidence: tuple[str, ...]  #: as far as it named any
    reason: str  #: one of the words that docs/writer.md explains
    tokens: tuple[str, ...] = ()  #: what does not stand in the evidence


@dataclass(frozen=True, slots=True)
class Story:
    """Claims of several documents on one event, best first."""

    claims: tuple[Claim, ...]
    weight: int  #: how many independent sites tell it

    @property
    def documents(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(claim.document for claim in self.claims))


# ── reduce, render ───────────────────────────────────────────────────────────────────────────────────────────────────


class SectionKey(StrEnum):
    """The sections of a digest, in their order."""

    TREND = "trend"
    NEWS = "news"
    ANALYSIS = "analysis"
    KEY_POINTS = "key_points"
    IMPLICATIONS = "implications"


class PartKey(StrEnum):
    """The fixed headings inside a section; `BODY` has none."""

    BODY = ""
    SIGNIFICANCE = "significance"
    COMPARISON = "comparison"
    MARKET = "market"
    DEVELOPERS = "developers"
    USERS = "users"


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of the digest with what it rests on."""

    text: str
    evidence: tuple[str, ...]  #: sentence ids, at least one
    verdict: Verdict = Verdict.UNDECIDED


@dataclass(frozen=True, slots=True)
class Conflict:
    """Sentences of different sites that give different figures for one fact. The digest takes no side."""

    statements: tuple[Statement, ...]  #: two or more, word for word
    figures: tuple[tuple[str, ...], ...]  #: what differs, as each of the statements writes it


@dataclass(frozen=True, slots=True)
class Part:
    """A run of statements, under a fixed heading (`key`) or one of its own (`headline`)."""

    statements: tuple[Statement, ...]
    key: PartKey = PartKey.BODY
    headline: Statement | None = None  #: of a news item
    weight: int = 0  #: of a news item: independent sites that tell it
    conflicts: tuple[Conflict, ...] = ()  #: where its sources disagree
    seen: str = ""  #: of a news item: date of the latest digest that told its story; this one tells what is new in it

    @property
    def all_statements(self) -> tuple[Statement, ...]:
        """In the order in which the post shows them."""
        disputed = tuple(statement for conflict in self.conflicts for statement in conflict.statements)
        return ((self.headline,) if self.headline else ()) + self.statements + disputed


@dataclass(frozen=True, slots=True)
class Section:
    """An empty section (no parts) is right when the sources hold nothing for it; it is then left out with a note."""

    key: SectionKey
    parts: tuple[Part, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(statement for part in self.parts for statement in part.all_statements)


@dataclass(frozen=True, slots=True)
class Digest:
    """What the writer made; the renderers add only words of their templates."""

    sections: tuple[Section, ...]  #: all of `SectionKey`, in its order
    summary: tuple[Statement, ...]  #: up to three points for the front matter
    tags: tuple[str, ...]
    writer: str  #: `extractive`, or the model's name
    uses_model: bool  #: whether a language model wrote any of it

    @property
    def statements(self) -> tuple[Statement, ...]:
        return self.summary + tuple(s for section in self.sections for s in section.statements)
