"""The real huggingface_hub client, in a process of its own, against a server that speaks the hub's protocol."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hub_server import COMMIT, TOKEN, Fault, Hub, serve_hub

REPO, NAME = "owner/tiny", "model.gguf"
CONTENT = b"GGUF" + bytes(range(256)) * 40

#: Does what the arguments say; the library reads the environment when it is imported, hence the process.
CLIENT = """
import json, os, sys
from localdigest.errors import LocalDigestError
from localdigest.hub import huggingface
from localdigest.net.guard import Guard

notes = []
answers = []
for call, arguments in json.loads(sys.argv[1]):
    try:
        if call == "remote_file":
            remote = huggingface.remote_file(guard=Guard(), on_note=notes.append, **arguments)
            plain = ("url", "name", "num_bytes", "sha256", "etag", "revision")
            answer = {name: getattr(remote, name) for name in plain}
            answer |= {"headers": dict(remote.headers), "named_hosts": sorted(remote.named_hosts), "repr": repr(remote)}
        else:
            answer = str(getattr(huggingface, call)(**arguments))
    except LocalDigestError as error:
        answer = {"error": type(error).__name__, "message": error.message, "hint": error.hint, "code": error.exit_code}
    answers.append(answer)
quiet = []
if constants := sys.modules.get("huggingface_hub.constants"):
    quiet = [constants.HF_HUB_DISABLE_TELEMETRY, constants.HF_HUB_DISABLE_UPDATE_CHECK, constants.HF_HUB_DISABLE_XET]
