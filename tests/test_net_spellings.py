"""However a private address is written, nobody dials it: properties over spellings of addresses and of URLs."""

from __future__ import annotations

import ipaddress
import socket
from collections import Counter
from collections.abc import Iterable
from urllib.parse import quote

import httpcore2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.access import Access, hosts
from localdigest.net.addresses import is_public
from localdigest.net.client import open_client
from localdigest.net.guard import AddressRefusedError, Guard
from localdigest.net.outcome import FetchError
from localdigest.net.policy import FetchPolicy
from localdigest.records import Reason

#: Ranges that IANA lists as not globally reachable, and what wraps an address of another kind.
SPECIAL_4 = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
"""
SPECIAL_6 = """
    ::/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001:db8::/32 2002::/16
    3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8
"""

private_4 = st.sampled_from(SPECIAL_4.split()).flatmap(lambda network: st.ip_addresses(v=4, network=network))
private_6 = st.sampled_from(SPECIAL_6.split()).flatmap(lambda network: st.ip_addresses(v=6, network=network))

FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
CIRCLED = str.maketrans("123456789", "①②③④⑤⑥⑦⑧⑨")
DOTS = ("。", "．", "｡")


class Nobody(httpcore2.NetworkBackend):
    """Writes down who would be dialled."""

    def __init__(self) -> None:
        self.dialled: list[str] = []

    def connect_tcp(
        self,
        host: str,
        port: int,  # noqa: ARG002 - the signature is httpcore's
        timeout: float | None = None,  # noqa: ARG002 - as above
        local_address: str | None = None,  # noqa: ARG002 - as above
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002 - as above
    ) -> httpcore2.NetworkStream:
        self.dialled.append(host)
        raise httpcore2.ConnectError("nobody is there")


def numbers_only(host: str, port: int) -> tuple[str, ...]:
    """The system's own reading of a numeric host, octal and all, and of the names that every system has."""
    if host.rstrip(".") in ("localhost", "ip6-localhost") or host.rstrip(".").endswith(".localhost"):
        return ("127.0.0.1",)
    flags = socket.AI_NUMERICHOST
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return tuple(str(entry[4][0]) for entry in found)


def dialled_by(url: str, *, allow_hosts: tuple[str, ...] = ()) -> tuple[list[str], Reason]:
    nobody = Nobody()
    guard = Guard(allow_hosts=allow_hosts, resolve=numbers_only, inner=nobody)
    with open_client(FetchPolicy(), guard=guard) as client, pytest.raises(FetchError) as caught:
        client.get(url)
    assert (guard.contacted_hosts != set()) == (nobody.dialled != [])
    return nobody.dialled, caught.value.reason


@st.composite
def spelled_4(draw: st.DrawFn) -> str:
    """An IPv4 address as some parser somewhere reads it."""
    number = int(draw(private_4))
    octets = [number >> shift & 255 for shift in (24, 16, 8, 0)]
    parts = draw(st.integers(1, 4))
    groups = [*octets[: parts - 1], number & ((1 << (8 * (5 - parts))) - 1)]
    spelling = st.sampled_from((str, str, hex, lambda n: f"0{n:o}", lambda n: f"000{n:o}", lambda n: f"0X{n:X}"))
    text = ".".join(draw(spelling)(group) for group in groups)
    kind = draw(st.integers(0, 9))
    if kind == 1:
        text = text.translate(FULL_WIDTH)
    elif kind == 2:
        text = text.translate(CIRCLED)
    elif kind == 3:
        text = text.replace(".", draw(st.sampled_from(DOTS)))
    elif kind == 4:
        text = "".join(quote(each) if each.isdigit() is False else f"%{ord(each):02x}" for each in text)
    elif kind == 5:
        text = f"[::ffff:{ipaddress.IPv4Address(number)}]"
    return text + draw(st.sampled_from(("", "", "", ".", "..", "%00", "%20", "\t", "。")))


@st.composite
def spelled_6(draw: st.DrawFn) -> str:
    address = draw(private_6)
    text = draw(st.sampled_from((address.compressed, address.exploded, address.exploded.upper())))
    zone = draw(st.sampled_from(("", "", "%eth0", "%25eth0", "%1", "%25lo")))
    return f"[{text}{zone}]"


TRICKS_OF_URLS = {
    "scheme": ("http:", "https:", "HTTP:", "hTTps:"),
    "slashes": ("//", "///", "/", ""),
    "before": ("", "example.com@", "example.com:80@", "a:b@", "@", "example.com%40"),
    "port": ("", ":80", ":443", ":", ":0080", ":22", ":8080", ":11434", ":80:80"),
    "after": ("/", "", "?", "#", "/@example.com", "#@example.com", "?@example.com", "\\@example.com", "//example.com"),
}


@st.composite
def urls(draw: st.DrawFn, host: st.SearchStrategy[str]) -> str:
    """A URL with the host where it is, or where some parser thinks it is: one trick, seldom more."""
    tricks = draw(st.sets(st.sampled_from(sorted(TRICKS_OF_URLS)), max_size=2))
    plain = {"scheme": "http:", "slashes": "//", "before": "", "port": "", "after": "/"}
    part = {name: draw(st.sampled_from(TRICKS_OF_URLS[name])) if name in tricks else plain[name] for name in plain}
    return f"{part['scheme']}{part['slashes']}{part['before']}{draw(host)}{part['port']}{part['after']}"


