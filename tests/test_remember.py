"""What earlier digests told is not told again, and nothing that is new is lost for it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from documents import CHIP_ZH, FIVE, HARBOUR, ORCHARD, RIVALS, a_document
from generative import write
from hypothesis import given, settings
from hypothesis import strategies as st
from stories import FIRST_DAY, SECOND_DAY

from localdigest.history import PastDigest, PastDocument, PastStory
from localdigest.records import (
    Digest,
    Document,
    Language,
    Part,
    Reason,
    Section,
    SectionKey,
    Source,
    Statement,
)
from localdigest.stages.account import account
from localdigest.stages.dedupe import dedupe
from localdigest.stages.follow import mark
from localdigest.stages.remember import leave_out, to_remember
from localdigest.text.sentence_keys import sentence_key
from localdigest.writers.extractive import ExtractiveWriter

MONDAY, TUESDAY, WEDNESDAY = "2026-01-05", "2026-01-06", "2026-01-07"


def told_by(documents: Sequence[Document], date: str = MONDAY) -> PastDigest:
    """What is remembered of a digest that cites everything in these documents."""
    statements = tuple(
        Statement(sentence.text, (document.id_of(index),))
        for document in documents
        for index, sentence in enumerate(document.sentences)
    )
    return remembered(documents, statements, date)


def remembered(documents: Sequence[Document], statements: Sequence[Statement], date: str = MONDAY) -> PastDigest:
    items = Section(SectionKey.NEWS, (Part(tuple(statements)),) if statements else ())
    digest = Digest((items,), (), ("Ferries",), "w", uses_model=False)
    return to_remember(manifest_of(digest, documents, date), documents, series="t")


def manifest_of(digest: Digest, documents: Sequence[Document], date: str):  # noqa: ANN201 - its type is that of account
    return account(digest, documents, (), topic="t", slug="t", date=date, language="en", settings={}, pages=())


def new_in(document: Document) -> list[str]:
    return [sentence.text for index, sentence in enumerate(document.sentences) if index not in document.told]


def with_more(text: str, *sentences: str, **about: str) -> Document:
    return a_document("\n".join((text, *sentences)), **about)


# ── what is left out ──


def test_without_a_past_documents_are_as_they_were() -> None:
    documents = dedupe(FIVE)

    fresh = leave_out(documents, ())

    assert fresh.documents == documents
    assert fresh.failures == ()


def test_a_document_that_was_covered_and_did_not_change_is_left_out_with_all_its_sources() -> None:
    sources = (Source("https://one.example/a"), Source("https://copy.example/b", title="Its own title"))
    document = replace(a_document(HARBOUR, url="https://one.example/a", title="Ferries"), sources=sources, number=1)

    fresh = leave_out((document,), [told_by((document,))])

    assert fresh.documents == ()
    assert [(failure.reason, failure.seen) for failure in fresh.failures] == [(Reason.COVERED, MONDAY)] * 2
    assert [failure.source.locator for failure in fresh.failures] == [source.locator for source in sources]
    assert [failure.source.title for failure in fresh.failures] == ["Ferries", "Its own title"]
    assert all(MONDAY in failure.detail for failure in fresh.failures)


def test_a_document_of_which_one_sentence_was_told_is_covered() -> None:
    (document,) = dedupe([a_document(HARBOUR)])
    past = remembered((document,), [Statement(document.sentences[2].text, ("D1.S3",))])

    assert leave_out((document,), [past]).documents == ()


def test_a_document_that_was_read_and_not_told_is_new() -> None:
    documents = dedupe([a_document(HARBOUR), a_document(ORCHARD, url="https://two.example/b")])
    past = remembered(documents, [Statement(documents[0].sentences[0].text, ("D1.S1",))])

    fresh = leave_out(documents, [past])

    assert fresh.documents == (replace(documents[1], number=1),)
    assert [failure.source.locator for failure in fresh.failures] == [documents[0].url]


def test_a_document_that_changed_gives_what_is_new_in_it() -> None:
    (old,) = dedupe([a_document(HARBOUR)])
    more = "The council will answer the fishermen in January, before the contract is signed."
    (changed,) = dedupe([with_more(HARBOUR.replace("41 million", "43 million"), more)])

    (fresh,) = leave_out((changed,), [told_by((old,))]).documents

    assert new_in(fresh) == [HARBOUR.splitlines()[2].replace("41 million", "43 million"), more]
    assert fresh.seen == MONDAY
    assert fresh.sentences == changed.sentences, "their ids stay"


def test_what_a_document_was_on_several_days_is_old() -> None:
    first, second, third = (with_more(HARBOUR, *RIVALS.splitlines()[:count]) for count in range(3))
    past = [told_by(dedupe([first]), MONDAY), told_by(leave_out(dedupe([second]), ()).documents, TUESDAY)]

    (fresh,) = leave_out(dedupe([third]), past).documents

    assert new_in(fresh) == [RIVALS.splitlines()[1]]
    assert fresh.seen == TUESDAY


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(HARBOUR.upper(), id="case"),
        pytest.param(HARBOUR.replace(" ", "\u00a0"), id="white space"),
        pytest.param(HARBOUR.replace("Fjordverk", "“Fjordverk”"), id="quotation marks"),
        pytest.param(HARBOUR.replace("2015", "２０１５"), id="width"),
        pytest.param(HARBOUR.replace("harbour", "har\u00adbour"), id="soft hyphens"),
    ],
)
def test_another_way_to_type_the_same_words_is_no_news(typed: str) -> None:
    past = told_by(dedupe([a_document(HARBOUR)]))

    assert leave_out(dedupe([a_document(typed)]), [past]).documents == ()


@pytest.mark.parametrize(
    ("before", "after"), [("1.5 million", "15 million"), ("by -5", "by 5"), ("41", "4.1"), ("may", "may not")]
)
def test_another_figure_is_news(before: str, after: str) -> None:
    text = "The price of the boats rose {} euros in the year, as the council may say again in March."

    assert sentence_key(text.format(before)) != sentence_key(text.format(after))


def test_a_copy_at_another_address_is_covered_too_and_gives_what_it_adds() -> None:
    (old,) = dedupe([a_document(HARBOUR, url="https://one.example/a")])
    past = remembered((old,), [Statement(old.sentences[0].text, ("D1.S1",))])
    more = "The county paper adds that the old ferries will be sold to an island in the north."
    copy = a_document(HARBOUR, url="https://county.example/b")
    longer = with_more(HARBOUR, more, url="https://county.example/c")

    assert leave_out(dedupe([copy]), [past]).documents == ()
    (fresh,) = leave_out(dedupe([longer]), [past]).documents
    assert new_in(fresh) == [more]


def test_another_text_may_say_what_a_covered_one_says_beside_and_not_what_was_told() -> None:
    """Background that nobody was told stays new."""
    (old,) = dedupe([a_document(HARBOUR, url="https://one.example/a")])
    past = remembered((old,), [Statement(old.sentences[0].text, ("D1.S1",))])
    told, background = old.sentences[0].text, old.sentences[4].text
    other = with_more(ORCHARD, told, background, url="https://two.example/b")

    (fresh,) = leave_out(dedupe([other]), [past]).documents

    assert [other.sentences[index].text for index in fresh.told] == [told]


def test_every_spelling_of_an_address_is_the_same_page() -> None:
    past = told_by(dedupe([a_document(HARBOUR, url="https://www.one.example/a/?utm_source=feed")]))
    longer = with_more(HARBOUR.splitlines()[0], RIVALS, url="http://one.example/a")

    (fresh,) = leave_out(dedupe([longer]), [past]).documents

    assert len(fresh.told) == 1


SENTENCES = [*HARBOUR.splitlines(), *ORCHARD.splitlines(), *RIVALS.splitlines(), *CHIP_ZH.splitlines()]


@st.composite
def some_documents(draw: st.DrawFn) -> tuple[Document, ...]:
    """Of sentences that may stand in several, at addresses that may be the same on two days."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        lines = draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=8, unique=True))
        address = f"https://site{draw(st.integers(0, 5))}.example/{draw(st.integers(0, 2))}"
        found.append(a_document("\n".join(lines), url=address, title=f"Title {number} of the page"))
    return dedupe(found)


