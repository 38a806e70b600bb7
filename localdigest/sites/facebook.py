"""Facebook: what a public page tells whoever shares it, its title and description. Once, under our own name.

Asked:  the address itself on `www.facebook.com`; the other hosts (`m.`, `mbasic.`, `touch.`) hold nothing more.
Limits: robots.txt keeps programs away, clients that are no browser get 400 or a page to log in, and the documented
        oEmbed needs the token of a registered app. So most posts are not read, with advice what to do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.records import DocumentKind, Reason
from localdigest.sites.reading import blocks_of_text, head_of
from localdigest.sites.site import Ask, Site, Step

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from localdigest.records import Page

__all__ = ["FACEBOOK"]

_HOST = re.compile(r"(?:(?:www|m|mbasic|touch|web)\.)?(?:facebook|fb)\.com")
_SHORT = "fb.watch"
_WARNING = "Facebook shows programs a title and a description: the text may go on"


def _steps(address: SplitResult) -> tuple[Step, ...]:
    if address.hostname == _SHORT:
        return (Step((Ask("page", address.geturl()),)),)
    if not _HOST.fullmatch(address.hostname or ""):
        return ()
    url = address._replace(scheme="https", netloc="www.facebook.com", fragment="").geturl()
    return (Step((Ask("page", url),)),)


def _read_page(answer: Page) -> Parsed | Unusable:
    head = head_of(answer)
    description = head.meta("og:description")
    if not description or "/login" in answer.url:
        return Unusable(Reason.LOGIN_WALL, f"Facebook shows programs a page called “{head.title or 'Facebook'}”")
    return Parsed(
        blocks_of_text(description),
        title=head.meta("og:title") or head.title,
        site="Facebook",
        kind=DocumentKind.SOCIAL,
        warnings=(_WARNING,),
    )


FACEBOOK: Final = Site(
    "facebook",
    "Facebook",
    _steps,
    {"page": _read_page},
    advice="Facebook shows posts to people only: save the page in a browser or copy its text, then `localdigest add`",
)
