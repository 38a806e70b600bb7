"""The posts of all attacks through Jekyll itself, where it is installed (Debian: `apt install jekyll`)."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from attack_pages import attacks
from attack_run import TAGS, run_plainly
from built_page import BuiltPage, bare

JEKYLL = shutil.which("jekyll")
CONFIG = "title: x\nurl: https://blog.example\nmarkdown: kramdown\nsafe: true\nshow_drafts: false\nfuture: true\n"
LAYOUT = (
    "<html><head><title>{{ page.title }}</title><meta name='description' content='{{ page.ai_summary }}'></head>"
    "<body><main>{{ content }}</main></body></html>"
)


@pytest.mark.skipif(JEKYLL is None, reason="Jekyll is not installed")
def test_jekyll_draws_text_and_links_to_sources_and_nothing_else(tmp_path: Path) -> None:
    """No tag, no address and no template sign of a page's own; the layout is the site's."""
    assert JEKYLL
    (tmp_path / "_config.yml").write_text(CONFIG, encoding="utf-8")
    for folder in ("_posts", "_layouts", "_includes"):
        (tmp_path / folder).mkdir()
    (tmp_path / "_layouts" / "post.html").write_text(LAYOUT, encoding="utf-8")
    (tmp_path / "_layouts" / "evil.html").write_text("EVIL", encoding="utf-8")
    expected = {}
    for attack in attacks():
        run = run_plainly(attack)
        name = f"2026-01-06-{attack.id}"
        # An older Jekyll does not know the key: the escaping must hold without it.
        post = run.post.replace("render_with_liquid: false\n", "")
        (tmp_path / "_posts" / f"{name}.md").write_text(post, encoding="utf-8")
        expected[attack.id] = {document.url for document in run.manifest.documents}

    built = subprocess.run(
        [JEKYLL, "build", "--source", str(tmp_path), "--destination", str(tmp_path / "_site"), "--quiet"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert built.returncode == 0, built.stderr
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "_site").rglob("*.html")}
    assert set(expected) <= set(pages)
    for name, urls in expected.items():
        page = BuiltPage(pages[name])
        foreign = {link for link in page.links if bare(link) not in set(map(bare, urls))}
        assert page.tags - TAGS <= {"html", "head", "title", "meta", "body", "main"}, name
        assert not foreign, name
        assert not page.acts, name
        assert not re.search(r"Liquid (?:error|syntax)|EVIL", pages[name]), name
