"""The example sources that `make digest` reads: of every kind, sound, self-contained, and nobody else's words."""

from __future__ import annotations

import difflib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader
from selectolax.lexbor import LexborHTMLParser

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
PAGES = EXAMPLES / "pages"
PAPER = PAGES / "paper.pdf"

HTML_PAGES = {
    "app-store.html",
    "blog-index.html",
    "comparison-zh.html",
    "company.html",
    "docs.html",
    "forum.html",
    "funding-copy-zh.html",
    "funding-zh.html",
    "social-post-en.html",
    "social-post-zh.html",
}
BIG5_PAGE = "funding-copy-zh.html"
UNDATED_PAGE = "docs.html"
BROKEN_JSON_LD = "comparison-zh.html"
MISSING_PAGE = "pages/zml-first-look.html"

# Names of vocabularies, not addresses that anything asks for.
VOCABULARIES = {"schema.org", "ogp.me", "www.w3.org"}
EXAMPLE_HOST = re.compile(r"(?:[a-z0-9-]+\.)*(?:example|example\.(?:com|org|net))")
ATOM = "{http://www.w3.org/2005/Atom}"

# Most simplified-only characters are not in Big5 at all; these are (as rare or old forms), and no page here needs them.
SIMPLIFIED_IN_BIG5 = set("体个与万号机术听优价党胜种虫")

html_pages = pytest.mark.parametrize("name", sorted(HTML_PAGES))
chinese_texts = pytest.mark.parametrize(
    "name", [*sorted(f"pages/{page}" for page in HTML_PAGES if "-zh" in page), "feed.xml", "sources.opml"]
)


def read(path: Path) -> str:
    return path.read_bytes().decode("big5" if path.name == BIG5_PAGE else "utf-8")


def tree_of(name: str) -> LexborHTMLParser:
    return LexborHTMLParser(read(PAGES / name))


def readable_files() -> list[Path]:
    return sorted(path for path in EXAMPLES.rglob("*") if path.is_file() and path != PAPER)


def references() -> list[str]:
    """What the outline and the feed name, as written."""
    outlines = ET.parse(EXAMPLES / "sources.opml").iter("outline")
    entries = ET.parse(EXAMPLES / "feed.xml").iter(f"{ATOM}entry")
    named = [outline.get("xmlUrl") or outline.get("url") for outline in outlines]
    linked = [link.get("href") for entry in entries for link in entry.iter(f"{ATOM}link")]
    return [reference for reference in (*named, *linked) if reference]


def test_one_page_of_each_kind_and_one_copy() -> None:
    """The folder holds the ten kinds and the syndicated copy, and nothing else."""
    assert {path.name for path in PAGES.iterdir()} == HTML_PAGES | {PAPER.name}


def test_readme_tells_of_every_file() -> None:
    """Each file has its line in the README."""
    readme = read(EXAMPLES / "README.md")
    others = [
        path for path in EXAMPLES.rglob("*") if path.is_file() and path.name not in {"README.md", ".gitattributes"}
    ]

    assert [path for path in others if f"`{path.relative_to(EXAMPLES).as_posix()}`" not in readme] == []


@html_pages
def test_page_decodes_as_it_declares(name: str) -> None:
    """The charset that the page's own head declares is the one it is written in."""
    declared = re.search(rb"charset=[\"']?([\w-]+)", (PAGES / name).read_bytes()[:1024])

    assert declared is not None
    assert declared[1].lower() == (b"big5" if name == BIG5_PAGE else b"utf-8")
    assert "\ufffd" not in (PAGES / name).read_bytes().decode(declared[1].decode())


@html_pages
def test_page_looks_like_a_real_one(name: str) -> None:
    """A page has a title, a canonical address, navigation, style, script, something hidden, and text worth reading."""
    page = tree_of(name)
    title, canonical = page.css_first("title"), page.css_first("link[rel=canonical]")

    assert title is not None
    assert title.text(strip=True)
    assert canonical is not None
    assert len(page.css("a[href]")) >= 10
    assert page.css_first("style") is not None
    assert page.css_first("script") is not None
    assert re.search(r"display:\s*none|\bhidden\b|position:absolute", read(PAGES / name))
    paragraphs = " ".join(node.text(separator=" ") for node in page.css("p"))
    assert len(re.findall(r"[\u4e00-\u9fff]|[A-Za-z]+", paragraphs)) >= 150


