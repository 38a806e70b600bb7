"""`localdigest run --endpoint`, as a user starts it: what is sent where, what is said of it, and what never is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY, Ran
from played_servers import Fault, Played, Request, play
from scripted_engine import honest_within
from test_interrupts import running, wait_until

from localdigest.store import Store

PAGES = ("examples/pages/company.html", "examples/pages/forum.html")
COMMON = ("--date", "2025-12-30", "--slug", "proof", "--lang", "en", "--topic", "Mistral", "--no-pictures",
          "--store", "store.sqlite3", "--style", "quotes")  # fmt: skip
SECRET = "sk-k3y-of-mine-alone"


def a_server(kind: str = "llama", form: str = "json_schema", **options: Any) -> AbstractContextManager[Played]:
    return play(kind, form, fills=lambda request, schema: honest_within(request.prompt, schema), **options)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(REPOSITORY / "examples", tmp_path / "examples")
    return tmp_path


def run(folder: Path, *arguments: str, **environment: str) -> Ran:
    homes = {name: str(folder / ".home" / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "HF_HOME")}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LOCALDIGEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "localdigest", *arguments],
        env={**inherited, **homes, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "output" / "2025-12-30-proof.json").read_text("utf-8"))
    return found


def files_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()


def test_a_digest_by_a_server_offline_and_without_asking_again(folder: Path) -> None:
    """The run's own process has no network; the messenger has one door. A second run knows every answer."""
    with a_server() as server:
        first = run(folder, "run", *PAGES, *COMMON, "--endpoint", server.url, "--offline")
        asked, made = len(server.jobs), manifest(folder)
        post = (folder / "output" / "2025-12-30-proof.md").read_bytes()
        second = run(folder, "run", *PAGES, *COMMON, "--endpoint", server.url, "--offline")
        again = len(server.jobs) - asked

    assert first.code == 0, first.err
    assert asked > 5
    told = made["model"]["server"]
    assert (made["model"]["name"], made["model"]["source"], made["model"]["sha256"]) == ("tiny", "server", [])
    assert (told["endpoints"], told["public"], told["software"]) == ([server.url], [], "llama.cpp b9999-abc")
    assert (told["forms"], told["counting"], told["context_tokens"]) == (["json_schema"], ["llama"], 8192)
    assert told["told"]["file"] == "tiny.gguf"
    assert made["run"]["hosts"] == ["127.0.0.1"]
    assert made["run"]["work"]["jobs_run"] == asked
    assert made["counts"]["unsupported"] == 0
    assert made["counts"]["statements"] > 5
    assert set(made["sandbox"]) == {"main", "parser", "messenger"}
    assert made["sandbox"]["messenger"]["network"] == "guard"
    if sys.platform == "linux":
        assert made["sandbox"]["main"] == {"network": "seccomp"}
        assert made["sandbox"]["messenger"]["programs"] == "seccomp"
    assert (second.code, again) == (0, 0), second.err
    assert (folder / "output" / "2025-12-30-proof.md").read_bytes() == post
    assert manifest(folder)["run"]["work"]["jobs_run"] == 0
    page = (folder / "output" / "2025-12-30-proof.html").read_text("utf-8")
    assert "Model servers" in page
    assert "127.0.0.1" in page
    assert "beyond the network" not in page


def test_a_page_says_that_a_server_was_beyond_ones_own_network(folder: Path) -> None:
    """As the manifest has it, whoever wrote that."""
    with a_server() as server:
        assert run(folder, "run", *PAGES, *COMMON, "--endpoint", server.url).code == 0
    path = folder / "output" / "2025-12-30-proof.json"
    made = manifest(folder)
    made["model"]["server"]["public"] = ["llm.example:443", "<b>x</b>{{ y }}:1"]
    path.write_text(json.dumps(made), "utf-8")
    drawn = run(folder, "render", str(path))
    page = path.with_suffix(".html").read_text("utf-8")

    assert drawn.code == 0, drawn.err
    assert "What was read was sent to a model server beyond the network of whoever made this: llm.example:443" in page
    assert "<b>x</b>" not in page
    assert "{{ y" not in page


def test_another_host_with_the_same_file_is_not_asked_again_and_another_file_is(folder: Path) -> None:
    with a_server() as one:
        assert run(folder, "run", *PAGES, *COMMON, "--endpoint", one.url).code == 0
    with a_server() as same:
        assert run(folder, "run", *PAGES, *COMMON, "--endpoint", same.url).code == 0
        assert same.jobs == []
    with a_server(context=4096) as other:
        assert run(folder, "run", *PAGES, *COMMON, "--endpoint", other.url).code == 0
        assert len(other.jobs) > 5


