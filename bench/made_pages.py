"""Made-up pages in the manner of real ones: articles of 300 to 800 words among all that surrounds them on the web."""

from __future__ import annotations

import gzip
import json
import random
import re
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Made", "corpus_pages", "drawn", "made", "made_pages"]

SEED = 20_251_230
SITES = 160
WORDS = (300, 800)  #: of a page
COPIES = 0.08  #: share of pages that are another site's text with a few words changed
CHINESE = 0.2  #: share of stories
VERSIONS = (1, 1, 1, 2, 2, 3, 4)  #: how many sites tell a story, each in words of its own

_NAMES = """
people: Lindholm Okafor Tanaka Moreau Silva Novak Haddad Brandt Petrov Castillo Nyberg Osei Ferrari Dubois Kowalski
firms: Norvik Halden Mistral Aurora Cobalt Verity Lumen Kestrel Tallinn Orchard Sable Meridian Quanta Basalt
places: Oslo Lyon Porto Gdansk Tainan Osaka Leeds Turin Bergen Malmo Ghent Kaunas Hsinchu Utrecht
"""
_PEOPLE, _FIRMS, _PLACES = (line.partition(": ")[2].split() for line in _NAMES.strip().splitlines())
_THINGS = (
    "a language model", "an open model", "a memory chip", "a data centre", "a grid battery", "a ferry line",
    "a tidal plant", "a code assistant", "a translation service", "a satellite", "a rail tunnel", "a speech system",
)  # fmt: skip
_SENTENCES = (
    "{firm} said on {day} that it will open {thing} in {place} with {n} employees by the end of {year}.",
    "{person}, who leads the project, told reporters that the first results were better than the team had expected.",
    "The price of {thing} fell by {p} percent within {m} months, according to figures that the ministry published.",
    "Critics in {place} doubt that {n} million euros are enough, since similar plans cost twice as much elsewhere.",
    "In tests with {n} users, {thing} answered {p} percent of the questions well, {m} points more than a year ago.",
    "“Nobody has built anything like it at this size,” {person} said, and added that the licence allows any use.",
    "{firm} and {firm2} had worked on it together until {person} left the board in {year}.",
    "The council of {place} votes on the permit on {day}; two of its {m} members have said that they will object.",
    "It uses {p} percent less energy than the system that it replaces, the company writes in a paper of {m} pages.",
    "Analysts expect that {firm2} will answer with an offer of its own before the summer of {year}.",
    "What the customers of {firm} pay for it is not known, but a list of prices names {n} euros a month.",
    "A spokeswoman for {firm2} declined to comment on the figures, which a newspaper in {place} had reported first.",
    "The engineers moved {n} terabytes of records over the weekend, and no customer noticed an interruption.",
    "For schools and small firms the change means that they can keep their data in {place} and on their own machines.",
    "{person} called the plan a gamble, yet one that the region of {place} has to take after {m} lean years.",
)  # fmt: skip
_CHINESE = (
    "{firm}於{day}宣布，將在{place}推出新的語言模型，預計{year}年底前完成部署。",
    "負責這項計畫的{person}表示，第一批測試結果比團隊原先預期的好上{p}%。",
    "根據主管機關公布的數字，相關服務的價格在{m}個月內下降了{p}%。",
    "分析師認為，{firm2}可能在{year}年夏天以前提出自己的方案。",
    "在{n}名使用者參與的測試中，系統答對了{p}%的問題，比去年高出{m}個百分點。",
    "「這個規模以前沒有人做過，」{person}說，授權條款允許任何用途。",
    "{place}議會將在{day}表決許可案，{m}名議員中有兩人表明反對。",
    "對學校與小型公司來說，這代表資料可以留在{place}，也留在自己的機器上。",
    "公司在一篇{m}頁的論文中寫道，新系統比舊系統節省{p}%的電力。",
    "批評者質疑{n}萬歐元的預算是否足夠，因為其他地方的類似計畫花費多一倍。",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


_HEAVY = re.compile(r"<style>.*?</style>|<script>.*?</script>", re.DOTALL)
_WORD = re.compile(r"(?<![\w&#])(the|and|of|in|的|是|在)(?!\w)")


@dataclass(frozen=True)
class Made:
    """One page."""

    site: str
    path: str
    title: str
    paragraphs: tuple[str, ...]
    published: str
    language: str
    scheme: str = "https"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.site}/{self.path}"