@html_pages
def test_page_is_marked_as_an_example(name: str) -> None:
    """Whoever meets the file alone reads in it what it was written for."""
    assert re.search(r"<!-- (Written for localdigest|為 localdigest 撰寫)", read(PAGES / name))


@html_pages
def test_page_asks_for_nothing(name: str) -> None:
    """Opening a page sends no request: pictures stand in the page, styles and scripts too."""
    page = tree_of(name)
    loaded = [node.attributes.get("src") or "" for node in page.css("[src]")]
    loaded += re.findall(r"url\(([^)]*)\)", read(PAGES / name))

    assert [address for address in loaded if not address.startswith("data:")] == []
    assert page.css("link[rel=stylesheet], link[rel=preload], iframe, object, embed") == []


@html_pages
def test_json_ld_is_valid_but_for_one_page(name: str) -> None:
    """Structured data can be read, except on the page that is meant to have it broken."""
    for script in tree_of(name).css("script[type='application/ld+json']"):
        if name == BROKEN_JSON_LD:
            with pytest.raises(json.JSONDecodeError):
                json.loads(script.text())
        else:
            assert json.loads(script.text())["@context"] == "https://schema.org"


def test_structured_data_of_each_sort_is_there() -> None:
    """JSON-LD, broken JSON-LD, microdata and `<time>` all occur."""
    assert tree_of("company.html").css_first("script[type='application/ld+json']") is not None
    assert tree_of(BROKEN_JSON_LD).css_first("script[type='application/ld+json']") is not None
    assert tree_of("app-store.html").css_first("[itemprop=description]") is not None
    assert tree_of("forum.html").css_first("time[datetime]") is not None


def test_one_page_has_no_date() -> None:
    """The documentation page says nowhere when it was published."""
    text = read(PAGES / UNDATED_PAGE)

    assert tree_of(UNDATED_PAGE).css("time, [datetime], [itemprop^=date]") == []
    assert not re.search(r"date(Published|Modified)|_time\"|2025", text)


def test_one_title_is_hostile() -> None:
    """The title of the documentation page holds what breaks naive YAML, Liquid, Markdown and HTML."""
    title = tree_of(UNDATED_PAGE).css_first("title")

    assert title is not None
    assert all(part in title.text() for part in (": ", '"', "{{ messages }}", "<b>", "&", " #", "[INST]", "|"))


def test_the_copy_is_nearly_the_article() -> None:
    """The syndicated page repeats the article's paragraphs with a few words changed."""
    article, copy = (
        [text for node in tree_of(name).css("p") if len(text := node.text(strip=True)) >= 80]
        for name in ("funding-zh.html", BIG5_PAGE)
    )
    shared = difflib.SequenceMatcher(None, "".join(article), "".join(copy), autojunk=False).ratio()

    assert article != copy
    assert 0.9 < shared < 1


def test_every_reference_exists_but_the_one_meant_to_be_missing() -> None:
    """The outline and the feed name files that are there; for the missing page the feed carries the text."""
    missing = {name for name in references() if not (EXAMPLES / urlsplit(name).path).is_file()}
    carried = [
        link.get("href")
        for entry in ET.parse(EXAMPLES / "feed.xml").iter(f"{ATOM}entry")
        if len(entry.findtext(f"{ATOM}content") or "") > 200
        for link in entry.iter(f"{ATOM}link")
    ]

    assert missing == {MISSING_PAGE}
    assert carried == [MISSING_PAGE]


