"""Downloads from a real server that misbehaves: what arrives is right, and what went wrong is said."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hub_server import TOKEN, Fault, Hub, serve_hub

from localdigest.hub.download import DownloadPolicy, Progress, download
from localdigest.hub.errors import (
    DamagedFileError,
    DiskFullError,
    DownloadError,
    HubAccessError,
    HubBusyError,
    HubNotFoundError,
    HubUnreachableError,
)
from localdigest.hub.remote import RemoteFile
from localdigest.hub.transfer import read_range, url_file
from localdigest.net.guard import Guard

REPO, NAME = "owner/tiny", "model.gguf"
KIB = 2**10
CONTENT = random.Random(1).randbytes(1000 * KIB + 7)
POLICY = DownloadPolicy(
    segment_bytes=128 * KIB,
    checkpoint_bytes=32 * KIB,
    retry_base_s=0.01,
    idle_timeout_s=1.0,
    retries=3,
    spare_bytes=0,
)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serve_hub({REPO: {NAME: CONTENT}}) as running:
        yield running


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / NAME


def remote_of(hub: Hub, content: bytes = CONTENT) -> RemoteFile:
    """As the hub would describe it."""
    sha256 = hashlib.sha256(content).hexdigest()
    return RemoteFile(
        url=hub.resolve_url(REPO, NAME),
        name=NAME,
        num_bytes=len(content),
        sha256=sha256,
        etag=sha256,
        headers={"Authorization": f"Bearer {TOKEN}"},
        named_hosts=frozenset({"127.0.0.1"}),
    )


def guard_of(hub: Hub) -> Guard:
    return Guard(allow_hosts=hub.allow_hosts)


class Told(list[Progress]):
    @property
    def notes(self) -> list[str]:
        return [each.note for each in self if each.note]


def fetch(
    hub: Hub, target: Path, *, remote: RemoteFile | None = None, policy: DownloadPolicy = POLICY
) -> tuple[Path, Told]:
    told = Told()
    path = download(remote or remote_of(hub), target, on_progress=told.append, guard=guard_of(hub), policy=policy)
    return path, told


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {f"{NAME}.lock"}


def interrupt(hub: Hub, target: Path, *, after_bytes: int, remote: RemoteFile | None = None) -> int:
    """Stops a download as Ctrl-C would; gives how many bytes its sidecar names."""

    def tell(progress: Progress) -> None:
        if progress.done_bytes >= after_bytes:
            raise KeyboardInterrupt

    hub.bytes_per_s = 500 * KIB
    with pytest.raises(KeyboardInterrupt):
        download(remote or remote_of(hub), target, on_progress=tell, guard=guard_of(hub), policy=POLICY)
    hub.bytes_per_s = None
    return sum(end - start for start, end in finished(target))


def ranges_asked(hub: Hub, *, since: int = 0) -> list[tuple[int, int]]:
    """Of the store, but for the first byte that every download begins with; `since` is a place in the log."""
    return [each.range for each in hub.log[since:] if each.server == "store" and each.range and each.range != (0, 1)]


def finished(target: Path) -> list[tuple[int, int]]:
    document = json.loads(target.with_name(f"{NAME}.part.json").read_text())
    return [(start, end) for start, end in document["finished"]]


# ── all is well ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_arrives(hub: Hub, target: Path) -> None:
    """Over several connections, each byte once; nothing else is left behind."""
    path, told = fetch(hub, target)
    ranges = sorted(ranges_asked(hub))

    assert path.read_bytes() == CONTENT
    assert files_in(target.parent) == {NAME}
    assert [start for start, _ in ranges] == [0, *(end for _, end in ranges[:-1])]
    assert len(ranges) == 8
    assert hub.bytes_sent(NAME) == len(CONTENT) + 1
    assert told.notes == []
    assert (told[0].done_bytes, told[-1].done_bytes, told[-1].total_bytes) == (0, len(CONTENT), len(CONTENT))


def test_the_token_goes_to_the_hub_alone(hub: Hub, target: Path) -> None:
    """The store of bytes is another host: it never sees it, nor does whoever prints the value."""
    fetch(hub, target)

    assert {each.has_token for each in hub.asked("hub")} == {True}
    assert {each.has_token for each in hub.asked("store")} == {False}
    assert TOKEN not in repr(remote_of(hub))


def test_the_hub_is_asked_once_for_the_address_of_the_bytes(hub: Hub, target: Path) -> None:
    fetch(hub, target)

    assert len(hub.asked("hub")) == 1


def test_a_file_that_is_there_is_not_asked_for(hub: Hub, target: Path) -> None:
    fetch(hub, target)
    asked = len(hub.log)
    fetch(hub, target)

    assert len(hub.log) == asked


def test_a_kill_after_the_last_rename_leaves_nothing_behind(hub: Hub, target: Path) -> None:
    """The file has its name and the sidecar is still there: the next call takes it away."""
    interrupt(hub, target, after_bytes=400 * KIB)
    target.with_name(f"{NAME}.part").unlink()
    target.write_bytes(CONTENT)
    fetch(hub, target)

    assert files_in(target.parent) == {NAME}


def test_another_file_in_its_place_is_left_alone(hub: Hub, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(b"mine")

    with pytest.raises(DownloadError, match="4 bytes instead of"):
        fetch(hub, target)
    assert target.read_bytes() == b"mine"


def test_an_empty_file_arrives(hub: Hub, target: Path) -> None:
    hub.repos[REPO][NAME] = b""
    path, _ = fetch(hub, target, remote=replace(remote_of(hub, b""), num_bytes=0))

    assert path.read_bytes() == b""


@pytest.mark.parametrize("fault", [Fault(), Fault(no_length=True), Fault(ignore_range=True, no_length=True)])
def test_a_file_of_which_nothing_is_known_arrives(fault: Fault, hub: Hub, target: Path) -> None:
    hub.faults[NAME] = fault
    path, _ = fetch(hub, target, remote=replace(remote_of(hub), num_bytes=0, sha256="", etag=""))

    assert path.read_bytes() == CONTENT


# ── a bad line ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_cut_connection_goes_on_where_it_broke(hub: Hub, target: Path) -> None:
    """Once or at every answer, as long as each brings something; every byte is sent about once, each retry told."""
    hub.faults[NAME] = Fault(cut_after=50_000, skip=1)
    path, told = fetch(hub, target)

    assert path.read_bytes() == CONTENT
    assert len(CONTENT) <= hub.bytes_sent(NAME) <= len(CONTENT) + 1
    assert len(told.notes) == 16
    assert all("Trying again in" in note for note in told.notes)


def test_a_line_that_brings_nothing_is_given_up(hub: Hub, target: Path) -> None:
    """After as many tries as the policy says; then what had come is kept, and a better day goes on from it."""
    kept = interrupt(hub, target, after_bytes=300 * KIB)
    hub.faults[NAME] = Fault(cut_after=0)
    before = len(hub.asked("store"))
    with pytest.raises(HubUnreachableError, match="did not come"):
        fetch(hub, target)
    tries = len(hub.asked("store")) - before
    hub.faults.clear()
    before = len(hub.log)
    path, told = fetch(hub, target)

    assert path.read_bytes() == CONTENT
    assert 4 <= tries <= 17
    assert told[0].kept_bytes == kept >= 200 * KIB
    assert sum(end - start for start, end in ranges_asked(hub, since=before)) == len(CONTENT) - kept


def test_silence_is_not_waited_for_long(hub: Hub, target: Path) -> None:
    hub.faults[NAME] = Fault(stall_after=70_000, skip=1, times=1)
    path, told = fetch(hub, target)

    assert path.read_bytes() == CONTENT
    assert told.notes[0].startswith("Nothing came for 1 s.")


def test_a_drip_is_asked_again_on_another_connection(hub: Hub, target: Path) -> None:
    hub.faults[NAME] = Fault(bytes_per_s=2000, skip=1, times=1)
    started = time.monotonic()
    path, told = fetch(hub, target, policy=replace(POLICY, stall_s=0.5, stall_bytes_per_s=10_000))

    assert path.read_bytes() == CONTENT
    assert told.notes[0].startswith("Less than a drip came.")
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("at_hub", [True, False])
def test_a_server_that_asks_for_patience_gets_it(hub: Hub, target: Path, *, at_hub: bool) -> None:
    hub.faults[NAME] = Fault(status=429, headers={"Retry-After": "1"}, times=1, at_hub=at_hub)
    started = time.monotonic()
    path, told = fetch(hub, target)

    assert path.read_bytes() == CONTENT
    assert time.monotonic() - started >= 1.0
    assert "HTTP 429" in told.notes[0]


def test_too_much_patience_ends_the_download(hub: Hub, target: Path) -> None:
    hub.faults[NAME] = Fault(status=503, headers={"Retry-After": "3600"})
    with pytest.raises(HubBusyError) as raised:
        fetch(hub, target)

    assert (raised.value.retry_after_s, raised.value.exit_code) == (3600.0, 1)


def test_a_server_in_trouble_is_asked_again(hub: Hub, target: Path) -> None:
    hub.faults[NAME] = Fault(status=502, times=2, skip=3)
    path, told = fetch(hub, target)

    assert path.read_bytes() == CONTENT
    assert len(told.notes) == 2


def test_a_signed_address_that_expired_is_asked_for_anew(hub: Hub, target: Path) -> None:
    """The store says 403 to it; the hub gives another one, and the download goes on."""
    hub.faults[NAME] = Fault(status=403, times=1, skip=4)
    path, told = fetch(hub, target)

    assert path.read_bytes() == CONTENT
    assert "has expired" in told.notes[0]
    assert 2 <= len(hub.asked("hub")) <= 1 + POLICY.connections


def test_nobody_listens(target: Path) -> None:
    """Nobody has answered yet: fewer tries are made."""
    with serve_hub({REPO: {NAME: CONTENT}}) as gone:
        remote = remote_of(gone)
    told = Told()
    with pytest.raises(HubUnreachableError) as raised:
        download(remote, target, guard=Guard(), on_progress=told.append, policy=POLICY)

    assert raised.value.exit_code == 1
    assert len(told.notes) == POLICY.first_retries


# ── a server that says no ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "kind"), [(401, HubAccessError), (403, HubAccessError), (404, HubNotFoundError), (410, HubNotFoundError)]
)
@pytest.mark.parametrize("at_hub", [True, False])
def test_a_refusal_is_final(
    status: int, kind: type[HubAccessError | HubNotFoundError], hub: Hub, target: Path, *, at_hub: bool
) -> None:
    hub.faults[NAME] = Fault(status=status, at_hub=at_hub)
    with pytest.raises(kind) as raised:
        fetch(hub, target)

    assert raised.value.exit_code == 2
    assert raised.value.hint
    assert len(hub.asked("hub")) == 1


def test_a_host_that_nobody_named_is_not_asked_in_plain_http(hub: Hub, target: Path) -> None:
    """That the user named the hub does not vouch for where it points."""
    with pytest.raises(DownloadError, match="plain http"):
        download(remote_of(hub), target, guard=Guard(), policy=POLICY)
    assert hub.asked("store") == []


@pytest.mark.parametrize("location", ["https://127.0.0.9/x", "https://[::1]/x", "https://169.254.169.254/latest"])
def test_a_redirect_to_a_private_address_is_refused(location: str, hub: Hub, target: Path) -> None:
    hub.faults[NAME] = Fault(headers={"Location": location}, at_hub=True)
    with pytest.raises(HubUnreachableError, match="no public address"):
        fetch(hub, target)
    assert len(hub.asked("hub")) == 1


def test_a_circle_of_redirects_ends(hub: Hub, target: Path) -> None:
    hub.faults[NAME] = Fault(headers={"Location": hub.resolve_url(REPO, NAME)}, at_hub=True)
    with pytest.raises(DownloadError, match="circle"):
        fetch(hub, target)
    assert len(hub.asked("hub")) == POLICY.max_redirects + 1


# ── wrong bytes ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_wrong_byte_is_found_and_set_aside(hub: Hub, target: Path) -> None:
    """No file stands under the name; the next try starts from nothing and is right."""
    hub.faults[NAME] = Fault(wrong_at=777_777)
    with pytest.raises(DamagedFileError) as raised:
        fetch(hub, target)
    left = files_in(target.parent)
    hub.faults.clear()
    path, _ = fetch(hub, target)

    assert left == {f"{NAME}.bad"}
    assert raised.value.path == target.with_name(f"{NAME}.bad")
    assert raised.value.path.stat().st_size == len(CONTENT)
    assert raised.value.exit_code == 1
    assert path.read_bytes() == CONTENT


def test_a_file_of_another_size_than_promised_is_not_begun(hub: Hub, target: Path) -> None:
    with pytest.raises(DownloadError, match="were promised"):
        fetch(hub, target, remote=replace(remote_of(hub), num_bytes=len(CONTENT) - 1))
    assert hub.bytes_sent(NAME) <= 1
    assert files_in(target.parent) == set()


def test_a_length_that_is_not_true_is_an_error(hub: Hub, target: Path) -> None:
    """The server claims more than it has, and answers no ranges: what comes is no whole file."""
    hub.faults[NAME] = Fault(other_length=len(CONTENT) + 1000, ignore_range=True)
    with pytest.raises(DownloadError, match="anew"):
        fetch(hub, target, remote=replace(remote_of(hub), num_bytes=0))
    assert not target.exists()


def test_a_file_that_changes_on_the_way_is_begun_anew(hub: Hub, target: Path) -> None:
    """Nothing was promised of it, so the new one is what was asked for: all of it, nothing of the old one."""
    new = random.Random(2).randbytes(len(CONTENT))
    hub.faults[NAME] = Fault(new_content=new, skip=4, times=1)
    path, told = fetch(hub, target, remote=replace(remote_of(hub), sha256="", etag=""))

    assert path.read_bytes() == new
    assert any("changed at the server" in note for note in told.notes)


def test_a_file_that_grew_on_the_way_is_begun_anew(hub: Hub, target: Path) -> None:
    new = CONTENT + b"more"
    hub.faults[NAME] = Fault(new_content=new, skip=4, times=1)
    path, _ = fetch(hub, target, remote=replace(remote_of(hub), sha256="", etag="", num_bytes=0))

    assert path.read_bytes() == new


def test_a_server_that_stops_answering_ranges_is_asked_for_all(hub: Hub, target: Path) -> None:
    """200 to a range brings the whole file: its bytes are never put where the range's belong, and it is said."""
    hub.faults[NAME] = Fault(ignore_range=True, skip=3)
    path, told = fetch(hub, target)

    assert path.read_bytes() == CONTENT
    assert any("in one go" in note for note in told.notes)


