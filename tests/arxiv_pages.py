"""Papers as arXiv's hosts serve them; the papers are ours."""

from __future__ import annotations

import internet
from fpdf import FPDF
from internet import Route

ID = "2512.16473"

API = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"
 xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/api/x</id><title>arXiv Query: id_list=2512.16473</title>
<updated>2025-12-20T00:00:00Z</updated><opensearch:totalResults>1</opensearch:totalResults>
<entry><id>http://arxiv.org/abs/2512.16473v1</id><title>Experts on Call: Sharing Work between
  Two Processors</title><updated>2025-12-18T12:40:11Z</updated><published>2025-12-18T12:40:11Z</published>
<summary>We share the work of experts between two processors.</summary>
<author><name>Ada Example</name><arxiv:affiliation>Example University</arxiv:affiliation></author>
<author><name>Bo Sample</name></author>
<link href="https://arxiv.org/abs/2512.16473v1" rel="alternate" type="text/html"/>
<arxiv:primary_category term="cs.DC"/><category term="cs.DC" scheme="http://arxiv.org/schemas/atom"/></entry></feed>"""
NO_ENTRY = API[: API.index("<entry>")] + "</feed>"
NO_HTML = Route("<html><body><h1>No HTML for '2512.16473'</h1><p>HTML is not available.</p></body></html>", status=404)

HTML = """<!DOCTYPE html><html lang="en"><head><title>Experts on Call</title></head><body>
<nav class="ltx_page_navbar"><nav class="ltx_TOC"><ol><li><a href="#S1">1 Introduction</a></li></ol></nav></nav>
<div class="ltx_page_main"><div id="infobox" class="infobox"><a id="license-tr" href="#">License: CC BY 4.0</a>
<div id="watermark-tr">
arXiv:2512.16473v1 [cs.DC] 18 Dec 2025</div></div><div class="ltx_page_content">
<article class="ltx_document ltx_authors_1line">
<h1 class="ltx_title ltx_title_document">Experts on Call:<br class="ltx_break">Sharing Work between <math
 alttext="2" class="ltx_Math"><semantics><mn>2</mn></semantics></math> Processors</h1>
<div class="ltx_authors"><span class="ltx_creator ltx_role_author"><span class="ltx_personname">Ada Example
</span><span class="ltx_author_notes">Example University, ada@example.org</span></span></div>
<div id="abstract1" class="ltx_abstract"><h6 class="ltx_title ltx_title_abstract">Abstract</h6>
<p class="ltx_p">Models of many experts outgrow the memory of one card. We share their work between two processors
 and answer <math alttext="2.4\\times" class="ltx_Math"><mn>2.4</mn></math> as fast as a card that waits for its
 weights.</p></div>
<section id="S1" class="ltx_section"><h2 class="ltx_title ltx_title_section"><span class="ltx_tag">1 </span>Introduction
</h2><div class="ltx_para"><p class="ltx_p">A token needs few of the experts of a layer&nbsp;<cite class="ltx_cite">[<a
 class="ltx_ref" href="#bib.bib1">1</a>]</cite>.<span class="ltx_note ltx_role_footnote"><sup class="ltx_note_mark">1
</sup><span class="ltx_note_outer"><span class="ltx_note_content">A layer here is one of attention and experts.</span>
</span></span> The rest of them lie idle in memory while one token after the other is computed.</p></div>
<div class="ltx_para"><p class="ltx_p">This paper contributes three things to what is known of such models.</p>
<ul class="ltx_itemize"><li class="ltx_item"><span class="ltx_tag ltx_tag_item">•</span>
<div class="ltx_para"><p class="ltx_p">A plan says which experts the card
 keeps, by how often the last <math alttext="1{,}000"><mn>1000</mn></math> tokens asked for them.</p></div></li></ul>
<figure class="ltx_figure"><img src="x1.png"><figcaption class="ltx_caption"><span class="ltx_tag">Figure 1: </span>
Which expert waits for which token.</figcaption></figure></div></section>
<section id="S2" class="ltx_section"><h2 class="ltx_title ltx_title_section"><span class="ltx_tag">2 </span>Results</h2>
<div class="ltx_para"><p class="ltx_p">On a card of 12 GB the plan answers 19.5 tokens a second, where the card alone
 answers 8.1 of them.</p>