def test_every_page_is_named() -> None:
    """No page lies in the folder unread; one is named twice, and one with tracking parameters."""
    named = [urlsplit(name).path for name in references()]

    assert {f"pages/{path.name}" for path in PAGES.iterdir()} == {
        name for name in named if name.startswith("pages/")
    } - {MISSING_PAGE}
    assert sorted({name for name in named if named.count(name) > 1}) == ["pages/comparison-zh.html"]
    assert [urlsplit(name).path for name in references() if "utm_" in name] == [f"pages/{BIG5_PAGE}"]


def test_entries_have_date_and_author() -> None:
    """Each entry of the feed says when and by whom, within the window of the topic file."""
    for entry in ET.parse(EXAMPLES / "feed.xml").iter(f"{ATOM}entry"):
        assert "2025-12-22" <= (entry.findtext(f"{ATOM}published") or "") < "2025-12-31"
        assert entry.findtext(f"{ATOM}author/{ATOM}name")


def test_topic_file_names_the_outline() -> None:
    """The topic file is TOML, and what it names lies beside it."""
    topic = tomllib.loads(read(EXAMPLES / "mistral-week.toml"))

    assert topic["topic"] == "MISTRAL"
    assert str(topic["date"]) == "2025-12-30"
    assert [(EXAMPLES / source).is_file() for source in topic["sources"]] == [True]


def test_addresses_are_reserved_for_examples() -> None:
    """No address in any file leads to somebody's site (RFC 2606)."""
    for path in readable_files():
        hosts = re.findall(r"(?:[a-z]+:)?//([a-z0-9-]+(?:\.[a-z0-9-]+)+)", read(path), re.IGNORECASE)
        hosts += re.findall(r"[\w.]+@([a-z0-9-]+\.[a-z.]+[a-z])", read(path))

        assert [host for host in hosts if host not in VOCABULARIES and not EXAMPLE_HOST.fullmatch(host)] == []
        assert "www." not in read(path).replace("www.w3.org", "")


@chinese_texts
def test_chinese_is_traditional(name: str) -> None:
    """No character is simplified-only: each is in Big5, and none of the simplified forms that Big5 has by chance."""
    characters = set(re.findall(r"[\u4e00-\u9fff]", read(EXAMPLES / name)))
    simplified = {character for character in characters if not character.encode("big5", "ignore")}

    assert simplified | characters & SIMPLIFIED_IN_BIG5 == set()


@chinese_texts
def test_chinese_sentences_end_in_full_width_stops(name: str) -> None:
    """Between Han characters stand full-width commas and stops."""
    assert re.findall(r"[\u4e00-\u9fff][,;!?][\u4e00-\u9fff]", read(EXAMPLES / name)) == []


def test_paper_is_reproduced_byte_for_byte(tmp_path: Path) -> None:
    """The committed PDF is what the script makes of the words beside it."""
    made = tmp_path / "paper.pdf"
    subprocess.run(
        [sys.executable, "-W", "error", ROOT / "scripts" / "make_example_pdf.py", made],
        check=True,
        capture_output=True,
        timeout=60,
    )

    assert made.read_bytes() == PAPER.read_bytes()


def test_paper_is_a_real_one() -> None:
    """Title, date, several pages, running header, page numbers, references, hyphenated lines; small."""
    pdf = PdfReader(PAPER)
    pages = [page.extract_text() for page in pdf.pages]
    metadata = pdf.metadata

    assert PAPER.stat().st_size < 100_000
    assert metadata is not None
    assert (metadata.title or "").startswith("Where Should the Experts Live? Placing Mixture-of-Experts Weights")
    assert metadata.creation_date is not None
    assert metadata.creation_date.date().isoformat() == "2025-12-24"
    assert len(pages) >= 2
    assert all("Okafor et al. - Where Should the Experts Live?" in page for page in pages[1:])
    assert all(re.search(rf"^{number}$", page, re.MULTILINE) for number, page in enumerate(pages, start=1))
    assert re.search(r"References\n\[1\]", "\n".join(pages))
    assert len(re.findall(r"[a-z]-\n[a-z]", "\n".join(pages))) >= 5
    assert 1_200 <= len("\n".join(pages).split()) <= 1_900
