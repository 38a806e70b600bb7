"""Wikipedia: articles without references and boxes, in any language."""

from __future__ import annotations

from urllib.parse import quote

import internet
import pytest
from internet import Route, redirect
from visits import document_at, failure_at, visited

from localdigest.records import DateEvidence, Document, DocumentKind, Language, Reason

#: As Parsoid writes it.
HTML = """<!DOCTYPE html><html prefix="dc: http://purl.org/dc/terms/" lang="en"><head prefix="mwr: https://x/">
<meta charset="utf-8"/><meta property="mw:pageId" content="7"/><meta property="dc:modified"
 content="2025-12-28T19:01:02.000Z"/><link rel="dc:isVersionOf" href="//en.wikipedia.org/wiki/Small_Quay"/>
<title>Small Quay</title></head><body lang="en" class="mw-content-ltr mw-body-content parsoid-body mw-parser-output">
<section data-mw-section-id="0"><div class="shortdescription noprint">Harbour in the north</div>
<div role="note" class="hatnote">For the engine, see Small Engine.</div>
<table class="infobox"><tbody><tr><th>Opened</th><td>1871</td></tr><tr><th>Depth</th><td>9 m</td></tr>
</tbody></table>
<p>The <b>Small Quay</b> is a harbour in the north.<sup class="mw-ref reference"><a href="#n1">[1]</a></sup>
 It was opened in 1871.</p></section>
<section data-mw-section-id="1"><h2 id="Ships">Ships</h2><figure><figcaption>A ship of 1900.</figcaption></figure>
<p>Some 300 ships a year call at it, most of them with timber.</p></section>
<section data-mw-section-id="2"><h2 id="See_also">See also</h2><ul><li><a href="./Large_Quay">Large Quay</a></li></ul>
</section><section data-mw-section-id="3"><h2 id="References">References</h2>
<div class="mw-references-wrap"><ol class="references"><li>C. Cited, <i>Harbours</i>, 1990.</li></ol></div>
</section><section data-mw-section-id="4"><h2>External links</h2><ul><li>Site of the harbour</li></ul>
<div role="navigation" class="navbox"><table><tr><td>Harbours of the north</td></tr></table></div></section>
</body></html>"""
PAGE = """<html lang="{language}"><head><title>Small Quay – Wikipedia</title><script type="application/ld+json">
{{"@type": "Article", "name": "Small Quay", "datePublished": "2004-01-01T00:00:00Z",
"dateModified": "2025-12-27T08:00:00Z"}}</script></head><body><h1 id="firstHeading">{title}</h1>
<div id="siteSub">From</div>
<div id="mw-content-text" class="mw-body-content"><div class="mw-content-ltr mw-parser-output">
<p>{text}<sup class="reference">[1]</sup></p><div class="mw-heading"><h2>Weblinks</h2><span class="mw-editsection">
[edit]</span></div><ul><li>Away</li></ul></div><div class="printfooter">Retrieved from</div></div>
<div id="catlinks" class="catlinks">Categories</div></body></html>"""
GERMAN = "Der Kleine Kai ist ein Hafen im Norden, den man 1871 eröffnet hat."
REST = "en.wikipedia.org/api/rest_v1/page/html/Small_Quay"
NO_ARTICLE = Route('{"title": "Not found."}', status=404, content_type="application/problem+json")


def texts(document: Document) -> list[str]:
    return [sentence.text for sentence in document.sentences]


@pytest.mark.parametrize(
    "url",
    [
        "https://en.wikipedia.org/wiki/Small_Quay",
        "http://en.m.wikipedia.org/wiki/Small_Quay#Ships",
        "https://en.wikipedia.org/w/index.php?title=Small_Quay&oldid=7",
        "https://en.wikipedia.org/wiki/Small%20Quay",
    ],
)
def test_an_article_is_its_text_alone(url: str) -> None:
    with internet.internet({REST: Route(HTML)}) as web:
        document = document_at(url, web)

    assert texts(document) == [
        "The Small Quay is a harbour in the north.",
        "It was opened in 1871.",
        "Ships",
        "Some 300 ships a year call at it, most of them with timber.",
    ]
    assert (document.title, document.site, document.kind) == ("Small Quay", "Wikipedia", DocumentKind.REFERENCE)
    assert document.url == "https://en.wikipedia.org/wiki/Small_Quay"
    assert (document.published[:10], document.published_by) == ("2025-12-28", DateEvidence.META)
    assert document.warnings == (
        "left out of the article: references (2), boxes (2), notes to editors (2), pictures (1)",
    )