def test_a_server_without_ranges_sends_all_at_once(hub: Hub, target: Path) -> None:
    hub.ranges = False
    path, _ = fetch(hub, target)

    assert path.read_bytes() == CONTENT
    assert len(hub.asked("store", NAME)) == 2


def test_parts_of_which_nobody_can_tell_the_version_are_not_asked_for(hub: Hub, target: Path) -> None:
    """Neither a tag nor a hash: all at once, and after an interruption anew, which is said. A hash is enough."""
    hub.tags = False
    unknown = replace(remote_of(hub), sha256="", etag="")
    interrupt(hub, target, after_bytes=200 * KIB, remote=unknown)
    path, told = fetch(hub, target, remote=unknown)
    in_parts = ranges_asked(hub)
    path.unlink()
    fetch(hub, target)

    assert in_parts == []
    assert "cannot go on" in told.notes[0]
    assert len(ranges_asked(hub)) == 8


def test_a_server_without_ranges_that_breaks_off_is_begun_anew(hub: Hub, target: Path) -> None:
    hub.ranges = False
    hub.faults[NAME] = Fault(cut_after=500_000, skip=1, times=1)
    path, told = fetch(hub, target)

    assert path.read_bytes() == CONTENT
    assert any("cannot go on" in note for note in told.notes)


