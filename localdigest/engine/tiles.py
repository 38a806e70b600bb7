"""Keeps ggml from a CPU's tile registers (AMX, on Xeons since 2023): it then computes as on a CPU without.

With them the first product of rearranged weights ends the process, where GCC has left out most of what a tile must be
told (Debian 12's does) or where the kernel wants each thread to ask (llama.cpp #20824, #26954). Nor does a plan know
how large weights are that are rearranged for tiles. ggml has no switch: it asks the kernel for the registers, and does
without where it is refused. The kernel refuses where the stack for signals would be too small for them.
"""

from __future__ import annotations

import ctypes
import sys

__all__ = ["refuse_tiles"]

#: Holds what a signal saves on a CPU with AVX-512 (2.7 kB) and a handler; with tiles (8 kB more) it would not.
_STACK_BYTES = 8192
_FLAG_NONE = 0


class _Stack(ctypes.Structure):
    """`stack_t` of Linux."""

    _fields_ = (("start", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))


_stack = ctypes.create_string_buffer(_STACK_BYTES)  # of the process, for as long as it lives


def refuse_tiles() -> None:
    """Call it before ggml is asked for anything. Other systems than Linux give no tiles without being asked, either."""
    if sys.platform != "linux":
        return
    asked = _Stack(ctypes.addressof(_stack), _FLAG_NONE, _STACK_BYTES)
    ctypes.CDLL(None).sigaltstack(ctypes.byref(asked), None)
