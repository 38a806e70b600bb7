"""Whole runs over real pages, from a folder and from a server."""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY, Command
from lxml import html as lxml_html
from servers import Route, redirect, serve

CORPUS = REPOSITORY.parent / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus of real pages at {CORPUS.name}/")


def pages_of(folder: str, count: int) -> dict[str, bytes]:
    """The first pages of a folder with a long enough gold text, by id."""
    manifest = json.loads((CORPUS / folder / "manifest.json").read_text(encoding="utf-8"))
    chosen = [row["id"] for row in manifest if len(row["gold"]) > 800][:count]
    return {id_: gzip.decompress((CORPUS / folder / "html" / f"{id_}.html.gz").read_bytes()) for id_ in chosen}


def letters(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text))


def visible_text(page: bytes) -> str:
    return str(lxml_html.document_fromstring(page, parser=lxml_html.HTMLParser(encoding="utf-8")).text_content())


def statements(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    digest = manifest["digest"]
    parts = [part for section in digest["sections"] for part in section["parts"]]
    return [*digest["summary"], *(statement for part in parts for statement in part["statements"])]


def test_twenty_real_pages_of_a_folder_become_a_digest_of_their_own_sentences(command: Command, home: Path) -> None:
    pages = pages_of("articles-en", 14) | pages_of("articles-zh", 6)
    (home / "pages").mkdir()
    for id_, body in pages.items():
        (home / "pages" / f"{id_}.html").write_bytes(body)

    ran = command("run", "pages", "--topic", "News", "--date", "2025-12-30", "--out", "out", "--json")
    manifest = json.loads((home / "out" / "2025-12-30-news.json").read_text(encoding="utf-8"))
    texts = {
        Path(source["locator"]).stem: letters(visible_text(pages[Path(source["locator"]).stem]))
        for source in manifest["sources"]
    }
    sources = {source["document"]: Path(source["locator"]).stem for source in manifest["sources"]}

    assert ran.code == 0
    assert len(manifest["sources"]) == len(pages)
    assert manifest["counts"]["unsupported"] == 0
    assert len(statements(manifest)) >= 20
    for statement in statements(manifest):
        source = sources[statement["evidence"][0].partition(".")[0]]
        assert letters(statement["text"]) in texts[source]


def test_real_pages_behind_a_feed_with_every_trouble_of_the_web(command: Command, home: Path) -> None:
    pages = pages_of("articles-en", 6)
    ids = list(pages)
    routes: dict[str, Any] = {
        "/slow": Route(pages[ids[0]], delay_s=1.0),
        "/gzip": Route(pages[ids[1]], gzip=True),
        "/charset": Route(pages[ids[2]], content_type="text/html; charset=utf-16"),
        "/original": Route(pages[ids[3]]),
        "/syndicated?utm_source=partner": Route(
            pages[ids[3]].replace(b"</body>", b"<p>Published by our partner.</p></body>")
        ),
        "/loop": redirect("/loop"),
        "/moved": redirect("/plain"),
        "/plain": Route(pages[ids[4]]),
        "/never": Route(pages[ids[5]], delay_s=8.0),
        "/wall": Route("<title>Sign in</title><h1>Sign in to continue</h1><form><input type=password></form>"),
    }
    linked = [path for path in routes if path != "/plain"] + ["/missing"]
    items = "".join(f"<item><title>{path[1:]}</title><link>{path}</link></item>" for path in linked)
    routes["/feed"] = Route(f"<rss version='2.0'><channel>{items}</channel></rss>", content_type="application/rss+xml")
    with serve(routes) as site:
        ran = command(
            "run", site.url("/feed"), "--allow-host", site.host, "--interval", "0", "--deadline", "4",
            "--topic", "News", "--date", "2025-12-30", "--out", "out", "--json",
        )  # fmt: skip
        fates = {
            source["locator"].removeprefix(site.url("")): source
            for source in json.loads((home / "out" / "2025-12-30-news.json").read_text(encoding="utf-8"))["sources"]
        }

    assert ran.code == 0, ran.err
    reasons = {path: source["reason"] for path, source in fates.items() if source["reason"]}
    assert reasons == {"/loop": "redirects", "/never": "timeout", "/wall": "login-wall", "/missing": "not-found"}
    assert fates["/original"]["document"] == fates["/syndicated?utm_source=partner"]["document"]
    assert {fates[path]["fate"] for path in ("/slow", "/gzip", "/charset", "/moved")} <= {"cited", "read"}