def test_another_part_than_was_asked_for_is_not_taken(hub: Hub, target: Path) -> None:
    hub.faults[NAME] = Fault(other_range=True, skip=1, times=1)
    path, told = fetch(hub, target)

    assert path.read_bytes() == CONTENT
    assert any("another part" in note for note in told.notes)


def test_a_compressed_answer_is_refused(hub: Hub, target: Path) -> None:
    hub.faults[NAME] = Fault(headers={"Content-Encoding": "gzip"})
    with pytest.raises(DownloadError, match="compresses"):
        fetch(hub, target)


# ── going on ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_interrupted_download_goes_on(hub: Hub, target: Path) -> None:
    """What is kept is told first, and is not asked for again."""
    kept = interrupt(hub, target, after_bytes=400 * KIB)
    spans = finished(target)
    before = len(hub.log)
    path, told = fetch(hub, target)
    asked = ranges_asked(hub, since=before)

    assert path.read_bytes() == CONTENT
    assert told[0].kept_bytes == told[0].done_bytes == kept >= 300 * KIB
    assert sum(end - start for start, end in asked) == len(CONTENT) - kept
    assert all(last <= start or first >= end for first, last in asked for start, end in spans)


def test_a_signature_in_the_address_is_not_kept(hub: Hub, target: Path) -> None:
    """Nor does another one make it another file."""
    remote = replace(remote_of(hub), sha256="", etag="")
    signed = replace(remote, url=f"{remote.url}?signature=secret1")
    kept = interrupt(hub, target, after_bytes=400 * KIB, remote=signed)
    text = target.with_name(f"{NAME}.part.json").read_text()
    _, told = fetch(hub, target, remote=replace(remote, url=f"{remote.url}?signature=secret2"))

    assert "secret1" not in text
    assert told[0].kept_bytes == kept


