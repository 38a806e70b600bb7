"""The reading page: what a parser finds in it, whatever the sources hold."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from attack_pages import attacks
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser
from test_post import FIRST, HOSTILE, SAVED, a_document, a_manifest, many, said

from localdigest.errors import UsageError
from localdigest.manifest import Evidence, Manifest, ModelRecord, RunRecord
from localdigest.records import Conflict, Digest, Language, Part, Reason, Section, SectionKey, Statement, Verdict
from localdigest.render.locale import LANGUAGES, load_locale
from localdigest.render.page import draw_page, is_page_of
from localdigest.render.passages import passages
from localdigest.stages.account import account

GOLDEN = Path(__file__).parent / "data" / "page" / "page.en.html"
FOLDER = Path("output")
#: All that the templates hold.
ELEMENTS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "nav",
        "main",
        "section",
        "aside",
        "div",
        "span",
        "p",
    ),
    *("h1", "h2", "h3", "ul", "ol", "li", "dl", "dt", "dd", "a", "strong", "mark", "blockquote", "details", "summary"),
    *("input", "label"),
}
ATTRIBUTES = {
    *("lang", "charset", "name", "content", "http-equiv", "class", "id", "href", "rel", "role", "title", "aria-label"),
    *("aria-labelledby", "tabindex", "type", "for", "value"),
}
OUTWARD = "noopener noreferrer nofollow"


class Page:
    """A drawn page as a browser's parser sees it."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.tree = LexborHTMLParser(html)

    def all(self, selector: str) -> list[Any]:
        return list(self.tree.css(selector))

    def text(self, selector: str) -> str:
        return " ".join(" ".join(node.text(separator="") for node in self.all(selector)).split())

    @property
    def ids(self) -> list[str]:
        return [node.attributes["id"] for node in self.all("[id]")]

    @property
    def links(self) -> list[Any]:
        return self.all("a")

    def faults(self, manifest: Manifest) -> list[str]:
        """Whatever in it is more than the template's elements, with links to its own parts and to the sources."""
        nodes = self.all("*")
        found = [f"<{node.tag}>" for node in nodes if node.tag not in ELEMENTS]
        found += [f"{key}=" for node in nodes for key in node.attributes if key not in ATTRIBUTES]
        allowed = {document.url for document in manifest.documents} | {each.locator for each in manifest.sources}
        for link in self.links:
            href = link.attributes["href"]
            if href.startswith("#"):
                if href != "#_" and href[1:] not in self.ids:
                    found.append(f"{href} leads nowhere")
            elif href.partition("#")[0] not in allowed:
                found.append(f"{href} is no source")
            elif link.attributes.get("rel") != OUTWARD:
                found.append(f"{href} tells where it was followed")
        if re.search(r"\{[{%#]", self.html.partition("</style>")[2]):
            found.append("a sign of a template engine")
        return found


def page_of(manifest: Manifest) -> Page:
    return Page(draw_page(manifest, folder=FOLDER))


def by_model(manifest: Manifest, **told: Any) -> Manifest:
    record = ModelRecord(
        "tiny", "hf:a/b@c", ("ab" * 32,), "apache-2.0", "llama.cpp 1", account={"style": "abstract", **told}
    )
    return replace(manifest, uses_model=True, writer="tiny", model=record)


def with_statements(manifest: Manifest, *statements: Statement, **part: Any) -> Manifest:
    section = Section(SectionKey.NEWS, (Part(statements, **part),))
    return replace(manifest, digest=replace(manifest.digest, sections=(section,)))


def test_the_page_is_what_it_was() -> None:
    """Written anew with `GOLDEN=write`, to be read in the diff. The style sheet stands in its own file."""
    drawn = draw_page(a_manifest((FIRST, SAVED)), folder=FOLDER)
    drawn = re.sub(r"<style>.*?</style>", "<style></style>", drawn, flags=re.DOTALL)
    drawn = re.sub(r'(?<=name="manifest-sha256" content=")\w+', "", drawn)
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(drawn, encoding="utf-8")

    assert GOLDEN.read_text(encoding="utf-8") == drawn


