"""One post for five programs: its front matter as each expects it, its text inert in each, and the same to a reader."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from test_escape import HOSTILE
from test_post import FIRST, SAVED, a_document, a_manifest

from localdigest.manifest import Manifest, RunRecord
from localdigest.render import flavours
from localdigest.render.flavours import FLAVOURS
from localdigest.render.post import draw_post
from localdigest.render.sites import LAYOUTS
from localdigest.settings import Settings

READER = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])
_TITLE = re.compile(r' title="[^"]*"')  # of a link: Obsidian looks for tags there
TAIPEI = dt.timezone(dt.timedelta(hours=8))
RUN = RunRecord(started_at="2025-12-30T07:05:09+08:00")
MANIFEST = replace(a_manifest((FIRST, SAVED), tags=("Mistral", "open models", "all", "2025", "a/b")), run=RUN)


def drawn(flavour: str, manifest: Manifest = MANIFEST, **more: Any) -> str:
    return draw_post(manifest, folder=Path("output"), flavour=flavour, **more)


def front_of(post: str) -> dict[str, Any]:
    before, front, _ = post.split("---\n", 2)
    assert not before
    read = yaml.safe_load(front)
    assert isinstance(read, dict)
    return read


def body_of(post: str) -> str:
    return post.split("---\n", 2)[2] if post.startswith("---\n") else post.split("\n\n", 2)[2]


def test_the_setting_knows_every_flavour() -> None:
    parse = next(option for option in fields(Settings) if option.name == "flavour").metadata["parse"]

    assert [parse(name) for name in FLAVOURS] == list(FLAVOURS)
    with pytest.raises(ValueError, match=f"^expected auto or {' or '.join(FLAVOURS)}, got"):
        parse("gatsby")
    assert set(LAYOUTS) < set(FLAVOURS)


def test_jekyll_is_what_is_drawn_when_nobody_says() -> None:
    assert draw_post(MANIFEST, folder=Path("output")) == drawn("jekyll")


def test_front_matter_of_hugo() -> None:
    front = front_of(drawn("hugo", picture="p.png", pictures_at="images/digests"))

    assert front == {
        "title": "Mistral daily digest - 2025-12-30",
        "date": dt.datetime(2025, 12, 30, tzinfo=TAIPEI),
        "lastmod": dt.datetime(2025, 12, 30, 7, 5, 9, tzinfo=TAIPEI),
        "draft": False,
        "description": "On Mistral, sources read: 3",
        "summary": "Mixtral has 8 experts.",
        "categories": ["mistral", "daily"],
        "tags": ["Mistral", "open models", "all", "2025", "a/b"],
        "images": ["images/digests/p.png"],
        "image_alt": "Mixtral has 8 experts.",
        "isCJKLanguage": False,
        "model": "none",
        "writer": "extractive",
        "ai_generated": False,
    }


def test_hugo_counts_chinese_characters_as_words() -> None:
    assert front_of(drawn("hugo", replace(MANIFEST, language="zh-TW")))["isCJKLanguage"] is True


@pytest.mark.parametrize(
    "made", ["2025-12-31T00:30:00+08:00", "2025-12-30T23:59:59-11:00", "2026-01-02T12:00:00+13:00"]
)
def test_a_digest_of_today_or_before_is_never_dated_in_the_future(made: str) -> None:
    """Hugo hides what is."""
    front = front_of(drawn("hugo", replace(MANIFEST, run=RunRecord(started_at=made))))

    assert front["date"] <= front["lastmod"] == dt.datetime.fromisoformat(made)
    assert front["date"].isoformat()[:10] == MANIFEST.date


def test_a_manifest_that_does_not_say_when_it_was_made_is_dated_all_the_same() -> None:
    front = front_of(drawn("hugo", replace(MANIFEST, run=RunRecord(started_at="yesterday\ndraft: true"))))

    assert front["date"] == front["lastmod"] == dt.datetime(2025, 12, 30, tzinfo=dt.UTC)
    assert front["draft"] is False


def test_front_matter_of_eleventy() -> None:
    front = front_of(drawn("eleventy", picture="p.png", pictures_at="/assets/images/digests"))

    assert front == {
        "title": "Mistral daily digest - 2025-12-30",
        "description": "On Mistral, sources read: 3",
        "date": dt.date(2025, 12, 30),
        "tags": ["Mistral", "open models", "2025", "a/b"],  # `all` is a collection of Eleventy's own
        "image": "/assets/images/digests/p.png",
        "image_alt": "Mixtral has 8 experts.",
        "summary": "Mixtral has 8 experts.",
        "lang": "en",
        "model": "none",
        "writer": "extractive",
        "ai_generated": False,
        "templateEngineOverride": "md",
    }


def test_front_matter_of_obsidian_is_flat_and_its_tags_are_tags() -> None:
    front = front_of(drawn("obsidian", picture="p.png", pictures_at="attachments"))

    assert front == {
        "aliases": ["Mistral daily digest - 2025-12-30"],
        "tags": ["Mistral", "open-models", "all", "a/b"],  # digits alone are none
        "cssclasses": ["digest"],
        "date": dt.date(2025, 12, 30),
        "description": "On Mistral, sources read: 3",
        "summary": "Mixtral has 8 experts.",
        "image": "attachments/p.png",
        "lang": "en",
        "model": "none",
        "writer": "extractive",
        "ai_generated": False,
    }


def test_a_plain_post_begins_with_a_heading() -> None:
    post = drawn("plain")

    assert post.startswith("# Mistral daily digest - 2025-12-30\n\nOn Mistral, sources read: 3\n\n> Every sentence")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_picture_stands_in_the_text_where_no_theme_shows_it(flavour: str) -> None:
    with_picture, without = (READER.render(body_of(drawn(flavour, picture=name))) for name in ("p.png", ""))

    shown = '<p><img src="p.png" alt="Mixtral has 8 experts." /></p>\n'
    assert with_picture == (shown + without if flavour in ("obsidian", "plain") else without)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_address_that_the_settings_name_comes_before_that_of_the_site(flavour: str) -> None:
    manifest = replace(MANIFEST, settings={"assets": "https://cdn.example/x"})

    assert "https://cdn.example/x/p.png" in drawn(flavour, manifest, picture="p.png", pictures_at="/images")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_reader_sees_the_same_text_in_every_flavour(flavour: str, text: str) -> None:
    manifest = replace(a_manifest((a_document(1, text or "x", text, text), SAVED), topic=text), run=RUN)

    shown, expected = (READER.render(body_of(drawn(name, manifest))) for name in (flavour, "jekyll"))
    assert _TITLE.sub("", shown) == _TITLE.sub("", expected)


@given(st.text(), st.sampled_from(sorted(FLAVOURS)), st.sampled_from(["", "- ", "1) ", "> ", "Text. "]))
def test_whatever_the_text_a_reader_sees_it_as_it_is(text: str, flavour: str, before: str) -> None:
    shown, expected = (READER.render(before + FLAVOURS[name].text(text) + " end") for name in (flavour, "jekyll"))

    assert shown == expected


#: What would mean something to the program, in the text of a post.
IN_TEXT = {
    "jekyll": r"\{\{|\{%|\{:",
    "hugo": r"\{\{|\\[\[(]|\$",
    "eleventy": r"\{\{|\{%|\{#",
    "obsidian": r"\[\[|%%|==|(?<!\\)[#$^]",
    "plain": r"\{\{|\[\[",
}
#: In all of a file: these are looked for before anything is taken for front matter or for a link.
IN_FILE = {
    "jekyll": r"\{\{|\{%",
    "hugo": r"\{\{[<%]",
    "eleventy": r"\{\{|\{%|\{#",
    "obsidian": r"\[\[|%%|(?:^|\s|\")#\w",
    "plain": r"\{\{",
}
SIGNS = (
    "{{ x }} {% y %} {# z #} "
    "{{< w >}} {{% v %}} {: .u} [[note]] ![[embed]] #tag %%gone%% ==lit== $a$ \\(b\\) \\[c\\] ^id"
)
#: Our own.
LINKS = re.compile(r"^\[D\d+\.\w+\]: .*$|\]\(<[^>]*>\)|\]\[D\d+\.\w+\]|^##? |&#\d+;", re.MULTILINE)


@pytest.mark.parametrize("flavour", FLAVOURS)
@given(noise=st.text("{}<>%#[]()=$^\\!: \"'ab", max_size=40))
def test_nothing_of_a_page_is_a_sign_to_the_program_that_publishes_it(flavour: str, noise: str) -> None:
    text = f"{SIGNS} {noise}"
    manifest = a_manifest((a_document(1, text, text, text, site=text), SAVED), tags=(text, "[[x]]"), topic=text)

    post = drawn(flavour, replace(manifest, run=RUN))

    assert not re.search(IN_FILE[flavour], re.sub(r"^##? ", "", post, flags=re.MULTILINE), re.MULTILINE)
    assert not re.search(IN_TEXT[flavour], LINKS.sub("", body_of(post)), re.MULTILINE)


@pytest.mark.parametrize("flavour", [name for name in FLAVOURS if name != "plain"])
@pytest.mark.parametrize("text", HOSTILE)
def test_front_matter_holds_its_own_keys_only(flavour: str, text: str) -> None:
    hostile = replace(
        a_manifest((a_document(1, text or "x", text, "It is."), SAVED), tags=(text,), topic=text), run=RUN
    )

    assert list(front_of(drawn(flavour, hostile))) == list(front_of(drawn(flavour)))


def test_two_percent_signs_in_an_address_hide_nothing_in_obsidian() -> None:
    manifest = replace(a_manifest((a_document(1, "A", "B.", "C.", url="https://a.example/%%x%%"), SAVED)), run=RUN)

    assert "%%" not in drawn("obsidian", manifest)


@pytest.mark.parametrize(
    ("tag", "made"),
    [
        ("推論框架", "推論框架"),
        ("Mixtral (MoE)", "Mixtral-MoE"),
        ("#x", "x"),
        ("2025", ""),
        ("--", ""),
        ("a,b", "a-b"),
        ("", ""),
    ],
)
def test_a_tag_of_obsidian_has_its_letters_only(tag: str, made: str) -> None:
    assert flavours.FLAVOURS["obsidian"].tag(tag) == made