def test_a_title_that_is_a_redirect() -> None:
    routes = {
        "en.wikipedia.org/api/rest_v1/page/html/The_Quay": redirect("Small_Quay"),
        REST: Route(HTML),
    }
    with internet.internet(routes) as web:
        assert document_at("https://en.wikipedia.org/wiki/The_Quay", web).url.endswith("/wiki/Small_Quay")


def test_a_slash_in_a_title_is_a_part_of_it() -> None:
    with internet.internet({"en.wikipedia.org/api/rest_v1/page/html/A%2FB_%28ship%29": Route(HTML)}) as web:
        assert document_at("https://en.wikipedia.org/wiki/A/B_(ship)", web).url.endswith("/wiki/A/B_(ship)")


def test_the_successor_of_the_interface_stands_in_for_it() -> None:
    routes = {REST: Route("gone", status=410), "en.wikipedia.org/w/rest.php/v1/page/Small_Quay/html": Route(HTML)}
    with internet.internet(routes) as web:
        document = document_at("https://en.wikipedia.org/wiki/Small_Quay", web)

    assert document.url == "https://en.wikipedia.org/wiki/Small_Quay"


def test_the_page_stands_in_for_both() -> None:
    page = PAGE.format(language="de", title="Kleiner Kai", text=GERMAN)
    with internet.internet({"de.wikipedia.org/wiki/Kleiner_Kai": Route(page)}) as web:
        document = document_at("https://de.wikipedia.org/wiki/Kleiner_Kai", web)

    assert texts(document) == [GERMAN]
    assert (document.title, document.published[:10]) == ("Kleiner Kai", "2025-12-27"), "not the day it was begun"


def test_a_variant_of_chinese_is_read_from_its_page() -> None:
    """The interface would give what was typed, in both scripts."""
    page = PAGE.format(
        language="zh-Hant-TW", title="小碼頭", text="小碼頭是北部的一座港口，於1871年啟用，每年約有三百艘船停靠。"
    )
    path = f"zh.wikipedia.org/zh-tw/{quote('小碼頭')}"
    with internet.internet({path: Route(page)}) as web:
        document = document_at("https://zh.m.wikipedia.org/zh-tw/小碼頭", web)

    assert (document.language, document.title) == (Language.TRADITIONAL_CHINESE, "小碼頭")
    assert web.asked_addresses() == [path]


def test_an_article_that_is_not_there() -> None:
    with internet.internet({REST: NO_ARTICLE}) as web:
        failure = failure_at("https://en.wikipedia.org/wiki/Small_Quay", web)

    assert (failure.reason, failure.status) == (Reason.NOT_FOUND, 404)


def test_an_answer_without_an_article_is_passed_over() -> None:
    page = PAGE.format(language="en", title="Small Quay", text="The quay is a harbour in the north of the country.")
    routes = {REST: Route("<html><body></body></html>"), "en.wikipedia.org/wiki/Small_Quay": Route(page)}
    with internet.internet(routes) as web:
        assert document_at("https://en.wikipedia.org/wiki/Small_Quay", web).title == "Small Quay"


@pytest.mark.parametrize("path", ["/wiki/Special:Random", "/wiki/Talk:Quay", "/", "/w/index.php?search=quay"])
def test_other_pages_are_pages(path: str) -> None:
    with internet.internet({}) as web:
        visited([f"https://en.wikipedia.org{path}"], web)

    assert web.asked_addresses() == [f"en.wikipedia.org{path}"]
