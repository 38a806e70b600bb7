"""A digest in the folders of a site: what goes where, and what the generators make of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from attack_pages import attacks
from attack_run import TAGS, run_plainly
from conftest import REPOSITORY, Command
from test_post import FIRST, SAVED, a_manifest

from localdigest.errors import OutputError, UsageError
from localdigest.render.links import is_web
from localdigest.render.sites import LAYOUTS, places
from localdigest.stages.render import prepare, render

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from localdigest.manifest import Manifest

EXAMPLE = REPOSITORY / "examples" / "mistral-week.toml"
MANIFEST = a_manifest((FIRST, SAVED))
MARKS = {
    "jekyll": "_config.yml",
    "hugo": "hugo.toml",
    "eleventy": "eleventy.config.mjs",
    "obsidian": ".obsidian/app.json",
}
PLACES = {
    "jekyll": ("_posts", "assets/images/digests", "/assets/images/digests"),
    "hugo": ("content/posts", "static/images/digests", "images/digests"),
    "eleventy": ("posts", "assets/images/digests", "/assets/images/digests"),
    "obsidian": ("", "attachments", "attachments"),
}


def a_site(folder: Path, *marks: str, text: str = "") -> Path:
    for mark in marks:
        (folder / mark).parent.mkdir(parents=True, exist_ok=True)
        (folder / mark).write_text(text, encoding="utf-8")
    return folder


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


# ── which site ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        *((mark, kind) for kind, mark in MARKS.items()),
        ("_config.yaml", "jekyll"),
        ("hugo.json", "hugo"),
        ("config/_default/hugo.yaml", "hugo"),
        (".eleventy.js", "eleventy"),
    ],
)
def test_a_site_is_known_by_its_settings(tmp_path: Path, mark: str, kind: str) -> None:
    posts, pictures, address = PLACES[kind]

    found = places(tmp_path / "out", site=str(a_site(tmp_path, mark)))

    assert (found.flavour, found.out) == (kind, tmp_path / "out")
    assert (found.posts, found.pictures, found.address) == (tmp_path / posts, tmp_path / pictures, address)


def test_config_toml_is_that_of_hugo_when_it_names_an_address_as_hugo_does(tmp_path: Path) -> None:
    hugo = a_site(tmp_path / "hugo", "config.toml", text='title = "x"\nBaseURL = "https://blog.example/"\n')
    zola = a_site(tmp_path / "zola", "config.toml", text='base_url = "https://blog.example"\n')

    assert places(tmp_path, site=str(hugo)).flavour == "hugo"
    with pytest.raises(UsageError, match="no site that is known"):
        places(tmp_path, site=str(zola))


def test_a_folder_within_a_vault_is_the_place_of_its_notes(tmp_path: Path) -> None:
    a_site(tmp_path, ".obsidian/app.json")
    (tmp_path / "News" / "Digests").mkdir(parents=True)

    found = places(tmp_path / "out", site=str(tmp_path / "News" / "Digests"))

    assert (found.flavour, found.posts) == ("obsidian", tmp_path / "News" / "Digests")


def test_a_site_within_a_vault_is_that_site(tmp_path: Path) -> None:
    a_site(tmp_path, ".obsidian/app.json", "blog/hugo.toml")

    assert places(tmp_path, site=str(tmp_path / "blog")).flavour == "hugo"


def test_who_says_the_flavour_is_believed(tmp_path: Path) -> None:
    a_site(tmp_path, "_config.yml")

    assert places(tmp_path, site=str(tmp_path), flavour="hugo").posts == tmp_path / "content" / "posts"


def test_a_site_of_two_kinds_must_be_named(tmp_path: Path) -> None:
    a_site(tmp_path, "_config.yml", ".obsidian/app.json")

    with pytest.raises(UsageError, match="looks like several sites: Jekyll and Obsidian") as refused:
        places(tmp_path, site=str(tmp_path))

    assert refused.value.hint == "Say which: `--flavour jekyll`."


def test_what_is_no_site_is_refused_before_any_work(command: Command, home: Path) -> None:
    (home / "empty").mkdir()

    unknown = command("run", EXAMPLE, "--site", "empty")
    missing = command("run", EXAMPLE, "--site", "missing")
    plain = command("run", EXAMPLE, "--site", "empty", "--flavour", "plain")

    assert [ran.code for ran in (unknown, missing, plain)] == [2, 2, 2]
    assert "empty is no site that is known: Jekyll (_config.yml), Hugo (hugo.toml)" in unknown.err
    assert "--flavour" in unknown.err
    assert "There is no folder missing" in missing.err
    assert "A plain post belongs to no site" in plain.err
    assert files_in(home) == set()


# ── what goes where ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", LAYOUTS)
def test_post_and_pictures_go_to_the_site_page_and_manifest_to_out(tmp_path: Path, kind: str) -> None:
    site = a_site(tmp_path / "site", MARKS[kind])
    where = places(tmp_path / "out", site=str(site))
    posts, pictures, address = PLACES[kind]

    prepare(where, pictures=True)
    written = render(MANIFEST, where)

    name = "2025-12-30-mistral"
    assert files_in(site) - {MARKS[kind]} == {
        str(Path(posts, f"{name}.md")),
        *(str(Path(pictures, f"{name}-{each}.png")) for each in ("infographic", "card")),
    }
    assert files_in(tmp_path / "out") == {f"{name}.html", f"{name}.json"}
    assert list(written.files) == ["infographic", "card", "post", "page", "manifest"]
    front = yaml.safe_load(written.post.read_text(encoding="utf-8").split("---\n", 2)[1])
    assert (front["images"][0] if kind == "hugo" else front["image"]) == f"{address}/{name}-infographic.png"


def test_all_files_are_written_or_none_is(tmp_path: Path) -> None:
    """The last of them, in another folder, cannot be: nothing in the site is touched."""
    site = a_site(tmp_path / "site", "_config.yml")
    where = places(tmp_path / "out", site=str(site))
    prepare(where, pictures=True)
    (where.posts / "2025-12-30-mistral.md").write_text("the old one", encoding="utf-8")
    (where.out / "2025-12-30-mistral.json").mkdir()

    with pytest.raises(OutputError, match="a folder of that name is in the way"):
        render(MANIFEST, where)

    assert files_in(tmp_path) == {"site/_config.yml", "site/_posts/2025-12-30-mistral.md"}
    assert (where.posts / "2025-12-30-mistral.md").read_text(encoding="utf-8") == "the old one"


@pytest.mark.parametrize("slug", ["../x", "a/b", "/x", "a\\b", "a\0"])
def test_a_manifest_of_anybody_leads_nowhere_else(tmp_path: Path, slug: str) -> None:
    where = places(tmp_path / "out", site=str(a_site(tmp_path / "site", "hugo.toml")))
    prepare(where, pictures=False)

    with pytest.raises(UsageError, match="can be no file's name"):
        render(replace(MANIFEST, slug=slug, settings={"pictures": False}), where)

    assert files_in(tmp_path) == {"site/hugo.toml"}


def test_a_folder_of_the_site_may_be_a_link(tmp_path: Path) -> None:
    """Whoever keeps the posts elsewhere has said so."""
    site = a_site(tmp_path / "site", "_config.yml")
    (tmp_path / "elsewhere").mkdir()
    (site / "_posts").symlink_to(tmp_path / "elsewhere")
    where = places(tmp_path / "out", site=str(site))

    prepare(where, pictures=False)
    render(replace(MANIFEST, settings={"pictures": False}), where)

    assert (tmp_path / "elsewhere" / "2025-12-30-mistral.md").is_file()


def test_without_pictures_no_folder_is_made_for_them(command: Command, home: Path) -> None:
    a_site(home / "blog", "_config.yml")

    ran = command("run", EXAMPLE, "--site", "blog", "--no-pictures", "--out", "out")

    assert ran.code == 0
    assert ran.out == "blog/_posts/2025-12-30-mistral.md\n"
    assert not (home / "blog" / "assets").exists()


def test_the_files_of_a_dry_run_are_those_of_the_run(command: Command, home: Path) -> None:
    a_site(home / "blog", "hugo.toml")
    arguments = ("run", EXAMPLE, "--site", "blog", "--out", "out", "--json")

    planned = command(*arguments, "--dry-run").json["files"]

    assert files_in(home / "blog") == {"hugo.toml"}
    assert planned == list(command(*arguments).json["files"].values())


def test_a_topic_file_names_its_site_from_where_it_stands(command: Command, home: Path) -> None:
    a_site(home / "blog", "_config.yml")
    (home / "topics").mkdir()
    pages = REPOSITORY / "examples" / "pages" / "company.html"
    topic = f'topic = "T"\ndate = 2025-12-30\nsite = "../blog"\nflavour = "jekyll"\nsources = ["{pages}"]\n'
    (home / "topics" / "t.toml").write_text(topic, encoding="utf-8")

    ran = command("run", "topics/t.toml", "--out", "out")

    assert (home / "blog" / "_posts" / "2025-12-30-t.md").is_file()
    manifest = next((home / "out").glob("*.json")).read_text(encoding="utf-8")
    assert ran.code == 0
    assert '"flavour": "jekyll"' in manifest
    assert "blog" not in manifest  # where files are kept on this machine is nobody's business


def test_commands_after_a_digest_get_the_files_of_the_site(command: Command, home: Path) -> None:
    a_site(home / "blog", "_config.yml")
    pages = REPOSITORY / "examples" / "pages" / "company.html"
    copy = [sys.executable, "-c", "import shutil, sys; shutil.copy(sys.argv[1], 'copied.md')", "{post}"]
    topic = {
        "slug": "x",
        "date": "2025-12-30",
        "sources": [str(pages)],
        "site": "blog",
        "pictures": False,
        "after": [copy],
    }
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in topic.items())
    (home / "t.toml").write_text(text, encoding="utf-8")

    ran = command("run", "t.toml", "--min-coverage", "0")

    assert ran.code == 0, ran.err
    assert (home / "copied.md").read_bytes() == (home / "blog" / "_posts" / "2025-12-30-x.md").read_bytes()


def test_a_digest_is_drawn_anew_in_the_flavour_of_its_manifest_or_another(command: Command, home: Path) -> None:
    page = REPOSITORY / "examples" / "pages" / "company.html"
    command("run", page, "--slug", "x", "--date", "2025-12-30", "--flavour", "hugo", "--out", "out")
    manifest, post = home / "out" / "2025-12-30-x.json", home / "out" / "2025-12-30-x.md"
    first = post.read_bytes()
    post.unlink()

    assert command("render", manifest).code == 0
    again = post.read_bytes()
    assert command("render", manifest, "--flavour", "plain").code == 0

    assert b"isCJKLanguage" in first
    assert again == first
    assert post.read_bytes().startswith(b"# ")


def test_a_flavour_that_a_manifest_made_up_opens_no_file(command: Command, home: Path) -> None:
    page = REPOSITORY / "examples" / "pages" / "company.html"
    command("run", page, "--slug", "x", "--date", "2025-12-30", "--out", "out")
    manifest = home / "out" / "2025-12-30-x.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"flavour": "auto"', '"flavour": "../post.md"'), "utf-8")

    ran = command("render", manifest)

    assert ran.code == 2
    assert "flavour" in ran.err


@pytest.mark.parametrize(("kind", "is_told"), [("hugo", True), ("obsidian", False)])
def test_a_link_that_leads_nowhere_on_a_site_is_told(tmp_path: Path, kind: str, *, is_told: bool) -> None:
    """A vault lies on this machine, and so does the file."""
    entry = replace(MANIFEST.documents[0], url="", path="pages/saved.html")
    manifest = replace(MANIFEST, documents=(entry, *MANIFEST.documents[1:]), settings={"pictures": False})
    where = places(tmp_path / "out", site=str(a_site(tmp_path / "site", MARKS[kind])))
    prepare(where, pictures=False)

    notes = render(manifest, where).notes

    assert [note.partition(".")[0] for note in notes] == ["Files of this machine among the sources: 1"] * is_told


# ── what the generators make of it ───────────────────────────────────────────────────────────────────────────────────

JEKYLL, HUGO = shutil.which("jekyll"), shutil.which("hugo")
EXAMPLES = REPOSITORY / "examples"
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


@dataclass
class _Built(HTMLParser):
    """What a browser would find in a page."""

    text: str
    tags: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    citations: list[str] = field(default_factory=list)  #: addresses of the links that are a number in brackets
    pictures: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    acts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: tuple[str, str] | None = None
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.acts |= {name for name in values if name.startswith("on") or name == "style"}
        self.links += [values["href"]] if tag == "a" else []
        self.pictures += [values["src"]] if tag == "img" else []
        self._open = (tag, values.get("href", ""))

    def handle_data(self, data: str) -> None:
        match self._open:
            case ("a", href) if re.fullmatch(r"\[\d+\]", data):
                self.citations.append(href)
            case ("h2", _):
                self.headings.append(data)

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._open = None


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


def build(*arguments: str) -> str:
    """The build's own words: of a warning there is none."""
    built = subprocess.run(arguments, capture_output=True, text=True, timeout=300, check=False)
    said = built.stdout + built.stderr
    assert built.returncode == 0, said
    assert not re.search(r"warn|error|deprecat|invalid", said, re.IGNORECASE), said
    return said


