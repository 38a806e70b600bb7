"""Downloads in processes of their own: killed, doubled, and on a disk that fills up."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from conftest import HEEDING_PYTHON
from hub_server import Fault, Hub, serve_hub

from localdigest.hub.download import DownloadPolicy

REPO = "owner/tiny"
KIB = 2**10
CONTENT = random.Random(5).randbytes(2048 * KIB + 321)
SHA256 = sha256(CONTENT).hexdigest()
POLICY = DownloadPolicy(
    connections=4,
    segment_bytes=256 * KIB,
    checkpoint_bytes=128 * KIB,
    checkpoint_s=0.05,
    retry_base_s=0.01,
    spare_bytes=0,
)

#: One download; what became of it as a value.
FETCH = """
import contextlib, hashlib, json, os, signal, sys, time
from pathlib import Path
from localdigest.hub.download import DownloadPolicy, download
from localdigest.hub.remote import RemoteFile
from localdigest.net.guard import Guard
from localdigest.errors import LocalDigestError

def fetch(task, on_progress=lambda _: None):
    remote = RemoteFile(**{**task["remote"], "named_hosts": frozenset(task["remote"]["named_hosts"])})
    target, told = Path(task["target"]), []

    def tell(progress):
        told.append(progress)
        on_progress(progress)

    try:
        download(remote, target, guard=Guard(), on_progress=tell, policy=DownloadPolicy(**task["policy"]))
    except LocalDigestError as error:
        answer = {"error": type(error).__name__, "message": error.message, "hint": error.hint, "code": error.exit_code}
    else:
        answer = {"sha256": hashlib.sha256(target.read_bytes()).hexdigest()}
    kept = max((each.kept_bytes for each in told), default=0)
    return {**answer, "kept": kept, "notes": [each.note for each in told if each.note]}
"""

#: Reads one task a line, and forks a process for each: so 400 of them start in no time.
LAUNCHER = f"""{FETCH}
from localdigest.net.http import _ssl_context
_ssl_context()  # a good part of a second, once

def safe_bytes(target):
    try:
        with open(target + ".part.json") as sidecar:
            return sum(end - start for start, end in json.load(sidecar)["finished"])
    except FileNotFoundError:
        return 10**9 if os.path.exists(target) else 0

for line in sys.stdin:
    task = json.loads(line)
    inside, outside = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(inside)
        try:
            os.write(outside, json.dumps(fetch(task)).encode())
        finally:
            os._exit(0)
    os.close(outside)
    if task["kill_at_bytes"] is not None:
        while safe_bytes(task["target"]) < task["kill_at_bytes"]:
            time.sleep(0.002)
        time.sleep(task["and_after_s"])
        os.kill(child, signal.SIGKILL)
    with open(inside, "rb") as answers:
        text = answers.read()
    os.waitpid(child, 0)
    print(text.decode() or "{{}}", flush=True)
"""

#: Fills the rest of the disk when a quarter of the file is there.
FILLED = f"""{FETCH}
task = json.loads(sys.argv[1])
filler = Path(task["target"]).with_name("filler")

def fill(progress):
    if progress.done_bytes > 500_000 and not progress.kept_bytes and not filler.exists():
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass

