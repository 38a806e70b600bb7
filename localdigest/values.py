"""How the raw value of a setting, from TOML, a flag or the environment, becomes its value.

Each function takes what was written and gives what is meant, or raises ValueError with a sentence that says what
would be right.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localdigest.redact import redacted, without_credentials

__all__ = [
    "LANGUAGES",
    "SourceEntry",
    "boolean",
    "budget",
    "budget_seconds",
    "choice",
    "count",
    "date",
    "headings",
    "is_url",
    "locators",
    "path",
    "positive",
    "seconds",
    "share",
    "slug",
    "sources",
    "text",
    "texts",
    "window",
    "window_start",
]

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_DURATION = re.compile(r"(\d{1,5})\s*([hdw])")
_UNIT = {"h": "hours", "d": "days", "w": "weeks"}
_BUDGET = re.compile(r"\s*".join(rf"(?:(\d{{1,6}}(?:\.\d{{1,3}})?)\s*{unit})?" for unit in "hms"), re.ASCII)
LANGUAGES = ("zh-TW", "en")  #: of a digest
_SLUG_LIMIT = 60  # with a date in front and `-infographic.png` behind it stays below every file system's limit
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One line of `sources`: a locator, perhaps with what its owner knows of it."""

    locator: str
    title: str = ""
    url: str = ""  #: for a local file: the address that it was saved from
    via: str = "topic file"  #: who named it

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", without_credentials(self.url))
        if is_url(self.locator):
            object.__setattr__(self, "locator", redacted(self.locator))


def is_url(locator: str) -> bool:
    """Whether the text names something by scheme (`https://…`, `file://…`) rather than by path."""
    return _SCHEME.match(locator) is not None


def locators(lines: Iterable[str]) -> tuple[str, ...]:
    """One address or path a line; blank lines and lines that begin with `#` are comments."""
    stripped = (line.strip().lstrip("\ufeff") for line in lines)
    return tuple(line for line in stripped if line and not line.startswith("#"))


def text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise ValueError(f"expected text in quotes, got {_shown(raw)}")
    try:
        raw.encode()
    except UnicodeEncodeError:  # an argument in another encoding
        raise ValueError(f"expected UTF-8, got {_shown(raw)}") from None
    return " ".join(raw.split())


def path(raw: Any) -> str:
    if not isinstance(raw, str) or not raw or "\0" in raw:
        raise ValueError(f"expected a path, got {_shown(raw)}")
    return raw


def texts(raw: Any) -> tuple[str, ...]:
    if isinstance(raw, str):
        raw = [part for part in re.split(r"[,\s]+", raw) if part]
    if not isinstance(raw, list | tuple):
        raise ValueError(f"expected a list of texts, got {_shown(raw)}")
    return tuple(text(item) for item in raw)