def made_pages(count: int) -> Iterator[tuple[str, str]]:
    """Names and texts of HTML files."""
    dice = random.Random(SEED)
    for number, page in enumerate(_made(dice, count, WORDS)):
        yield f"{number:04d}.html", _html(dice, page)


def made(count: int, words: tuple[int, int] = WORDS) -> list[Made]:
    """Pages that are drawn when they are asked for: those of a longer list begin like those of a shorter one."""
    return _made(random.Random(SEED), count, words)


def drawn(page: Made, number: int, *, is_lean: bool = False) -> str:
    """A page's HTML, the same each time; lean without scripts, style sheets and pictures."""
    text = _html(random.Random(number), page)
    return _HEAVY.sub("", text) if is_lean else text


def _made(dice: random.Random, count: int, words: tuple[int, int]) -> list[Made]:
    pages: list[Made] = []
    while len(pages) < count:
        chinese = dice.random() < CHINESE
        facts = _facts(dice)
        pages += [
            _told(dice, facts, number=len(pages) + n, chinese=chinese, words=words)
            for n in range(dice.choice(VERSIONS))
        ]
        if dice.random() < COPIES * 2:
            pages.append(_copied(dice, pages[-1], len(pages)))
    return pages[:count]


def corpus_pages(folder: Path, count: int) -> Iterator[tuple[str, str]]:
    """Real pages, repeated with other addresses and with figures and names changed, so that no two are one text."""
    files = sorted((*folder.glob("articles-*/html/*.html.gz"), *folder.glob("mixed/html/*.html.gz")))
    for number in range(count if files else 0):
        text = gzip.decompress(files[number % len(files)].read_bytes()).decode("utf-8", "replace")
        turn = number // len(files)
        if turn:
            text = _WORD.sub(rf"\g<1>{turn}", text)
        yield f"{number:04d}.html", f"<!-- saved from url=(0030)https://site{number % 97}.example/{number} -->\n{text}"


def _facts(dice: random.Random) -> dict[str, object]:
    firm, firm2 = dice.sample(_FIRMS, 2)
    return {
        "firm": firm, "firm2": firm2, "person": dice.choice(_PEOPLE), "place": dice.choice(_PLACES),
        "thing": dice.choice(_THINGS), "day": dice.choice(_DAYS), "year": dice.randint(2026, 2031),
        "n": dice.randint(11, 990), "p": dice.randint(3, 97), "m": dice.randint(2, 24),
    }  # fmt: skip


def _told(dice: random.Random, facts: dict[str, object], *, number: int, chinese: bool, words: tuple[int, int]) -> Made:
    kinds = _CHINESE if chinese else _SENTENCES
    wanted = dice.randint(*words)
    paragraphs: list[str] = []
    length = 0
    while length < wanted:
        chosen = dice.sample(kinds, dice.randint(2, 4))
        # Most sentences are of this story; some are of the world around it.
        told = [kind.format(**(facts if dice.random() < 0.5 else _facts(dice))) for kind in chosen]
        paragraphs.append("".join(told) if chinese else " ".join(told))
        length += len(paragraphs[-1]) // 2 if chinese else len(paragraphs[-1].split())
    title = (
        f"{facts['firm']}在{facts['place']}推出語言模型，{facts['person']}說明第{number}號計畫"
        if chinese
        else f"{facts['firm']} opens {facts['thing']} in {facts['place']}, {facts['person']} says (report {number})"
    )
    site = f"www.site{dice.randrange(SITES)}.example"
    day = f"2025-12-{dice.randint(20, 30):02d}"
    return Made(site, f"2025/12/{number}-story", title, tuple(paragraphs), day, "zh-Hant" if chinese else "en")


def _copied(dice: random.Random, page: Made, number: int) -> Made:
    paragraphs = list(page.paragraphs)
    at = dice.randrange(len(paragraphs))
    paragraphs[at] = paragraphs[at].replace("said", "says").replace("表示", "指出")
    if dice.random() < 0.5 and len(paragraphs) > 4:
        del paragraphs[-1]
    return replace(page, site=f"news{dice.randrange(40)}.example", path=f"wire/{number}", paragraphs=tuple(paragraphs))


