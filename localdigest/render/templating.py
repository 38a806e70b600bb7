"""The templates, and the only door to the library that fills them."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from localdigest.render import escape

__all__ = ["draw_html", "draw_markdown", "own_file"]


def draw_markdown(template: str, **values: Any) -> str:
    """The values stand as they are: whoever hands them over has made them inert one by one."""
    return _markdown().get_template(template).render(values)


def draw_html(template: str, **values: Any) -> str:
    """Every value is escaped; `style()` in a template is the style sheet of that name."""
    return _html().get_template(template).render(values)


@cache  # compiling a template takes longer than filling it
def _markdown() -> jinja2.Environment:
    environment = jinja2.Environment(  # noqa: S701 - Markdown, not HTML
        loader=jinja2.PackageLoader("localdigest.render"), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["yaml"] = escape.yaml_string
    return environment


@cache
def _html() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("localdigest.render"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["style"] = own_file
    return environment


def own_file(name: str) -> Markup:
    """A style sheet or a script of the templates, to stand in a page as it is."""
    text = (resources.files("localdigest.render") / "templates" / name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own file
