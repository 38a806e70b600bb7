"""The main text of an HTML page as blocks in reading order.

html ─parse_html─▶ tree ─candidates_of─▶ candidates ─wide_blocks─▶ wide reading ─┐
                     └─trafilatura or readability─▶ reading of an article ───────┴─choose─▶ blocks
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml.etree import XPath

from localdigest.parsing.body_candidates import candidates_of, is_cjk
from localdigest.parsing.body_readability import article_by_readability
from localdigest.parsing.body_shown import NOTHING_UNSEEN, Unseen, mark_hidden
from localdigest.parsing.body_signs import says_article
from localdigest.parsing.body_trafilatura import Focus, article_by_trafilatura
from localdigest.parsing.body_tuning import DEFAULT, Tuning
from localdigest.parsing.body_wide import wide_blocks
from localdigest.parsing.html_tree import content_of, parse_html
from localdigest.records import Block

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element
    from lxml.html import HtmlElement


__all__ = ["Body", "extract_blocks", "extract_blocks_tuned", "read_body", "read_whole"]

_COUNT = XPath("count(//*)")
_PARAGRAPH_CHARACTERS = 100  #: few teasers, menu entries and prices are longer


@dataclass(frozen=True, slots=True)
class Body:
    """The main text of a page, and what of the page nobody sees."""

    blocks: tuple[Block, ...] = ()
    unseen: Unseen = NOTHING_UNSEEN


def extract_blocks(html: str, *, url: str = "") -> tuple[Block, ...]:
    """The main text of a page; `()` where there is none. Never raises, whatever `html` holds."""
    del url  # no rule is for a site
    return extract_blocks_tuned(html, tuning=DEFAULT)


def extract_blocks_tuned(html: str, *, tuning: Tuning) -> tuple[Block, ...]:
    return read_body(html, tuning=tuning).blocks


def read_body(html: str, *, tuning: Tuning = DEFAULT) -> Body:
    """The same, with what was left out because no reader sees it."""
    tree = parse_html(html)
    if tree is None:
        return Body()
    unseen, hidden = mark_hidden(tree, max_share=tuning.max_hidden_share)
    return Body(_blocks(tree, hidden, tuning), unseen)


def read_whole(html: str) -> Body:
    """All that a reader sees of a piece of HTML, for who knows that there is no furniture in it."""
    tree = parse_html(html)
    if tree is None:
        return Body()
    unseen, hidden = mark_hidden(tree, max_share=DEFAULT.max_hidden_share)
    for element in hidden:
        element.drop_tree()
    found = candidates_of(content_of(tree))
    return Body(tuple(Block(candidate.text, candidate.role) for candidate in found), unseen)


def _blocks(tree: HtmlElement, hidden: Iterable[HtmlElement], tuning: Tuning) -> tuple[Block, ...]:
    candidates = candidates_of(content_of(tree), tuning=tuning)
    wide = wide_blocks(candidates, tuning=tuning)
    if _COUNT(tree) > tuning.max_article_elements:
        return wide
    for element in hidden:  # the wide reading leaves out what is marked, and measures by the whole page
        element.drop_tree()
    if is_cjk("".join(block.text for block in wide), min_share=tuning.min_cjk_share):
        return _choose_cjk(_Reading(wide), tree, tuning).blocks
    return _choose(_Reading(wide), tree, tuning).blocks


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one method takes for the page's text."""

    blocks: tuple[Block, ...]

    @property
    def characters(self) -> int:
        return sum(len(block.text) for block in self.blocks)

    @property
    def prose_share(self) -> float:
        """How much of the text stands in blocks as long as paragraphs are."""
        prose = sum(len(block.text) for block in self.blocks if len(block.text) >= _PARAGRAPH_CHARACTERS)
        return prose / max(1, self.characters)

    def share_of(self, other: _Reading) -> float:
        return self.characters / max(1, other.characters)

    def containment_of(self, other: _Reading) -> float:
        """How much of the other reading's text is in this one."""
        own = "\n".join(block.text for block in self.blocks)
        return sum(len(block.text) for block in other.blocks if block.text in own) / max(1, other.characters)


def _choose(wide: _Reading, tree: HtmlElement, tuning: Tuning) -> _Reading:
    """Take trafilatura's reading of an article, the wide one of any other page."""
    is_article = says_article(tree)
    if not is_article and wide.prose_share < tuning.min_prose_share:
        return wide  # a page of short pieces: trafilatura would take half of the time to lose most of them
    article = _read(article_by_trafilatura(tree))
    if len(article.blocks) == 1 < len(wide.blocks):
        return wide  # it found no article and poured out the page
    if article.containment_of(wide) > tuning.min_agreement:
        return article
    share = article.share_of(wide)
    if share > tuning.min_article_share and is_article:
        return article if share > tuning.doubtful_article_share else _fuller(article, tree, tuning)
    return wide


def _fuller(article: _Reading, tree: HtmlElement, tuning: Tuning) -> _Reading:
    """Take readability's reading where it goes on from the same article."""
    other = _read(article_by_readability(tree))
    goes_on = other.share_of(article) > tuning.min_readability_gain
    return other if goes_on and other.containment_of(article) > tuning.min_containment else article


def _choose_cjk(wide: _Reading, tree: HtmlElement, tuning: Tuning) -> _Reading:
    """Take readability's reading, which is best where paragraphs are line breaks in a table cell."""
    article = _read(article_by_readability(tree))
    if article.share_of(wide) > tuning.min_cjk_article_share:
        return article
    precise = _read(article_by_trafilatura(tree, focus=Focus.PRECISION))
    return precise if precise.blocks else wide


def _read(body: _Element | None) -> _Reading:
    found = () if body is None else candidates_of(body)
    return _Reading(tuple(Block(candidate.text, candidate.role) for candidate in found))
