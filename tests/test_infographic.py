"""The pictures of a digest: whatever it says, nothing runs over, nothing overlaps, nothing acts."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from test_post import FIRST, HOSTILE, SAVED, a_document, a_manifest

from localdigest.manifest import Manifest, dumps
from localdigest.records import DocumentKind, Section, SectionKey, Statement
from localdigest.render.locale import load_locale
from localdigest.render.picture import card, infographic, palette
from localdigest.render.picture.card import arrange_card
from localdigest.render.picture.content import Bar, Content, Item, to_content
from localdigest.render.picture.draw import draw_pictures, has, measure
from localdigest.render.picture.infographic import arrange_infographic
from localdigest.render.picture.legible import MARK, Legible
from localdigest.render.picture.raster import to_png
from localdigest.render.picture.svg import to_svg
from localdigest.render.picture.typeface import FAMILIES, typeface
from localdigest.render.picture.values import Box, Face, Layout, Panel, Shape, TextLine
from localdigest.render.post import draw_post

MANIFEST = a_manifest((FIRST, SAVED))
ARRANGED = [arrange_infographic, arrange_card]
Arrange = Callable[[Content, Callable[[str, float, Face], float]], Layout]

LONG_HAN = "法國人工智慧公司完成十七億歐元募資，由荷蘭半導體設備大廠領投；投後估值達到一百一十七億歐元。" * 8
LONG_LATIN = "Mistral Large 3 wakes only a few of its experts, which is why it fits a laptop. " * 8
CONTENT = Content(
    occasion="每日動態 · 2025-12-30", title="Mistral", tagline="彙整 12 則 Mistral 相關來源", points_heading="重點速覽",
    points=("一", "二", "三"), items_heading="本週新聞焦點", items=(Item("一則新聞", 3), Item("另一則")),
    weight_unit="個來源", chart_heading="來源類型", bars=(Bar("新聞", 8), Bar("論文", 1)), fates="已引用 9",
    tags_heading="標籤", tags=("MISTRAL", "Le Chat"), note="本文由程式自動摘錄。",
)  # fmt: skip


def content_of(manifest: Manifest) -> Content:
    return to_content(manifest, load_locale(manifest.language), Legible(has))


def texts_of(layout: Layout, name: str = "") -> str:
    return "\n".join(line.text for panel in layout.panels if name in ("", panel.name) for line in panel.lines)


def faults_of(layout: Layout) -> Iterator[str]:
    """Whatever a person would call broken, in words."""
    canvas = Box(0, 0, layout.width, layout.height)
    for panel in layout.panels:
        yield from [f"{panel.name} leaves the picture"] * (not canvas.contains(panel.box))
        inner = [*((line.text, line.box) for line in panel.lines), *(("a shape", shape.box) for shape in panel.shapes)]
        yield from (f"{what!r} leaves {panel.name}: {box}" for what, box in inner if not panel.box.contains(box))
        for one, other in combinations(panel.lines, 2):
            yield from [f"{one.text!r} overlaps {other.text!r} in {panel.name}"] * one.box.overlaps(other.box)
    for first, second in combinations(layout.panels, 2):
        yield from [f"{first.name} overlaps {second.name}"] * first.box.overlaps(second.box)


# ── whatever it says ─────────────────────────────────────────────────────────────────────────────────────────────────

legible = Legible(has)
scripts = st.one_of(
    st.text(max_size=30),
    st.sampled_from([LONG_HAN, LONG_LATIN, HOSTILE, "，" * 200, "「" * 90, "W" * 400, "語", "한국어 뉴스", "😀", ""]),
    st.builds(str.__mul__, st.sampled_from(["字", "Word ", "(j", "…", "。」", "Ａ"]), st.integers(1, 300)),
).map(legible)
filled = scripts.filter(bool)
weights = st.integers(0, 5) | st.sampled_from([999, 1_000, 10**30])
contents = st.builds(
    Content,
    occasion=scripts, title=filled, tagline=scripts, points_heading=scripts,
    points=st.lists(filled, max_size=3).map(tuple),
    items_heading=scripts, items=st.lists(st.builds(Item, filled, weights), max_size=5).map(tuple),
    weight_unit=scripts, chart_heading=scripts,
    bars=st.lists(st.builds(Bar, filled, st.integers(1, 9) | st.just(10**12)), max_size=6).map(tuple),
    fates=scripts, tags_heading=scripts, tags=st.lists(filled, max_size=12).map(tuple), note=scripts,
)  # fmt: skip


@pytest.mark.parametrize("arrange", ARRANGED)
@given(content=contents)
@settings(deadline=None, max_examples=40)
def test_whatever_a_digest_says_nothing_runs_over_and_nothing_overlaps(arrange: Arrange, content: Content) -> None:
    assert list(faults_of(arrange(content, measure))) == []


@pytest.mark.parametrize("arrange", ARRANGED)
@pytest.mark.parametrize("text", [LONG_HAN, LONG_LATIN, "W" * 400, "「" * 400, "。" * 400])
def test_a_flood_in_every_place_is_cut_and_counted(arrange: Arrange, text: str) -> None:
    flood = Content(
        text, text, text, text, (text,) * 3, text, (Item(text, 10**30),) * 5, text, text, (Bar(text, 10**12),) * 6,
        text, text, tuple(f"{number}{text}" for number in range(12)), text,
    )  # fmt: skip
    layout = arrange(flood, measure)

    assert list(faults_of(layout)) == []
    assert layout.shortened >= 5
    assert "…" in texts_of(layout)


@pytest.mark.parametrize("arrange", ARRANGED)
def test_nothing_is_shortened_while_there_is_room(arrange: Arrange) -> None:
    layout = arrange(CONTENT, measure)
    shown = texts_of(layout)

    assert list(faults_of(layout)) == []
    assert layout.shortened == 0
    assert all(text in shown for text in (CONTENT.title, CONTENT.occasion, *CONTENT.points, CONTENT.note))


def test_the_type_shrinks_before_anything_is_cut() -> None:
    size = {}
    for name, text in (("short", "短"), ("long", LONG_HAN[:60])):
        layout = arrange_infographic(replace(CONTENT, points=(text,) * 3, items=(Item(text),) * 5), measure)
        size[name] = max(line.size for panel in layout.panels if panel.name == "points" for line in panel.lines)
        assert layout.shortened == 0

    assert size["long"] < size["short"]


@pytest.mark.parametrize("left_out", ["points", "items", "bars", "tags"])
def test_what_a_digest_does_not_have_leaves_no_empty_panel(left_out: str) -> None:
    layout = arrange_infographic(replace(CONTENT, **{left_out: ()}), measure)  # type: ignore[arg-type]  # one field

    assert list(faults_of(layout)) == []
    assert {"bars": "chart"}.get(left_out, left_out) not in {panel.name for panel in layout.panels}


def test_the_bars_are_as_long_as_their_counts() -> None:
    layout = arrange_infographic(replace(CONTENT, bars=(Bar("a", 8), Bar("b", 4), Bar("c", 2))), measure)
    (chart,) = (panel for panel in layout.panels if panel.name == "chart")
    lengths = [shape.box.width for shape in chart.shapes]

    assert [length / lengths[0] for length in lengths] == pytest.approx([1, 0.5, 0.25])
    assert [line.text for line in chart.lines if line.text.isdigit()] == ["8", "4", "2"]


# ── what it says ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_picture_says_what_the_manifest_does() -> None:
    content = content_of(MANIFEST)

    assert (content.title, content.occasion) == ("Mistral", "Daily digest · 2025-12-30")
    assert content.points == ("Mixtral has 8 experts.",)
    assert content.items == (Item("Mixtral: what's in it?", 2),)
    assert content.items_heading == "News of the week"
    assert content.bars == (Bar("News", 2),)
    assert content.fates == "Cited 3 · Not read 1 · Left out 1"
    assert content.tags == ("Mistral",)
    assert "without any language model" in content.note


def test_a_digest_by_a_model_says_so_in_both_pictures() -> None:
    content = content_of(replace(MANIFEST, uses_model=True, writer="mixtral-8x7b-q4"))

    for arrange in (arrange_infographic, arrange_card):
        assert "Written by the AI model mixtral-8x7b-q4" in texts_of(arrange(content, measure))


def test_beyond_six_kinds_the_rest_is_one_bar() -> None:
    kinds = list(DocumentKind)
    documents = tuple(a_document(n, "T", "First.", "Second.", kind=kind) for n, kind in enumerate(kinds, start=1))
    bars = content_of(a_manifest(documents)).bars

    assert len(bars) == 6
    assert bars[-1] == Bar("Other", len(kinds) - 5)


def test_a_news_item_without_a_headline_shows_its_first_sentence() -> None:
    news = Section(SectionKey.NEWS, tuple(replace(p, headline=None) for p in MANIFEST.digest.sections[1].parts))
    manifest = replace(MANIFEST, digest=replace(MANIFEST.digest, sections=(news,)))

    assert content_of(manifest).items == (Item("It uses 2 of them for each token.", 2),)


# ── characters ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "drawn", "missing"),
    [
        ("Plain 中文，é「x」", "Plain 中文，é「x」", ""),
        ("Rockets 🚀 rise", "Rockets rise", "🚀"),
        ("👩‍💻 at work", "at work", "👩💻"),
        ("삼성 전자 chip", f"{MARK} chip", "삼성전자"),
        ("Z\u0351\u0352algo", "Zalgo", "\u0351\u0352"),
        ("Here’s “it”", 'Here\'s "it"', ""),
        ("他說“好”。", "他說“好”。", ""),
        ("a\x00\x1b\u202eb\u200bc", "abc", ""),
    ],
)
def test_what_the_font_lacks_is_marked_or_left_out_and_remembered(text: str, drawn: str, missing: str) -> None:
    legible = Legible(has)

    assert legible(text) == drawn
    assert legible.missing == set(missing)


def test_simplified_characters_that_the_font_lacks_become_traditional_ones() -> None:
    legible = Legible(has)

    assert legible("这个语言模型的说明很简单，头发不长") == "這個語言模型的說明很簡單，頭髮不長"
    assert (legible.converted, legible.missing) == (1, set())
    assert legible("臺灣的里長與范先生") == "臺灣的里長與范先生"
    assert legible.converted == 1


@given(st.text(max_size=80))
@settings(deadline=None)
def test_no_character_is_drawn_that_the_font_does_not_have(text: str) -> None:
    drawn = Legible(has)(text)

    assert all(map(has, drawn))
    assert Legible(has)(drawn) == drawn


# ── what is drawn ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_manifest_gives_the_same_pictures_of_the_sizes_that_sites_ask_for() -> None:
    first, second = draw_pictures(MANIFEST), draw_pictures(MANIFEST)
    sizes = [Image.open(io.BytesIO(png)).size for png in (first.infographic, first.card)]

    assert first == second
    assert sizes == [(infographic.WIDTH, infographic.HEIGHT), (card.WIDTH, card.HEIGHT)] == [(1080, 1350), (1200, 630)]
    assert first.notes == ()


def test_who_publishes_is_told_what_the_pictures_do_not_show() -> None:
    summary = (Statement("삼성 " + LONG_HAN, ("D1.S1",)), Statement("这是简体", ("D1.S1",)), *MANIFEST.digest.summary)
    notes = draw_pictures(replace(MANIFEST, digest=replace(MANIFEST.digest, summary=summary))).notes

    assert [note.split(":")[0] for note in notes] == [
        "The pictures' font lacks these characters, so that they are marked or left out",
        "In the pictures, Simplified Chinese stands in Traditional characters",
    ]
    assert "삼" in notes[0]


@pytest.mark.parametrize("text", ["(j(j(j(j[j{j", "AVATAR To V…V…", "office ffi fl", "「中文」，。", "W"])
@pytest.mark.parametrize("face", list(Face))
def test_a_line_is_drawn_as_wide_as_it_was_measured(text: str, face: Face) -> None:
    """However its letters are kerned or joined: by more than a tenth of their size, some."""
    size, x = 60.0, 20.0
    line = TextLine(text, x, 80, measure(text, size, face), size, "#000000", face)
    layout = Layout(1200, 110, "#ffffff", (Panel("line", Box(0, 0, 1200, 110), (line,)),))
    drawn = Image.open(io.BytesIO(to_png(to_svg(layout, FAMILIES), fonts=[typeface(face).path]))).convert("L")
    ink = drawn.point([255 - value for value in range(256)]).getbbox()

    assert ink
    assert x - 0.06 * size <= ink[0]
    assert ink[2] <= x + line.width + 0.06 * size
    assert ink[2] - ink[0] >= 0.4 * line.width


@given(st.text(max_size=40) | st.just(HOSTILE) | st.just('<image href="file:///etc/passwd"/>'))
@settings(deadline=None, max_examples=60)
def test_nothing_of_a_text_becomes_markup(text: str) -> None:
    content = content_of(a_manifest((a_document(1, text, text or "x", "Second."), SAVED), tags=(text,), topic=text))
    layout = arrange_infographic(content, measure)
    root = ET.fromstring(to_svg(layout, FAMILIES))

    names = {element.tag.partition("}")[2] for element in root.iter()}
    attributes = {key for element in root.iter() for key in element.attrib}
    assert names == {"svg", "rect", "text"}
    assert not attributes & {"href", "style", "class", "{http://www.w3.org/1999/xlink}href"}
    assert [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")] == [
        line.text for panel in layout.panels for line in panel.lines
    ]


def test_every_text_stands_out_from_its_ground() -> None:
    contrasts = {(text, ground): contrast(text, ground) for text, ground in palette.TEXT_ON}

    assert min(contrasts.values()) >= 4.5, contrasts


@pytest.mark.parametrize("arrange", ARRANGED)
def test_no_text_has_a_colour_whose_contrast_is_not_reckoned(arrange: Arrange) -> None:
    layout = arrange(CONTENT, measure)
    pairs = {(line.fill, ground_of(line, panel, layout)) for panel in layout.panels for line in panel.lines}

    assert pairs <= set(palette.TEXT_ON)


def ground_of(line: TextLine, panel: Panel, layout: Layout) -> str:
    shapes: list[Shape] = [shape for shape in panel.shapes if shape.box.overlaps(line.box)]
    return shapes[-1].fill if shapes else panel.fill or layout.ground


def contrast(one: str, other: str) -> float:
    """As WCAG 2 reckons it."""
    light, dark = sorted(map(luminance, (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# ── beside the post ──────────────────────────────────────────────────────────────────────────────────────────────────


def front_of(post: str) -> dict[str, object]:
    read = yaml.safe_load(post.split("---\n", 2)[1])
    assert isinstance(read, dict)
    return read


@pytest.mark.parametrize(
    ("assets", "image"),
    [
        ("", "p.png"),
        ("/assets/img/posts", "/assets/img/posts/p.png"),
        ("https://cdn.example/x/", "https://cdn.example/x/p.png"),
        ('"\n{{ x }}', "%22%0A%7B%7B%20x%20%7D%7D/p.png"),
    ],
)
def test_the_post_names_the_picture_where_its_site_serves_it(assets: str, image: str) -> None:
    manifest = replace(MANIFEST, settings={"assets": assets})
    front = front_of(draw_post(manifest, folder=Path("output"), picture="p.png"))

    assert front["image"] == image
    assert front["image_alt"] == front["ai_summary"] == "Mixtral has 8 experts."


def test_a_post_without_a_picture_names_none() -> None:
    front = front_of(draw_post(MANIFEST, folder=Path("output")))

    assert front["image"] is None
    assert "image_alt" not in front


@pytest.mark.parametrize(
    ("hidden", "stated", "drawn", "said"),
    [
        ("", True, True, ""),
        ("", False, False, ""),
        ("resvg_py", True, False, "No pictures: "),
        ("PIL", True, False, "No pictures: "),
    ],
)
def test_a_digest_is_written_without_pictures_where_they_are_not_wanted_or_not_possible(
    tmp_path: Path, hidden: str, said: str, *, stated: bool, drawn: bool
) -> None:
    manifest = tmp_path / "m.json"
    manifest.write_text(dumps(replace(MANIFEST, settings={"pictures": stated})), encoding="utf-8")
    script = f"import sys; sys.modules[{hidden!r}] = None; from localdigest.cli.main import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", script, "render", str(manifest), "--out", str(tmp_path / "out"), "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = {path.name for path in (tmp_path / "out").iterdir()}
    pictures = {f"2025-12-30-mistral-{kind}.png" for kind in ("infographic", "card")}

    assert names & pictures == (pictures if drawn else set())
    assert ("infographic" in json.loads(ran.stdout)["files"]) is drawn
    assert ran.stderr.count("\n") == bool(said)
    assert ran.stderr.startswith(said)
    front = front_of((tmp_path / "out" / "2025-12-30-mistral.md").read_text(encoding="utf-8"))
    assert front["image"] == ("2025-12-30-mistral-infographic.png" if drawn else None)
