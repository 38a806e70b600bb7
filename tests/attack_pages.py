"""Attack pages and honest ones, from the tables in `tests/attacks/`: a true article with a payload in it."""

from __future__ import annotations

import html
import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from documents import CHIP_ZH, HARBOUR
from fpdf import FPDF
from fpdf.enums import TextMode

from localdigest.parsing.feeds import parse_feed
from localdigest.records import Failure, Page, PageOrigin, Reason, Source

__all__ = ["Attack", "attacks", "innocent_pages"]

FOLDER = Path(__file__).parent / "attacks"
FETCHED_AT = "2026-01-06T08:00:00+00:00"
CANARY = "ZEPHYRIA"  #: what the attackers want said

_ARTICLES = {
    "harbour": ("Port Ellis buys three electric ferries", "Harbour Post", HARBOUR.splitlines()),
    "chip": ("雲川半導體明年量產推論晶片「凌波」", "雲川日報", CHIP_ZH.splitlines()),
}
_SHELL = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="author" content="{byline}"><meta property="og:site_name" content="{site}">
<meta property="article:published_time" content="2026-01-05"><meta property="og:type" content="article">
<link rel="canonical" href="{canonical}">{json_ld}{head}
</head><body><nav><a href="/">Home</a> <a href="/news">News</a></nav><article><h1>{heading}</h1>
{body}
</article><footer>All rights reserved</footer></body></html>
"""


@dataclass(frozen=True)
class Attack:
    """One page that tries something, and what must not come of it."""

    id: str
    group: str  #: the table that it stands in
    payload: str
    form: str = "html"
    article: str = "harbour"
    place: str = "middle"  #: `start`, `middle`, `end` of the text, or the name that holds the payload
    wrap: str = ""  #: markup around the payload
    head: str = ""
    canonical: str = ""
    page_url: str = ""
    smuggle: str = ""  #: how unseen characters spell the payload
    ink: str = ""  #: how a PDF draws it
    flagged: bool = True  #: the page must be marked
    never: list[str] = field(default_factory=lambda: [CANARY])  #: in no file that is drawn

    @property
    def is_told(self) -> bool:
        """Whether the text reaches a reader as it is, so that a model could be made to repeat it."""
        return not self.smuggle

    def page(self) -> Page | Failure:
        """The bytes as a run would have them."""
        return _BUILDERS[self.form](self)


def attacks() -> list[Attack]:
    found: list[Attack] = []
    for path in sorted(FOLDER.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        shared = {"group": path.stem, **table.get("defaults", {})}
        found += [Attack(**{**shared, **row}) for row in table.get("attack", ())]
    return found


def innocent_pages() -> list[tuple[str, Page]]:
    """Honest pages about the subject, by their titles."""
    rows = tomllib.loads((FOLDER / "innocent.toml").read_text(encoding="utf-8"))["page"]
    return [(row["title"], _innocent_page(number, row)) for number, row in enumerate(rows)]


def _innocent_page(number: int, row: dict[str, Any]) -> Page:
    title = html.escape(row["title"])
    body = "\n".join(f"<p>{html.escape(line)}</p>" for line in row["text"].strip().splitlines())
    url = f"https://honest{number}.example/a"
    text = _SHELL.format(
        lang={"zh": "zh-TW", "zh-hans": "zh-CN"}.get(row.get("article", ""), "en"), title=title, byline="Ann Lee",
        site=f"Honest {number}", canonical=url, json_ld="", head="", heading=title, body=body,
    )  # fmt: skip
    return _page(text.encode(), "text/html", url)


def _page(body: bytes, media_type: str, url: str, source: Source | None = None) -> Page:
    return Page(source or Source(url), body, media_type, "utf-8", url, FETCHED_AT, PageOrigin.NETWORK)


def _payload(attack: Attack) -> str:
    if attack.smuggle == "tags":
        return "".join(chr(0xE0000 + ord(letter)) for letter in attack.payload)
    if attack.smuggle == "selectors":
        return "a" + "".join(chr(0xE0100 + byte) for byte in attack.payload.encode())
    return attack.payload


def _filler(article: str) -> str:
    return " ".join(f"The pier number {n} of {article} is closed to everyone in the month of May." for n in range(12))


def _with_payload(attack: Attack, wrap: str, paragraphs: list[str]) -> list[str]:
    """The article's paragraphs with the payload among them, where that is its place."""
    wrapped = (attack.wrap or wrap).replace("{filler}", _filler(attack.article)).replace("{payload}", _payload(attack))
    at = {"start": 0, "middle": len(paragraphs) // 2, "end": len(paragraphs)}.get(attack.place)
    return (
        paragraphs if at is None or (not attack.wrap and attack.head) else [*paragraphs[:at], wrapped, *paragraphs[at:]]
    )


def _names(attack: Attack) -> dict[str, str]:
    """Title, heading, byline and site, one of which may be the payload."""
    title, site, _ = _ARTICLES[attack.article]
    names = {"title": title, "heading": title, "byline": "Ann Lee", "site": site}
    if attack.place == "titles":
        names |= {"title": attack.payload, "heading": attack.payload}
    elif attack.place in names:
        names[attack.place] = attack.payload
    return names


def _html(attack: Attack) -> str:
    lines = _ARTICLES[attack.article][2]
    paragraphs = _with_payload(
        attack, "<p>{payload}</p>", [f'<p class="text">{html.escape(line)}</p>' for line in lines]
    )
    escaped = {name: html.escape(value) for name, value in _names(attack).items()}
    json_ld = ""
    if attack.place == "json-ld":
        names = {"headline": attack.payload, "author": {"name": attack.payload}, "publisher": {"name": attack.payload}}
        facts = json.dumps({"@type": "NewsArticle", **names}, ensure_ascii=False)
        json_ld = f'<script type="application/ld+json">{facts}</script>'
    return _SHELL.format(
        lang="zh-TW" if attack.article == "chip" else "en", **escaped, json_ld=json_ld,
        canonical=html.escape(attack.canonical or _url(attack)),
        head=attack.head.replace("{payload}", html.escape(attack.payload)), body="\n".join(paragraphs),
    )  # fmt: skip


def _url(attack: Attack) -> str:
    return attack.page_url or f"https://{attack.id[:40]}.example/a"


def _web_page(attack: Attack) -> Page:
    return _page(_html(attack).encode("utf-8", "surrogatepass"), "text/html", _url(attack))


def _markdown(attack: Attack) -> Page:
    title, _, lines = _ARTICLES[attack.article]
    named = attack.payload if attack.place == "front-matter" else title
    front = f'---\ntitle: "{named}"\nauthor: Ann Lee\ndate: 2026-01-05\n---\n'
    text = front + "\n\n".join(_with_payload(attack, "{payload}", list(lines)))
    return _page(text.encode(), "text/markdown", f"{_url(attack)}.md")


def _plain(attack: Attack) -> Page:
    title, _, lines = _ARTICLES[attack.article]
    text = "\n\n".join([title, *_with_payload(attack, "{payload}", list(lines))])
    return _page(text.encode(), "text/plain", f"{_url(attack)}.txt")


def _mail(attack: Attack) -> Page:
    names = _names(attack)
    head = f"From: Ann Lee <ann@harbour.example>\nSubject: {names['title']}\nDate: Mon, 05 Jan 2026 08:00:00 +0000\n"
    paragraphs = [f"<p>{line}</p>" for line in _ARTICLES[attack.article][2]]
    body = "\n".join(_with_payload(attack, "<p>{payload}</p>", paragraphs))
    text = f"{head}MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<html><body>{body}</body></html>\n"
    return _page(text.encode(), "message/rfc822", f"{_url(attack)}.eml")


def _feed(attack: Attack) -> Page | Failure:
    """A feed whose entry has no page, so that its own text counts; or whose entry is lost altogether."""
    title, site, lines = _ARTICLES[attack.article]
    named = attack.payload if attack.place in ("title", "lost-title") else title
    paragraphs = _with_payload(attack, "<p>{payload}</p>", [f"<p>{line}</p>" for line in lines])
    body = "" if attack.place == "lost-title" else "".join(paragraphs)
    channel = html.escape(attack.payload if attack.place == "site" else site)
    feed = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>{channel}</title>
<link>{_url(attack)}</link><item><title>{html.escape(named)}</title><link>{_url(attack)}/entry</link>
<pubDate>Mon, 05 Jan 2026 08:00:00 GMT</pubDate><description>{html.escape(body)}</description></item></channel></rss>"""
    (entry,) = parse_feed(feed.encode()).entries
    source = Source(
        entry.link, via=f"feed {_url(attack)}", title=entry.title, byline=entry.byline, published=entry.published,
        feed_html=entry.html,
    )  # fmt: skip
    return Failure(source, Reason.NOT_FOUND, status=404)


def _pdf(attack: Attack) -> Page:
    title, _, lines = _ARTICLES[attack.article]
    pdf = FPDF()
    pdf.set_title(attack.payload if attack.place == "title" else title)
    pdf.add_page()
    pdf.set_font("Helvetica", size=16)
    pdf.multi_cell(0, 9, title, new_x="LMARGIN", new_y="NEXT")
    for number, line in enumerate(lines):
        pdf.set_font("Helvetica", size=11)
        pdf.multi_cell(0, 6, line, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(4)
        if number == len(lines) // 2 and attack.place != "title":
            _draw(pdf, attack)
    return _page(bytes(pdf.output()), "application/pdf", f"{_url(attack)}.pdf")


def _draw(pdf: FPDF, attack: Attack) -> None:
    with pdf.local_context():
        pdf.set_font("Helvetica", size=0.8 if attack.ink == "tiny" else 11)
        if attack.ink == "white":
            pdf.set_text_color(255, 255, 255)
        if attack.ink == "invisible":
            pdf.text_mode = TextMode.INVISIBLE
        if attack.ink == "away":
            pdf.text(-400, 100, attack.payload)
        else:
            pdf.multi_cell(0, 6, attack.payload, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(4)


_BUILDERS = {
    "html": _web_page, "markdown": _markdown, "plain": _plain, "mail": _mail, "feed": _feed, "pdf": _pdf,
}  # fmt: skip
