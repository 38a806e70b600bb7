"""Every tuned number of the extraction; docs/extraction.md has how each was found and what it gains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["DEFAULT", "Tuning"]


@dataclass(frozen=True, slots=True)
class Tuning:
    """Found on one half of the development pages (by hash of the id), kept where the other half agreed.

    Shares are of characters. Retune with `scripts/eval_extraction.py --ablate` when trafilatura or readability changes.
    """

    # ── what counts as prose ──
    prose_characters: int = 80  #: a block this long is prose, unless it is mostly links
    prose_characters_cjk: int = 35  #: an ideograph says as much as two or three letters
    max_prose_link_share: float = 0.5

    # ── the wide reading ──
    #: A place that is furniture by a strong sign (`<nav>`, page footer, consent) is left out unless it is the page.
    max_furniture_share: float = 0.9
    #: A place that is furniture by a weak sign (a word in its class) is left out unless it is this much of the text…
    max_around_share: float = 0.5
    #: … or it, or all places of the same class, hold this much of the prose.
    max_around_prose_share: float = 0.25
    min_around_prose: int = 200  #: less prose than this proves nothing
    min_main_share: float = 0.5  #: `<main>` is believed when it holds this much of what is left
    min_lone_article_share: float = 0.7  #: one `<article>` is, where there is no `<main>`
    min_menu_link_share: float = 0.8  #: a menu is mostly links…
    max_menu_link_characters: int = 12  #: … of a word or two: titles are longer
    max_menu_share: float = 0.4
    min_share_beside_menus: float = 0.6  #: a page that is mostly such links is an index: keep them
    min_repeated_characters: int = 60  #: a second copy of a longer block is the phone's layout, or a carousel's clone
    min_prose_beside_comments: int = 2000  #: readers' comments below so much other prose are not the text

    # ── the choice between readings ──
    max_hidden_share: float = 0.25  #: a hidden part with more of the page is what its script shows at once
    max_article_elements: int = 40_000  #: trafilatura takes seconds and hundreds of megabytes beyond it
    min_prose_share: float = 0.5  #: below it a page that does not say that it is an article is read wide at once
    #: trafilatura has this much of the wide reading: they agree, and trafilatura is cleaner.
    min_agreement: float = 0.75
    min_article_share: float = 0.1  #: of the wide reading: less, and trafilatura missed the article
    doubtful_article_share: float = 0.5  #: of the wide reading's: less, and readability is asked…
    min_containment: float = 0.8  #: … and believed when it has nearly all that trafilatura has, and
    min_readability_gain: float = 1.3  #: so much more
    min_cjk_share: float = 0.3  #: of the letters: the page is Chinese, Japanese or Korean
    min_cjk_article_share: float = 0.3  #: of the wide reading: less, and readability missed the article


DEFAULT: Final = Tuning()