# ── what surrounds an article ────────────────────────────────────────────────────────────────────────────────────────

_STYLE = "\n".join(
    f".c{n}{{margin:{n % 9}px;color:#{n * 7919 % 0xFFFFFF:06x};display:flex}} .c{n}:hover{{opacity:.{n % 9}}}"
    for n in range(220)
)
_PICTURE = '<figure><img src="/p/2.jpg" alt="picture"><figcaption>Picture: agency</figcaption></figure>'
_ADVERTISEMENT = '<div class="ad-slot" aria-hidden="true">Advertisement</div>'
_SCRIPT = ";".join(f"window.q{n}=window.q{n}||function(){{return {n}*{n}}}" for n in range(400))


def _html(dice: random.Random, page: Made) -> str:
    title = escape(page.title)
    linked = {
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": page.title, "url": page.url,
        "datePublished": f"{page.published}T09:00:00Z",
        "author": {"@type": "Person", "name": f"Ann {dice.choice(_PEOPLE)}"},
        "publisher": {"@type": "Organization", "name": page.site},
    }  # fmt: skip
    menu = "".join(f'<li class="c{n}"><a href="/section/{n}">Section {n}</a></li>' for n in range(24))
    teasers = "".join(
        f'<article class="card c{n}"><a href="/2025/12/{n}-teaser"><img src="/i/{n}.jpg" alt=""><h3>'
        f"{escape(dice.choice(_FIRMS))} and {escape(dice.choice(_PLACES))}: what comes next for number {n}</h3></a>"
        f"<p>A short teaser of {dice.randint(2, 9)} lines that leads to another page of the same site.</p></article>"
        for n in range(14)
    )
    comments = "".join(
        f'<li class="comment" id="comment-{n}"><span class="author">reader{n}</span><p>I think number {n} is right, '
        f"and the {dice.randint(2, 90)} others are not. Thanks for the report.</p><a href='#reply-{n}'>Reply</a></li>"
        for n in range(dice.randint(0, 12))
    )
    body = "\n".join(
        f"<p>{escape(text)}</p>{_PICTURE if n == 2 else ''}{_ADVERTISEMENT if n % 4 == 3 else ''}"
        for n, text in enumerate(page.paragraphs)
    )
    return f"""<!DOCTYPE html>
<html lang="{page.language}"><head><meta charset="utf-8"><title>{title} | {page.site}</title>
<link rel="canonical" href="{page.url}"><meta property="og:title" content="{title}">
<meta property="og:type" content="article"><meta property="og:url" content="{page.url}">
<meta property="article:published_time" content="{page.published}T09:00:00Z">
<meta name="description" content="{title}. Read more on {page.site}.">
<meta name="viewport" content="width=device-width">
<script type="application/ld+json">{json.dumps(linked, ensure_ascii=False)}</script>
<style>{_STYLE}</style><script>{_SCRIPT}</script></head>
<body class="single"><a class="skip" href="#main">Skip to content</a>
<header class="site-header"><nav aria-label="main"><ul>{menu}</ul></nav>
<form role="search"><input type="search" name="q" placeholder="Search"></form></header>
<div id="cookie-banner" class="banner" hidden>
<p>We use cookies to improve our service. <button>Accept all</button></p></div>
<main id="main"><article class="post"><header><h1>{title}</h1><p class="byline">By Ann {dice.choice(_PEOPLE)} ·
<time datetime="{page.published}">{page.published}</time></p></header>
<div class="entry-content">
{body}
</div><ul class="share"><li><a href="#">Share</a></li><li><a href="#">Mail</a></li></ul></article>
<section id="comments"><h2>Comments</h2><ol>{comments}</ol></section></main>
<aside class="sidebar"><h2>Most read</h2>{teasers}</aside>
<footer><ul>{menu}</ul><p>© 2025 {page.site}. All rights reserved. <a href="/imprint">Imprint</a></p></footer>
<script>{_SCRIPT}</script></body></html>"""
