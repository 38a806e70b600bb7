"""A digest in the folders of a site: which site it is, and what goes where."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from conftest import REPOSITORY, Command
from test_post import FIRST, SAVED, a_manifest

from localdigest.errors import OutputError, UsageError
from localdigest.render.sites import LAYOUTS, places
from localdigest.stages.render import prepare, render

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
