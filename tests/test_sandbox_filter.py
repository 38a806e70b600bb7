"""The filter as the kernel runs it: what it says to every call, on both architectures."""

from __future__ import annotations

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdigest.sandbox.seccomp import (
    ALLOW,
    ARCHES,
    KILL_PROCESS,
    NO_INTERNET,
    PARSER,
    REFUSE,
    Arch,
    Rules,
    program,
)

AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK = 1, 2, 10, 16, 17, 40
RULES = {"no internet": NO_INTERNET, "parser": PARSER}
arches = pytest.mark.parametrize("arch", ARCHES.values(), ids=ARCHES)
rules = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def verdict(steps: bytes, *, number: int, audit: int, first: int = 0) -> int:
    """What classic BPF returns for a call: an interpreter of the five instructions that there are."""
    data = struct.pack("<iIQ6Q", number if number < 2**31 else number - 2**32, audit, 0, first, 0, 0, 0, 0, 0)
    code = list(struct.iter_unpack("=HBBI", steps))
    at, register = 0, 0
    while True:
        operation, if_true, if_false, value = code[at]
        at += 1
        match operation:
            case 0x20:
                register = struct.unpack_from("<I", data, value)[0]
            case 0x15:
                at += if_true if register == value else if_false
            case 0x35:
                at += if_true if register >= value else if_false
            case 0x06:
                return value
            case _:
                raise AssertionError(f"no instruction: {operation:#x}")


@arches
@rules
@given(number=st.integers(0, 2**32 - 1), first=st.integers(0, 2**64 - 1))
def test_every_call_has_one_verdict(arch: Arch, rule: Rules, number: int, first: int) -> None:
    found = verdict(program(arch, rule), number=number, audit=arch.audit, first=first)

    is_x32 = bool(arch.x32) and number >= arch.x32
    is_socket = number in arch.sockets and first % 2**32 not in rule.families
    is_denied = number in {arch.calls.get(name) for name in rule.denied}
    assert found == (REFUSE if is_x32 or is_socket or is_denied else ALLOW)


@arches
@pytest.mark.parametrize("family", [AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK, 0, 99, 2**32 + AF_INET])
def test_only_sockets_of_this_machine_are_made(arch: Arch, family: int) -> None:
    steps = program(arch, NO_INTERNET)

    for call in arch.sockets:
        assert verdict(steps, number=call, audit=arch.audit, first=family) == REFUSE
        assert verdict(steps, number=call, audit=arch.audit, first=AF_UNIX) == ALLOW


@arches
def test_a_parser_makes_no_socket_at_all_and_runs_nothing(arch: Arch) -> None:
    steps = program(arch, PARSER)

    assert verdict(steps, number=arch.sockets[0], audit=arch.audit, first=AF_UNIX) == REFUSE
    assert verdict(steps, number=arch.calls["execve"], audit=arch.audit) == REFUSE
    assert verdict(program(arch, NO_INTERNET), number=arch.calls["execve"], audit=arch.audit) == ALLOW


@arches
@given(audit=st.integers(0, 2**32 - 1), number=st.integers(0, 500))
def test_whoever_calls_in_another_architectures_way_is_ended(arch: Arch, audit: int, number: int) -> None:
    found = verdict(program(arch, NO_INTERNET), number=number, audit=audit)

    assert (found == KILL_PROCESS) is (audit != arch.audit)


def test_a_refusal_reads_as_lack_of_permission() -> None:
    assert REFUSE & 0xFFFF == errno.EACCES
