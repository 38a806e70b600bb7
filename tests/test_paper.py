"""What is left of a paper, and formulas on one line."""

from __future__ import annotations

import pytest

from localdigest.parsing.formulas import line_of_formula
from localdigest.parsing.paper import left_out_warning, without_back_matter
from localdigest.records import Block, Role


def blocks(*texts: str) -> list[Block]:
    """`# Heading` and paragraphs."""
    return [
        Block(text.removeprefix("# "), Role.HEADING if text.startswith("# ") else Role.TEXT)
        for text in texts
    ]  # fmt: skip


def kept(*texts: str) -> list[str]:
    return [block.text for block in without_back_matter(blocks(*texts))[0]]


BODY = ("# 1 Introduction", "Words of the paper. " * 9, "# 6 Conclusion", "Last words of it. " * 3)


def test_each_part_goes_by_its_heading() -> None:
    back = ("# Acknowledgements", "Thanks.", "# References", "[1] A.", "# A Proofs", "One.", "# B Tables", "Two.")
    found, left = without_back_matter(blocks(*BODY, *back))

    assert [block.text for block in found] == [text.removeprefix("# ") for text in BODY]
    assert left == {
        "acknowledgements": len("AcknowledgementsThanks."),
        "references": len("References[1] A."),
        "appendix": len("A ProofsOne.B TablesTwo."),
    }


@pytest.mark.parametrize("heading", ["Appendix", "Appendix A: Data", "Appendices", "Supplementary Material", "附錄"])
def test_an_appendix_goes_to_the_end(heading: str) -> None:
    assert kept(*BODY, f"# {heading}", "More.", "# Details", "Even more.") == [text.removeprefix("# ") for text in BODY]


def test_what_follows_the_acknowledgements_is_text() -> None:
    assert kept(*BODY, "# Acknowledgments", "Thanks.", "# Impact", "It saves power.")[-2:] == [
        "Impact",
        "It saves power.",
    ]


def test_acknowledgements_that_run_into_their_paragraph() -> None:
    assert kept(*BODY, "Acknowledgments. We thank all.", "It goes on.")[-1] == "It goes on."


def test_a_list_of_contents_takes_nothing_away() -> None:
    text = ("# Contents", "# References", "# Appendix", *BODY)

    assert kept(*text) == [each.removeprefix("# ") for each in text]


@pytest.mark.parametrize("heading", ["A Mixture of Experts", "References to Other Work", "Acknowledging Limits"])
def test_headings_of_the_text_that_look_alike(heading: str) -> None:
    text = ("# 1 Introduction", "Words of the paper. " * 9, f"# {heading}", "It goes on. " * 3)

    assert kept(*text) == [each.removeprefix("# ") for each in text]


def test_a_paper_without_back_matter_has_no_warning() -> None:
    assert left_out_warning(without_back_matter(blocks(*BODY))[1], {"footnotes": 0}) == ()


@pytest.mark.parametrize(
    ("latex", "line"),
    [
        (r"8\times 7", "8×7"),
        (r"30\%", "30%"),
        (r"1{,}000", "1,000"),
        (r"10^{12}", "10^12"),
        (r"90^{\circ}", "90°"),
        (r"\alpha=0.5", "α=0.5"),
        (r"\leq 3.5\text{ GB}", "≤3.5 GB"),
        (r"\sim 5\,\mathrm{ms}", "~5 ms"),
        (r"O(n\log n)", "O(n log n)"),
        (r"\frac{1}{2}", "1/2"),
        (r"\{a,b\}", "{a,b}"),
        (r"\mathcal{L}_{\text{total}}", "L_total"),
        (r"\varpi\sum_{i=1}^{n}x", r"\varpi\sum_{i=1}^nx"),
        ("", ""),
    ],
)
def test_a_formula_on_one_line(latex: str, line: str) -> None:
    """An exponent never becomes a part of its number."""
    assert line_of_formula(latex) == line