def check_digests(pages: Mapping[str, str], cited: Mapping[str, int], *, posts: Path, served: Path) -> None:
    for name, citations in cited.items():
        page = _Built(pages[name])
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
        page = _Built(pages[name])
        own = {_bare(document.url) for document in manifest.documents}
        assert page.tags - TAGS <= {"html", "head", "title", "meta", "body", "main"}, name
        assert {link for link in page.links if _bare(link) not in own} == set(), name
        assert not page.acts, name
        assert "EVIL" not in pages[name], name


def _bare(link: str) -> str:
    return re.sub(r"%[0-9A-Fa-f]{2}|[^\w.:/-]", "", link.partition("#")[0])


@pytest.mark.skipif(JEKYLL is None, reason="Jekyll is not installed (Debian: apt install jekyll)")
def test_jekyll_builds_the_site_without_a_warning(command: Command, home: Path) -> None:
    assert JEKYLL
    a_site(home / "blog", "_config.yml", text="title: x\nurl: https://blog.example\nbaseurl: /sub\nfuture: false\n")
    layout = (
        "<html><head><title>{{ page.title }}</title><meta name='description' content='{{ page.ai_summary }}'></head>"
        "<body>{% if page.image %}<img src='{{ page.image | relative_url }}'>{% endif %}<main>{{ content }}</main>"
        "</body></html>"
    )
    a_site(home / "blog", "_layouts/post.html", text=layout)
    a_site(home / "blog", "_layouts/evil.html", text="EVIL")
    cited, hostile = digests_of("blog", command), attacks_into("blog")

    build(JEKYLL, "build", "--source", "blog", "--destination", "built", "--strict_front_matter", "--trace")

    pages = _pages(home / "built", named=lambda path: "-".join((*path.parts[-4:-1], path.stem)))
    check_digests(pages, cited, posts=home / "blog" / "_posts", served=home / "built")
    check_attacks(pages, hostile)