def test_nothing_is_run_and_nothing_is_asked_for() -> None:
    page = page_of(a_manifest((FIRST, SAVED)))
    (policy,) = page.all('meta[http-equiv="Content-Security-Policy"]')

    assert policy.attributes["content"].startswith("default-src 'none';")
    assert not page.all("script, link, img, iframe, object, form, base, [src], [style]")
    assert not re.search(r"url\(|@import|@font-face", page.text("style") + page.html.partition("</style>")[0])


def test_every_sentence_leads_to_its_source_sentence_and_back() -> None:
    manifest = a_manifest((FIRST, SAVED))
    page = page_of(manifest)
    evidence = {each.id: each.text for each in manifest.evidence}

    marks = page.all("a.cite")
    assert len(marks) == sum(len(statement.evidence) for statement in manifest.digest.statements)
    for mark in marks:
        id_ = mark.attributes["href"][1:]
        (target,) = [node for node in page.all("[id]") if node.attributes["id"] == id_]
        assert evidence[id_] in target.text()
        assert any(
            link.attributes["href"] == f"#{mark.attributes['id']}" for link in page.all("[role=doc-backlink]")
        ), "no way back"


def test_ids_are_unique_and_there_is_one_main_heading() -> None:
    page = page_of(a_manifest((FIRST, SAVED)))

    assert len(page.ids) == len(set(page.ids))
    assert page.all("h1, h2")[0].tag == "h1"
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert page.all("body > a")[0].attributes["href"] == f"#{page.all('main')[0].attributes['id']}"


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_sections_stand_in_the_order_of_a_post_under_its_headings(language: str) -> None:
    manifest = replace(a_manifest((FIRST, SAVED)), language=language)
    headings = load_locale(language).headings
    shown = [node.text().strip() for node in page_of(manifest).all("h2")]

    assert shown[:-1] == [headings[key] for key in ("trend", "news", "analysis", "key_points", "sources")]


def test_quoted_text_of_another_language_says_so() -> None:
    chinese = a_document(
        3, "雲川", "雲川半導體明年量產。", "第二句。", language=Language.TRADITIONAL_CHINESE, site="雲川日報"
    )
    other = a_document(4, "Brücke", "Die Brücke ist zu.", "Noch einer.", language=Language.OTHER)
    manifest = a_manifest((FIRST, chinese, other))
    written = Statement("The maker begins next year.", (chinese.id_of(0),), Verdict.SUPPORTED)
    manifest = replace(
        account(
            Digest((Section(SectionKey.NEWS, (Part((said(chinese, 0), written, said(other, 0), said(FIRST, 0))),)),),
                   (), (), "extractive", uses_model=False),
            (FIRST, chinese, other), [], topic="x", slug="x", date="2025-12-30", language="en", settings={}, pages=(),
        ),
    )  # fmt: skip

    def languages(drawn: Manifest) -> list[str | None]:
        return [node.attributes["lang"] for node in page_of(drawn).all(".news span[lang]")]

    assert languages(manifest) == ["zh-Hant", ""]
    assert languages(replace(manifest, language="zh-TW")) == ["", "en"]
    assert page_of(replace(manifest, language="zh-TW")).all("html")[0].attributes["lang"] == "zh-Hant-TW"
    assert [node.attributes.get("lang") for node in page_of(manifest).all("blockquote")] == [None, "zh-Hant", ""]


def test_sentences_of_one_paragraph_are_marked_in_one_passage() -> None:
    paragraph = "Before. One is here. Between. Two is here. After."
    found = passages(
        [Evidence(f"D1.S{n}", "D1", text, paragraph) for n, text in ((2, "One is here."), (4, "Two is here."))]
    )
    (passage,) = found["D1"]

    assert [(piece.text, piece.id) for piece in passage.pieces] == [
        ("Before. ", ""), ("One is here.", "D1.S2"), (" Between. ", ""), ("Two is here.", "D1.S4"), (" After.", ""),
    ]  # fmt: skip


