"""Opens the reading page and the list of digests in Chromium: accessibility by axe-core, size, time to load.

usage: check_page.py [--axe AXE_MIN_JS] [PAGE.html ...]

Each page is looked at in the light and the dark theme. Without pages it makes its own: the digest of the examples, the
list of it, and a made-up digest of 300 sources with 2,000 sentences, of which size and time are told. Chromium and
axe-core (`npm install axe-core`) are no part of the project; what is missing is said.
Exit code 1: axe-core found a violation; 2: something is missing.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
AXE = Path("node_modules/axe-core/axe.min.js")
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
THEMES = {"light": "1", "dark": "0"}  #: Blink's numbers of `prefers-color-scheme`
LOADS = 3

_TELL = """
  const shown = Object.assign(document.createElement("pre"), {textContent: JSON.stringify(told)});
  document.body.replaceChildren(shown);
"""
RUN_AXE = f"""
addEventListener("load", async () => {{
  const found = await axe.run(document, {{resultTypes: ["violations", "incomplete"]}});
  const text = (nodes) => nodes.map((node) => node.html);
  const short = (rules) => rules.map(({{id, impact, nodes}}) => ({{id, impact, nodes: text(nodes)}}));
  const told = {{
    violations: short(found.violations), unsure: short(found.incomplete), passed: found.passes.length,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
  }};
  {_TELL}
}});
"""
TIME = f"""
addEventListener("load", () => {{
  const height = document.documentElement.scrollHeight, laidOut = performance.now();
  const elements = document.querySelectorAll("*").length;
  const parsed = performance.timing.domInteractive - performance.timing.navigationStart;
  const told = {{parsed, laidOut, height, elements}};
  {_TELL}
}});
"""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--axe", type=Path, default=AXE, help="axe.min.js of axe-core")
    parser.add_argument("pages", type=Path, nargs="*")
    options = parser.parse_args(arguments)
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if missing := [*([] if browser else ["Chromium"]), *([] if options.axe.is_file() else [f"{options.axe} (--axe)"])]:
        print(f"Missing: {', '.join(missing)}")
        return 2
    assert browser
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        shutil.copy(options.axe, folder / "axe.min.js")
        violations = sum(
            examine(browser, page, folder, theme) for page in options.pages or example_pages(folder) for theme in THEMES
        )
        if not options.pages:
            measure(browser, folder)
    return 1 if violations else 0


def examine(browser: str, page: Path, folder: Path, theme: str) -> int:
    """How many rules of axe-core a page violates in a theme."""
    scripts = f'<script src="axe.min.js"></script><script>{RUN_AXE}</script>'
    flags = ("--virtual-time-budget=60000", f"--blink-settings=preferredColorScheme={THEMES[theme]}")
    found = opened(browser, page, folder, scripts, *flags)
    assert found["dark"] == (theme == "dark"), "the browser did not take the theme"
    told = f"{len(found['violations'])} violations, {len(found['unsure'])} unsure, {found['passed']} rules hold"
    print(f"{page.name}, {theme}: {told}")
    for kind in ("violations", "unsure"):
        for rule in found[kind]:
            print(f"  {kind}: {rule['id']} ({rule['impact']}), {len(rule['nodes'])} times: {rule['nodes'][0][:150]}")
    return len(found["violations"])


def measure(browser: str, folder: Path) -> None:
    page = large_page(folder)
    times = [opened(browser, page, folder, f"<script>{TIME}</script>") for _ in range(LOADS)]
    best = min(times, key=lambda each: each["laidOut"])
    print(
        f"300 sources, 2,000 sentences: {page.stat().st_size / 1e6:.2f} MB, {best['elements']:,} elements; parsed after"
        f" {best['parsed']:.0f} ms, laid out after {best['laidOut']:.0f} ms ({best['height']:,} pixels high)"
    )


def opened(browser: str, page: Path, folder: Path, scripts: str, *flags: str) -> Any:
    """What the scripts tell, in a copy of the page that may run them."""
    text = POLICY.sub("", page.read_text(encoding="utf-8"))
    copy = folder / "copy.html"
    copy.write_text(text.replace("</body>", f"{scripts}</body>"), encoding="utf-8")
    common = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    common += [f"--user-data-dir={folder / 'profile'}", "--timeout=120000"]
    done = subprocess.run(
        [browser, *common, *flags, "--dump-dom", copy.as_uri()], capture_output=True, text=True, timeout=300, check=True
    )
    told = re.search(r"<pre>(\{.*\})</pre>", done.stdout, re.DOTALL)
    assert told, f"the browser told nothing of {page}: {done.stderr[-500:]}"
    return json.loads(html.unescape(told[1]))


def example_pages(folder: Path) -> list[Path]:
    """The reading page of the examples, and the list of one digest."""
    common = [sys.executable, "-m", "localdigest"]
    out = folder / "output"
    for command in (
        ["run", "examples/mistral-week.toml", "--store", str(folder / "store.sqlite3"), "--quiet"],
        ["view", "--archive", "--print"],
    ):
        subprocess.run([*common, *command, "--out", str(out)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return sorted(out.glob("*.html"))


def large_page(folder: Path) -> Path:
    sys.path.insert(0, str(ROOT / "tests"))
    from test_page import large_manifest  # noqa: PLC0415 - the digest of its test on size

    from localdigest.render.page import draw_page  # noqa: PLC0415 - for this page alone

    path = folder / "large.html"
    path.write_text(draw_page(large_manifest(), folder=folder), encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
