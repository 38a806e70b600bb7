"""Makes Pages and Documents for tests: of plain text, one paragraph a line, sentences as the line parts them."""

from __future__ import annotations

import re

from localdigest.records import (
    DateEvidence,
    Document,
    DocumentKind,
    Language,
    Page,
    PageOrigin,
    Role,
    Sentence,
    Source,
)

_SENTENCE = re.compile(r"[^.!?。！？]+(?:\.(?=\d)[^.!?。！？]*)*[.!?。！？]+[”」]?|[^.!?。！？]+$")


def a_page(
    body: bytes | str,
    source: Source | str = "https://news.example/a",
    *,
    media_type: str = "",
    charset: str = "",
    origin: PageOrigin = PageOrigin.NETWORK,
) -> Page:
    """What came of a source, or of an address without hints."""
    source = source if isinstance(source, Source) else Source(source)
    body = body if isinstance(body, bytes) else body.encode()
    return Page(source, body, media_type, charset, source.locator, "2026-01-05T08:00:00+00:00", origin)


def a_document(
    text: str,
    *,
    url: str = "https://news.example/a",
    title: str = "A title of some words",
    published: str = "2026-01-05",
    site: str = "",
    kind: DocumentKind = DocumentKind.NEWS,
    language: Language = Language.ENGLISH,
    role: Role = Role.TEXT,
    number: int = 0,
) -> Document:
    sentences: list[Sentence] = []
    start = 0
    for paragraph, line in enumerate(text.splitlines()):
        for match in _SENTENCE.finditer(line):
            found = match.group().strip()
            sentences.append(Sentence(found, start + line.index(found, match.start()), paragraph, role))
        start += len(line) + 1
    return Document(
        url=url,
        title=title,
        byline="",
        published=published,
        published_by=DateEvidence.META if published else DateEvidence.NONE,
        language=language,
        site=site,
        kind=kind,
        text=text,
        sentences=tuple(sentences),
        sources=(Source(url),),
        number=number,
    )


#: A news story in eight sentences, made for these tests.
HARBOUR = """\
The harbour council of Port Ellis voted on Monday to replace its three diesel ferries with electric ones.
The first of the new boats, built by the Norwegian yard Fjordverk, will carry 280 passengers and arrive in March 2027.
Port Ellis will pay 41 million euros for the three ferries, a third of which comes from the national climate fund.
Council member Ana Reyes called the vote a turning point for coastal transport in the region.
Fjordverk has delivered nineteen electric ferries to Nordic towns since 2015, more than any rival yard in Europe.
The batteries will be charged at night from a new station beside the fish market, which the council approved in May.
Tickets will cost the same as today for at least two years, according to the transport department of the council.
Opponents of the plan said that the winter storms of the last decade had shown how fragile the piers have become."""

ORCHARD = """\
Apple growers in the Lindow valley expect their smallest harvest in thirty years after a late frost in April.
The growers' union counted losses of 62 percent on the lower slopes, where the trees had begun to flower early.
Cold air settled in the valley on the night of April 19, when the thermometer at Lindow Mill fell to minus six degrees.
Union chair Peter Hale asked the ministry of agriculture to open its emergency fund for family farms before July.
Older varieties on the northern side of the valley flowered two weeks later and came through almost unharmed.
Supermarkets in the county said that they would buy fruit from the coast and keep prices where they were last autumn."""

CHIP_ZH = """\
雲川半導體週二宣布，新一代推論晶片「凌波」將於明年三月在新竹量產，首批供貨給三家資料中心業者。
「凌波」採用十二層堆疊記憶體，每秒可處理四千個詞元，功耗則比上一代降低三成。
雲川半導體執行長林若海表示，公司今年已投入五十二億元擴建新竹廠房，並招募六百名工程師。
市場分析師估計，資料中心業者的推論晶片需求將在兩年內成長一倍，帶動記憶體價格上揚。
對開發者而言，雲川同時開放原始碼的編譯工具，讓既有的模型不必改寫就能在「凌波」上執行。
消費者可望在明年底前看到搭載「凌波」的筆記型電腦，離線翻譯與語音輸入的速度將明顯提升。"""

FERRY_TWICE = """\
The Norwegian yard Fjordverk will build three electric ferries for Port Ellis, the harbour council decided.
Port Ellis pays 41 million euros for the three boats, and a third of the sum comes from the climate fund.
Passengers of the ferries will be able to take bicycles aboard without paying for them, the council promised."""

RIVALS = """\
Software developers can download the timetable interface of the harbour from an open-source repository on GitHub.
The interface answers ten times faster than its predecessor, a milestone for a harbour office of eleven people.
Compared with rival harbours on the coast, Port Ellis is the first to publish the position of every boat.
Investors bought shares of Fjordverk after the vote, and its market value rose by 9 percent on Tuesday.
Customers can see on their phones when the next ferry leaves, which the apps of other harbours do not show."""

#: Five documents on four events, two of them on one; English and Chinese.
FIVE = (
    a_document(HARBOUR, url="https://one.example/a", title="Port Ellis buys electric ferries | One", site="One"),
    a_document(FERRY_TWICE, url="https://two.example/b", title="Fjordverk builds ferries for Port Ellis"),
    a_document(ORCHARD, url="https://three.example/c", title="Frost in Lindow costs growers the harvest"),
    a_document(
        CHIP_ZH,
        url="https://four.example/d",
        title="雲川半導體明年量產推論晶片「凌波」",
        language=Language.TRADITIONAL_CHINESE,
    ),
    a_document(RIVALS, url="https://five.example/e", title="The harbour office opens its timetable"),
)