@given(data=st.data(), first=some_documents(), second=some_documents(), third=some_documents())
@settings(max_examples=150, deadline=None)
def test_nothing_is_told_twice_and_nothing_new_is_lost(
    data: st.DataObject,
    first: tuple[Document, ...],
    second: tuple[Document, ...],
    third: tuple[Document, ...],
) -> None:
    past: list[PastDigest] = []
    told: set[str] = set()
    for date, documents in ((MONDAY, first), (TUESDAY, second), (WEDNESDAY, third)):
        fresh = leave_out(documents, past)

        known = {key for digest in past for document in digest.documents for key in document.keys.split()} | told
        left = {sentence_key(text) for document in fresh.documents for text in new_in(document)}
        assert not left & told, "told again"
        everything = {sentence_key(sentence.text) for document in documents for sentence in document.sentences}
        assert everything - known <= left, "lost"
        sources = [source.locator for document in documents for source in document.sources]
        kept = [source.locator for document in fresh.documents for source in document.sources]
        assert sorted(sources) == sorted([*kept, *(failure.source.locator for failure in fresh.failures)])
        assert [document.number for document in fresh.documents] == list(range(1, len(fresh.documents) + 1))
        assert all(new_in(document) for document in fresh.documents)

        citable = [
            Statement(sentence.text, (document.id_of(index),))
            for document in fresh.documents
            for index, sentence in enumerate(document.sentences)
            if index not in document.told
        ]
        chosen = data.draw(st.lists(st.sampled_from(citable), unique=True)) if citable else []
        past.append(remembered(fresh.documents, chosen, date))
        told |= {sentence_key(statement.text) for statement in chosen}


