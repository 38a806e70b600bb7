"""What holds for all sites: they are documented, tried live, and neither addresses nor answers break them."""

from __future__ import annotations

import json
import re
from types import ModuleType

import pytest
from conftest import REPOSITORY
from hypothesis import given
from hypothesis import strategies as st
from readers import READER
from test_sites_live import ADDRESSES

from localdigest.parsing.parsed import Parsed
from localdigest.records import Document, Failure, Page, PageOrigin, Reason, Source
from localdigest.sites.registry import SITES, plan_for, read_answers
from localdigest.sites.site import Plan, Site

TEXT = (REPOSITORY / "docs" / "sites.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
READERS = [f"{site.name}/{reader}" for site in SITES for reader in site.readers]

#: Answers in no form that any site promises.
ODD = {
    "null": b"null",
    "number": b"7",
    "list": b"[]",
    "list of null": b"[null]",
    "empty": b"{}",
    "text": b'"text"',
    "nested": b'{"a":' * 3_000 + b"1" + b"}" * 3_000,
    "cut": b'{"title": "A qu',
    "page": b"<html><head><title>A quay</title></head><body><p>It opened.</p></body></html>",
    "feed": b'<feed xmlns="http://www.w3.org/2005/Atom"><title>A quay</title><entry><title>x</title></entry></feed>',
    "xml": b"<?xml version='1.0'?><a><b>c</b></a>",
    "bytes": bytes(range(1, 256)),
    "pdf": b"%PDF-1.7\n%%EOF",
}


def test_every_site_has_a_section_and_an_address_to_try() -> None:
    titles = {site.title.lower() for site in SITES}
    sections = [section.lower() for section in SECTIONS]

    assert titles - set(sections) == set()
    assert set(sections) - titles == {"add one in ten minutes"}
    assert sections == sorted(sections)
    assert set(ADDRESSES) == {site.name for site in SITES} - {"alternate"}  # which has no addresses of its own


def test_names_and_readers_are_told_apart() -> None:
    assert len({site.name for site in SITES}) == len(SITES)
    for site in SITES:
        assert re.fullmatch(r"[a-z_]+", site.name)
        assert set(site.leads) <= set(site.readers)


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_an_address_is_its_own_sites_and_each_ask_has_a_reader(name: str) -> None:
    plan = plan_for(ADDRESSES[name])

    assert plan is not None
    assert plan.site.name == name
    asks = [ask for step in plan.steps for ask in step.asks]
    assert asks
    assert {ask.reader for ask in asks} <= set(plan.site.readers)
    assert {ask.url.partition("://")[0] for ask in asks} == {"https"}


HOSTS = (
    "arxiv.org", "bsky.app", "dev.to", "www.facebook.com", "github.com", "play.google.com", "news.ycombinator.com",
    "huggingface.co", "social.example", "www.reddit.com", "redd.it", "en.wikipedia.org", "x.com", "www.youtube.com",
    "youtu.be",
)  # fmt: skip
PARTS = st.sampled_from(("r", "comments", "status", "watch", "item", "profile", "post", "@ada", "abs", "wiki", "1", ""))


@given(host=st.sampled_from(HOSTS), path=st.lists(PARTS | st.text(max_size=6), max_size=6), query=st.text(max_size=20))
def test_no_address_breaks_a_site(host: str, path: list[str], query: str) -> None:
    for address in (f"https://{host}/{'/'.join(path)}?{query}", f"https://{host}/?id={query}&v={query}#{query}"):
        plan = plan_for(address)

        assert plan is None or (isinstance(plan, Plan) and bool(plan.steps) != bool(plan.refusal))


@pytest.mark.parametrize("kind", sorted(ODD))
@pytest.mark.parametrize("asked", READERS)
def test_no_answer_breaks_a_reader(asked: str, kind: str) -> None:
    source = Source("https://example.org/a")
    types = {"page": "text/html", "feed": "application/atom+xml", "xml": "application/xml", "pdf": "application/pdf"}
    media_type = types.get(kind, "application/json")
    page = Page(
        source, ODD[kind], media_type, "utf-8", source.locator, "2025-12-30T00:00:00+00:00", PageOrigin.NETWORK,
        asked=asked,
    )  # fmt: skip
    reading = READER.document(page)

    assert isinstance(reading, Document | Failure)
    if isinstance(reading, Failure):
        assert reading.reason is not Reason.READER_FAILED, reading.detail
        assert reading.detail
    assert READER.leads(page) == ()


def test_the_template_of_the_docs_is_a_site() -> None:
    module, test = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    template = ModuleType("template")
    exec(compile(module, "docs/sites.md", "exec"), template.__dict__)
    site = template.__dict__["EXAMPLE"]
    answer = eval(re.search(r"^ANSWER = (.*)$", test, re.MULTILINE)[1])  # type: ignore[index]
    assert isinstance(site, Site)

    plan = plan_for("https://example.org/posts/7", (site,))
    source = Source("https://example.org/posts/7")
    page = Page(
        source, json.dumps(answer).encode(), "application/json", "utf-8", source.locator, "2025-12-30T00:00:00+00:00",
        PageOrigin.NETWORK, asked="example/post",
    )  # fmt: skip
    read = read_answers(page, (site,))

    assert plan is not None
    assert plan.steps[0].asks[0].url.partition("://")[2] in test
    assert isinstance(read, Parsed)
    assert ([block.text for block in read.blocks], read.title, read.byline, read.published) == (
        ["It opened."],
        "A quay",
        "Ada",
        "2025-12-29T08:15:00+00:00",
    )