def test_a_sentence_that_is_not_in_its_paragraph_is_shown_all_the_same() -> None:
    found = passages([Evidence("D1.S1", "D1", "Elsewhere.", "Quite another text.")])

    assert [[piece.text for piece in passage.pieces] for passage in found["D1"]] == [["Elsewhere."]]


@given(st.lists(st.text("ab。 .", min_size=1, max_size=12), min_size=1, max_size=6), st.data())
@settings(deadline=None, max_examples=60)
def test_a_passage_shows_its_paragraph_whole(sentences: list[str], data: st.DataObject) -> None:
    paragraph = " ".join(" ".join(sentences).split())
    cited = data.draw(st.lists(st.sampled_from(sentences), unique=True))
    found = passages([Evidence(f"D1.S{n}", "D1", text, paragraph) for n, text in enumerate(cited)])
    shown = ["".join(piece.text for piece in passage.pieces) for passage in found.get("D1", ())]

    assert len([piece for passage in found.get("D1", ()) for piece in passage.pieces if piece.id]) == len(cited)
    assert not shown or paragraph in shown or all(text in map(str.strip, cited) for text in shown)


def test_a_book_without_paragraphs_is_shown_around_the_sentence_only() -> None:
    book = f"{'a ' * 20_000}Here it is. {'b ' * 20_000}"
    (passage,) = passages([Evidence("D1.S1", "D1", "Here it is.", book)])["D1"]
    text = "".join(piece.text for piece in passage.pieces)

    assert "a Here it is. b" in text
    assert len(text) < 3_000


def test_what_no_program_can_tell_is_said_in_words() -> None:
    doubtful = Statement("It is a fine thing.", (FIRST.id_of(0),), Verdict.UNDECIDED)
    wrong = Statement("It has 9 experts.", (FIRST.id_of(0),), Verdict.UNSUPPORTED)
    page = page_of(with_statements(a_manifest((FIRST, SAVED)), doubtful, wrong))

    assert "It is a fine thing. [1] no program can tell" in page.text(".news p")
    assert "It has 9 experts. [1] not borne out by its source" in page.text(".news p")


def test_what_was_dropped_is_listed_with_its_reason() -> None:
    rows = [
        {"text": "It has 9 experts.", "evidence": ["D1.S1"], "reason": "unsupported", "tokens": ["9"]},
        {"text": "Of a later version.", "evidence": ["D77.S1", 5], "reason": "new-reason", "tokens": []},
    ]
    page = page_of(by_model(a_manifest((FIRST, SAVED)), claims_dropped=rows, statements_dropped=rows[:1]))

    items = [" ".join(node.text().split()) for node in page.all("#dropped li")]
    assert items == [
        *["It has 9 experts. [1] not borne out by its source: not in the source: 9"] * 2,
        "Of a later version. new-reason",
    ]
    assert "(3)" in page.text("#dropped summary")


def test_disagreement_and_weight_are_shown() -> None:
    conflict = Conflict((said(FIRST, 0), said(SAVED, 0)), (("8",), ("9", "10")))
    page = page_of(with_statements(a_manifest((FIRST, SAVED)), said(FIRST, 1), weight=3, conflicts=(conflict,) * 5,
                                   headline=said(FIRST, 0)))  # fmt: skip

    assert len(page.all("aside.conflict")) == 5
    assert page.text("aside.conflict:first-of-type").startswith("Sources disagree (8 / 9, 10):")
    assert "(3 independent sources)" in page.text(".news h3")


def test_sources_tell_their_fate() -> None:
    warned = replace(SAVED, warnings=("instructions-to-ai: sentences: 2",))
    page = page_of(a_manifest((FIRST, warned)))

    assert "Site 1 · 2025-12-29 · 2 of 2 sentences cited" in page.text(".source .notes")
    assert "Caution: holds instructions to AI readers" in page.text(".warning")
    assert "(https://dead.example/): page not found (404)" in page.text("#sources > ul")
    assert "https://old.example/: outside the time window" in page.text("#sources details")


