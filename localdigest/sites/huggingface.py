"""Hugging Face: the card of a model or a data set.

Asked:  `/OWNER/NAME/raw/main/README.md` for the card, else the page; `/api/models/OWNER/NAME` (or `/api/datasets/…`,
        documented, no key) for who made it and when.
Traps:  of gated models some files need a login. The interface dates all that is older to the day of a migration.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from localdigest.parsing.parsed import Parsed
from localdigest.records import DateEvidence, DocumentKind
from localdigest.sites.reading import iso_of, json_of, page_of, parsed_markdown, text_of
from localdigest.sites.site import Ask, Site, Step

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from localdigest.records import Page

__all__ = ["HUGGING_FACE"]

_HOSTS = frozenset({"huggingface.co", "www.huggingface.co", "hf.co"})
_HOME = "https://huggingface.co"
#: First parts of paths that are no owners.
_SERVICES = """
    api blog chat collections datasets docs enterprise inference join kernels learn login models new organizations
    papers posts pricing search settings spaces tasks
"""
_NO_OWNERS = frozenset(_SERVICES.split())
_PATH = re.compile(
    r"/(?P<data>datasets/)?(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)/?(?:(?:tree|blob)/main/?(?:README\.md)?)?", re.ASCII
)
_MIGRATION = "2022-03-02"


def _steps(address: SplitResult) -> tuple[Step, ...]:
    found = _PATH.fullmatch(address.path)
    if address.hostname not in _HOSTS or not found or found["owner"] in _NO_OWNERS:
        return ()
    name = f"{found['owner']}/{found['name']}"
    kind, folder = ("datasets", "datasets/") if found["data"] else ("models", "")
    card = Ask("card", f"{_HOME}/{folder}{name}/raw/main/README.md")
    about = Ask("api", f"{_HOME}/api/{kind}/{name}", for_programs=True)
    page = Ask("page", f"{_HOME}/{folder}{name}")
    return (Step((card, page)), Step((about,), is_needed=False, what="who made it and when"))


def _read_card(answer: Page) -> Parsed:
    url = answer.url.partition("/raw/")[0]
    parsed = parsed_markdown(text_of(answer))
    title = parsed.title or "/".join(url.split("/")[-2:])
    return replace(parsed, title=title, site="Hugging Face", url=url, kind=DocumentKind.DOCS)


def _read_api(answer: Page) -> Parsed:
    """What is known of it beside the card."""
    about = json_of(answer)
    made = iso_of(about.get("createdAt"), answer)
    published = made if made[:10] != _MIGRATION else ""
    return Parsed(
        (),
        title=about["id"],
        byline=about.get("author") or "",
        published=published,
        published_by=DateEvidence.DOCUMENT if published else DateEvidence.NONE,
    )


HUGGING_FACE: Final = Site(
    "huggingface", "Hugging Face", _steps, {"card": _read_card, "api": _read_api, "page": page_of}
)
