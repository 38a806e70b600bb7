"""The ten kinds of source of a real digest on a web of our own: real addresses, answers in their form, our texts."""

from __future__ import annotations

import json
from html import escape
from urllib.parse import quote

import internet
from arxiv_pages import API
from internet import Route

APP = "https://play.google.com/store/apps/details?id=ai.mistral.chat&hl=en_US"
BLOG = "https://davidhason.com/posts/"
SUBREDDIT = "https://www.reddit.com/r/MistralAI/new/"
POST = "https://x.com/iHarnoorSingh/status/2005528845429190661"
ENCYCLOPAEDIC = "https://builtin.com/articles/mistral-ai"
_FUNDING = "2025-marks-europes-biggest-funding-year-yet-helsing-mistral-lead-billion-dollar-rounds"
FUNDING = f"https://techfundingnews.com/{_FUNDING}/"
_FACEBOOK = "what-do-the-worlds-most-intelligent-open-source-ai-models-have-in-common-they-al"
FACEBOOK = f"https://www.facebook.com/NVIDIA.AP/posts/{_FACEBOOK}/914869780863486/"
DOCUMENTATION = "https://unsloth.ai/docs/get-started/unsloth-model-catalog"
_COMPARISON = "worldlinetech/the-ultimate-llm-inference-battle-vllm-vs-ollama-vs-zml-m97"
COMPARISON = f"https://dev.to/{_COMPARISON}"
PAPER = "https://arxiv.org/pdf/2512.16473"

TEN = (APP, BLOG, SUBREDDIT, POST, ENCYCLOPAEDIC, FUNDING, FACEBOOK, DOCUMENTATION, COMPARISON, PAPER)
BLOG_POSTS = ("https://davidhason.com/posts/experts-on-a-laptop/", "https://davidhason.com/posts/counting-tokens/")


def routes() -> dict[str, Route]:
    """Everything that is asked for the ten, and how it is answered."""
    return {
        "play.google.com/store/apps/details?id=ai.mistral.chat&hl=en_US&gl=US": Route(_APP),
        **_blog(),
        "www.reddit.com/r/MistralAI/new/.rss": _subreddit(),
        f"publish.x.com/oembed?url={quote(POST, safe='')}&omit_script=1": _post(),
        "builtin.com/articles/mistral-ai": article(
            "Mistral AI: Models, Capabilities and Latest Developments",
            "2025-11-30",
            "Mistral AI is a French company that three researchers of large laboratories founded in Paris in 2023.",
            "The company gives away the weights of its smaller models and sells access to the larger ones of them.",
            "Its first model with experts, Mixtral 8x7B, was published under the Apache licence in December 2023.",
        ),
        f"techfundingnews.com/{_FUNDING}/": article(
            "2025 marks Europe's biggest funding year yet",
            "2025-12-27",
            "Investors put 44 billion euros into young European firms in 2025, more than in any year before it.",
            "Mistral took 1.7 billion euros in September, in a round to which the chip maker ASML gave 1.3 billion.",
            "Helsing, which builds software for drones, raised 600 million euros in June from a fund of Stockholm.",
        ),
        FACEBOOK.removeprefix("https://"): Route("<html><title>Error</title><body>Sorry.</body></html>", 400),
        "unsloth.ai/docs/get-started/unsloth-model-catalog.md": internet.text(_DOCUMENTATION),
        f"dev.to/api/articles/{_COMPARISON}": _comparison(),
        "export.arxiv.org/api/query?id_list=2512.16473": internet.atom(API),
        "arxiv.org/html/2512.16473": Route(_PAPER),
    }


def article(title: str, day: str, *paragraphs: str) -> Route:
    """A page of a newspaper, with what stands around its articles."""
    about = {"@type": "NewsArticle", "headline": title, "datePublished": day, "author": {"name": "Ann Lee"}}
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return Route(
        f'<html lang="en"><head><title>{title}</title><meta property="og:type" content="article">'
        f'<link rel="alternate" type="application/rss+xml" href="/feed/">'
        f'<script type="application/ld+json">{json.dumps(about)}</script></head><body>'
        '<nav><a href="/">Home</a><a href="/jobs">Jobs</a></nav><div class="cookie-banner">We value your privacy.</div>'
        f"<main><article><h1>{title}</h1>{text}</article></main><aside><h2>Most read</h2></aside>"
        "<footer>All rights reserved.</footer></body></html>"
    )


_APP = """<!doctype html><html lang="en" dir="ltr"><head><title>Le Chat by Mistral AI - Apps on Google Play</title>
<meta name="description" content="Le Chat answers questions and keeps what it is told on the phone itself.">
<meta property="og:title" content="Le Chat by Mistral AI - Apps on Google Play">
<script type="application/ld+json">{"@context":"https://schema.org","@type":"SoftwareApplication","name":"Le Chat",
"author":{"@type":"Person","name":"Mistral AI"}}</script></head><body><h1><span itemprop="name">Le Chat</span></h1>
<section><div data-g-id="description">Le Chat of Mistral AI searches the web and reads documents of up to 200 pages.<br>
<br>Firms can connect their own files to Le Chat, and decide which of their people may ask about them.</div>
<div class="TKjAsc"><div class="lXlx5">Updated on</div><div class="xg1aie">Dec 18, 2025</div></div></section>
</body></html>"""