@given(some_documents(), some_documents())
@settings(max_examples=40, deadline=None)
def test_the_extractive_writer_quotes_nothing_that_was_quoted(
    first: tuple[Document, ...], second: tuple[Document, ...]
) -> None:
    writer = ExtractiveWriter()
    before = writer.write(first, topic="", language="en")
    past = to_remember(manifest_of(before, first, MONDAY), first, series="t")
    fresh = leave_out(second, [past]).documents
    after = writer.write(fresh, topic="", language="en")

    sentences = {id_ for said in after.statements for id_ in said.evidence if not id_.endswith(".T")}
    assert {said.text for said in before.statements} & {
        said.text for said in after.statements if set(said.evidence) & sentences
    } == set()


@pytest.mark.parametrize("style", ["abstract", "quotes"])
def test_a_model_is_not_shown_what_was_told_and_cites_none_of_it(tmp_path: Path, style: str) -> None:
    """Nor is it asked about a part of a page in which nothing is new."""
    old = dedupe([a_document(HARBOUR), a_document(ORCHARD, url="https://two.example/b")])
    changed = dedupe([with_more(HARBOUR, *RIVALS.splitlines()), a_document(ORCHARD, url="https://two.example/b")])
    fresh = leave_out(changed, [told_by(old)]).documents

    written = write(tmp_path, fresh, style=style)

    prompts = "\n".join(message.content for job in written.engine.jobs for message in job.prompt)
    assert RIVALS.splitlines()[0] in prompts
    assert not [line for line in (*HARBOUR.splitlines(), *ORCHARD.splitlines()) if line in prompts]
    (document,) = written.documents
    told = {document.id_of(index) for index in document.told}
    cited = {id_ for said in written.digest.statements for id_ in said.evidence}
    assert len(told) == 8
    assert cited
    assert not cited & told


# ── stories that go on ──


def an_item(document: Document, *indexes: int, headline: str = "") -> Part:
    statements = tuple(Statement(document.sentences[index].text, (document.id_of(index),)) for index in indexes)
    return Part(statements, headline=Statement(headline, (document.title_id,)) if headline else None)


def seen(item: Part, documents: Sequence[Document], *past: PastDigest, date: str = TUESDAY) -> str:
    digest = Digest((Section(SectionKey.NEWS, (item,)),), (), (), "w", uses_model=False)
    (section,) = mark(digest, documents, past, date=date).sections
    (part,) = section.parts
    assert replace(part, seen="") == item, "nothing else changes"
    return part.seen


def a_past(*stories: PastStory, date: str = MONDAY) -> PastDigest:
    return PastDigest("t", "t", "t", date, stories, (PastDocument(("https://old.example/",)),), "", (), 1)


FERRIES = PastStory("Port Ellis buys electric ferries", tuple(HARBOUR.splitlines()[:3]))
FOLLOW_UP = """\
Fishermen in Port Ellis collected 2,000 signatures against the three electric ferries that the council ordered.
They say that the charging station will take up a quarter of the fish market.
The council of the harbour wants to answer in January, before the contract with Fjordverk is signed."""


def test_an_item_of_a_page_that_was_told_says_when() -> None:
    past = told_by(dedupe([a_document(HARBOUR)]))
    (document,) = leave_out(dedupe([with_more(HARBOUR, ORCHARD)]), [past]).documents

    assert seen(an_item(document, 8, 9), [document], past) == MONDAY


