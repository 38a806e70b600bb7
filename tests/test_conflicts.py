"""Where sources disagree, a digest says so in every style, in their own words, and takes no side."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from documents import FERRY_TWICE, FIVE, a_document
from generative import many
from generative import write as write_with_model
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from scripted_engine import ScriptedEngine, honest

from localdigest.engine.jobs import Job
from localdigest.manifest import Manifest, dumps, loads
from localdigest.records import Conflict, Digest, Document, Language, Part, SectionKey, Verdict
from localdigest.render.post import draw_post
from localdigest.stages.account import account
from localdigest.stages.dedupe import dedupe
from localdigest.stages.verify import verify
from localdigest.writers import ExtractiveWriter

OURS = (
    "Port Ellis will pay 41 million euros for the three ferries, a third of which comes from the national climate fund."
)
THEIRS = "Port Ellis pays 47 million euros for the three ferries, and a third of the sum comes from the climate fund."
#: Two sites tell of one purchase, and differ in its price.
DISPUTED = (
    FIVE[0],
    a_document(
        FERRY_TWICE.replace("41", "47").replace("boats", "ferries"),
        url="https://two.example/b",
        title="Fjordverk builds ferries",
    ),
    *FIVE[2:],
)


def write(documents: Sequence[Document], *, language: str = "en") -> Digest:
    return ExtractiveWriter().write(dedupe(documents), topic="ferries", language=language)


def conflicts(digest: Digest, *keys: SectionKey) -> list[Conflict]:
    return [
        conflict
        for section in digest.sections
        if section.key in (keys or tuple(SectionKey))
        for part in section.parts
        for conflict in part.conflicts
    ]


def texts(digest: Digest) -> set[frozenset[str]]:
    return {frozenset(said.text for said in conflict.statements) for conflict in conflicts(digest)}


def told(documents: Sequence[Document], digest: Digest, *, language: str = "en") -> Manifest:
    numbered = dedupe(documents)
    return account(
        verify(digest, numbered), numbered, [], topic="ferries", slug="ferries", date="2026-01-05", language=language,
        settings={}, pages=(),
    )  # fmt: skip


def two(one: str, other: str, *, url: str = "https://two.example/b", published: str = "2026-01-05") -> list[Document]:
    """Two documents of three sentences each, on one purchase."""
    return [
        a_document(
            f"The harbour council of Port Ellis decided on new ferries after a debate of two evenings.\n{one}",
            url="https://one.example/a",
            title="Port Ellis decides on ferries",
        ),
        a_document(
            f"A long evening in the town hall of Port Ellis ended with a clear vote of the members.\n{other}",
            url=url,
            title="A vote in the town hall",
            published=published,
        ),
    ]


# ── in every style ───────────────────────────────────────────────────────────


def test_the_extractive_digest_tells_both_sentences_under_the_news_item() -> None:
    digest = write(DISPUTED)

    (conflict,) = conflicts(digest, SectionKey.NEWS)
    assert conflicts(digest) == [conflict]
    assert {said.text for said in conflict.statements} == {OURS, THEIRS}
    assert set(conflict.figures) == {("41 million euros",), ("47 million euros",)}
    for said, (figure,) in zip(conflict.statements, conflict.figures, strict=True):
        assert figure in said.text
    (item,) = [
        part
        for section in digest.sections
        if section.key is SectionKey.NEWS
        for part in section.parts
        if part.conflicts
    ]
    assert "erries" in str(item.headline)


@pytest.mark.parametrize("style", ["abstract", "quotes"])
@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_a_digest_of_a_model_tells_the_same(tmp_path: Path, style: str, language: str) -> None:
    written = write_with_model(tmp_path, DISPUTED, style=style, language=language)

    assert conflicts(written.digest) == conflicts(write(DISPUTED))
    assert conflicts(written.digest, SectionKey.NEWS)
    assert {said.verdict for said in written.digest.statements} == {Verdict.SUPPORTED}


def test_the_conflict_stands_beside_a_sentence_that_gives_one_figure(tmp_path: Path) -> None:
    """Whatever the model says: it may know one figure only, and the reader still hears of both."""

    def one_sided(job: Job) -> object:
        answer = honest(job)
        return {"claims": [c for c in answer["claims"] if "47" not in c["claim"]]} if "claims" in answer else answer

    written = write_with_model(tmp_path, DISPUTED, one_sided, engine=ScriptedEngine(one_sided))

    body = [said.text for section in written.digest.sections for part in section.parts for said in part.statements]
    assert OURS in body
    assert not any("47" in text for text in body)
    assert texts(written.digest) == {frozenset({OURS, THEIRS})}


def test_where_sources_agree_nothing_is_said() -> None:
    assert conflicts(write(FIVE)) == []


def test_a_conflict_outside_the_news_stands_with_the_key_points() -> None:
    """Eight stories under real titles leave no room for it among the items."""
    minor = [
        a_document(f"{line}\n" + OURS.replace("41", price), url=f"https://p{price}.example/", title="Note")
        for price, line in (("41", "A note from the harbour."), ("47", "Another note from the town."))
    ]
    digest = write([*many(8), *minor])

    assert conflicts(digest, SectionKey.KEY_POINTS) == conflicts(digest) != []


def test_a_digest_without_a_sentence_has_no_conflict_either(tmp_path: Path) -> None:
    written = write_with_model(tmp_path, DISPUTED, lambda job: {"claims": []} if "map" in job.id else honest(job))

    assert written.digest.statements == ()


# ── which sentences ──────────────────────────────────────────────────────────


def test_three_figures_of_three_sites_make_one_conflict() -> None:
    documents = [*two(OURS, THEIRS), *two(OURS, THEIRS.replace("47", "52"), url="https://three.example/c")[1:]]

    (conflict,) = conflicts(write(documents))
    assert sorted(conflict.figures) == [("41 million euros",), ("47 million euros",), ("52 million euros",)]


def test_each_figure_is_told_once() -> None:
    """A third site that agrees with one of them adds nothing to what is disputed."""
    again = OURS.replace("will pay", "is to pay")
    documents = [*two(OURS, THEIRS), *two(OURS, again, url="https://three.example/c")[1:]]

    (conflict,) = conflicts(write(documents))
    assert sorted(conflict.figures) == [("41 million euros",), ("47 million euros",)]


def test_two_figures_of_two_sentences_make_one_conflict() -> None:
    one = (
        "Port Ellis will pay 41 million euros for the ferries, each of which will carry 280 passengers across the bay."
    )
    other = (
        "Port Ellis will pay 47 million euros for the ferries, each of which will carry 350 passengers across the bay."
    )

    (conflict,) = conflicts(write(two(one, other)))
    assert sorted(conflict.figures) == [("41 million euros", "280"), ("47 million euros", "350")]


def test_one_site_is_never_set_against_itself() -> None:
    assert conflicts(write(two(OURS, THEIRS, url="https://www.one.example/b"))) == []


def test_what_a_site_copied_from_another_does_not_set_it_against_itself() -> None:
    """The second site has the words of the first, and a figure of its own."""
    documents = two(OURS, f"{OURS}\n{THEIRS}")

    assert conflicts(write(documents)) == []


def test_copies_are_cited_with_their_sentence() -> None:
    copy = a_document(
        f"Nothing else of note was decided by the council on that long evening in town.\n{OURS}",
        url="https://three.example/c",
        title="A copy",
    )

    (conflict,) = conflicts(write([*two(OURS, THEIRS), copy]))
    assert sorted(len(said.evidence) for said in conflict.statements) == [1, 2]


@pytest.mark.parametrize(("published", "expected"), [("2026-01-06", 1), ("2026-01-20", 0), ("", 0)])
def test_a_later_text_may_know_more(published: str, expected: int) -> None:
    assert len(conflicts(write(two(OURS, THEIRS, published=published)))) == expected


def test_names_and_units_decide_across_languages() -> None:
    one = "Nvidia will invest $5 billion in Intel to build processors, the two companies said on Monday."
    other = "輝達週一宣布將對英特爾投資 70 億美元，兩家公司將開發處理器。"
    documents = two(one, other)
    documents[1] = replace(documents[1], language=Language.TRADITIONAL_CHINESE)

    (conflict,) = conflicts(write(documents))
    assert set(conflict.figures) == {("$5 billion",), ("70 億美元",)}


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(len(DISPUTED))))
def test_the_order_of_documents_changes_nothing(order: list[int]) -> None:
    assert texts(write([DISPUTED[place] for place in order])) == {frozenset({OURS, THEIRS})}


# ── what is shown ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "line"),
    [
        (
            "en",
            r"^\*\*Sources disagree\*\* \(4[17] million euros / 4[17] million euros\): Port .* — Port .*\]$",
        ),
        (
            "zh-TW",
            r"^\*\*來源說法不一\*\*（4[17] million euros／4[17] million euros）：Port Ellis .*；Port Ellis .*\]$",
        ),
    ],
)
def test_the_post_says_it_in_one_line_with_citations(tmp_path: Path, language: str, line: str) -> None:
    manifest = told(DISPUTED, write(DISPUTED), language=language)
    post = draw_post(manifest, folder=tmp_path)

    (shown,) = re.findall(line, post, re.MULTILINE)
    cited = re.findall(r"\[\\\[\d+\\\]\]\[(D\d+\.S\d+)\]", shown)
    assert len(cited) == len({id_.partition(".")[0] for id_ in cited}) == 2
    for id_ in cited:
        assert re.search(rf"^\[{re.escape(id_)}\]: <https://(?:one|two)\.example/", post, re.MULTILINE)
    assert shown.count("41 million euros") == shown.count("47 million euros") == 2


def test_each_sentence_is_checked_counted_and_kept(tmp_path: Path) -> None:
    digest = write(DISPUTED)
    manifest = told(DISPUTED, digest)
    bare = tuple(
        replace(section, parts=tuple(replace(part, conflicts=()) for part in section.parts))
        for section in digest.sections
    )
    without = told(DISPUTED, replace(digest, sections=bare))

    (conflict,) = conflicts(manifest.digest)
    assert {said.verdict for said in conflict.statements} == {Verdict.SUPPORTED}
    assert manifest.counts.supported == manifest.counts.statements == without.counts.statements + 2
    assert {id_ for said in conflict.statements for id_ in said.evidence} <= {e.id for e in manifest.evidence}
    assert loads(dumps(manifest), path="m") == manifest
    assert draw_post(loads(dumps(manifest), path="m"), folder=tmp_path) == draw_post(manifest, folder=tmp_path)


def test_a_changed_quotation_is_noticed() -> None:
    """A conflict is held against its sources as everything else is."""
    digest = write(DISPUTED)

    def worse(part: Part) -> Part:
        changed = tuple(
            replace(c, statements=tuple(replace(s, text=s.text.replace("4", "9")) for s in c.statements))
            for c in part.conflicts
        )
        return replace(part, conflicts=changed)

    sections = tuple(replace(s, parts=tuple(map(worse, s.parts))) for s in digest.sections)
    checked = verify(replace(digest, sections=sections), dedupe(DISPUTED))

    assert {said.verdict for c in conflicts(checked) for said in c.statements} == {Verdict.UNSUPPORTED}


@pytest.mark.parametrize("key", [SectionKey.NEWS, SectionKey.KEY_POINTS])
def test_a_hostile_sentence_stays_text(tmp_path: Path, key: SectionKey) -> None:
    evil = "<script>x</script> [f](javascript:1) | `g` ## h {{ i }} **j**"
    digest = write(DISPUTED)
    (conflict,) = conflicts(digest)
    hostile = replace(
        conflict,
        statements=tuple(replace(said, text=f"{evil} {said.text}") for said in conflict.statements),
        figures=((evil,), (evil,)),
    )
    sections = tuple(
        replace(
            section,
            parts=tuple(
                replace(part, conflicts=(hostile,) if section.key is key and not place else ())
                for place, part in enumerate(section.parts)
            ),
        )
        for section in digest.sections
    )
    post = draw_post(told(DISPUTED, replace(digest, sections=sections)), folder=tmp_path)

    html = MarkdownIt("commonmark", {"html": True}).render(post.split("\n---\n", 1)[1])
    assert html.count("Sources disagree") == 1
    assert "<script" not in html
    assert "javascript:1)" in html
    assert 'href="javascript' not in html
    assert "<strong>j" not in html
    assert "<code>g" not in html


@pytest.mark.parametrize("key", [SectionKey.NEWS, SectionKey.KEY_POINTS])
def test_many_conflicts_are_counted_and_all_of_them_in_the_manifest(tmp_path: Path, key: SectionKey) -> None:
    digest = write(DISPUTED)
    (conflict,) = conflicts(digest)
    many = tuple(replace(conflict, figures=((str(n),), (str(n + 1),))) for n in range(8))
    places = itertools.count()
    sections = tuple(
        replace(
            section,
            parts=tuple(
                replace(part, conflicts=many if section.key is key and not next(places) else ())
                for part in section.parts
            ),
        )
        for section in digest.sections
    )
    manifest = told(DISPUTED, replace(digest, sections=sections))
    post = draw_post(manifest, folder=tmp_path)

    assert post.count("**Sources disagree**") == 3
    assert "and 5 more points on which sources disagree" in post
    assert len(conflicts(manifest.digest)) == 8
