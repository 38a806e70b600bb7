"""Who a messenger may dial, and what holds its process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import httpcore2
import pytest
from played_servers import play

from localdigest.net.addresses import is_own
from localdigest.net.door import AddressRefusedError
from localdigest.net.endpoint_guard import EndpointGuard
from localdigest.sandbox.landlock import TCP_SINCE, known_version
from localdigest.sandbox.messenger import KEY_VARIABLE, PORTS_VARIABLE

OWN = ("127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.9", "172.31.255.1", "192.168.1.40", "::1", "fd12::8",
       "::ffff:192.168.1.1")  # fmt: skip
STRANGE = ("93.184.216.34", "172.32.0.1", "100.64.0.9", "169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1", "::",
           "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::a00:1", "192.0.2.1", "no address")  # fmt: skip


class Dialled(httpcore2.NetworkBackend):
    """Notes whom it was to connect to, and connects to nobody."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.options: list[object] = []

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - as the base class has it
        local_address: str | None = None,  # noqa: ARG002 - as above
        socket_options: Iterable[object] | None = None,
    ) -> httpcore2.NetworkStream:
        self.asked.append((host, port))
        self.options = list(socket_options or ())
        raise httpcore2.ConnectError("noted")


def guard(
    *addresses: str, doors: Sequence[str] = ("box:8000",), plain: Sequence[str] = (), public: bool = False
) -> tuple[EndpointGuard, Dialled]:
    dialled = Dialled()
    made = EndpointGuard(doors, plain_doors=plain, allow_public=public, resolve=lambda *_: addresses, inner=dialled)
    return made, dialled


@pytest.mark.parametrize("address", OWN)
def test_addresses_of_ones_own_network_are_dialled(address: str) -> None:
    made, dialled = guard(address)

    assert is_own(address)
    with pytest.raises(httpcore2.ConnectError, match="noted"):
        made.connect_tcp("box", 8000)
    assert dialled.asked == [(address, 8000)]
    assert made.public_hosts == set()


@pytest.mark.parametrize("address", STRANGE)
def test_all_others_are_refused_even_under_a_name_that_was_given(address: str) -> None:
    made, dialled = guard("192.168.1.4", address)

    assert not is_own(address)
    with pytest.raises(AddressRefusedError, match="no address of one's own network"):
        made.connect_tcp("box", 8000)
    assert dialled.asked == []


@pytest.mark.parametrize(
    ("host", "port"), [("box", 8001), ("box", 80), ("other", 8000), ("box.evil", 8000), ("127.0.0.1", 8000), ("", 8000)]
)
def test_no_other_door_is_opened(host: str, port: int) -> None:
    made, dialled = guard("127.0.0.1")

    with pytest.raises(AddressRefusedError, match="none of the endpoints"):
        made.connect_tcp(host, port)
    assert dialled.asked == []


def test_a_public_address_must_be_allowed_and_is_noted() -> None:
    made, dialled = guard("93.184.216.34", doors=("llm.example:443",), public=True)

    with pytest.raises(httpcore2.ConnectError, match="noted"):
        made.connect_tcp("llm.example", 443)
    assert dialled.asked == [("93.184.216.34", 443)]
    assert made.public_hosts == {"llm.example"}


def test_a_public_address_is_never_dialled_without_tls() -> None:
    made, dialled = guard("93.184.216.34", doors=("llm.example:80",), plain=("llm.example:80",), public=True)

    with pytest.raises(AddressRefusedError, match="without TLS"):
        made.connect_tcp("llm.example", 80)
    assert dialled.asked == []


def test_a_machine_that_is_switched_off_is_noticed_by_the_kernel() -> None:
    made, dialled = guard("192.168.1.4")

    with pytest.raises(httpcore2.ConnectError):
        made.connect_tcp("box", 8000)
    assert len(dialled.options) >= 1


# ── the process ──────────────────────────────────────────────────────────────

INSIDE = """
import json, os, socket, sys
from localdigest.sandbox.messenger import hold_messenger
held = hold_messenger()
def tried(act):
    try:
        act()
    except OSError as error:
        return type(error).__name__
    return "done"
def connect(port):
    with socket.create_connection(("127.0.0.1", port), 5):
        pass
port, other, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
print(json.dumps({
    "held": held,
    "its server": tried(lambda: connect(port)),
    "another": tried(lambda: connect(other)),
    "listening": tried(lambda: socket.create_server(("127.0.0.1", 0)).close()),
    "writing": tried(lambda: open(os.path.join(folder, "x"), "w").close()),
    "removing": tried(lambda: os.unlink(os.path.join(folder, "kept"))),
    "running": tried(lambda: os.execv(sys.executable, ["python", "-c", "pass"])),
    "netlink": tried(lambda: socket.socket(16, 3).close()),
    "reading": tried(lambda: open(os.path.join(folder, "kept")).close()),
    "secrets": sorted(name for name in os.environ if "TOKEN" in name or "PROXY" in name or "MESSENGER" in name),
}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's doors are Linux's")
def test_what_is_claimed_of_the_messenger_holds(tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    with play("plain") as own, play("plain") as other:
        ports = [played.server.server_address[1] for played in (own, other)]
        secrets = {"HF_TOKEN": "s", "HTTPS_PROXY": "p", KEY_VARIABLE: "k", PORTS_VARIABLE: f"{ports[0]}"}
        done = subprocess.run(
            [sys.executable, "-c", INSIDE, *map(str, (*ports, tmp_path))],
            env={**os.environ, **secrets},
            capture_output=True,
            text=True,
            check=True,
        )
    found = json.loads(done.stdout)
    held = found["held"]

    assert found["its server"] == "done"
    assert found["reading"] == "done"
    assert found["secrets"] == [KEY_VARIABLE]
    assert held["network"] == "guard"
    if held["programs"] == "seccomp":
        assert (found["running"], found["netlink"]) == ("PermissionError", "PermissionError")
    if known_version() >= TCP_SINCE:
        assert (held["ports"], held["files"]) == ("landlock", "no-writing")
        shut = {name: found[name] for name in ("another", "listening", "writing", "removing")}
        assert set(shut.values()) == {"PermissionError"}, shut


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's doors are Linux's")
def test_a_process_that_is_not_held_claims_nothing() -> None:
    tried = "m._refuses_other_ports({9}), m._refuses_to_write('/tmp'), m._refuses_programs()"
    code = f"from localdigest.sandbox import messenger as m; print({tried})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False", "False"]
