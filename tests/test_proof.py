"""`make proof`: what the operating system saw is read right, and as far as this machine can show it, it holds."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import proof
import pytest
from proof_trace import parse

ONLINE = """
7010  socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3
7010  connect(3, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT (No such file or directory)
7010  socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP <unfinished ...>
7011  socket(AF_INET6, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 5
7010  <... socket resumed>) = 4
7010  connect(4, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16 <unfinished ...>
7011  connect(5, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = -1 EINPROGRESS (Operation now in progress)
7010  <... connect resumed>) = -1 EINPROGRESS (Operation now in progress)
7010  sendto(6, "", 0, 0, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.53")}, 16) = 0
"""  # noqa: E501 - as strace writes it
OFFLINE = """
7020  socket(AF_INET6, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = -1 EACCES (Permission denied)
7020  socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, [3, 4]) = 0
7020  socket(AF_INET, SOCK_STREAM, 0 <unfinished ...>
7020  +++ killed by SIGKILL +++
"""


def test_every_socket_and_every_peer_is_seen() -> None:
    """Also where two processes' calls are interleaved."""
    trace = parse(ONLINE.splitlines())

    assert trace.made == ("AF_UNIX", "AF_INET6", "AF_INET")
    assert trace.internet == ("AF_INET6", "AF_INET")
    assert trace.spoken_to == {"127.0.0.1", "2001:db8::1", "192.0.2.53"}


def test_a_refused_socket_is_none() -> None:
    trace = parse(OFFLINE.splitlines())

    assert (trace.made, trace.internet) == ((), ())
    assert trace.refused == ("AF_INET6", "AF_INET")
    assert trace.spoken_to == frozenset()


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "0x2d"])
def test_a_family_that_can_leave_the_machine_counts(family: str) -> None:
    """One that strace has no name for does too."""
    assert parse([f"1  socket({family}, SOCK_DGRAM, 0) = 3"]).internet == (family,)


def test_a_line_that_does_not_hold_ends_with_1_and_one_not_shown_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [proof.Line("root", "a", holds=True, found="x"), proof.Line("root", "b", holds=None, found="no strace")]

    assert [proof.code_of(lines[:1]), proof.code_of(lines)] == [0, 2]
    assert proof.code_of([*lines, proof.Line("root", "c", holds=False, found="y")]) == 1
    assert [row.split()[:3] for row in proof.table(lines)][1:] == [["root", "a", "holds"], ["root", "b", "not"]]
    assert capsys.readouterr().out == ""


def test_whoever_runs_the_tests_can_see_it(tmp_path: Path) -> None:
    """Online the hosts that were named, offline no socket; the model's half is in `make proof`."""
    user = proof.User("this user", tmp_path)
    if missing := proof.lacking(user):
        pytest.skip(missing)
    found = list(proof.lines_of(user, None))

    assert len(found) == 6
    assert [line for line in found if not line.holds] == []


def test_a_user_without_privileges_sees_what_root_sees() -> None:
    """Python and this checkout can be reached, though both may lie in a folder of root's, and a socket is noticed."""
    if os.geteuid() != 0:
        pytest.skip("not root: the test above is this one")
    with proof.users("current") as (root,), proof.users("ordinary") as (user,):
        if missing := proof.lacking(root):
            pytest.skip(missing)
        who = user.run(sys.executable, "-c", "import os, localdigest; print(os.geteuid())")

        assert who.stdout == f"{proof.NOBODY}\n", who.stderr
        assert proof.lacking(user) == ""
