"""GitHub: a repository's README with its newest releases; a release, a thread, a file.

Asked:  `api.github.com/repos/OWNER/NAME/readme`, documented, no key; else the file `README.md` itself, else the page.
        `releases.atom` for what is new. Issues, pull requests and discussions from their pages, else the interface.
Limits: 60 requests an hour to the interface from one address; then it answers 403 or 429, and the files still come.
"""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.records import Block, DateEvidence, DocumentKind, Role
from localdigest.sites.reading import (
    blocks_of_text,
    feed_of,
    iso_of,
    json_of,
    page_of,
    parsed_html,
    parsed_markdown,
    text_of,
    together,
)
from localdigest.sites.site import Ask, Site, Step

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from localdigest.parsing.results import Entry
    from localdigest.records import Page

__all__ = ["GITHUB"]

_HOSTS = frozenset({"github.com", "www.github.com"})
_HOME = "https://github.com"
_RAW = "https://raw.githubusercontent.com"
#: First parts of paths that are no owners of repositories.
_SERVICES = """
    about account apps codespaces collections contact copilot customer-stories dashboard enterprise events explore
    features issues join login logout marketplace new notifications orgs organizations pricing pulls readme search
    security sessions settings signup site sponsors stars team topics trending users
"""
_NO_OWNERS = frozenset(_SERVICES.split())
_PATH = re.compile(r"/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?(?:/(?P<rest>.*?))?/?", re.ASCII)
_THREAD = re.compile(r"(?P<kind>issues|pull|discussions)/(?P<number>\d+)(?:/.*)?", re.ASCII)
_MARKDOWN = (".md", ".markdown", ".mdx")
_NEWEST = 5  #: releases


def _steps(address: SplitResult) -> tuple[Step, ...]:
    found = _PATH.fullmatch(address.path)
    if address.hostname not in _HOSTS or not found or found["owner"].lower() in _NO_OWNERS:
        return ()
    return _steps_in(f"{found['owner']}/{found['name']}", found["rest"] or "")


def _steps_in(repository: str, rest: str) -> tuple[Step, ...]:
    """Of a part of a repository."""
    api = f"https://api.github.com/repos/{repository}"
    page = Ask("page", f"{_HOME}/{repository}/{rest}".rstrip("/"))
    releases = Ask("releases", f"{_HOME}/{repository}/releases.atom", for_programs=True)
    if not rest:
        readme = Ask("readme", f"{api}/readme", for_programs=True)
        text = Step((readme, Ask("file", f"{_RAW}/{repository}/HEAD/README.md"), page))
        return (text, Step((releases,), is_needed=False, what="its releases"))
    if rest == "releases":
        return (Step((releases, page)),)
    if rest.startswith("releases/tag/"):
        tag = rest.removeprefix("releases/tag/")
        return (Step((Ask("release", f"{api}/releases/tags/{tag}", for_programs=True), page)),)
    if rest.startswith("blob/") and rest.lower().endswith(_MARKDOWN):
        return (Step((Ask("file", f"{_RAW}/{repository}/{rest.removeprefix('blob/')}"), page)),)
    return _steps_of_thread(repository, api, _THREAD.fullmatch(rest))


def _steps_of_thread(repository: str, api: str, found: re.Match[str] | None) -> tuple[Step, ...]:
    if not found:
        return ()
    thread = Ask("thread", f"{_HOME}/{repository}/{found['kind']}/{found['number']}")
    issue = Ask("issue", f"{api}/issues/{found['number']}", for_programs=True)
    return (Step((thread,) if found["kind"] == "discussions" else (thread, issue)),)


# ── readers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read_readme(answer: Page) -> Parsed:
    found = json_of(answer)
    text = base64.b64decode(found["content"]).decode("utf-8", "replace")
    is_markdown = found["name"].lower().endswith(_MARKDOWN)
    parsed = parsed_markdown(text) if is_markdown else Parsed(blocks_of_text(text))
    return _of_repository(parsed, found["html_url"].partition("/blob/")[0])


def _read_file(answer: Page) -> Parsed:
    _, owner, name, ref, *path = answer.url.removeprefix("https://").split("/")
    home = f"{_HOME}/{owner}/{name}"
    file = _of_repository(parsed_markdown(text_of(answer)), home)
    return file if ref == "HEAD" else replace(file, url=f"{home}/blob/{'/'.join((ref, *path))}")


def _of_repository(parsed: Parsed, home: str) -> Parsed:
    owner, name = home.split("/")[-2:]
    title = parsed.title or f"{owner}/{name}"
    return replace(parsed, title=title, byline=parsed.byline or owner, site="GitHub", url=home, kind=DocumentKind.DOCS)


def _read_releases(answer: Page) -> Parsed | Unusable:
    """The newest, each under its name and day."""
    feed = feed_of(answer)
    told = together(_told(entry) for entry in feed.entries[:_NEWEST])
    newest = iso_of(feed.entries[0].published, answer) if feed.entries else ""
    more = len(feed.entries) - _NEWEST
    return replace(
        told,
        title=feed.title,
        published=newest,
        published_by=DateEvidence.FEED if newest else DateEvidence.NONE,
        site="GitHub",
        url=answer.url.removesuffix(".atom"),
        warnings=(*told.warnings, *([f"{more} older releases of its feed were left out"] if more > 0 else ())),
    )


def _told(entry: Entry) -> Parsed:
    text = parsed_html(entry.html)
    heading = Block(f"{entry.title} ({entry.published[:10]})", Role.HEADING)
    return replace(text, blocks=(heading, *text.blocks) if text.blocks else ())


def _read_release(answer: Page) -> Parsed:
    release = json_of(answer)
    name = release["html_url"].split("/")[4]
    return replace(
        parsed_markdown(release["body"] or ""),
        title=f"{name} {release['name'] or release['tag_name']}",
        byline=(release["author"] or {}).get("login", ""),
        published=iso_of(release["published_at"], answer),
        published_by=DateEvidence.DOCUMENT,
        site="GitHub",
        url=release["html_url"],
        kind=DocumentKind.NEWS,
    )


def _read_thread(answer: Page) -> Parsed | Unusable:
    parsed = page_of(answer)
    return replace(parsed, kind=DocumentKind.FORUM, site="GitHub") if isinstance(parsed, Parsed) else parsed


def _read_issue(answer: Page) -> Parsed:
    issue = json_of(answer)
    comments = issue["comments"]
    return replace(
        parsed_markdown(issue["body"] or ""),
        title=issue["title"],
        byline=(issue["user"] or {}).get("login", ""),
        published=iso_of(issue["created_at"], answer),
        published_by=DateEvidence.DOCUMENT,
        site="GitHub",
        url=issue["html_url"],
        kind=DocumentKind.FORUM,
        warnings=(f"its comments were not read: {comments:,}",) if comments else (),
    )


GITHUB: Final = Site(
    "github",
    "GitHub",
    _steps,
    {
        "readme": _read_readme,
        "file": _read_file,
        "releases": _read_releases,
        "release": _read_release,
        "thread": _read_thread,
        "issue": _read_issue,
        "page": page_of,
    },
)