@pytest.mark.skipif(HUGO is None, reason="Hugo is not installed (Debian: apt install hugo)")
@pytest.mark.parametrize("markdown", ["", "[markup.goldmark.renderer]\nunsafe = true\n"])
def test_hugo_builds_the_site_without_a_warning(command: Command, home: Path, markdown: str) -> None:
    """Also where the site lets Markdown carry HTML."""
    assert HUGO
    settings = (
        'baseURL = "https://blog.example/sub/"\ntitle = "x"\nenableEmoji = true\ndisableKinds = ["taxonomy", "term"]\n'
    )
    a_site(home / "blog", "hugo.toml", text=settings + markdown)
    single = (
        "<html><head><title>{{ .Title }}</title><meta name='description' content='{{ .Summary | plainify }}'></head>"
        "<body>{{ with .Params.images }}<img src='{{ index . 0 | absURL }}'>{{ end }}"
        "<main><p>{{ .Summary }}</p>{{ .Content }}</main></body></html>"
    )
    for name, text in {"single": single, "list": "{{ len .Pages }}"}.items():
        a_site(home / "blog", f"layouts/_default/{name}.html", text=text)
    a_site(home / "blog", "layouts/index.html", text="{{ len .Site.RegularPages }}")
    a_site(home / "blog", "layouts/shortcodes/shortcode.html", text="EVIL")
    cited, hostile = digests_of("blog", command), attacks_into("blog")

    build(HUGO, "--source", "blog", "--destination", str(home / "built"), "--config", str(home / "blog" / "hugo.toml"))

    pages = _pages(home / "built", named=lambda path: path.parent.name)
    check_digests(pages, cited, posts=home / "blog" / "content" / "posts", served=home / "built")
    check_attacks(pages, hostile)


def _pages(folder: Path, *, named: Callable[[Path], str]) -> Mapping[str, str]:
    return {named(path): path.read_text(encoding="utf-8") for path in folder.rglob("*.html")}
