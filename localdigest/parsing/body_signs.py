"""Whether a page's own metadata calls it an article."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lxml.etree import XPath

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["says_article"]

_OG_TYPE = XPath("string(//meta[@property='og:type']/@content)")
_JSON_LD = XPath("//script[contains(@type, 'ld+json')]/text()")
#: Who wrote it, or when it appeared. Content systems write og:type=article on every page, these only on articles.
_SIGNED = XPath(
    "boolean(//meta[@property='article:published_time' or @property='article:author' or @name='author' or @name='byl'"
    " or @name='date' or @name='pubdate' or @name='parsely-pub-date' or contains(@name, 'publish')"
    " or @itemprop='datePublished'] | //*[@itemprop='datePublished' or @itemprop='author' or @rel='author'])"
)
_BODY_CLASS = XPath("string(//body/@class)")
#: WordPress and its kin name the kind of page in the class of its body: these are no posts.
NO_POST: Final = re.compile(r"(?:^|\s)(?:page|page-template|home|archive|category|search|blog)(?:\s|$)")
ARTICLE_TYPE: Final = re.compile(
    r'"@type"\s*:\s*\[?\s*"(?:NewsArticle|Article|BlogPosting|TechArticle|OpinionNewsArticle|ReportageNewsArticle)"'
)


def says_article(tree: _Element) -> bool:
    """Whether the page is declared to be one article, and signed or dated as articles are."""
    if NO_POST.search(_BODY_CLASS(tree)):
        return False
    if any(ARTICLE_TYPE.search(script) for script in _JSON_LD(tree)):
        return True
    return "article" in _OG_TYPE(tree).lower() and bool(_SIGNED(tree))