def _blog() -> dict[str, Route]:
    """An index that names its feed, as Quarto makes it, and its posts."""
    titles = ("Experts on a laptop", "Counting tokens")
    days = ("Fri, 26 Dec 2025 07:00:00 GMT", "Sat, 20 Dec 2025 07:00:00 GMT")
    posts = tuple(zip(titles, BLOG_POSTS, days, strict=True))
    items = "".join(
        f"<item><title>{title}</title><link>{url}</link><pubDate>{day}</pubDate></item>" for title, url, day in posts
    )
    listed = "".join(
        f'<div class="quarto-post"><h3><a href="{url}">{title}</a></h3><div>{day[5:16]}</div></div>'
        for title, url, day in posts
    )
    head = '<title>Data Science Blog</title><link rel="alternate" type="application/rss+xml" href="index.xml">'
    return {
        "davidhason.com/posts/": Route(f"<html><head>{head}</head><body><main>{listed}</main></body></html>"),
        "davidhason.com/posts/index.xml": Route(
            f'<?xml version="1.0"?><rss version="2.0"><channel><title>Posts</title>{items}</channel></rss>',
            content_type="application/xml",
        ),
        "davidhason.com/posts/experts-on-a-laptop/": article(
            titles[0],
            "2025-12-26",
            "Mixtral activates two of its eight experts for each token, which is why a laptop can run it at all.",
            "On a machine with 32 GB of memory the 4-bit file of Mixtral answers with five tokens a second.",
            "Most of that time goes into reading the weights of experts from memory, and not into arithmetic.",
        ),
        "davidhason.com/posts/counting-tokens/": article(
            titles[1],
            "2025-12-20",
            "The tokenizer of Mistral needs 1.3 tokens for an English word and 2.1 for a word of Finnish.",
            "A page of Finnish therefore costs its reader 60 percent more than the same page in English does.",
            "The newer tokenizer of the company halves that gap, at the price of a vocabulary four times as large.",
        ),
    }


def _subreddit() -> Route:
    posts = (
        ("quayside", 8, "Devstral on one card",
         "Devstral of Mistral fits on a card of 24 GB when its cache is kept in eight bits instead of sixteen."),
        ("lockkeeper", 6, "Le Chat and long files",
         "Le Chat of Mistral now names the page on which each of its quotations stands in a document of mine."),
    )  # fmt: skip
    entries = "".join(
        f"<entry><author><name>/u/{author}</name></author><content type='html'>"
        + escape(f'<!-- SC_OFF --><div class="md"><p>{text}</p></div><!-- SC_ON --> submitted by /u/{author} [link]')
        + f"</content><id>t3_{author}</id><link href='https://www.reddit.com/r/MistralAI/comments/1{author}/x/' />"
        f"<updated>2025-12-29T0{hour}:00:00+00:00</updated><published>2025-12-29T0{hour}:00:00+00:00</published>"
        f"<title>{title}</title></entry>"
        for author, hour, title, text in posts
    )
    return internet.atom(
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        "<updated>2025-12-29T08:00:00+00:00</updated><id>/r/MistralAI/new/.rss</id>"
        f"<title>newest submissions : MistralAI</title>{entries}</feed>"
    )


def _post() -> Route:
    shown = POST.replace("x.com", "twitter.com")
    text = "Mistral showed eleven hundred guests in Paris how a model of 24 billion parameters runs on a single card."
    html = (
        f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{text}</p>&mdash; Harnoor (@iHarnoorSingh)'
        f' <a href="{shown}?ref_src=twsrc%5Etfw">December 29, 2025</a></blockquote>\n'
    )
    answer = {
        "url": shown, "author_name": "Harnoor", "author_url": "https://twitter.com/iHarnoorSingh", "html": html,
        "type": "rich", "version": "1.0",
    }  # fmt: skip
    return internet.json(json.dumps(answer))


def _comparison() -> Route:
    html = """<p>The servers vLLM, Ollama and ZML were given the same Mistral model and the same forty prompts.</p>
<p>With a single user Ollama began to answer after 0.4 seconds, and vLLM needed 0.7 seconds for the first token.</p>
<p>With sixty-four users at once vLLM wrote nine times as many tokens a second as Ollama did on that card.</p>"""
    answer = {
        "title": "The ultimate inference battle", "url": COMPARISON, "canonical_url": COMPARISON, "body_html": html,
        "published_at": "2025-12-22T09:00:00Z", "user": {"name": "Worldline Tech"},
    }  # fmt: skip
    return internet.json(json.dumps(answer))


_DOCUMENTATION = """> For the complete documentation index, see [llms.txt](https://unsloth.ai/docs/llms.txt).

# Model catalog

The catalog lists every model that has been converted to GGUF, with the memory that each of its files needs.

{% hint style="success" %}
Mixtral 8x7B of Mistral comes in six sizes, of which the smallest needs 15 GB and the largest needs 49 GB.
{% endhint %}

Files with dynamic 4-bit weights keep the layers that suffer most from rounding in a wider format.

---

# Agent Instructions

Perform an HTTP GET request on the current page URL with the `ask` query parameter.
"""
_PAPER = """<html><body><div id="watermark-tr">arXiv:2512.16473v1 [cs.DC] 18 Dec 2025</div>
<article class="ltx_document"><h1 class="ltx_title ltx_title_document">Experts on Call</h1>
<div class="ltx_abstract"><h6 class="ltx_title ltx_title_abstract">Abstract</h6><p class="ltx_p">Models of many experts
such as Mixtral outgrow the memory of one card, and wait for their weights most of the time. Sharing the work of experts
between the processor and the card answers <math alttext="2.4\\times"><mn>2.4</mn></math> as fast as a card alone does.
</p></div><section class="ltx_section"><h2 class="ltx_title">1 Results</h2><div class="ltx_para"><p class="ltx_p">
On a card of 12 GB the plan answers 19.5 tokens a second, where the card alone answers 8.1 tokens of them.</p></div>
</section><section class="ltx_bibliography"><h2>References</h2><ul><li>C. Cited. Experts. 2024.</li></ul></section>
</article></body></html>"""