print(json.dumps({"answers": answers, "notes": notes, "quiet": quiet}))
"""


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serve_hub({REPO: {NAME: CONTENT}}) as running:
        yield running


def call(
    hub: Hub, tmp_path: Path, *calls: tuple[str, dict[str, object]], **environment: str
) -> tuple[list[Any], dict[str, Any]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING", "DO_NOT"))}
    ran = subprocess.run(
        [sys.executable, "-c", CLIENT, json.dumps(calls)],
        env={**kept, **hub.environment, "HF_HOME": str(tmp_path / "hf"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    return told["answers"], told


def ask(repo: str = REPO, name: str = NAME, revision: str = "main") -> tuple[str, dict[str, object]]:
    return "remote_file", {"repo": repo, "name": name, "revision": revision}


def test_the_hub_tells_what_a_file_is(hub: Hub, tmp_path: Path) -> None:
    """Pinned to the commit; one HEAD, and nothing is told to anybody else: no telemetry, no check for updates."""
    (remote,), told = call(hub, tmp_path, ask(), HF_HUB_DISABLE_TELEMETRY="0")

    assert remote["url"] == hub.resolve_url(REPO, NAME)
    assert (remote["name"], remote["num_bytes"], remote["revision"]) == (NAME, len(CONTENT), COMMIT)
    assert remote["sha256"] == remote["etag"] == sha256(CONTENT).hexdigest()
    assert remote["named_hosts"] == ["127.0.0.1"]
    assert remote["headers"] == {}
    assert told["quiet"] == [True] * 3
    assert [(each.method, each.path) for each in hub.log] == [("HEAD", f"/{REPO}/resolve/main/{NAME}")]


def test_the_token_opens_a_gated_repository(hub: Hub, tmp_path: Path) -> None:
    """It goes along for the download, and not into what is printed."""
    hub.gated.add(REPO)
    (remote,), _ = call(hub, tmp_path, ask(), HF_TOKEN=TOKEN)

    assert remote["headers"] == {"Authorization": f"Bearer {TOKEN}"}
    assert TOKEN not in remote["repr"]
    assert {each.has_token for each in hub.log} == {True}


def test_a_stored_token_is_not_given_to_a_mirror(hub: Hub, tmp_path: Path) -> None:
    """`hf auth login` was for huggingface.co; HF_ENDPOINT names another host."""
    (tmp_path / "hf").mkdir()
    (tmp_path / "hf" / "token").write_text(TOKEN)
    (remote,), _ = call(hub, tmp_path, ask())

    assert remote["headers"] == {}
    assert {each.has_token for each in hub.log} == {False}


def test_what_is_not_there_is_told_apart(hub: Hub, tmp_path: Path) -> None:
    """Repository, revision, file; and names that can be none."""
    answers, _ = call(
        hub,
        tmp_path,
        ask(repo="owner/none"),
        ask(revision="v9"),
        ask(name="none.gguf"),
        ask(repo="no/such/form"),
        ask(repo="owner/.."),
    )

    assert {answer["error"] for answer in answers} == {"HubNotFoundError"}
    assert {answer["code"] for answer in answers} == {2}
    assert [answer["message"].split(":")[0] for answer in answers] == [
        "There is no repository owner/none, or it is private.",
        "owner/tiny has no revision `v9`.",
        "owner/tiny has no file `none.gguf` at `main`.",
        "`no/such/form` is no name of a repository",
        "`owner/..` is no name of a repository",
    ]


@pytest.mark.parametrize("token", ["", "hf_wrong"])
def test_a_licence_to_accept_is_said_to_be_one(token: str, hub: Hub, tmp_path: Path) -> None:
    """With what to do, and where."""
    hub.gated.add(REPO)
    (answer,), _ = call(hub, tmp_path, ask(), HF_TOKEN=token)

    assert (answer["error"], answer["code"]) == ("HubAccessError", 2)
    assert "licence" in answer["message"]
    assert f"huggingface.co/{REPO}" in answer["hint"]
    assert "HF_TOKEN" in answer["hint"]


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [(401, "HubAccessError", 2), (403, "HubAccessError", 2), (404, "HubNotFoundError", 2), (418, "HubError", 1)],
)
def test_statuses_without_a_word(status: int, error: str, code: int, hub: Hub, tmp_path: Path) -> None:
    hub.faults[NAME] = Fault(status=status, at_hub=True)
    (answer,), _ = call(hub, tmp_path, ask())

    assert (answer["error"], answer["code"]) == (error, code)
    assert str(status) in answer["message"]


def test_a_busy_hub_is_asked_again(hub: Hub, tmp_path: Path) -> None:
    """As late as it asked for, and the user is told."""
    hub.faults[NAME] = Fault(status=429, headers={"Retry-After": "1"}, times=1, at_hub=True)
    (remote,), told = call(hub, tmp_path, ask())
    first, second = hub.log

    assert remote["num_bytes"] == len(CONTENT)
    assert second.at - first.at >= 1.0
    assert len(told["notes"]) == 1


def test_a_hub_that_is_too_busy_is_given_up(hub: Hub, tmp_path: Path) -> None:
    hub.faults[NAME] = Fault(status=503, headers={"Retry-After": "3600"}, at_hub=True)
    (answer,), _ = call(hub, tmp_path, ask())

    assert (answer["error"], answer["code"], len(hub.log)) == ("HubBusyError", 1, 1)


def test_offline_asks_nobody(hub: Hub, tmp_path: Path) -> None:
    answers, _ = call(hub, tmp_path, ask(), ("is_offline", {}), HF_HUB_OFFLINE="1")

    assert (answers[0]["error"], answers[0]["code"]) == ("HubOfflineError", 1)
    assert answers[1] == "True"
    assert hub.log == []


def test_a_hub_that_cannot_be_found_is_named(hub: Hub, tmp_path: Path) -> None:
    (answer,), _ = call(hub, tmp_path, ask(), HF_ENDPOINT="https://hub.invalid")

    assert (answer["error"], answer["code"]) == ("HubUnreachableError", 1)
    assert "hub.invalid" in answer["message"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HF_ENDPOINT", "hub.example"),
        ("HF_ENDPOINT", "ftp://hub.example"),
        ("HF_ENDPOINT", "https://[::bad/"),
        ("HF_ENDPOINT", "https://hub.example:99999"),
        ("HF_TOKEN", "hf_\u00fc"),
        ("HF_TOKEN", "one\ntwo"),
    ],
)
def test_an_environment_that_cannot_be_is_an_error(variable: str, value: str, hub: Hub, tmp_path: Path) -> None:
    """And a token is not printed."""
    (answer,), _ = call(hub, tmp_path, ask(), **{variable: value})

    assert (answer["error"], answer["code"]) == ("UsageError", 2)
    assert variable in answer["message"]
    assert variable == "HF_ENDPOINT" or value not in answer["message"]
    assert hub.log == []


def test_the_librarys_own_cache_is_looked_into(hub: Hub, tmp_path: Path) -> None:
    """As the library lays it out; nobody is asked."""
    repo = tmp_path / "hf" / "hub" / "models--owner--tiny"
    snapshot = repo / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (snapshot / NAME).write_bytes(CONTENT)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(COMMIT)
    found, _ = call(
        hub,
        tmp_path,
        ("cached_file", {"repo": REPO, "name": NAME}),
        ("cached_file", {"repo": REPO, "name": NAME, "revision": COMMIT}),
        ("cached_file", {"repo": REPO, "name": "other.gguf"}),
        ("cached_file", {"repo": REPO, "name": NAME, "revision": "f" * 40}),
    )

    assert found == [str(snapshot / NAME)] * 2 + ["None"] * 2
    assert hub.log == []
