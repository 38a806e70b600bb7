"""What a page hides from its readers is no text of it, and what cannot be told is said."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from documents import HARBOUR
from fpdf import FPDF
from fpdf.enums import TextMode
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.parsing.body_sheets import rules_of
from localdigest.parsing.body_shown import mark_hidden
from localdigest.parsing.body_styles import colours_of, hides
from localdigest.parsing.document import parse_document
from localdigest.parsing.html_body import read_body
from localdigest.parsing.html_tree import parse_html
from localdigest.parsing.html_unseen import unseen_words
from localdigest.parsing.markdown_unseen import without_hidden_markup
from localdigest.parsing.parsed import Parsed
from localdigest.parsing.pdf import read_pdf
from localdigest.parsing.plain import read_markdown
from localdigest.records import Concern, Document, Page, PageOrigin, Source
from localdigest.text.unseen import smuggled, without_unseen

MARKER = "The pier will be closed to everyone before the end of the month."
ARTICLE = "".join(f"<p class='text'>{line}</p>" for line in HARBOUR.splitlines())


def text_of(body: str, head: str = "") -> str:
    return "\n".join(block.text for block in read_body(f"<html><head>{head}</head><body>{body}</body></html>").blocks)


def read(body: str) -> Document:
    html = f"<html><head><title>Ferries</title></head><body><article>{body}</article></body></html>"
    url = "https://one.example/a"
    page = Page(Source(url), html.encode(), "text/html", "utf-8", url, "2026-01-06T08:00:00+00:00", PageOrigin.NETWORK)
    document = parse_document(page)
    assert isinstance(document, Document)
    return document


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "color:red; DISPLAY : None !important",
        "visibility:hidden",
        "visibility: collapse",
        "opacity:0",
        "opacity:.01",
        "opacity:0%",
        "font-size:0",
        "font-size:0.5px",
        "height:0;overflow:hidden",
        "max-height:1px;overflow-y:hidden",
        "width:0;overflow:clip",
        "position:absolute;left:-9999px",
        "position:fixed;top:-100em",
        "text-indent:-9999px",
        "margin-left:-5000px",
        "clip:rect(0,0,0,0)",
        "clip: rect(1px, 1px, 1px, 1px)",
        "clip-path:inset(50%)",
        "font:0/0 a;position:absolute;left:-9999px",
        "transform:scale(0)",
        "transform: translateX(-10000px)",
        "zoom:0",
        "/* x */display:/* y */none",
        "dis\\70 lay:none",
        "font:0/0 a",
        "font: italic 0.1px/1.5 serif",
        "font-size:1%",
        "font-size:calc(0px)",
        "opacity:calc(0)",
        "letter-spacing:-99px",
        "filter:opacity(0)",
        "scale:0",
        "translate:-9999px",
        "transform:rotateY(90deg)",
        "position:fixed;top:-100vh",
        "position:absolute;inset-inline-start:-9999px",
        "clip-path:polygon(0 0,0 0,0 0)",
        "contain:strict;height:0",
        "block-size:0;overflow:hidden",
    ],
)
def test_a_style_that_hides(style: str) -> None:
    assert hides(style)


@pytest.mark.parametrize(
    "style",
    [
        "", "display:block", "opacity:1", "opacity:0.5", "font-size:0.9em", "font-size:12px", "height:0",
        "overflow:hidden", "position:absolute;left:-5px", "text-indent:-1em", "clip:auto", "transform:scale(0.5)",
        "width:100%;overflow:hidden", "margin-left:-15px", "visibility:visible", "left:-9999px",
        "max-height:none;overflow:hidden", "font:400 16px/1.5 serif", "font: bold 1.2em a", "letter-spacing:-2%",
        "letter-spacing:-.02em", "filter:opacity(.5)", "scale:1", "translate:-50% -50%", "contain:layout;height:0",
        "clip-path:polygon(0 0,100% 0,100% 100%)", "font-size:80%", "width:calc(100% - 0px);overflow:hidden",
    ],
)  # fmt: skip
def test_a_style_that_does_not(style: str) -> None:
    assert not hides(style)


@pytest.mark.parametrize(
    ("style", "colour"),
    [("color:#fff", (255, 255, 255)), ("color: WHITE", (255, 255, 255)), ("color:rgb(1, 2 ,3)", (1, 2, 3)),
     ("color:hsl(0 0% 100%)", (255, 255, 255)), ("color:oklch(100% 0 0)", (255, 255, 255)),
     ("color:color(srgb 1 1 1)", (255, 255, 255)), ("color:hsl(210, 50%, 40%)", None),
     ("color:#112233cc", (17, 34, 51)), ("color:var(--x)", None), ("", None)],
)  # fmt: skip
def test_colours_are_read(style: str, colour: tuple[int, int, int] | None) -> None:
    assert colours_of(style).text == colour


def test_rules_for_one_class_or_id_count_and_no_others() -> None:
    sheet = """
    /* .a{display:none} */ .b, p.c { display:none } #d{left:-9999px;position:absolute} .e .f{display:none}
    @media print { .g{display:none} .h{display:none} } .i{display:none} .i.open{display:block} .j:hover{opacity:0}
    body{visibility:hidden} .k{color:red}
    """

    rules = rules_of([sheet])

    assert rules.classes == {"b", "c"}
    assert rules.ids == {"d"}


@pytest.mark.parametrize(
    ("style", "is_clear"),
    [
        ("color:transparent", True),
        ("color:rgb(0 0 0 / 0)", True),
        ("-webkit-text-fill-color:transparent", True),
        ("background:linear-gradient(red,blue);-webkit-background-clip:text;color:transparent", False),
        ("background:linear-gradient(red,blue) text;-webkit-text-fill-color:transparent", False),
    ],
)
def test_clear_letters_may_be_cut_out_of_a_ground(style: str, *, is_clear: bool) -> None:
    assert colours_of(style).is_clear is is_clear


@pytest.mark.parametrize(
    "sheet",
    [
        ".h{{display:none}}", "[data-h]{{display:none}}", "p[data-h]{{opacity:0}}", "article .h{{display:none}}",
        "article > p:nth-last-child(1){{font-size:0}}", "p:last-of-type{{display:none}}", "body p.h{{display:none}}",
        "@media screen{{.h{{display:none}}}}", "@media all and (min-width:1px){{.x{{color:red}}.h{{display:none}}}}",
        "@layer a{{@supports (display:grid){{.h{{display:none}}}}}}", ".h:not(.x){{display:none}}",
        ":is(.h,.y){{display:none}}", ":where(.h){{display:none}}", ".h.h{{display:none}}", ":root .h{{display:none}}",
        ".t ~ .h, .z{{visibility:hidden}}", "p.h[data-h='1']{{color:transparent}}",
    ],
)  # fmt: skip
def test_a_rule_of_the_page_hides_what_a_browser_would_find(sheet: str) -> None:
    text = text_of(
        f"<article>{ARTICLE}<p class=t>Below.</p><p class=h data-h=1>{MARKER}</p></article>",
        head=f"<style>{sheet.format()}</style>",
    )

    assert MARKER not in text
    assert text.count("\n") >= len(HARBOUR.splitlines()) - 1


@pytest.mark.parametrize(
    "sheet",
    [
        ".js .h{{display:none}}", "@media print{{.h{{display:none}}}}",
        "@media (max-width:600px){{.h{{display:none}}}}",
        "@supports not (display:grid){{.h{{display:none}}}}", ".h:hover{{display:none}}", ".h::before{{display:none}}",
        "p.h.x{{display:none}}", ".h > p{{display:none}}",
        "article .h{{display:none}} article.open .h{{display:block}}",
        "((({{display:none}}", ".h:nth-child(x y){{display:none}}", "@media (min-width:900px){{.h{{display:none}}}}",
    ],
)  # fmt: skip
def test_a_rule_that_may_hold_for_others_hides_nothing(sheet: str) -> None:
    body = f"<article>{ARTICLE}<p class=h data-h=1>{MARKER}</p></article>"

    assert MARKER in text_of(body, head=f"<style>{sheet.format()}</style>")


@pytest.mark.parametrize(
    "unseen",
    [
        "<p style='opacity:0'>{}</p>",
        "<p class='text' hidden>{}</p>",
        "<p class='text' style='font-size:1px'>{}</p>",
        "<p style='color:#fff'>{}</p>",
        "<div style='background:#000'><span style='color:black'>{}</span></div>",
        "<dialog><p>{}</p></dialog>",
        "<div popover>{}</div>",
        "<noscript><p>{}</p></noscript>",
        "<p>Fares stay. <span class='visually-hidden'>{}</span></p>",
        "<p class='x1'>{}</p>",
        "<div hidden id='S:1'>{}</div>",
        "<p id='B:0' style='display:none'>{}</p>",
    ],
)
def test_what_no_reader_sees_is_left_out_and_kept_aside(unseen: str) -> None:
    body = read_body(
        f"<html><head><style>.x1{{display:none}}</style></head><body>{ARTICLE}{unseen.format(MARKER)}</body></html>"
    )

    assert not any(MARKER in block.text for block in body.blocks)
    assert MARKER in body.unseen.text
    assert sum("ferries" in block.text for block in body.blocks) >= 2


@pytest.mark.parametrize(
    "seen",
    [
        "<div style='background:#123'><p style='color:#fff'>{}</p></div>",
        "<table><tr><td bgcolor='#336699'><font color='white'>{}</font></td></tr></table>",
        "<p style='color:#eee'>{}</p>",
        "<p style='height:0'>{}</p>",
        "<details><summary>More</summary><p>{}</p></details>",
        '<div hidden id=\'S:1\'><p>{}</p></div><script>$RC("B:1","S:1")</script>',
    ],
)
def test_what_a_reader_can_see_stays(seen: str) -> None:
    assert MARKER in text_of(ARTICLE + seen.format(MARKER))


def test_a_page_of_white_text_has_a_dark_ground() -> None:
    white = "".join(f"<p style='color:white'>{line}</p>" for line in HARBOUR.splitlines())

    assert text_of(white).count("ferries") >= 3


def test_a_hidden_part_that_is_most_of_the_page_is_read_and_told() -> None:
    """Its script shows it at once; what else it may hide nobody can tell."""
    document = read(f"<div style='display:none'>{ARTICLE}</div>")

    assert "electric ones" in document.text
    assert any(warning.startswith(f"{Concern.HIDDEN}:") for warning in document.warnings)


def test_many_hidden_paragraphs_of_the_text_s_own_class_are_no_text() -> None:
    hidden = "".join(f"<p class='text' style='display:none'>{MARKER} {n}</p>" for n in range(3))

    assert MARKER not in text_of(ARTICLE + hidden)


def test_a_page_without_anything_hidden_has_no_warning() -> None:
    assert read(ARTICLE).warnings == ()


markup = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<div hidden>", "</div>", "<span style='opacity:0'>", "</span>", "<p class=a>", "<!--", "-->",
         "<style>.a{display:none}</style>", "<template>", "</template>", "<dialog>", "text of the page ",
         "<p style='color:#fff'>"]
    )
    | st.text(max_size=20),
    max_size=30,
).map("".join)  # fmt: skip


@given(markup)
@settings(deadline=None, max_examples=150)
def test_what_hides_is_gone_after_one_pass(html: str) -> None:
    tree = parse_html(f"<html><body><p>{HARBOUR}</p>{html}</body></html>")
    assert tree is not None
    for element in mark_hidden(tree, max_share=0.25)[1]:
        element.drop_tree()
    first = "".join(tree.itertext())

    again, _ = mark_hidden(tree, max_share=0.25)

    assert again.text == ""
    assert "".join(tree.itertext()) == first


@given(
    st.text(max_size=200) | st.sampled_from(["color:#", "opacity:", "clip:rect(", "font-size:-", ":;:;", "zoom:0;;"])
)
def test_any_style_is_read(style: str) -> None:
    assert hides(style) in (True, False)
    assert colours_of(style).has_ground in (True, False)
    assert rules_of([style, f"{style}{{display:none}}"]).classes is not None


# ── characters ──


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\u200bb\u202ec\U000e0041", "abc"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f466", "\U0001f468\u200d\U0001f469\u200d\U0001f466"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\u200d\u200c\u200db", "ab"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("葛\U000e0100飾", "葛\U000e0100飾"),
        ("a" + "".join(chr(0xE0100 + n) for n in b"ignore"), "a\U000e0169"),
        ("plain", "plain"),
    ],
)
def test_text_without_what_is_not_seen(text: str, seen: str) -> None:
    assert without_unseen(text) == seen


def test_smuggled_characters_are_counted_and_flags_are_none() -> None:
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore")

    assert smuggled(f"a{tags}b") == 6
    assert smuggled("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f") == 0
    assert smuggled("می\u200cخواهم ❤\ufe0f") == 0
    assert smuggled("\u202eabc") == 1


@given(st.text(max_size=60) | st.text("a👨❤\u200c\u200d\ufe0f\U000e0100\u200b\u202e", max_size=12))
def test_one_pass_takes_all_that_is_not_seen(text: str) -> None:
    once = without_unseen(text)

    assert without_unseen(once) == once
    assert not re.search("[\u200b\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]", once)


# ── Markdown ──


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- {} -->",
        "<!--\n\n{}\n\n-->",
        "<div hidden>\n\n{}\n\n</div>",
        "<div style='display:none'><div>a</div> {}</div>",
        '<span style="font-size:0">{}</span>',
        "<template>{}</template>",
        "<p hidden>{}\n\nThe fares stay.",
        "[//]: # ({})",
    ],
)
def test_markdown_loses_what_is_hidden_and_nothing_else(hidden: str) -> None:
    shown, taken = without_hidden_markup(f"The council met.\n\n{hidden.format(MARKER)}\n\nThe end.")

    assert MARKER in taken
    assert MARKER not in shown or hidden.startswith("[//]")
    assert "The council met." in shown
    assert "The end." in shown


def test_markdown_in_a_listing_stays_as_it_is() -> None:
    text = "A.\n\n```html\n<!-- shown -->\n<div hidden>shown</div>\n```\n\nB. <b>c</b>"

    assert without_hidden_markup(text) == (text, "")


@given(st.text("ab<>!-\n`~/ p", max_size=40))
def test_markdown_of_any_shape_is_read(text: str) -> None:
    shown, taken = without_hidden_markup(text)

    assert len(shown) + len(taken) <= len(text)
    assert set(shown) <= set(text)


# ── PDF ──


def a_pdf(draw: Callable[[FPDF], None], *, ink: TextMode = TextMode.FILL) -> Parsed:
    pdf = FPDF()
    pdf.add_page()
    pdf.text_mode = ink
    for line in HARBOUR.splitlines():
        pdf.set_font("Helvetica", size=11)
        pdf.multi_cell(0, 6, line, new_x="LMARGIN", new_y="NEXT")
    draw(pdf)
    parsed = read_pdf(bytes(pdf.output()))
    assert isinstance(parsed, Parsed), parsed
    return parsed


def in_white(pdf: FPDF) -> None:
    pdf.set_text_color(255, 255, 255)
    pdf.multi_cell(0, 6, MARKER, new_x="LMARGIN", new_y="NEXT")


def without_ink(pdf: FPDF) -> None:
    pdf.text_mode = TextMode.INVISIBLE
    pdf.multi_cell(0, 6, MARKER, new_x="LMARGIN", new_y="NEXT")


def tiny(pdf: FPDF) -> None:
    pdf.set_font("Helvetica", size=0.9)
    pdf.multi_cell(0, 6, MARKER, new_x="LMARGIN", new_y="NEXT")


def beside_the_page(pdf: FPDF) -> None:
    pdf.text(900, 100, MARKER)


def within_a_line(pdf: FPDF) -> None:
    pdf.write(6, "The fares stay as they are. ")
    pdf.set_text_color(254, 255, 255)
    pdf.write(6, MARKER)
    pdf.set_text_color(0, 0, 0)
    pdf.write(6, " The council meets on Monday.")


@pytest.mark.parametrize("draw", [in_white, without_ink, tiny, beside_the_page, within_a_line])
def test_letters_of_a_pdf_that_nobody_sees_are_left_out_and_told(draw: Callable[[FPDF], None]) -> None:
    parsed = a_pdf(draw)
    text = " ".join(block.text for block in parsed.blocks)

    assert "pier will be closed" not in text
    assert "electric ones" in text
    assert MARKER.split()[1] in parsed.hidden
    assert [warning for warning in parsed.warnings if warning.startswith(f"{Concern.HIDDEN}:")]


def test_white_letters_on_a_painted_ground_are_text() -> None:
    def on_blue(pdf: FPDF) -> None:
        pdf.set_fill_color(20, 40, 120)
        pdf.set_text_color(255, 255, 255)
        pdf.multi_cell(0, 6, MARKER, fill=True, new_x="LMARGIN", new_y="NEXT")

    parsed = a_pdf(on_blue)

    assert any("pier will be closed" in block.text for block in parsed.blocks)
    assert parsed.warnings == ()


def test_the_text_beneath_a_scan_is_text_though_it_has_no_ink() -> None:
    parsed = a_pdf(lambda _: None, ink=TextMode.INVISIBLE)

    assert any("electric ones" in block.text for block in parsed.blocks)
    assert parsed.warnings == ()


_ATTRIBUTES = re.compile(
    r"""\b(?:alt|title|content|placeholder|aria-label|aria-description)\s*=\s*(?:"([^"<>]{12,})"|'([^'<>]{12,})')""",
    re.IGNORECASE,
)
_PIECES = (
    *("alt", "title", "ALT", "content", "aria-label", "label", "xtitle", "data-title", "class", "=", " = ", "=\n"),
    *('"', "'", "<img ", ">", "<", " ", "a value of some length", "title='x", "short", "==", "é", "<!--"),
)


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_values_are_found_by_their_sign_as_they_are_by_their_name(html: str) -> None:
    """The quick way gives what the plain pattern gives."""
    plain = [" ".join((found[1] or found[2]).split()) for found in _ATTRIBUTES.finditer(html.replace("<!--", ""))]

    assert unseen_words(html.replace("<!--", "")).split("\n") == (plain or [""])


