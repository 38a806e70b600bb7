"""A topic file of many topics: what each of them is settled to, and what is refused."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from localdigest.cli.layers import settle, settle_common, settle_every
from localdigest.errors import ConfigError, UsageError
from localdigest.settings import OF_THE_RUN, Settings

NEWSROOM = """\
lang = "en"
since = "7d"
sources = ["https://wire.example/feed"]
out = "digests"

[[topics]]
topic = "Ferries"
sources = ["https://harbour.example/", "notes"]

[[topics]]
topic = "Trams of Riga"
slug = "trams"
since = "2d"
out = "elsewhere"

[topics.headings]
trend = "What moves"

[[topics]]
slug = "bare"
"""


@pytest.fixture
def newsroom(home: Path) -> Path:
    path = home / "newsroom.toml"
    path.write_text(NEWSROOM, encoding="utf-8")
    return path


def written(folder: Path, text: str) -> Path:
    path = folder / "topics.toml"
    path.write_text(text, encoding="utf-8")
    return path


def every(path: Path, **flags: object) -> list[Settings]:
    return [resolved.settings for resolved in settle_every([], flags=flags, config=path)]


def test_each_topic_has_what_stands_above_and_what_it_says_itself(newsroom: Path) -> None:
    ferries, trams, bare = every(newsroom)

    assert [each.topic for each in (ferries, trams, bare)] == ["Ferries", "Trams of Riga", ""]
    assert {each.lang for each in (ferries, trams, bare)} == {"en"}
    assert [each.since for each in (ferries, trams, bare)] == ["7d", "2d", "7d"]
    assert dict(trams.headings) == {"trend": "What moves"}
    assert dict(ferries.headings) == {}


def test_sources_of_a_topic_come_beside_those_of_all_and_paths_are_the_files(newsroom: Path) -> None:
    ferries, trams, _ = every(newsroom)
    folder = newsroom.parent

    assert [entry.locator for entry in ferries.sources] == [
        "https://wire.example/feed", "https://harbour.example/", str(folder / "notes")
    ]  # fmt: skip
    assert [entry.locator for entry in trams.sources] == ["https://wire.example/feed"]
    assert [Path(each.out) for each in (ferries, trams)] == [folder / "digests", folder / "elsewhere"]
    assert Path(ferries.inbox) == folder / "inbox"


def test_sources_on_the_command_line_are_for_all(newsroom: Path) -> None:
    settled = settle_every([str(newsroom), "https://more.example/"], flags={})

    assert all(resolved.settings.sources[-1].locator == "https://more.example/" for resolved in settled)


def test_flags_and_variables_hold_for_all(newsroom: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALDIGEST_LIMIT", "3")

    assert [(each.date, each.limit) for each in every(newsroom, date="2026-01-05")] == [("2026-01-05", 3)] * 3


@pytest.mark.parametrize("name", ["Trams of Riga", "trams of riga", "trams"])
def test_one_is_chosen_by_its_topic_or_its_slug(newsroom: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (chosen,) = every(newsroom, topic=name)
    monkeypatch.setenv("LOCALDIGEST_TOPIC", name)

    assert chosen.topic == "Trams of Riga"
    assert every(newsroom) == [chosen]
    assert settle([], flags={"topic": name}, config=newsroom).settings == chosen


def test_a_name_that_none_has_is_told_with_those_that_there_are(newsroom: Path) -> None:
    with pytest.raises(UsageError, match="no topic `tram`") as told:
        every(newsroom, topic="tram")

    assert told.value.hint == "It holds Ferries, Trams of Riga, bare."


def test_who_wants_one_digest_is_told_that_there_are_several(newsroom: Path) -> None:
    with pytest.raises(UsageError, match="holds 3 topics: Ferries, Trams of Riga, bare") as told:
        settle([], flags={}, config=newsroom)

    assert "--topic NAME" in told.value.hint


def test_who_wants_none_in_particular_has_what_is_common(newsroom: Path) -> None:
    common = settle_common(flags={}, config=newsroom).settings

    assert (common.lang, common.topic, common.since) == ("en", "", "7d")


def test_a_file_with_one_table_is_of_that_topic(home: Path) -> None:
    path = written(home, 'lang = "en"\n[[topics]]\ntopic = "Ferries"\n')

    assert [each.topic for each in every(path)] == ["Ferries"]
    assert settle([], flags={}, config=path).settings.topic == "Ferries"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("topics = 1\n", 1, "`topics` is no list of tables"),
        ('lang = "en"\ntopics = ["a", "b"]\n', 2, "`topics` is no list of tables"),
        ('[[topics]]\ntopic = "a"\n[[topics]]\nlang = "en"\ntopc = "b"\n', 5, "there is no setting `topc`"),
        ('[[topics]]\ntopic = "a"\n[[topics]]\ntopic = "b"\nsince = "x"\n', 5, "`since`"),
        ('since = "x"\n[[topics]]\ntopic = "a"\nlimit = 1\n', 1, "`since`"),
        ('[[topics]]\ntopic = "a"\n[[topics]]\ntopic = "b"\nmodel = "m"\n', 5, "`model` is of the whole run"),
        ('[[topics]]\ntopic = "a"\n[[topics]]\nlang = "en"\n', 0, "topic 2 has no `topic`"),
        ('[[topics]]\ntopic = "A b"\n[[topics]]\ntopic = "a-B"\n', 4, "would write the same files as `A b`"),
        ('[[topics]]\ntopic = "a"\n[[topics]]\ntopic = "b"\nslug = "a"\n', 4, "would write the same files as `a`"),
        ('[[topics]]\ntopic = "a"\n[[topics]]\ntopic = "b"\nafter = ["x"]\n', 5, "`after`"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_line(home: Path, text: str, line: int, says: str) -> None:
    path = written(home, text)

    with pytest.raises(ConfigError) as told:
        every(path)

    assert says in told.value.message
    assert (told.value.path, told.value.line) == (str(path), line)


def test_topics_with_the_same_name_may_go_to_two_folders(home: Path) -> None:
    path = written(home, '[[topics]]\ntopic = "a"\nout = "one"\n[[topics]]\ntopic = "a"\nout = "two"\n')

    assert [Path(each.out).name for each in every(path)] == ["one", "two"]


def test_one_slug_for_all_is_refused(newsroom: Path) -> None:
    with pytest.raises(ConfigError, match="would write the same files"):
        every(newsroom, slug="x", out="here")


def test_a_file_of_ones_own_settings_has_no_topics(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home / "config"
    (folder / "localdigest").mkdir(parents=True)
    (folder / "localdigest" / "config.toml").write_text('[[topics]]\ntopic = "a"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))

    with pytest.raises(ConfigError, match="there is no setting `topics`"):
        settle_every([], flags={})


def test_what_is_of_the_run_are_settings() -> None:
    assert {option.name for option in fields(Settings)} >= OF_THE_RUN


@pytest.mark.parametrize("key", sorted(OF_THE_RUN))
def test_what_is_of_the_run_stands_above_the_topics_only(home: Path, key: str) -> None:
    path = written(home, f'[[topics]]\ntopic = "a"\n{key} = "x"\n[[topics]]\ntopic = "b"\n')

    with pytest.raises(ConfigError, match=f"`{key}` is of the whole run") as told:
        every(path)

    assert told.value.line == 3
