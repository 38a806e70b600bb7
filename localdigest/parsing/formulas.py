r"""Formulas as LaTeX writes them into a line of text: `8\times 7` is 8×7, `30\%` is 30%.

What has no such form keeps its marks (`\sum_{i}`): nobody takes it for words.
"""

from __future__ import annotations

import re

__all__ = ["line_of_formula"]

_GREEK = {
    name: chr(0x3B1 + place)
    for place, name in enumerate(
        (
            *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu"),
            *("nu", "xi", "omicron", "pi", "rho", "", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
        )
    )
    if name
}
_SIGNS = {
    **_GREEK,
    "times": "×", "cdot": "·", "approx": "≈", "sim": "~", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠",
    "ne": "≠", "pm": "±", "to": "→", "rightarrow": "→", "infty": "∞", "ldots": "…", "dots": "…", "in": "∈", "ell": "ℓ",
    "ll": "≪", "gg": "≫", "uparrow": "↑", "downarrow": "↓", "Delta": "Δ", "Sigma": "Σ", "Omega": "Ω", "Theta": "Θ",
    "propto": "∝", "checkmark": "✓", "colon": ":", "mid": "|", "quad": " ", "qquad": " ",
    **{name: f" {name} " for name in ("log", "exp", "max", "min", "ln", "dim", "arg")},
    **dict.fromkeys(("displaystyle", "textstyle", "left", "right", "big", "Big"), ""),
}  # fmt: skip
_WRAPPED = re.compile(
    r"\\(?:text|textrm|textbf|textit|texttt|mathrm|mathbf|mathit|mathtt|mathsf|mathcal|mathbb|operatorname|mbox|bm"
    r"|boldsymbol)\*?\s*\{([^{}]*)\}"
)
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]+)\}\s*\{([^{}]+)\}")
_DEGREE = re.compile(r"\^\{?\\circ\}?")
_COMMAND = re.compile(r"\\([A-Za-z]+)\s*")
_GAP = re.compile(r"\\[,;:! ]|~|\\\\|&")
_ESCAPED = re.compile(r"\\([%$#&_])")
_SIMPLE = re.compile(r"([\^_])\{([\w.+-]+)\}")
_BRACES = {r"\{": "\ue000", r"\}": "\ue001"}  #: real ones wait among the private characters until the others are gone
_MARKS = re.compile(r"[\\^_]")
_ROUNDS = 4  #: of wrappers in each other


def line_of_formula(latex: str) -> str:
    """The formula on one line."""
    text = latex
    for escaped, waiting in _BRACES.items():
        text = text.replace(escaped, waiting)
    text = _DEGREE.sub("°", _GAP.sub(" ", text))
    for _ in range(_ROUNDS):
        text = _FRACTION.sub(r"\1/\2", _WRAPPED.sub(r"\1", text))
    text = _COMMAND.sub(lambda found: _SIGNS.get(found[1], found[0]), text)
    text = _ESCAPED.sub(r"\1", _SIMPLE.sub(r"\1\2", text.replace("{,}", ",")))
    if not _MARKS.search(text):  # these only held together
        text = text.replace("{", "").replace("}", "")
    return " ".join(text.replace("\ue000", "{").replace("\ue001", "}").split())