print(json.dumps(fetch(task, fill)))
filler.unlink(missing_ok=True)
"""


def task_for(hub: Hub, target: Path, *, policy: DownloadPolicy = POLICY, query: str = "") -> dict[str, object]:
    remote = {
        "url": f"{hub.resolve_url(REPO, target.name)}?{query}",
        "name": target.name,
        "num_bytes": len(CONTENT),
        "sha256": SHA256,
        "named_hosts": ["127.0.0.1", "localhost"],
    }
    return {"remote": remote, "target": str(target), "policy": asdict(policy)}


class Launcher:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def fetch(
        self, hub: Hub, target: Path, *, query: str = "", kill_at_bytes: int | None = None, and_after_s: float = 0.0
    ) -> dict[str, Any]:
        """What became of a download; nothing if it was killed before it could tell."""
        task = task_for(hub, target, query=query)
        self.send({**task, "kill_at_bytes": kill_at_bytes, "and_after_s": and_after_s})
        return self.receive()

    def send(self, task: dict[str, object]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"kill_at_bytes": None, **task}) + "\n")
        self._process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def launch() -> Iterator[Launcher]:
    with subprocess.Popen(
        [sys.executable, "-c", LAUNCHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Launcher(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=30)


def safe_bytes(target: Path) -> int:
    """What the sidecar names."""
    sidecar = target.with_name(f"{target.name}.part.json")
    if not sidecar.exists():
        return 0
    return sum(end - start for start, end in json.loads(sidecar.read_text())["finished"])


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_200_downloads_killed_at_random_go_on(tmp_path: Path) -> None:
    """Each ends with the right sha256, and none from zero: all that was safe is kept, and not sent again.

    A download is killed some moments after it has so many bytes safe: anywhere in a write, a sync or a rename.
    """
    names = [f"{number}.gguf" for number in range(250)]
    dice = random.Random(7)
    killed = 0
    with serve_hub({REPO: dict.fromkeys(names, CONTENT)}) as hub, launch() as launcher:
        hub.bytes_per_s = 8192 * KIB
        for name in names:
            target = tmp_path / name / name
            least = dice.randrange(len(CONTENT))
            first = launcher.fetch(hub, target, kill_at_bytes=least, and_after_s=dice.uniform(0.0, 0.03))
            if first or target.exists():  # it was quicker
                continue
            killed += 1
            safe = safe_bytes(target)
            last = launcher.fetch(hub, target, query="again")
            asked = [each.range for each in hub.asked("store", name) if each.query.endswith("again") and each.range]

            assert last.get("sha256") == SHA256, last
            assert last["kept"] == safe >= least
            assert sum(end - start for start, end in asked) == len(CONTENT) - safe + 1
            assert last["notes"] == []
            assert {path.name for path in target.parent.iterdir()} <= {name, f"{name}.lock"}
            if killed == 200:
                break

    assert killed == 200


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_two_at_once_download_once(tmp_path: Path) -> None:
    """The second waits, says so, and finds the file."""
    target = tmp_path / "model.gguf"
    with serve_hub({REPO: {target.name: CONTENT}}) as hub, launch() as one, launch() as other:
        hub.bytes_per_s = 512 * KIB
        for launcher in (one, other):
            launcher.send(task_for(hub, target))
        answers = [launcher.receive() for launcher in (one, other)]
        sent = hub.bytes_sent(target.name)

    assert [answer["sha256"] for answer in answers] == [SHA256] * 2
    assert sent == len(CONTENT) + 1
    assert sorted(len(answer["notes"]) for answer in answers) == [0, 1]
    assert any("Another process" in note for answer in answers for note in answer["notes"])


# ── a disk that fills up ─────────────────────────────────────────────────────────────────────────────────────────────


def on_small_disk(folder: Path, steps: list[tuple[str, dict[str, object]]]) -> list[dict[str, Any]]:
    """Runs a task after each command, all on one file system of its own that `$DISK` names."""
    if shutil.which("unshare") is None or shutil.which("mount") is None:
        pytest.skip("neither unshare nor mount is here to make a small file system with")
    lines = ["set -e", f"DISK={folder}", "mount -t tmpfs -o size=1m none $DISK || exit 77"]
    for command, task in steps:
        task_file = folder.with_name(f"task-{len(lines)}.json")
        task_file.write_text(json.dumps(task))
        lines += [command, f'"$PYTHON" -c "$FILLED" "$(cat {task_file})"']
    ran = subprocess.run(
        ["unshare", "-rm", "sh", "-c", "\n".join(lines)],
        env={**os.environ, "PYTHON": sys.executable, "FILLED": FILLED},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode in (1, 77) and not ran.stdout:
        pytest.skip(f"no file system can be mounted here: {ran.stderr.strip()}")
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "disk"
    folder.mkdir()
    return folder


def test_a_disk_that_is_too_small_is_an_error_with_figures(disk: Path) -> None:
    """Nothing of the file is asked for; when there is room the same call does it."""
    target = disk / "model.gguf"
    with serve_hub({REPO: {target.name: CONTENT}}) as hub:
        task = task_for(hub, target)
        full, done = on_small_disk(disk, [("", task), ("mount -o remount,size=16m $DISK", task)])
        sent = hub.bytes_sent(target.name)

    assert (full["error"], full["code"]) == ("DiskFullError", 1)
    assert "needs 2.0 MiB more" in full["message"]
    assert "1.0 MiB are free" in full["message"]
    assert done["sha256"] == SHA256
    assert sent == len(CONTENT) + 2


def test_a_disk_that_fills_up_on_the_way_costs_nothing_that_came(disk: Path) -> None:
    """Where room cannot be reserved: a clear error, and with room again it goes on."""
    target = disk / "model.gguf"
    with serve_hub({REPO: {target.name: CONTENT}}) as hub:
        hub.bytes_per_s = 512 * KIB
        task = task_for(hub, target, policy=replace(POLICY, reserve=False))
        full, done = on_small_disk(disk, [("mount -o remount,size=3m $DISK", task), ("", task)])

    assert (full["error"], full["code"]) == ("DiskFullError", 1)
    assert "No room on the disk" in full["message"]
    assert "goes on" in full["hint"]
    assert done["sha256"] == SHA256
    assert done["kept"] > 300_000


def test_reserved_room_cannot_be_taken_away(disk: Path) -> None:
    """Whoever fills the disk meanwhile, the download ends well."""
    target = disk / "model.gguf"
    with serve_hub({REPO: {target.name: CONTENT}}) as hub:
        hub.bytes_per_s = 512 * KIB
        task = task_for(hub, target)
        (done,) = on_small_disk(disk, [("mount -o remount,size=3m $DISK", task)])

    assert done.get("sha256") == SHA256, done


# ── Ctrl-C ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_ctrl_c_ends_a_download_at_once(tmp_path: Path) -> None:
    """Though the server is silent and would be for half a minute; what came is safe, and the next call goes on."""
    target = tmp_path / "model.gguf"
    program = f"{FETCH}\nprint(json.dumps(fetch(json.loads(sys.argv[1]))))"
    with serve_hub({REPO: {target.name: CONTENT}}) as hub:
        hub.faults[target.name] = Fault(stall_after=100_000, skip=1)
        task = json.dumps(task_for(hub, target))
        with subprocess.Popen([*HEEDING_PYTHON, "-c", program, task], stderr=subprocess.PIPE) as child:
            while safe_bytes(target) < 400_000:
                time.sleep(0.01)
            started = time.monotonic()
            child.send_signal(signal.SIGINT)
            _, errors = child.communicate(timeout=20)
            took_s = time.monotonic() - started
        hub.faults.clear()
        safe = safe_bytes(target)
        again = subprocess.run([sys.executable, "-c", program, task], capture_output=True, check=True)

    assert b"KeyboardInterrupt" in errors
    assert took_s < 5.0
    assert json.loads(again.stdout)["kept"] == safe >= 400_000
    assert json.loads(again.stdout)["sha256"] == SHA256
