"""Cores, memory, clock, sandbox, fonts, proxies: what the machine gives. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from localdigest.doctor.check import Check, Status
from localdigest.sandbox.enforced import Barrier, Enforced, Files

__all__ = [
    "Cores",
    "Fonts",
    "Memory",
    "Sandbox",
    "check_clock",
    "check_cores",
    "check_fonts",
    "check_memory",
    "check_proxy",
    "check_sandbox",
]

#: This version was not written before: a clock that is behind it is wrong.
WRITTEN = dt.date(2026, 11, 1)
_GB = 1e9
#: Below this even reading pages gets tight: parsers and the store take a good part of it.
_LEAST_RAM = 500_000_000
#: Names of font files that hold Traditional Chinese, in lower case.
FONT_FILES = (
    "notosanscjk", "notoserifcjk", "notosanstc", "notoseriftc", "notosanshk", "sourcehansans", "sourcehanserif",
    "pingfang", "stheiti", "heiti tc", "songti", "msjh", "mingliu", "uming", "ukai", "wqy-", "droidsansfallback",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cores:
    logical: int
    physical: int  #: that this process may run on
    usable: int  #: within the quota of its control group


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes; 0: the system does not say."""

    total: int
    available: int
    within_group: int  #: available within the limits of control groups; the same where there is none
    swap: int
    least_need: int = 0  #: of the smallest model of the catalogue; 0: not known
    least_name: str = ""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What the system offers, and what was found to hold the processes that this program starts."""

    system: str
    parser: Enforced | None = None  #: None: it could not be started
    model: Barrier | None = None  #: None: likewise
    seccomp: bool = False
    namespaces: bool = False  #: for users without privileges
    landlock: int = 0  #: version of its interface; 0: none


@dataclass(frozen=True, slots=True)
class Fonts:
    chinese: tuple[str, ...]  #: fonts with Traditional Chinese; the first few
    asked: str  #: who was asked: `fc-list`, or the folders


def check_cores(cores: Cores) -> Check:
    found = f"{cores.usable} used of {cores.logical} logical"
    if cores.usable < cores.physical:
        hint = "Give the container more processors: a model's speed grows with them."
        return Check("cores", Status.NOTE, f"{found}; the control group allows no more", hint)
    return Check("cores", Status.OK, found)


def check_memory(memory: Memory) -> Check:
    if not memory.within_group:
        return Check("memory", Status.OK, "the system does not say")
    found = f"{_size(memory.within_group)} available of {_size(memory.total)}" if memory.total else ""
    found = found or f"{_size(memory.within_group)} available"
    if memory.within_group < memory.available:
        found += f", for the control group's limit ({_size(memory.available)} without)"
    found += f"; swap {_size(memory.swap)}" if memory.swap else "; no swap"
    if memory.within_group < _LEAST_RAM:
        return Check("memory", Status.WARNING, found, "Close programs, or raise the limit: reading pages needs 500 MB.")
    if memory.least_need and memory.within_group < memory.least_need:
        need = f"{memory.least_name} needs {_size(memory.least_need)}"
        hint = "The built-in writer runs. For a model close programs or raise the limit; swap is far too slow for it."
        return Check("memory", Status.WARNING, f"{found}; too little for any model ({need})", hint)
    return Check("memory", Status.OK, found)


def check_clock(now: dt.datetime) -> Check:
    found = f"{now:%Y-%m-%d %H:%M %Z}".strip()
    if now.date() < WRITTEN:
        hint = "Set the clock. Until then certificates may be refused, and dates and windows of news are wrong."
        return Check("clock", Status.WARNING, f"{found}, which is before this version was written", hint)
    return Check("clock", Status.OK, found)


_READING = {
    Barrier.SECCOMP: "no socket (seccomp)",
    Barrier.AUDIT_HOOK: "no socket for Python, but for C code (audit hook)",
    Barrier.NONE: "the network",
}
_FILES = {
    Files.LANDLOCK: "no file but the program's own (Landlock)",
    Files.RLIMIT: "no file written",
    Files.NONE: "this user's files",
}
_MODELS = {
    Barrier.SECCOMP: "no internet (seccomp)",
    Barrier.AUDIT_HOOK: "no internet for Python, but for C code (audit hook)",
    Barrier.NONE: "the network",
}


def check_sandbox(sandbox: Sandbox) -> Check:
    """What was found to hold is said, never what was asked for."""
    parser, model = sandbox.parser, sandbox.model
    if parser is None:
        hint = "Without it nothing can be read: limits on processes or memory are the usual reason."
        return Check("sandbox", Status.FAILED, "the process that reads pages could not be started", hint)
    memory = f"at most {_size(parser.memory_bytes)}" if parser.memory_bytes else "memory without a limit"
    seconds = f"{parser.cpu_seconds or parser.wall_seconds} s a page"
    found = f"pages are read with {_READING[parser.network]}, {_FILES[parser.files]}, {memory}, {seconds}"
    found += f"; models run with {_MODELS[model]}" if model else "; that of models could not be tried"
    offers = [
        name
        for name, there in (
            ("seccomp", sandbox.seccomp),
            ("user namespaces", sandbox.namespaces),
            (f"Landlock {sandbox.landlock}", sandbox.landlock > 0),
        )
        if there
    ]
    offer = f"{sandbox.system} offers {', '.join(offers) or 'nothing that is known'}"
    if Barrier.NONE in (parser.network, model):
        return Check("sandbox", Status.WARNING, f"{found} ({offer})", _WHERE_HELD)
    if (parser.network, model, parser.files) != (Barrier.SECCOMP, Barrier.SECCOMP, Files.LANDLOCK):
        return Check("sandbox", Status.NOTE, f"{found} ({offer})", _WHERE_HELD)
    return Check("sandbox", Status.OK, found)


_WHERE_HELD = "Linux since 5.13 holds both by itself; in a container its profile must let them (seccomp and Landlock)."


def check_fonts(fonts: Fonts) -> Check:
    if fonts.chinese:
        return Check("fonts", Status.OK, f"Traditional Chinese: {', '.join(fonts.chinese)}")
    hint = "For reading only, since pictures bring their own: Noto Sans CJK (package fonts-noto-cjk), or Noto Sans TC."
    return Check("fonts", Status.NOTE, f"none with Traditional Chinese ({fonts.asked})", hint)


def check_proxy(variables: tuple[str, ...]) -> Check:
    """`variables` are the names alone: an address may hold a password."""
    if not variables:
        return Check("proxy", Status.OK, "none in the environment")
    hint = (
        "Every address is checked as it is dialled, which a proxy would hide: connections are made directly. "
        "Where only the proxy leads out, save pages and name the files."
    )
    return Check("proxy", Status.WARNING, f"{', '.join(variables)}: set, and not used", hint)


def _size(num_bytes: int) -> str:
    return f"{num_bytes / _GB:.1f} GB"
