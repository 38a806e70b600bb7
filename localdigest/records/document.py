"""What a page says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from localdigest.records.fetched import Source  # noqa: TC001 - whoever decodes a document resolves its hints
from localdigest.redact import without_credentials

__all__ = [
    "Block",
    "Concern",
    "DateEvidence",
    "Document",
    "DocumentKind",
    "Language",
    "Role",
    "Sentence",
    "sentence_id",
]


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
