"""Sites of three digests and many hostile pages, built by the generators themselves, and read as a browser reads them.

Debian has Jekyll and Hugo (`apt install jekyll hugo`); Eleventy comes from npm (`npm install -g @11ty/eleventy`).
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from attack_pages import attacks
from attack_run import TAGS, run_plainly
from built_page import BuiltPage, bare
from conftest import REPOSITORY, Command

from localdigest.render.links import is_web
from localdigest.render.sites import places
from localdigest.stages.render import prepare, render

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from localdigest.manifest import Manifest

JEKYLL, HUGO, ELEVENTY = map(shutil.which, ("jekyll", "hugo", "eleventy"))
EXAMPLES = REPOSITORY / "examples"
EXAMPLE = EXAMPLES / "mistral-week.toml"
RUNS: Mapping[str, Sequence[str | Path]] = {
    "2025-12-30-mistral": (EXAMPLE,),
    "2025-12-30-mistral-en": (EXAMPLE, "--lang", "en", "--slug", "mistral-en"),
    "2025-12-29-funding": (EXAMPLES / "pages" / "funding-zh.html", "--topic", "Funding", "--date", "2025-12-29"),
}
HEADINGS = {
    "2025-12-30-mistral": "📰 本週新聞焦點",
    "2025-12-30-mistral-en": "📰 News of the week",
    "2025-12-29-funding": "🔗 資料來源",
}
#: Of the pages that mean harm, those that a generator could fall for.
ATTACKS = {
    *(
        "markdown-link",
        "markdown-image",
        "reference-link",
        "autolinks",
        "angle-autolink",
        "html",
        "html-comment",
        "liquid",
    ),
    *("hugo-shortcode", "kramdown-attributes", "footnote-and-abbreviation", "front-matter", "line-starts", "title"),
    *("maths-and-strikethrough", "table-bars", "wiki-link-and-embed", "javascript-address", "address-with-markup"),
    *(
        "title-and-heading",
        "site-name",
        "title-of-markup",
        "feed-entry-title",
        "json-ld-names",
        "markdown-front-matter",
    ),
}


def a_file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def digests_of(site: str, command: Command) -> Mapping[str, int]:
    """Three digests of the example pages, written into the site: names and how often each cites."""
    cited = {}
    for name, arguments in RUNS.items():
        ran = command("run", *arguments, "--cite", "address", "--site", site, "--out", "out", "--quiet")
        assert ran.code == 0, ran.err
        post = Path(ran.out.strip())
        assert post.stem == name
        cited[name] = len(re.findall(r"\]\[D\d+\.\w+\]", post.read_text(encoding="utf-8")))
    return cited


def attacks_into(site: str) -> Mapping[str, Manifest]:
    """The posts of pages that mean harm, by the names of their files."""
    where = places(Path("out"), site=site)
    prepare(where, pictures=False)
    manifests = {}
    chosen = [attack for attack in attacks() if attack.id in ATTACKS]
    assert len(chosen) == len(ATTACKS)
    for attack in chosen:
        manifest = replace(run_plainly(attack).manifest, slug=attack.id, settings={"pictures": False})
        manifests[render(manifest, where).post.stem] = manifest
    return manifests


def build(*arguments: str, within: str = ".") -> None:
    """Without a warning."""
    built = subprocess.run(arguments, capture_output=True, text=True, timeout=300, check=False, cwd=within)
    said = built.stdout + built.stderr
    assert built.returncode == 0, said
    assert not re.search(r"warn|error|deprecat|invalid", said, re.IGNORECASE), said


def check_digests(pages: Mapping[str, str], cited: Mapping[str, int], *, posts: Path, served: Path) -> None:
    for name, citations in cited.items():
        page = BuiltPage(pages[name])
        assert HEADINGS[name] in page.headings
        assert len(page.citations) == citations > 0
        # A file that knows no address is linked from where the post stands.
        paths = {link.partition("#")[0] for link in page.citations if not is_web(link)}
        assert {Path(path).name for path in paths} <= {"paper.pdf", "feed.xml"}
        assert all((posts / unquote(path)).resolve().is_file() for path in paths)
        (picture,) = page.pictures
        path = unquote(urlsplit(picture).path)
        assert path.startswith("/sub/")
        assert (served / path.removeprefix("/sub/")).read_bytes().startswith(b"\x89PNG")


def check_attacks(pages: Mapping[str, str], manifests: Mapping[str, Manifest]) -> None:
    for name, manifest in manifests.items():
        page = BuiltPage(pages[name])
        own = {bare(document.url) for document in manifest.documents}
        assert page.tags - TAGS <= {"html", "head", "title", "meta", "body", "main"}, name
        assert {link for link in page.links if bare(link) not in own} == set(), name
        assert not page.acts, name
        assert "EVIL" not in pages[name], name


@pytest.mark.skipif(JEKYLL is None, reason="Jekyll is not installed here")
def test_jekyll_builds_the_site_without_a_warning(command: Command, home: Path) -> None:
    assert JEKYLL
    a_file(home / "blog" / "_config.yml", "title: x\nurl: https://blog.example\nbaseurl: /sub\nfuture: false\n")
    layout = (
        "<html><head><title>{{ page.title }}</title><meta name='description' content='{{ page.ai_summary }}'></head>"
        "<body>{% if page.image %}<img src='{{ page.image | relative_url }}'>{% endif %}<main>{{ content }}</main>"
        "</body></html>"
    )
    a_file(home / "blog" / "_layouts/post.html", layout)
    a_file(home / "blog" / "_layouts/evil.html", "EVIL")
    cited, hostile = digests_of("blog", command), attacks_into("blog")

    build(JEKYLL, "build", "--source", "blog", "--destination", "built", "--strict_front_matter", "--trace")

    pages = _pages(home / "built", named=lambda path: "-".join((*path.parts[-4:-1], path.stem)))
    check_digests(pages, cited, posts=home / "blog" / "_posts", served=home / "built")
    check_attacks(pages, hostile)


@pytest.mark.skipif(HUGO is None, reason="Hugo is not installed here")
@pytest.mark.parametrize("markdown", ["", "[markup.goldmark.renderer]\nunsafe = true\n"])
def test_hugo_builds_the_site_without_a_warning(command: Command, home: Path, markdown: str) -> None:
    """Also where the site lets Markdown carry HTML."""
    assert HUGO
    settings = (
        'baseURL = "https://blog.example/sub/"\ntitle = "x"\nenableEmoji = true\ndisableKinds = ["taxonomy", "term"]\n'
    )
    a_file(home / "blog" / "hugo.toml", settings + markdown)
    single = (
        "<html><head><title>{{ .Title }}</title><meta name='description' content='{{ .Summary | plainify }}'></head>"
        "<body>{{ with .Params.images }}<img src='{{ index . 0 | absURL }}'>{{ end }}"
        "<main><p>{{ .Summary }}</p>{{ .Content }}</main></body></html>"
    )
    for name, text in {"single": single, "list": "{{ len .Pages }}"}.items():
        a_file(home / "blog" / f"layouts/_default/{name}.html", text)
    a_file(home / "blog" / "layouts/index.html", "{{ len .Site.RegularPages }}")
    a_file(home / "blog" / "layouts/shortcodes/shortcode.html", "EVIL")
    cited, hostile = digests_of("blog", command), attacks_into("blog")

    build(HUGO, "--source", "blog", "--destination", str(home / "built"), "--config", str(home / "blog" / "hugo.toml"))

    pages = _pages(home / "built", named=lambda path: path.parent.name)
    check_digests(pages, cited, posts=home / "blog" / "content" / "posts", served=home / "built")
    check_attacks(pages, hostile)


@pytest.mark.skipif(ELEVENTY is None, reason="Eleventy is not installed here")
def test_eleventy_builds_the_site_without_a_warning(command: Command, home: Path) -> None:
    """Its Markdown carries HTML, and goes through a template engine unless it is told otherwise."""
    assert ELEVENTY
    settings = 'c.addPassthroughCopy("assets/images/digests"); return { pathPrefix: "/sub/" };'
    a_file(home / "blog" / ".eleventy.js", f"module.exports = (c) => {{ {settings} }};")
    a_file(home / "blog" / "posts" / "posts.json", '{ "layout": "post.njk" }')
    layout = (
        "<html><head><title>{{ title }}</title><meta name='description' content='{{ summary }}'></head>"
        "<body>{% if image %}<img src='{{ image | url }}'>{% endif %}<main>{{ content | safe }}</main></body></html>"
    )
    a_file(home / "blog" / "_includes" / "post.njk", layout)
    a_file(home / "blog" / "_includes" / "evil.html", "EVIL")
    cited, hostile = digests_of("blog", command), attacks_into("blog")

    build(ELEVENTY, "--output=../built", within="blog")

    pages = _pages(home / "built", named=lambda path: path.parent.name)
    check_digests(pages, cited, posts=home / "blog" / "posts", served=home / "built")
    check_attacks(pages, hostile)


def _pages(folder: Path, *, named: Callable[[Path], str]) -> Mapping[str, str]:
    return {named(path): path.read_text(encoding="utf-8") for path in folder.rglob("*.html")}