def test_a_new_page_that_goes_on_with_a_story_in_other_words_says_so_too() -> None:
    (document,) = dedupe([a_document(FOLLOW_UP, url="https://new.example/", title="Opposition to the ferries grows")])

    assert seen(an_item(document, 0, 1, 2), [document], a_past(FERRIES)) == MONDAY


def test_so_does_one_in_another_language_by_its_figures_and_names() -> None:
    english = PastStory("Arkon raises money", ("Arkon raised 1.7 billion euros and is worth 11.7 billion euros now.",))
    (document,) = dedupe(
        [a_document("Arkon 完成 17 億歐元募資，估值達 117 億歐元。", language=Language.TRADITIONAL_CHINESE)]
    )

    assert seen(an_item(document, 0), [document], a_past(english)) == MONDAY


def test_round_figures_alone_show_nothing() -> None:
    english = PastStory(
        "Arkon opens offices", ("Arkon opened offices in 50 towns this year, with 100 people in each.",)
    )
    text = "Arkon 將培訓 100 名教師，來自全國 50 所學校，課程為期三週，內容包括安全與法規。"
    (document,) = dedupe([a_document(text, language=Language.TRADITIONAL_CHINESE)])

    assert seen(an_item(document, 0), [document], a_past(english)) == ""


def test_a_headline_that_was_told_is_never_a_new_story() -> None:
    (document,) = dedupe([a_document(ORCHARD, title=FERRIES.headline)])

    assert seen(an_item(document, 0, headline=FERRIES.headline.upper()), [document], a_past(FERRIES)) == MONDAY


def test_the_latest_digest_that_told_it_is_named() -> None:
    (document,) = dedupe([a_document(FOLLOW_UP, url="https://new.example/")])
    past = (a_past(replace(FERRIES, seen=MONDAY), date=TUESDAY), a_past(FERRIES, date=MONDAY))

    assert seen(an_item(document, 0, 1, 2), [document], *past, date=WEDNESDAY) == TUESDAY


def test_of_two_days_on_one_topic_what_goes_on_is_recognised_and_nothing_else() -> None:
    """In runs of a few stories, as digests have them."""
    draw = random.Random(1)
    recognised, going_on, mistaken = 0, 0, []
    for _ in range(60):
        before, today = draw.sample(FIRST_DAY, draw.choice((3, 5, 10))), draw.sample(SECOND_DAY, draw.choice((2, 5)))
        past = a_past(*(PastStory(story.headline, story.sentences) for story in before))
        documents = dedupe(
            a_document("\n".join(story.sentences), url=f"https://{story.event}.example/", title=story.headline)
            for story in today
        )
        items = [an_item(each, *range(len(each.sentences)), headline=each.title) for each in documents]
        digest = Digest((Section(SectionKey.NEWS, tuple(items)),), (), (), "w", uses_model=False)
        known = {story.event for story in before}
        (section,) = mark(digest, documents, [past], date=TUESDAY).sections
        for document, part in zip(documents, section.parts, strict=True):
            (event,) = (story.event for story in today if story.headline == document.title)
            going_on += event in known
            recognised += bool(part.seen) and event in known
            mistaken += [document.title] if part.seen and event not in known else []

    assert mistaken == []
    assert going_on > 40
    assert recognised >= 0.85 * going_on


@pytest.mark.parametrize("text", [ORCHARD, RIVALS, CHIP_ZH])
def test_another_story_is_new(text: str) -> None:
    (document,) = dedupe([a_document(text, url="https://new.example/", title="Something else happened")])

    assert seen(an_item(document, 0, 1), [document], a_past(FERRIES)) == ""


def test_a_story_of_long_ago_is_told_anew() -> None:
    (document,) = dedupe([a_document(FOLLOW_UP, url="https://new.example/")])

    assert seen(an_item(document, 0, 1, 2), [document], a_past(FERRIES, date="2025-11-05")) == ""


def test_another_text_under_an_old_address_is_another_story() -> None:
    """A front page, or a file that is written anew each day."""
    past = told_by(dedupe([a_document(HARBOUR)]))
    lines = HARBOUR.splitlines()
    (document,) = leave_out(dedupe([with_more(lines[7], ORCHARD, RIVALS, title="Today")]), [past]).documents

    assert len(document.told) == 1
    assert seen(an_item(document, 1, 2), [document], past) == ""