<table class="ltx_equation ltx_eqn_table"><tbody><tr><td><math alttext="t=\\sum_{i}^{n}w_{i}"><mi>t</mi></math></td>
</tr></tbody></table></div>
<figure class="ltx_table"><figcaption class="ltx_caption"><span class="ltx_tag">Table 1: </span>Speed on three cards.
</figcaption><table class="ltx_tabular"><tbody><tr><th>Card</th><th>Tokens/s</th></tr><tr><td>12 GB</td><td>19.5</td>
</tr><tr><td>24 GB</td><td>31.0</td></tr></tbody></table></figure></section>
<section id="S3" class="ltx_section"><h2 class="ltx_title ltx_title_section"><span class="ltx_tag">3 </span>Conclusion
</h2><div class="ltx_para"><p class="ltx_p">Work that waits for weights is better done where the weights are.</p></div>
</section>
<section class="ltx_section"><h2 class="ltx_title ltx_title_section">Acknowledgments</h2><div class="ltx_para">
<p class="ltx_p">The authors thank the owner of the old card.</p></div></section>
<section id="bib" class="ltx_bibliography"><h2 class="ltx_title ltx_title_bibliography">References</h2>
<ul class="ltx_biblist"><li class="ltx_bibitem"><span class="ltx_tag">[1]</span><span class="ltx_bibblock">C. Cited,
 “Experts and their layers,” 2024.</span></li></ul></section>
<section id="A1" class="ltx_appendix"><h2 class="ltx_title ltx_title_appendix"><span class="ltx_tag">Appendix A
</span>More cards</h2><div class="ltx_para"><p class="ltx_p">A fourth card was borrowed, and had to be given back.</p>
</div></section></article></div></div>
<footer class="arxiv-html-footer"><h2>Instructions for reporting errors</h2><p>
We are continuing to improve.</p></footer>
</body></html>"""
BROKEN_OFF = (
    "<html><body><div class='ltx_document'><p>Conversion to HTML had a Fatal error and exited abruptly.</p></div>"
)

ABSTRACT = """<html><head><title>[2512.16473] Experts on Call</title></head><body><div id="content"><div id="abs">
<div class="dateline">[Submitted on 18 Dec 2025]</div><h1 class="title mathjax"><span class="descriptor">Title:</span>
Experts on Call</h1><div class="authors"><span class="descriptor">Authors:</span><a href="/a">Ada Example</a>,
 <a href="/b">Bo Sample</a></div><blockquote class="abstract mathjax"><span class="descriptor">Abstract:</span>
We share the work of experts between two processors. It answers 2.4 times as fast as a card that waits.</blockquote>
</div></div></body></html>"""

_PDF_PARTS = (
    ("Abstract", "We share the work of experts between two processors and answer 2.4 times as fast as a card alone."),
    ("1 Introduction", "A token needs few of the experts of a layer, and the rest of them lie idle in memory. " * 3),
    ("2 Results", "On a card of 12 GB the plan answers 19.5 tokens a second, where the card alone answers 8.1. " * 3),
    ("3 Conclusion", "Work that waits for weights is better done where the weights are, in either memory. " * 2),
    ("Acknowledgments", "The authors thank the owner of the old card."),
    ("References", "[1] C. Cited. Experts and their layers. 2024."),
    ("A More cards", "A fourth card was borrowed, and had to be given back before the measurements were over."),
)


def pdf() -> Route:
    file = FPDF()
    file.add_page()
    file.set_font("Times", size=20)
    file.multi_cell(0, 10, "Experts on Call", new_x="LMARGIN", new_y="NEXT")
    for heading, text in _PDF_PARTS:
        file.set_font("Times", style="B", size=13)
        file.multi_cell(0, 9, heading, new_x="LMARGIN", new_y="NEXT")
        file.set_font("Times", size=10)
        file.multi_cell(0, 5, text, new_x="LMARGIN", new_y="NEXT")
    return Route(bytes(file.output()), content_type="application/pdf")


def routes(*, api: str | Route = API, html: str | Route = HTML) -> dict[str, Route]:
    """What is asked for the paper, by its name in `internet`."""
    return {
        f"export.arxiv.org/api/query?id_list={ID}": api if isinstance(api, Route) else internet.atom(api),
        f"arxiv.org/html/{ID}": html if isinstance(html, Route) else Route(html),
        f"arxiv.org/pdf/{ID}": pdf(),
        f"arxiv.org/abs/{ID}": Route(ABSTRACT),
    }