@pytest.mark.parametrize("piece", ["a<!--b ", "<p hidden>x\n\n", "<!--"])
@pytest.mark.parametrize("read", [unseen_words, read_markdown])
def test_openings_without_end_take_time_as_they_take_room(read: Callable[[str], object], piece: str) -> None:
    """A page of a megabyte with nothing but openings is read in seconds, not in hours."""
    started = time.process_time()
    read(piece * (1_000_000 // len(piece)))

    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a <!-- b --> c", "a  c"),
        ("a <!-- b", "a <!-- b"),
        ("a\n  <!-- b\nc", "a\n"),
        ("<!-- a --> b <!-- c", " b <!-- c"),
    ],
)
def test_a_comment_without_end_hides_the_rest_only_where_it_begins_a_block(text: str, shown: str) -> None:
    assert without_hidden_markup(text)[0] == shown


@pytest.mark.parametrize(
    "sheet",
    [
        "a," * 240_000 + "b{display:none}", "(" * 480_000 + "{display:none}", "@media screen{" * 34_000, "@" * 480_000,
        "@media " * 68_000 + "{", "/*" * 240_000, ";" * 480_000, "}" * 480_000, "a" * 480_000, "\\70 " * 120_000,
        "a" * 480_000 + ">{display:block}.h .x{display:none}", ":not(" * 96_000 + "{display:none}",
        ".a .b{display:none}" * 26_000,
    ],
    ids=lambda sheet: sheet[:14],
)  # fmt: skip
def test_a_sheet_of_any_kind_is_read_in_one_go(sheet: str) -> None:
    """Quadratic time would be minutes."""
    assert rules_of([sheet]).ids == frozenset()


def test_rules_that_ask_for_more_than_a_page_is_worth_are_left_out() -> None:
    """They would compare each of many elements with each other, or with all around it."""
    sheet = "".join(
        f".a .b:not(.c{n}){{opacity:0}}p:nth-last-child({n}){{opacity:0}}.a ~ .b{n}{{opacity:0}}" for n in range(200)
    )
    page = parse_html(f"<style>{sheet}</style>{'<div class=a>' * 150}{'<p>text</p>' * 4_000}")
    assert page is not None

    unseen, _ = mark_hidden(page, max_share=0.5)

    assert unseen.left >= 0
