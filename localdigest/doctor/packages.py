"""Whether localdigest's own libraries are there and new enough, from what its installed metadata asks for.

It reads requirements itself, as far as ours go: a doctor that needs a library cannot say that it is missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from localdigest.doctor.check import Check, Status

__all__ = ["Requirement", "check_packages", "check_python", "parse_requirement"]

_REQUIREMENT = re.compile(r"\s*([\w.-]+)\s*(?:\[[^\]]*\])?\s*([^;]*)(?:;(.*))?")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([\w-]+)['"]""")
_BOUND = re.compile(r"(>=|<=|==|!=|~=|<|>)\s*([\w.*+!-]+)")
_OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Requirement:
    name: str
    bounds: tuple[tuple[str, str], ...]  #: operator and version
    extra: str = ""  #: "": always needed

    def allows(self, version: str) -> bool:
        """By the numbers of a version; an operator that ours do not use is taken as fulfilled."""
        own = _numbers(version)
        for operator, bound in self.bounds:
            length = max(len(own), len(limit := _numbers(bound)))
            left, right = _padded(own, length), _padded(limit, length)
            if (operator == ">=" and left < right) or (operator == "<" and left >= right):
                return False
        return True

    def __str__(self) -> str:
        return self.name + ",".join(operator + version for operator, version in self.bounds)


def parse_requirement(text: str) -> Requirement:
    match = _REQUIREMENT.match(text)
    if match is None:
        raise ValueError(f"{text!r} is no requirement")
    name, bounds, marker = match.groups()
    extra = _EXTRA.search(marker or "")
    return Requirement(name, tuple(_BOUND.findall(bounds)), extra[1] if extra else "")


def check_python(version: tuple[int, int, int], *, bits: int, platform: str, executable: str) -> Check:
    found = f"{'.'.join(map(str, version))}, {bits} bits, on {platform} ({executable})"
    if version[:2] < _OLDEST_PYTHON:
        return Check("python", Status.FAILED, found, "localdigest needs Python 3.11 or newer.")
    if bits < 64:  # noqa: PLR2004 - bits
        return Check("python", Status.WARNING, found, "Models need a Python of 64 bits.")
    return Check("python", Status.OK, found)


def check_packages(own: str, requirements: tuple[str, ...], versions: dict[str, str]) -> Check:
    """Those that are always needed; the engine's are another check.

    Args:
        own: localdigest's version; "": it is not installed, but run from its folder.
        requirements: as the metadata of the installation have them.
        versions: of what is installed, by the names in the requirements.
    """
    needed = [one for one in map(parse_requirement, requirements) if not one.extra]
    missing = [str(one) for one in needed if one.name not in versions]
    wrong = [
        f"{one.name} is {versions[one.name]}, not {str(one).removeprefix(one.name)}"
        for one in needed
        if one.name in versions and not one.allows(versions[one.name])
    ]
    found = f"localdigest {own}" if own else "localdigest, not installed"
    if missing or wrong:
        parts = ([f"missing: {', '.join(missing)}"] if missing else []) + wrong
        return Check(
            "libraries",
            Status.FAILED,
            f"{found}; {'; '.join(parts)}",
            "Install localdigest anew: `pip install --upgrade localdigest`, or `make digest` in a checkout.",
        )
    if not requirements:
        return Check(
            "libraries", Status.WARNING, f"{found}; its needs are not known", "Install it: `pip install -e .`."
        )
    return Check("libraries", Status.OK, f"{found}; {len(needed)} libraries, all new enough")


def _numbers(version: str) -> tuple[int, ...]:
    """Of `1.2.0rc1` 1, 2, 0."""
    numbers = []
    for part in version.split("."):
        digits = re.match(r"\d+", part)
        if digits is None:
            break
        numbers.append(int(digits[0]))
    return tuple(numbers)


def _padded(numbers: tuple[int, ...], length: int) -> tuple[int, ...]:
    return numbers + (0,) * (length - len(numbers))