def test_it_tells_how_it_was_made() -> None:
    manifest = replace(
        by_model(a_manifest((FIRST, SAVED)), prompts="c0ffee", seed=7, claims=12, second_judge=True),
        settings={"since": "7d"},
        sandbox={
            "main": {"network": "seccomp"},
            "parser": {"network": "none", "files": "rlimit", "memory_bytes": 2**30, "cpu_seconds": 0},
            "model": {"network": "new-barrier"},
        },
        run=RunRecord(
            "2026-01-01T00:00:00+00:00", {"write": 12.34}, {"network": 2}, ("a.example",), work={"jobs_run": 5}
        ),
        warnings=("feed is cut",),
    )
    told = {" ".join(row.css_first("dt").text().split()): [each.text() for each in row.css("dd")]
            for row in page_of(manifest).all("#making dl > div")}  # fmt: skip

    assert told["Model"] == ["tiny"]
    assert told["Hash of the prompts"] == ["c0ffee"]
    assert told["Second judge"] == ["yes"]
    assert told["Claims that stand"] == ["12"]
    assert told["Process that reads pages"] == [
        "may use the network", "the kernel lets it write no file (rlimit)", "at most 1,024 MiB of memory",
    ]  # fmt: skip
    assert told["Process of the model"] == ["new-barrier"]
    assert told["Hosts contacted"] == ["a.example"]
    assert told["Seconds by step"] == ["write 12.3"]
    assert told["since"] == ['"7d"']
    assert "feed is cut" in page_of(manifest).text("#making details")


def test_runs_over_the_same_input_differ_in_one_place() -> None:
    manifest = a_manifest((FIRST, SAVED))
    later = replace(manifest, run=RunRecord("2030-01-01T00:00:00+00:00", {"write": 1.0}, hosts=("a.example",)))
    one, other = (draw_page(each, folder=FOLDER) for each in (manifest, later))

    def apart(html: str) -> str:
        return re.sub(r'<section id="run".*?</section>', "", html, flags=re.DOTALL)

    assert one != other
    assert apart(one) == apart(other)
    assert is_page_of(one, later)
    assert not is_page_of(one, replace(manifest, topic="Other"))


def test_a_manifest_that_cites_what_it_does_not_hold_is_damaged() -> None:
    manifest = a_manifest((FIRST, SAVED))

    with pytest.raises(UsageError, match=r"cites D1\.T, which"):
        draw_page(replace(manifest, evidence=manifest.evidence[1:]), folder=FOLDER)


def test_no_address_but_that_of_a_page_becomes_a_link() -> None:
    manifest = a_manifest((FIRST, SAVED))
    documents = tuple(replace(each, url="javascript:alert(1)", path="") for each in manifest.documents)
    sources = tuple(replace(each, locator="data:text/html,x") for each in manifest.sources)
    page = page_of(replace(manifest, documents=documents, sources=sources))

    assert {link.attributes["href"].partition(":")[0][:1] for link in page.links} <= {"#", ".", "d"}
    assert not [link for link in page.links if link.attributes["href"].startswith(("javascript:", "data:"))]


HOSTILE_TEXTS = [
    HOSTILE, "", "</style><script>x</script>", "</title><img src=x onerror=alert(1)>", '" onmouseover="x', "{{{ x }}}",
    "{%\u200b x %}", "\u202ereversed\u202c", "]]><!--", "&lt;script&gt;", "{\u200b{ x }}",
]  # fmt: skip


@given(*[st.sampled_from(HOSTILE_TEXTS) | st.text(max_size=30)] * 5)
@settings(deadline=None, max_examples=80)
def test_whatever_the_texts_hold_nothing_acts(title: str, sentence: str, tag: str, site: str, topic: str) -> None:
    documents = (
        a_document(1, title, sentence or "x", "Second.", site=site),
        a_document(2, title, "Third.", sentence or "x"),
    )
    rows = [{"text": sentence, "evidence": [title], "reason": site, "tokens": [tag]}]
    manifest = by_model(a_manifest(documents, tags=("Mistral", tag), topic=topic), claims_dropped=rows, prompts=title)
    manifest = replace(manifest, warnings=(sentence,), settings={"topic": topic}, run=RunRecord(site, hosts=(tag,)))
    page = page_of(manifest)

    assert page.faults(manifest) == []
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", page.html)