def test_another_file_under_the_same_name_is_begun_anew(hub: Hub, target: Path) -> None:
    """The repository was changed between the two calls."""
    interrupt(hub, target, after_bytes=400 * KIB)
    hub.repos[REPO][NAME] = new = random.Random(3).randbytes(len(CONTENT))
    path, told = fetch(hub, target, remote=remote_of(hub, new))

    assert path.read_bytes() == new
    assert "changed at the server" in told.notes[0]
    assert {each.kept_bytes for each in told} == {0}


def test_a_file_that_changed_meanwhile_is_begun_anew(hub: Hub, target: Path) -> None:
    """Only its tag tells, since nothing was promised of it."""
    remote = replace(remote_of(hub), sha256="", etag="")
    interrupt(hub, target, after_bytes=400 * KIB, remote=remote)
    hub.repos[REPO][NAME] = new = random.Random(3).randbytes(len(CONTENT))
    path, told = fetch(hub, target, remote=remote)

    assert path.read_bytes() == new
    assert "changed at the server" in told.notes[0]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text[:0],
        lambda text: text[:1] * 100_000,
        lambda text: text.replace('"finished": [', '"finished": [[-5, 7],'),
        lambda text: text.replace("localdigest/part/1", "localdigest/part/2"),
        lambda text: text.replace('"num_bytes": ', '"num_bytes": 1'),
    ],
)
def test_a_damaged_sidecar_costs_time_and_never_a_wrong_file(
    damage: Callable[[str], str], hub: Hub, target: Path
) -> None:
    interrupt(hub, target, after_bytes=400 * KIB)
    sidecar = target.with_name(f"{NAME}.part.json")
    sidecar.write_text(damage(sidecar.read_text()))
    path, _ = fetch(hub, target)

    assert path.read_bytes() == CONTENT


