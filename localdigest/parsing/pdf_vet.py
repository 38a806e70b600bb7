"""Opens a PDF with pypdf, which bounds what it unpacks, to see whether the faster reader may have it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from pypdf import PdfReader
from pypdf.errors import DependencyError
from pypdf.generic import DictionaryObject, StreamObject

from localdigest.parsing.parsed import Unusable
from localdigest.records import Reason

if TYPE_CHECKING:
    from pypdf import PageObject

__all__ = ["Vetted", "vet_pdf"]

# PDFium takes 9.8 GB for a page of 1,315 bytes whose content is packed three times over; pypdf stops at 75 MB a stream.
# What a form draws counts as often as it is drawn: PDFium builds it anew each time. Real pages have 0.05 to 5 MB.
MAX_DRAWN = 48 * 1024 * 1024  #: bytes of drawing instructions in all pages that are read
MAX_NESTING = 20  #: forms within forms

# pypdf tells each repair to the log; what matters to a reader is a warning of the document.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Vetted:
    """A PDF that can be read, and what its information dictionary says."""

    pages: int
    title: str = ""
    author: str = ""
    created: str = ""  #: as it stands there: `D:20251230…`


def vet_pdf(body: bytes, *, max_pages: int) -> Vetted | Unusable:
    """Whether the first `max_pages` pages can be read at bounded cost."""
    try:
        return _vet(body, max_pages)
    except DependencyError:
        return Unusable(Reason.UNREADABLE, "it is encrypted by a method (AES) that this program cannot undo")
    except (RecursionError, MemoryError):
        return Unusable(Reason.UNREADABLE, "the PDF is nested too deep, or unpacks to too much")
    except Exception as error:  # noqa: BLE001 - pypdf raises a dozen kinds on damaged files, and new ones by version
        return Unusable(Reason.UNREADABLE, f"the PDF is damaged: {_one_line(error)}")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _vet(body: bytes, max_pages: int) -> Vetted | Unusable:
    reader = PdfReader(BytesIO(body))
    if reader.is_encrypted and not reader.decrypt(""):
        return Unusable(Reason.UNREADABLE, "it is encrypted and asks for a password")
    count = len(reader.pages)
    meter = _Meter()
    for number in range(min(count, max_pages)):
        meter.add_page(reader.pages[number])
        if meter.drawn > MAX_DRAWN:
            return Unusable(Reason.UNREADABLE, f"page {number + 1} unpacks to more than can be read safely")
    info: Any = reader.metadata or {}
    return Vetted(count, _words(info, "/Title"), _words(info, "/Author"), _words(info, "/CreationDate"))


def _words(info: Any, key: str) -> str:
    value = info.get(key)
    return " ".join(value.replace("\x00", "").split())[:500] if isinstance(value, str) else ""


class _Meter:
    """Adds up the drawing instructions of pages, those of forms as often as they are drawn."""

    def __init__(self) -> None:
        self.drawn = 0
        self._forms: dict[int, int] = {}

    def add_page(self, page: PageObject) -> None:
        contents = page.get_contents()
        data = contents.get_data() if contents is not None else b""  # an empty dictionary to Python
        self.drawn += self._weigh(data, page.get("/Resources"), 0)
        self._unpack_fonts(page.get("/Resources"))

    def _weigh(self, data: bytes, resources: Any, depth: int) -> int:
        weight = len(data)
        for name, form in _streams(resources, "/XObject"):
            if form.get("/Subtype") == "/Form" and (times := data.count(name.encode("latin-1", "ignore"))):
                weight += times * self._weigh_form(form, depth + 1)
        return weight

    def _weigh_form(self, form: StreamObject, depth: int) -> int:
        if depth > MAX_NESTING:
            return MAX_DRAWN + 1
        key = id(form)
        if key not in self._forms:
            self._forms[key] = MAX_DRAWN + 1  # a form that draws itself finds this
            self._forms[key] = self._weigh(form.get_data(), form.get("/Resources"), depth)
        return self._forms[key]

    def _unpack_fonts(self, resources: Any) -> None:
        """PDFium unpacks the tables of each font in use: a packed bomb there is found by unpacking it here first."""
        for font in _resolved(resources, "/Font"):
            for key in ("/ToUnicode", "/Encoding"):
                value = font.get(key)
                stream = value.get_object() if value is not None else None
                if isinstance(stream, StreamObject) and id(stream) not in self._forms:
                    self._forms[id(stream)] = len(stream.get_data())


def _resolved(resources: Any, kind: str) -> list[DictionaryObject]:
    return [item for _, item in _named(resources, kind) if isinstance(item, DictionaryObject)]


def _streams(resources: Any, kind: str) -> list[tuple[str, StreamObject]]:
    return [(name, item) for name, item in _named(resources, kind) if isinstance(item, StreamObject)]


def _named(resources: Any, kind: str) -> list[tuple[str, Any]]:
    table = resources.get_object().get(kind) if resources is not None else None
    table = table.get_object() if table is not None else None
    if not isinstance(table, DictionaryObject):
        return []
    return [(name, table[name].get_object()) for name in table]
