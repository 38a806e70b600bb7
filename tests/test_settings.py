"""Which layer decides, and how a wrong one is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from localdigest.cli.layers import settle
from localdigest.errors import ConfigError, UsageError
from localdigest.settings import Layer, Settings, resolve
from localdigest.topicfile import read_layer


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No settings of whoever runs the tests."""
    for variable in [name for name in os.environ if name.startswith("LOCALDIGEST_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_defaults_hold_where_nobody_says_otherwise() -> None:
    resolved = resolve([])

    assert Settings() == resolved.settings
    assert set(resolved.origins.values()) == {"default"}


def test_flags_go_before_environment_before_topic_file_before_user_file(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alone / "config" / "localdigest").mkdir(parents=True)
    (alone / "config" / "localdigest" / "config.toml").write_text('topic = "u"\nlimit = 1\nsince = "1d"\nlang = "en"')
    (alone / "t.toml").write_text('topic = "t"\nlimit = 2\nsince = "2d"')
    monkeypatch.setenv("LOCALDIGEST_TOPIC", "e")
    monkeypatch.setenv("LOCALDIGEST_LIMIT", "3")

    resolved = settle(["t.toml"], flags={"topic": "f"})

    settings = resolved.settings
    assert (settings.topic, settings.limit, settings.since, settings.lang) == ("f", 3, "2d", "en")
    assert resolved.origins["topic"] == "flag"
    assert resolved.origins["limit"] == "environment"
    assert resolved.origins["since"] == "topic file t.toml"
    assert resolved.origins["lang"].startswith("user file")


def test_paths_of_a_topic_file_are_relative_to_it(alone: Path) -> None:
    (alone / "topics").mkdir()
    (alone / "topics" / "t.toml").write_text('sources = ["a.html", "https://example.com/b"]\nout = "site"')

    settings = settle(["topics/t.toml", "c.html"], flags={}).settings

    assert [entry.locator for entry in settings.sources] == ["topics/a.html", "https://example.com/b", "c.html"]
    assert settings.out == "topics/site"


def test_stdin_names_sources_and_may_hold_comments() -> None:
    settings = settle(["-"], flags={}, stdin_lines=["# mine\n", "\n", "https://example.com/a\n"]).settings

    assert [entry.locator for entry in settings.sources] == ["https://example.com/a"]


def test_a_file_of_the_project_is_taken_when_none_is_named(alone: Path) -> None:
    (alone / "localdigest.toml").write_text('topic = "here"')

    assert settle([], flags={}).settings.topic == "here"


def test_two_topic_files_are_one_too_many(alone: Path) -> None:
    with pytest.raises(UsageError, match="two topic files"):
        settle(["a.toml", "b.toml"], flags={})
    with pytest.raises(UsageError, match="two topic files"):
        settle(["a.toml"], flags={}, config=alone / "b.toml")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('topic = "a"\nsources = [\n"b"\n', 3, "Unclosed array"),
        ('topic = "a"\ntopic = "b"\n', 2, "Cannot overwrite"),
        ('topic = "a"\nlimt = 3\n', 2, "no setting `limt`"),
        ('\n\nlimit = "lots"\n', 3, "`limit`: expected a whole number"),
        ("topic = 'a'\nsources = [3]\n", 2, "`sources`: expected an address"),
        ("topic = a\n", 1, "Invalid value"),
    ],
)
def test_a_topic_file_that_is_wrong_is_told_by_its_line(alone: Path, text: str, line: int, says: str) -> None:
    (alone / "t.toml").write_text(text)

    with pytest.raises(ConfigError) as caught:
        settle(["t.toml"], flags={})
    assert line == caught.value.line
    assert caught.value.message.startswith(f"t.toml, line {line}: ")
    assert says in caught.value.message
    assert caught.value.hint


def test_a_misspelt_setting_is_answered_with_the_nearest(alone: Path) -> None:
    (alone / "t.toml").write_text("limt = 3")

    with pytest.raises(ConfigError) as caught:
        settle(["t.toml"], flags={})
    assert caught.value.hint == "Did you mean `limit`?"


def test_a_topic_file_in_another_encoding_is_told_by_its_line(alone: Path) -> None:
    (alone / "t.toml").write_bytes('limit = 3\ntopic = "新聞"\n'.encode("big5"))

    with pytest.raises(ConfigError, match=r"t\.toml, line 2: not UTF-8"):
        read_layer(Path("t.toml"), name="topic file")


def test_a_topic_file_with_a_byte_order_mark_is_read(alone: Path) -> None:
    (alone / "t.toml").write_bytes(b'\xef\xbb\xbftopic = "a"')

    assert read_layer(Path("t.toml"), name="topic file").values == {"topic": "a"}


def test_a_missing_topic_file_and_a_folder_are_told(alone: Path) -> None:
    with pytest.raises(ConfigError, match="no file nowhere"):
        settle(["nowhere.toml"], flags={})
    (alone / "folder.toml").mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        settle(["folder.toml"], flags={})


def test_a_wrong_flag_is_told_as_a_flag() -> None:
    with pytest.raises(UsageError, match="--per-source: expected"):
        resolve([Layer("flag", {"per_source": "x"})])


def test_a_wrong_variable_is_told_as_a_variable() -> None:
    with pytest.raises(UsageError, match="LOCALDIGEST_LIMIT: expected"):
        resolve([Layer("environment", {"limit": "x"})])


def test_a_variable_that_is_no_setting_is_mentioned_and_not_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOCALDIGEST_COLOUR", "red")
    settle([], flags={})

    assert "LOCALDIGEST_COLOUR is no setting" in capsys.readouterr().err


def test_the_commented_topic_file_of_init_is_valid(alone: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "localdigest", "init", "mine.toml"], check=True, cwd=alone, capture_output=True
    )

    settings = settle(["mine.toml"], flags={}).settings
    assert (settings.topic, settings.since, settings.sources) == ("Mistral", "7d", ())