@pytest.mark.parametrize("group", sorted({attack.group for attack in attacks()}))
def test_attacks_become_no_markup(group: str) -> None:
    """Each payload stands wherever a page's words can stand."""
    for attack in [attack for attack in attacks() if attack.group == group]:
        words = attack.payload + attack.wrap + attack.head or "x"
        documents = (a_document(1, words, words, words, site=words), a_document(2, words, words, "b", byline=words))
        manifest = by_model(
            a_manifest(documents, tags=(words,), topic=words),
            statements_dropped=[{"text": words, "evidence": ["D1.S1"], "reason": "empty", "tokens": [words]}],
        )

        assert page_of(manifest).faults(manifest) == [], attack.id


def large_manifest() -> Manifest:
    """300 sources, 2,000 sentences that are cited, and 1,000 that were dropped."""
    text = "雲川半導體明年第三季量產推論晶片「凌波」，每秒可處理 3,000 個詞元，功耗 75 瓦，售價尚未公布。"
    documents = tuple(
        a_document(
            number, f"第 {number} 篇：{text}", *(f"{number}-{n}：{text}其他三句在此。{text}" for n in range(7)),
            language=Language.TRADITIONAL_CHINESE, url=f"https://site{number}.example/2025/12/30/{'a' * 60}",
        )
        for number in range(1, 301)
    )  # fmt: skip
    cited = [said(document, n) for document in documents for n in range(7)][:2_000]
    sections = (Section(SectionKey.KEY_POINTS, (Part(tuple(cited)),)),)
    manifest = account(
        Digest(sections, (), (), "tiny", uses_model=True), documents, [], topic="晶片", slug="chips",
        date="2025-12-30", language="zh-TW", settings={}, pages=(),
    )  # fmt: skip
    rows = [{"text": text, "evidence": [s.evidence[0]], "reason": "unsupported", "tokens": ["75"]} for s in cited[::2]]
    return by_model(manifest, claims_dropped=rows)


def test_a_digest_of_300_sources_stays_under_3_megabytes() -> None:
    assert len(draw_page(large_manifest(), folder=FOLDER).encode()) < 3_000_000


def test_of_very_many_sources_those_are_folded_that_it_does_not_cite() -> None:
    """Every one keeps its number and its place, which what a model said in vain may point at."""
    manifest = a_manifest(many(301))
    tree = LexborHTMLParser(draw_page(manifest, folder=FOLDER))
    rows = tree.css("#sources .sources > li")
    folded = tree.css("#sources details li[value]")

    assert [row.attributes["value"] for row in rows] == ["1", "7", "301"]
    assert [row.attributes["id"] for row in folded] == [f"D{n}" for n in range(2, 301) if n != 7]
    assert {row.attributes["value"] for row in folded}.isdisjoint({"1", "7", "301"})
    assert "298 more pages that were read" in tree.css_first("#sources summary").text()
    assert not LexborHTMLParser(draw_page(a_manifest(many(300)), folder=FOLDER)).css("#sources details li[value]")


def test_of_very_many_disagreements_a_hundred_are_shown() -> None:
    documents = many(203)
    pairs = tuple(
        Conflict((said(documents[n], 0), said(documents[n + 1], 0)), (("1",), ("2",))) for n in range(0, 202, 2)
    )
    manifest = a_manifest(documents)
    sections = (*manifest.digest.sections[:3], Section(SectionKey.KEY_POINTS, (Part((), conflicts=pairs),)))
    manifest = account(
        replace(manifest.digest, sections=sections), documents, [], topic="t", slug="t", date="2025-12-30",
        language="en", settings={}, pages=(),
    )  # fmt: skip
    tree = LexborHTMLParser(draw_page(manifest, folder=FOLDER))

    assert len(tree.css("aside.conflict")) == 100
    assert "1 more points on which sources disagree" in tree.css_first("#key_points").text()


