"""What a child of the engine does before it loads anything of a model: whatever the named function does.

The engine is a package of its own and knows no jail; it is told one by name, and names this program's unless told
otherwise, so that no file of a model is opened by llama.cpp outside of it.
"""

from __future__ import annotations

import importlib

__all__ = ["JAIL", "enter"]

#: "module:function"; the function takes nothing and returns what it found to hold, by name.
JAIL = "localdigest.sandbox.jail:hold_model"


def enter(jail: str) -> dict[str, str | int]:
    """Enter it, for good. With "" there is none: of tests alone, whose stand-in for a GPU is at the end of a socket."""
    module, _, function = jail.partition(":")
    if not module:
        return {}
    held: dict[str, str | int] = getattr(importlib.import_module(module), function)()
    return held
