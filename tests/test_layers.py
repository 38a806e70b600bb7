"""Imports point one way, and each heavy library has one door."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import localdigest

PACKAGE = Path(localdigest.__file__).parent

#: From the command line down to the values; a module imports from its own line or from below.
LAYERS = (
    ("cli", "__main__"),
    ("doctor",),
    ("pipeline", "gathering", "job"),
    ("writers",),
    ("stages",),
    ("sourcing",),
    ("planning",),
    ("hub", "remote"),
    ("reader",),
    ("net", "parsing", "render", "sites", "discovery"),
    ("facts",),
    ("text",),
    ("origin",),
    (
        "store",
        "prompts",
        "manifest",
        "history",
        "health",
        "topicfile",
        "hints",
        "locks",
        "files",
        "fingerprint",
        "urls",
        "hooks",
        "schedules",
    ),
    ("sandbox",),  # imports little: a child enters its jail before it loads anything else
    ("settings", "codec"),
    ("records",),
    ("access", "after", "services", "endpoints"),
    ("values", "interruption", "errors"),
    ("redact",),
    ("engine",),  # a package of its own: it knows nothing of the rest
)

#: Library → the modules that may import it.
DOORS = {
    "typer": ("cli",),
    "rich": ("cli",),
    "tomlkit": ("cli.topic_edit",),
    "platformdirs": ("cli.layers",),
    "httpx2": ("net.http",),
    "httpcore2": ("net.http", "net.door", "net.guard", "net.endpoint_guard"),
    "trafilatura": ("parsing.body_trafilatura",),
    "cssselect": ("parsing.body_sheets",),
    "readability": ("parsing.body_readability",),
    "htmldate": ("parsing.dates_guess",),
    "pypdf": ("parsing.pdf_vet", "parsing.pdf"),
    "pypdfium2": ("parsing.pdf_lines", "parsing.pdf_ink"),
    "fastfeedparser": ("parsing.feeds",),
    "protego": ("parsing.robots",),
    "w3lib": ("urls",),
    "charset_normalizer": ("parsing.encoding",),
    "jinja2": ("render.templating", "engine.chat"),
    "huggingface_hub": ("hub.huggingface",),
    "filelock": ("hub", "locks"),
    "opencc": ("text.hant_opencc",),
    "llama_cpp": ("engine.llamacpp", "engine.ggml"),
    "llguidance": ("engine.constraint",),
    "numpy": ("engine.backend", "engine.llamacpp", "engine.sampler", "engine.constraint"),
    "PIL": ("render.picture.typeface",),
    "pylopdf_fonts_zh_tw": ("render.picture.typeface",),
    "resvg_py": ("render.picture.raster",),
    "sqlite3": ("store", "doctor.database"),
}


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


IMPORTS = {module_name(path): imports_of(path) for path in sorted(PACKAGE.rglob("*.py"))}
OWN = {
    module: {name.removeprefix("localdigest.") for name in imports if name.startswith("localdigest.")} & set(IMPORTS)
    for module, imports in IMPORTS.items()
}


def layer_of(module: str) -> int:
    top = module.split(".", maxsplit=1)[0]
    return next(number for number, layer in enumerate(LAYERS) if top in layer)


def test_every_module_has_its_layer() -> None:
    tops = {module.split(".")[0] for module in IMPORTS} - {"__init__", ""}

    assert tops == {top for layer in LAYERS for top in layer}


@pytest.mark.parametrize("module", sorted(set(OWN) - {"__init__", ""}))
def test_a_module_imports_from_its_layer_or_below(module: str) -> None:
    upward = {name for name in OWN[module] if name not in ("", "__init__") and layer_of(name) < layer_of(module)}

    assert upward == set()


def test_no_module_imports_itself_by_a_detour() -> None:
    list(TopologicalSorter({module: names - {module} for module, names in OWN.items()}).static_order())


def test_no_stage_imports_another() -> None:
    stages = {module for module in OWN if module.startswith("stages.")}

    assert {stage: OWN[stage] & stages - {stage} for stage in stages if OWN[stage] & stages - {stage}} == {}


@pytest.mark.parametrize("library", sorted(DOORS))
def test_a_heavy_library_is_imported_by_its_door_only(library: str) -> None:
    importers = {module for module, names in IMPORTS.items() if any(name.split(".")[0] == library for name in names)}
    strangers = {
        module for module in importers if not any(f"{module}.".startswith(f"{door}.") for door in DOORS[library])
    }

    assert strangers == set()
    assert importers, f"nothing imports {library} any more: take it off the list and out of pyproject.toml"


def test_help_imports_nothing_heavy() -> None:
    """What `--help` imports decides how quickly it comes; the libraries above take seconds together."""
    script = """
import sys
sys.argv = ["localdigest", "run", "--help"]
from localdigest.cli.main import main
try:
    main()
except SystemExit as done:
    assert done.code == 0, done.code
print(*sys.modules, file=sys.stderr)
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in result.stderr.split()}

    assert "Usage:" in result.stdout
    assert not loaded & (set(DOORS) - {"typer", "platformdirs"})
    assert not loaded & {"lxml", "selectolax", "pygments", "markdown_it"}
    assert "localdigest.pipeline" not in result.stderr.split()