@pytest.fixture
def chromium(tmp_path: Path) -> list[str]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        pytest.skip("there is no Chromium here to open the page with")
    return [
        program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--log-level=0",
    ]  # fmt: skip


def test_a_browser_opens_it_without_complaint_or_request(chromium: list[str], tmp_path: Path) -> None:
    path, log = tmp_path / "page.html", tmp_path / "net.json"
    path.write_text(draw_page(a_manifest((FIRST, SAVED)), folder=tmp_path), encoding="utf-8")
    done = subprocess.run(
        [*chromium, f"--log-net-log={log}", "--dump-dom", f"{path.as_uri()}#D1.S1"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    asked = set(re.findall(r'"url":"([^"]+)"', log.read_text(encoding="utf-8")))

    assert Page(done.stdout).all("mark#D1\\.S1")
    assert "CONSOLE" not in done.stderr
    assert not [url for url in asked if ".example" in url]


#: Follows a citation, closes its source, goes back to it and from there to the text; tells where it was at each step.
_STEPS = """
addEventListener("load", async () => {
  const steps = [], cite = document.getElementById("c7"), settle = () => new Promise((done) => setTimeout(done, 600));
  const note = (what) => steps.push(`${what}: ${Math.round(scrollY)} ${location.hash}`);
  document.documentElement.style.scrollBehavior = "auto";
  cite.scrollIntoView({block: "center"}); await settle(); note("start");
  cite.click(); await settle(); note("opened");
  const panel = document.querySelector(".source:has(:target)"), mark = panel.querySelector("mark:target");
  const box = mark.getBoundingClientRect();
  steps.push(getComputedStyle(panel).position, box.top >= 0 && box.bottom <= innerHeight ? "seen" : "not seen");
  panel.querySelector(".close a").click(); await settle(); note("closed");
  history.back(); await settle(); note("opened");
  mark.nextElementSibling.querySelector("[href='#c7']").click(); await settle();
  steps.push(`focus: ${document.activeElement.id}`);
  document.body.innerHTML = `<pre>${steps.join("\\n")}</pre>`;
});
"""


@pytest.mark.parametrize("size", ["1400,900", "500,800"])
def test_a_citation_shows_its_source_and_the_text_stays_where_it_is(
    chromium: list[str], tmp_path: Path, size: str
) -> None:
    """In a copy of the page that may run the steps of this test."""
    long = tuple(replace(each, title=f"{each.title} {'and so on ' * 20}") for each in (FIRST, SAVED))
    page = draw_page(a_manifest(long), folder=tmp_path)
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    path = tmp_path / "page.html"
    path.write_text(page.replace("</body>", f"<script>{_STEPS}</script></body>"), encoding="utf-8")
    done = subprocess.run(
        [*chromium, f"--window-size={size}", "--virtual-time-budget=20000", "--dump-dom", path.as_uri()],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    steps = Page(done.stdout).all("pre")[0].text().splitlines()
    at = steps[0].split()[1]

    assert int(at) > 0
    assert steps == [
        f"start: {at} ", f"opened: {at} #D1.S1", "fixed", "seen",
        f"closed: {at} #_", f"opened: {at} #D1.S1", "focus: c7",
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_verdict_has_its_words(language: str) -> None:
    words = load_locale(language).words

    assert set(words["reasons"]) == {str(reason) for reason in Reason}
    assert set(words["verdicts"]) == set(words["verdict_meanings"]) == {str(verdict) for verdict in Verdict}


def test_all_languages_have_the_same_words() -> None:
    def keys(words: Any) -> Any:
        return {key: keys(value) if isinstance(value, dict) else type(value) for key, value in words.items()}

    assert keys(load_locale("en").words) == keys(load_locale("zh-TW").words)