def test_several_servers_share_a_digest(folder: Path) -> None:
    with a_server("vllm", "structured_outputs") as one, a_server("vllm", "structured_outputs") as other:
        ran = run(folder, "run", *PAGES, *COMMON, "--endpoint", one.url, "--endpoint", other.url)
        asked = {job.prompt for job in one.jobs}, {job.prompt for job in other.jobs}

    assert ran.code == 0, ran.err
    assert all(asked)
    assert not asked[0] & asked[1]
    assert manifest(folder)["model"]["server"]["endpoints"] == [one.url, other.url]


def test_fetched_today_summarised_by_a_server_tomorrow(folder: Path) -> None:
    with a_server("ollama", "format", context=4096) as server:
        ran = run(folder, "summarize", *PAGES, *COMMON, "--endpoint", server.url)

    assert ran.code == 0, ran.err
    assert "its default: more by `OLLAMA_CONTEXT_LENGTH=16384 ollama serve`" in ran.err
    made = manifest(folder)
    assert made["model"]["server"]["counting"] == ["bound"]
    assert made["model"]["server"]["notes"]
    assert made["counts"]["statements"] > 3


def test_llama_cpp_is_not_needed(folder: Path) -> None:
    """Neither here nor in the messenger: a machine without an engine can write with a server."""
    block = "import sys\nfor name in ('llama_cpp', 'llguidance', 'numpy'):\n    sys.modules[name] = None\n"
    (folder / "blocked").mkdir()
    (folder / "blocked" / "sitecustomize.py").write_text(block)
    with a_server() as server:
        ran = run(folder, "run", PAGES[0], *COMMON, "--endpoint", server.url, PYTHONPATH=str(folder / "blocked"))

    assert ran.code == 0, ran.err