def boolean(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in _TRUE + _FALSE:
        return raw.lower() in _TRUE
    raise ValueError(f"expected true or false, got {_shown(raw)}")


def count(raw: Any) -> int:
    number = _integer(raw)
    if number < 0:
        raise ValueError(f"expected 0 or more, got {number}")
    return number


def positive(raw: Any) -> int:
    number = _integer(raw)
    if number < 1:
        raise ValueError(f"expected 1 or more, got {number}")
    return number


def seconds(raw: Any) -> float:
    number = _number(raw)
    if not 0 <= number <= 86_400:  # noqa: PLR2004 - a day
        raise ValueError(f"expected seconds between 0 and 86400, got {number:g}")
    return number


def share(raw: Any) -> float:
    number = _number(raw)
    if not 0 <= number <= 1:
        raise ValueError(f"expected a share between 0 and 1, got {number:g}")
    return number


def choice(*allowed: str) -> Callable[[Any], str]:
    def parse(raw: Any) -> str:
        for value in allowed:
            if isinstance(raw, str) and raw.lower() == value.lower():
                return value
        raise ValueError(f"expected {' or '.join(allowed)}, got {_shown(raw)}")

    return parse


def date(raw: Any) -> str:
    """`YYYY-MM-DD`; TOML's own dates are taken too."""
    if isinstance(raw, dt.datetime):
        raw = raw.date()
    if isinstance(raw, dt.date):
        return raw.isoformat()
    try:
        return dt.date.fromisoformat(raw).isoformat()
    except (TypeError, ValueError):
        raise ValueError(f"expected a date YYYY-MM-DD, got {_shown(raw)}") from None


def window(raw: Any) -> str:
    """A span back from the end of the digest's day (`36h`, `7d`, `2w`) or a date."""
    if isinstance(raw, str) and _DURATION.fullmatch(raw.strip().lower()):
        return raw.strip().lower()
    try:
        return date(raw)
    except ValueError:
        raise ValueError(f"expected a span such as 36h, 7d or 2w, or a date YYYY-MM-DD, got {_shown(raw)}") from None


def window_start(since: str, *, end: dt.datetime) -> dt.datetime | None:
    """The moment that a window opens; None for no window.

    Args:
        since: a value of `window`, or `""`.
        end: when the window closes; its offset is the window's.
    """
    if not since:
        return None
    span = _DURATION.fullmatch(since)
    if span:
        return end - dt.timedelta(**{_UNIT[span[2]]: int(span[1])})
    return dt.datetime.combine(dt.date.fromisoformat(since), dt.time.min, tzinfo=end.tzinfo)


def budget(raw: Any) -> str:
    """A span of time to work in: `90s`, `45m`, `2h`, `1.5h`, `1h30m`; `""` is no limit."""
    written = raw.strip().lower() if isinstance(raw, str) else None
    if written == "":
        return ""
    if written is None or not _BUDGET.fullmatch(written) or not budget_seconds(written):
        raise ValueError(f"expected a time such as 90s, 45m, 2h or 1h30m, got {_shown(raw)}")
    return written


def budget_seconds(budget: str) -> float:
    """Of a value of `budget`; 0 for no limit."""
    span = _BUDGET.fullmatch(budget)
    hours, minutes, rest = (float(part or 0) for part in span.groups()) if span else (0.0, 0.0, 0.0)
    return 3600 * hours + 60 * minutes + rest


def slug(raw: Any) -> str:
    """Letters and digits of any script, joined by hyphens: safe as a file name and in an address."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text(raw)).casefold())
    words = re.findall(r"[^\W_]+", folded)
    kept = ""
    for word in words:
        longer = f"{kept}-{word}" if kept else word
        if len(longer.encode()) > _SLUG_LIMIT:
            break
        kept = longer
    if words and not kept:
        kept = words[0].encode()[:_SLUG_LIMIT].decode(errors="ignore")
    if raw and not kept:
        raise ValueError(f"expected a name with letters or digits, got {_shown(raw)}")
    return kept


def sources(raw: Any) -> tuple[SourceEntry, ...]:
    """Texts, or tables with `url` or `path` and perhaps `title`; a table with both is a saved copy of the address."""
    if isinstance(raw, str):
        raw = [raw]
    if not isinstance(raw, list | tuple):
        raise ValueError(f"expected a list, got {_shown(raw)}")
    return tuple(_source(item) for item in raw)


def headings(raw: Any) -> Mapping[str, str]:
    if not isinstance(raw, Mapping):
        raise ValueError(f"expected a table, got {_shown(raw)}")
    return {str(key): text(value) for key, value in raw.items()}


def _source(item: Any) -> SourceEntry:
    if isinstance(item, SourceEntry):
        return item
    if isinstance(item, str) and item.strip():
        return SourceEntry(item.strip())
    if isinstance(item, Mapping) and not set(item) - {"url", "path", "title"}:
        entry = {key: text(value) for key, value in item.items()}
        locator = entry.get("path") or entry.get("url")
        if locator:
            url = entry.get("url", "") if "path" in entry else ""
            return SourceEntry(locator, title=entry.get("title", ""), url=url)
    raise ValueError(
        f'expected an address, a path, or a table such as {{ url = "…", title = "…" }}, got {_shown(item)}'
    )


def _integer(raw: Any) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and re.fullmatch(r"[+-]?\d{1,18}", raw.strip()):
        return int(raw)
    raise ValueError(f"expected a whole number, got {_shown(raw)}")


def _number(raw: Any) -> float:
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return float(raw)
    if isinstance(raw, str) and re.fullmatch(r"[+-]?\d{1,12}(\.\d{1,12})?", raw.strip()):
        return float(raw)
    raise ValueError(f"expected a number, got {_shown(raw)}")


def _shown(raw: Any) -> str:
    shown = redacted(repr(raw))
    return shown if len(shown) <= 60 else shown[:57] + "…"  # noqa: PLR2004 - a line of a terminal
