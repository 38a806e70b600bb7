"""Made-up pages served on loopback: 160 sites and 40 agencies, each at an address of its own with a feed."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

from made_pages import Made, drawn, made
from servers import Answers, Asked, Route, Site, serve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["MadeSite", "served", "write_folder"]

_FEED = "/feed.xml"


class MadeSite(Site):
    """Draws each page when it is asked for: ten thousand of them are 700 MB."""

    def __init__(self, routes: Mapping[str, Answers], host: str) -> None:
        super().__init__(routes, host)
        self.pages: dict[str, tuple[int, Made]] = {}  #: by address, with their numbers
        self.feeds: dict[str, str] = {}  #: likewise
        self.is_lean = False
        # Bound to every address, since each site has one of its own; for this machine alone all the same.
        self.server.verify_request = lambda _, client: client[0].startswith("127.")  # type: ignore[method-assign]

    def fill(self, pages: list[Made], *, is_lean: bool) -> None:
        self.is_lean = is_lean
        port = self.server.server_address[1]
        hosts: dict[str, str] = {}
        entries: defaultdict[str, list[Made]] = defaultdict(list)
        for number, page in enumerate(pages):
            host = hosts.setdefault(page.site, f"127.1.{len(hosts) // 200}.{len(hosts) % 200 + 1}:{port}")
            here = replace(page, site=host, scheme="http")
            self.pages[here.url] = (number, here)
            entries[host].append(here)
        self.feeds = {f"http://{host}{_FEED}": _feed(host, each) for host, each in entries.items()}

    def name_of(self, request: Asked) -> str:
        return f"http://{request.headers.get('host', '')}{request.path}"

    def answer(self, request: Asked) -> Route:
        name = self.name_of(request)
        with self._lock:
            self.log.append(request)
        if name in self.feeds:
            return Route(self.feeds[name], content_type="application/rss+xml")
        if name not in self.pages:
            return Route("nothing here", status=404)
        number, page = self.pages[name]
        return Route(drawn(page, number, is_lean=self.is_lean))


@contextmanager
def served(count: int, words: tuple[int, int], *, is_lean: bool) -> Iterator[MadeSite]:
    with serve({}, host="0.0.0.0", kind=MadeSite) as site:
        assert isinstance(site, MadeSite)
        site.fill(made(count, words), is_lean=is_lean)
        yield site


def write_folder(folder: Path, count: int, words: tuple[int, int], *, is_lean: bool) -> None:
    """The same pages as files, which name addresses of sites that there are not."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(made(count, words)):
        (folder / f"{number:05d}.html").write_text(drawn(page, number, is_lean=is_lean), "utf-8")


def _feed(host: str, pages: list[Made]) -> str:
    items = "".join(
        f"<item><title>{escape(page.title)}</title><link>{escape(page.url)}</link><guid>{escape(page.url)}</guid></item>"
        for page in pages
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{host}</title>{items}</channel></rss>'