def test_bytes_that_the_disk_lost_come_again(hub: Hub, target: Path) -> None:
    """The part is shorter than its sidecar says."""
    interrupt(hub, target, after_bytes=400 * KIB)
    part = target.with_name(f"{NAME}.part")
    part.write_bytes(part.read_bytes()[:10_000])
    path, told = fetch(hub, target)

    assert path.read_bytes() == CONTENT
    assert told[0].kept_bytes <= 10_000


def test_kept_bytes_that_rotted_are_noticed(hub: Hub, target: Path) -> None:
    """The hash is of the file as it lies there, not of what was once received."""
    interrupt(hub, target, after_bytes=400 * KIB)
    start, _ = finished(target)[0]
    with target.with_name(f"{NAME}.part").open("r+b") as file:
        file.seek(start)
        file.write(b"\xff\x00\xff\x00")

    with pytest.raises(DamagedFileError):
        fetch(hub, target)


def test_a_disk_without_room_is_found_out_first(hub: Hub, target: Path) -> None:
    """With the figures, before a byte of the file is asked for."""
    with pytest.raises(DiskFullError, match=r"needs .* more .* are free") as raised:
        fetch(hub, target, policy=replace(POLICY, spare_bytes=2**60))

    assert raised.value.exit_code == 1
    assert hub.bytes_sent(NAME) <= 1


# ── parts of files, and plain addresses ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("start", "num_bytes"), [(0, 10), (500, 1000), (len(CONTENT) - 5, 10), (len(CONTENT), 10)])
def test_a_part_of_a_file_can_be_had(start: int, num_bytes: int, hub: Hub) -> None:
    part = read_range(remote_of(hub), start=start, num_bytes=num_bytes, guard=guard_of(hub))

    assert part == CONTENT[start : start + num_bytes]


def test_a_beginning_can_be_had_without_ranges(hub: Hub) -> None:
    hub.ranges = False

    assert read_range(remote_of(hub), start=0, num_bytes=100, guard=guard_of(hub)) == CONTENT[:100]
    with pytest.raises(DownloadError, match="another part"):
        read_range(remote_of(hub), start=5, num_bytes=100, guard=guard_of(hub))


def test_a_plain_address_tells_its_size_and_tag(hub: Hub, target: Path) -> None:
    """The user gave the address: its host needs no further word."""
    url = f"{hub.store_url}/{REPO}/{NAME}?x=1"
    remote = url_file(url, guard=Guard())
    path = download(remote, target, guard=Guard(), policy=POLICY)

    assert (remote.name, remote.num_bytes, remote.named_hosts) == (NAME, len(CONTENT), {"localhost"})
    assert path.read_bytes() == CONTENT