# ── whom it may be ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--endpoint", "http://93.184.216.34:8000"), 1, "leads to 93.184.216.34, which is no address of one's own"),
        (("--endpoint", "http://169.254.169.254/v1"), 1, "leads to 169.254.169.254, which is no address of one's own"),
        (("--endpoint", "http://93.184.216.34:8000", "--allow-public-endpoint"), 1, "without TLS"),
        (("--endpoint", "https://93.184.216.34", "--allow-public-endpoint", "--offline"), 2, "both cannot be"),
        (("--endpoint", "http://me:s3cret@127.0.0.1:1/v1"), 2, "holds a password"),
        (("--endpoint", "gpu-box:8000"), 2, "expected an address such as http://gpu-box:8000/v1"),
        (("--endpoint", "http://127.0.0.1:1"), 1, "127.0.0.1:1 does not answer"),
        (("--endpoint", "http://127.0.0.1:1", "--api-key-env", "NO_KEY"), 2, "no environment variable NO_KEY"),
        (("--endpoint", "http://127.0.0.1:1", "--api-key-env", SECRET), 2, "not the key itself"),
        (("--endpoint", "http://127.0.0.1:1", "--budget", "45m"), 2, "A budget of 45m cannot be kept"),
        (("--endpoint", "http://127.0.0.1:1", "--writer", "extractive", "--model", "x"), 2, "uses no model"),
    ],
)
def test_what_cannot_be_is_said_before_a_page_is_read(
    folder: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    ran = run(folder, "run", PAGES[0], *COMMON, *arguments)

    assert ran.code == code, ran.err
    assert says in ran.err, ran.err
    assert "Hint: " in ran.err
    assert "Traceback" not in ran.err
    assert "s3cret" not in ran.err
    assert SECRET not in ran.err
    assert list((folder / "output").glob("*")) == []


@pytest.mark.parametrize("line", ['api_key_env = "HOME"', "allow_public_endpoint = true"])
def test_a_topic_file_may_name_servers_and_no_more(folder: Path, line: str) -> None:
    """It may come from anybody, and shall send neither a variable nor pages away."""
    topic = folder / "topic.toml"
    with a_server() as server:
        topic.write_text(f'sources = ["{PAGES[0]}"]\nendpoints = ["{server.url}"]\n{line}\n')
        refused = run(folder, "run", "topic.toml", *COMMON)
        asked = len(server.log)
        topic.write_text(f'sources = ["{PAGES[0]}"]\nendpoints = ["{server.url}"]\n')
        ran = run(folder, "run", "topic.toml", *COMMON)

    assert refused.code == 2
    assert "stands in no topic file" in refused.err
    assert asked == 0
    assert ran.code == 0, ran.err


def test_a_second_judge_needs_log_probabilities(folder: Path) -> None:
    common = (*COMMON[:-1], "abstract", "--second-judge")
    with a_server("vllm", "structured_outputs") as server:
        refused = run(folder, "run", *PAGES, *common, "--endpoint", server.url)
    with a_server("vllm", "structured_outputs", scores=20) as server:
        ran = run(folder, "run", *PAGES, *common, "--endpoint", server.url)
        judged = [job for job in server.jobs if job.body.get("logprobs")]

    assert refused.code == 2
    assert "gives no log-probabilities" in refused.err
    assert ran.code in (0, 3), ran.err
    assert judged
    assert manifest(folder)["model"]["account"]["second_judge"]
    work = manifest(folder)["run"]["work"]
    assert all("characters" in failure for failure in work["failures"]), "the scripted answers are too long for some"
    assert work["computed_tokens"] > 1000


# ── secrets ──────────────────────────────────────────────────────────────────


def test_a_key_stands_in_no_file_and_no_message(folder: Path) -> None:
    """The server repeats it wherever it can."""

    def repeats(request: Request) -> Fault | None:
        said = {"error": {"message": f"{request.headers['authorization']} has no right to this"}}
        return Fault(400, error=said) if "forum" in request.prompt else None

    environment = {"MY_KEY": SECRET, "LOCALDIGEST_DEBUG": "1"}
    with a_server("vllm", "json_schema", key=SECRET, fault=repeats) as server:
        asked = ("--endpoint", server.url, "--api-key-env", "MY_KEY")
        ran = run(folder, "run", *PAGES, *COMMON, *asked, **environment)
        wrong = run(folder, "run", *PAGES, *COMMON, *asked, **{**environment, "MY_KEY": f"{SECRET}x"})
        looked = run(folder, "doctor", *asked, "--json", **environment)
        keys = {chat.headers.get("authorization") for chat in server.chats}
        sent = server.bodies

    assert ran.code in (0, 3), ran.err
    assert wrong.code == 1
    assert "answers 401: Incorrect key: Bearer ***" in wrong.err
    assert keys == {f"Bearer {SECRET}"}
    assert not any(SECRET.encode() in body for body in sent)
    assert [name for name, data in files_of(folder) if SECRET.encode() in data] == []
    for each in (ran, wrong, looked):
        assert SECRET not in each.out + each.err


def test_the_key_is_not_asked_for_by_whoever_asks_no_server(folder: Path) -> None:
    ran = run(folder, "run", PAGES[0], *COMMON[:-2], "--writer", "extractive", LOCALDIGEST_API_KEY_ENV="NOT_THERE")

    assert ran.code == 0, ran.err


# ── Ctrl-C ───────────────────────────────────────────────────────────────────


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_the_first_ctrl_c_finishes_what_is_under_way(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(folder / ".home" / name))
    store = folder / "store.sqlite3"

    def answers() -> int:
        if not store.exists():
            return 0
        with Store(store) as opened:
            return opened.stats().completions

    def arguments(url: str) -> tuple[str, ...]:
        return ("-m", "localdigest", "run", "examples/pages", *COMMON, "--endpoint", url)

    with a_server(fault=lambda _: Fault(delay_s=0.5)) as server:
        with running(folder, *arguments(server.url)) as started:
            wait_until(lambda: answers() >= 3)
            started.signal(signal.SIGINT)
            code, out, err = started.end()
        asked, kept = len(server.jobs), answers()
    with a_server() as server:
        with running(folder, *arguments(server.url), name="again") as again:
            code_again, _, err_again = again.end(60)
        rest = len(server.jobs)

    assert (code, out) == (130, ""), err
    assert "Stopping while mapping" in err
    assert kept == asked, "what was sent was waited for and stored"
    assert code_again in (0, 3), err_again
    assert manifest(folder)["run"]["work"]["jobs_stored"] == kept
    assert manifest(folder)["run"]["work"]["jobs_run"] == rest


# ── doctor ───────────────────────────────────────────────────────────────────


def test_the_doctor_asks_an_endpoint_that_is_named(folder: Path) -> None:
    with a_server() as server, a_server("ollama", "format", context=4096) as ollama:
        gone = "http://127.0.0.1:1/v1"
        asked = tuple(part for url in (server.url, ollama.url, gone) for part in ("--endpoint", url))
        ran = run(folder, "doctor", "--json", *asked)
        before = len(server.log)
        silent = run(folder, "doctor", "--json", LOCALDIGEST_ENDPOINTS=server.url)
        after = len(server.log)

    checks = {each["name"]: each for each in ran.json["checks"] if each["name"].startswith("endpoint")}
    (good, short, lost) = checks.values()
    assert (good["status"], short["status"], lost["status"]) == ("ok", "note", "failed")
    assert "serves tiny: context 8,192, 3 at once, schemas kept as json_schema, tokens counted" in good["found"]
    assert "OLLAMA_CONTEXT_LENGTH" in short["hint"]
    assert "does not answer" in lost["found"]
    assert ran.code == 1
    assert after == before, "without --network or --endpoint nobody is asked"
    assert not any(each["name"].startswith("endpoint") for each in silent.json["checks"])