@given(private_4 | private_6)
@settings(deadline=None)
def test_no_special_address_is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert not is_public(str(address))
    assert not is_public(address.exploded)
    assert not is_public(f"{address}%eth0")


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6, network="2000::/3"))
@settings(deadline=None)
def test_what_is_public_is_globally_reachable(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Never laxer than Python's own table."""
    assert not is_public(str(address)) or (address.is_global and not address.is_multicast)


def attack(examples: int) -> Counter[str]:
    """Tries so many spellings through the whole client, with the system's own reading of numbers."""
    reasons: Counter[str] = Counter()

    @given(urls(spelled_4() | spelled_6()))
    @settings(deadline=None, max_examples=examples, database=None)
    def tried(url: str) -> None:
        dialled, reason = dialled_by(url)
        reasons[reason.value] += 1
        assert dialled == []

    tried()
    return reasons


def test_no_spelling_of_a_special_address_is_dialled() -> None:
    """Many are no URL at all; enough of them reach the guard, and end there."""
    reasons = attack(600)

    assert set(reasons) == {"address-refused", "bad-url", "connection"}
    assert reasons["address-refused"] > reasons.total() / 6


@pytest.mark.torture
def test_no_spelling_of_very_many_is_dialled() -> None:
    reasons = attack(10_000)

    print(f"{reasons.total()} spellings, none dialled: {dict(reasons)}")  # noqa: T201 - the figures of `make torture`
    assert reasons["address-refused"] > reasons.total() / 6


TRICKS = """
    http://localhost/ http://LOCALHOST./ http://x.localhost/ http://ｌｏｃａｌｈｏｓｔ/ http://localhost。/ http://%6cocalhost/
    http://127.0.0.1.:80/ http://example.com@127.0.0.1/ http://[::1%25lo]/ http://[::]/ http://0.0.0.0:80/ http://①②⑦.1/
    http://[0:0:0:0:0:ffff:7f00:1]/ http://[::127.0.0.1]/ http://127。0。0。1/ http://[fe80::1%25eth0]/ http:127.0.0.1/
    http:///127.0.0.1/ http://[v1.x]/ http://[127.0.0.1]/ http://127.0.0.1:80:80/ http://127.0.0.1,example.com/
    """


@pytest.mark.parametrize("url", TRICKS.split())
def test_a_trick_of_spelling_reaches_nobody(url: str) -> None:
    dialled, reason = dialled_by(url)

    assert dialled == []
    assert reason in (Reason.ADDRESS, Reason.BAD_URL, Reason.CONNECTION)


@given(st.ip_addresses(v=4, network="8.0.0.0/8"))
@settings(deadline=None, max_examples=20)
def test_a_public_address_is_dialled(address: ipaddress.IPv4Address) -> None:
    """The tests above would hold for a client that dials nobody at all."""
    assert dialled_by(f"http://{address}/") == ([str(address)], Reason.CONNECTION)
    assert len(dialled_by(f"http://[::ffff:{address}]/")[0]) == 1


# ── whom the user vouches for ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("10.1.2.3", "http://10.1.2.3:8080/"),
        ("10.1.2.3:8080", "http://10.1.2.3:8080/"),
        ("10.1.2.0/24", "http://10.1.2.3:8080/"),
        ("10.1.2.0/24", "http://[::ffff:10.1.2.3]/"),
        ("fd00::/8", "http://[fd00::1]:8080/"),
        ("[fd00::1]:8080", "http://[fd00::1]:8080/"),
        ("fd00::1", "http://[fd00::1]/"),
        ("LocalHost", "http://localhost:11434/"),
        ("localhost", "http://localhost.:80/"),
        ("127.0.0.0/8", "http://localhost/"),
    ],
)
def test_whom_the_user_vouches_for_is_dialled(allowed: str, url: str) -> None:
    dialled, reason = dialled_by(url, allow_hosts=(allowed,))

    assert len(dialled) == 1
    assert reason is Reason.CONNECTION


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("10.1.2.3", "http://10.1.2.4/"),
        ("10.1.2.3:8080", "http://10.1.2.3/"),
        ("10.1.2.3:8080", "http://10.1.2.3:8081/"),
        ("10.1.2.0/24", "http://10.1.3.1/"),
        ("10.1.2.0/24", "http://8.8.8.8:8080/"),
        ("10.1.2.0/24", "http://[64:ff9b::a01:203]/"),
        ("fd00::/8", "http://127.0.0.1/"),
        ("localhost", "http://127.0.0.1/"),
        ("localhost", "http://x.localhost/"),
    ],
)
def test_nobody_else_is(allowed: str, url: str) -> None:
    assert dialled_by(url, allow_hosts=(allowed,)) == ([], Reason.ADDRESS)


def test_every_address_of_a_name_must_be_vouched_for() -> None:
    """A name that leads into the named network and elsewhere is refused."""
    nobody = Nobody()
    guard = Guard(allow_hosts={"10.0.0.0/8"}, resolve=lambda *_: ("10.0.0.1", "192.168.1.1"), inner=nobody)
    with pytest.raises(AddressRefusedError, match=r"192\.168\.1\.1"):
        guard.connect_tcp("mixed.example", 80)

    assert nobody.dialled == []


NOBODY = (
    "0.0.0.0/0 ::/0 8.0.0.0/7 10.0.0.1/8 10.0.0.0/33 host:0 host:65536 host:x host: :80 [::1 ::1] * http://x/ a/b u@h"
)


@pytest.mark.parametrize("written", NOBODY.split())
def test_what_vouches_for_nobody_is_refused(written: str) -> None:
    """Most of all a network that would open everything."""
    with pytest.raises(ValueError, match=r"\w"):
        hosts([written])


def test_a_list_of_forms_is_taken() -> None:
    """As a list or as one text, for files and for the environment."""
    assert hosts("NAS.local, 10.0.0.0/8 [::1]:80") == ("nas.local", "10.0.0.0/8", "[::1]:80")
    assert Access.of(hosts("bücher.local")).vouches_for("xn--bcher-kva.local", 80)
