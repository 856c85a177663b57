"""The variables file: every problem is told where it is, and takes nothing away from the other teams."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from wrike_provider.teams import TeamsFile, TeamsFileError, read_teams, teams_file_path

Read = Callable[[str], TeamsFile]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "teams.yaml"


@pytest.fixture
def read(file: Path) -> Read:
    def from_text(text: str) -> TeamsFile:
        file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return read_teams(file)

    return from_text


def names(found: TeamsFile) -> list[str]:
    return [team.name for team in found.teams]


def test_the_sample_file_has_no_problems() -> None:
    found = read_teams(ROOT / "include" / "teams.yaml")
    assert found.problems == ()
    assert len(found.teams) >= 2
    found.check()


@pytest.mark.parametrize(
    ("entry", "line", "where", "what"),
    [
        ("name: Bad Name", 3, "team Bad Name: name", "lower-case letters"),
        ("name: -bad", 3, "team -bad: name", "single _ or - between"),
        (f"name: {'x' * 41}", 3, f"team {'x' * 41}: name", "at most 40 characters"),
        ("name: 2024", 3, "team 2024: name", "valid string"),
        ("{}", 3, "team number 2: name", "Field required"),
        ("description: no name", 3, "team number 2: name", "Field required"),
        ("only text", 3, "team number 2", "is not a mapping of fields"),
        ("[name, bad]", 3, "team number 2", "is not a mapping of fields"),
        (
            "name: bad\n    schedul: '@daily'",
            4,
            "team bad: schedul",
            "unknown field; known: account_name, connection_id",
        ),
        ("name: bad\n    endpoint: EU 1", 4, "team bad: endpoint", "single _ or - between"),
        ("name: bad\n    schedule: 99 * * * *", 4, "team bad: schedule", "neither a cron expression"),
        ("name: bad\n    schedule: '@sometimes'", 4, "team bad: schedule", "neither a cron expression"),
        ("name: bad\n    schedule: often", 4, "team bad: schedule", "neither a cron expression"),
        ("name: bad\n    schedule: ''", 4, "team bad: schedule", "neither a cron expression"),
        ("name: bad\n    schedule: 5", 4, "team bad: schedule", "valid string"),
        ("name: bad\n    timezone: Mars/Olympus", 4, "team bad: timezone", "unknown time zone 'Mars/Olympus'"),
        ("name: bad\n    timezone: ../UTC", 4, "team bad: timezone", "unknown time zone"),
        ("name: bad\n    start_date: soon", 4, "team bad: start_date", "valid date"),
        ("name: bad\n    start_date: 2026-01-01 10:00:00", 4, "team bad: start_date", "zero time"),
        ("name: bad\n    start_date: 2026-02-30", 4, "team bad: start_date", ""),
        ("name: bad\n    tags: research", 4, "team bad: tags", "valid tuple"),
        ("name: bad\n    pool: ''", 4, "team bad: pool", "at least 1 character"),
        ("name: bad\n    owner:", 4, "team bad: owner", "valid string"),
        (f"name: bad\n    tags: [{'x' * 101}]", 4, "team bad: tags.0", "at most 100 characters"),
        ('name: bad\n    pool: "a\\0b"', 4, "team bad: pool", "one line"),
        ("name: bad\n    start_date: 0001-01-01", 4, "team bad: start_date", "greater than or equal to 2000-01-01"),
        ("name: bad\n    connection_id: my wrike", 4, "team bad: connection_id", "letters, digits and the signs"),
        (
            "name: bad\n    staging:\n      connection_id: a/b",
            5,
            "team bad: staging.connection_id",
            "letters, digits and the signs",
        ),
        ("name: bad\n    schedule: R * * * *", 4, "team bad: schedule", "R is not supported"),
        ("name: bad\n    must_finish_within: 45", 4, "team bad: must_finish_within", "write it like 45m"),
        ("name: bad\n    must_finish_within: soon", 4, "team bad: must_finish_within", "write it like 45m"),
        ("name: bad\n    must_finish_within: 0m", 4, "team bad: must_finish_within", "greater than 0"),
        ("name: bad\n    notify: mail", 4, "team bad: notify", "valid tuple"),
        ("name: bad\n    notify: [{class: mail}]", 4, "team bad: notify.0.class", "import path of a class"),
        (
            "name: bad\n    notify:\n      - class: a.B\n        arg: 1",
            6,
            "team bad: notify.0.arg",
            "unknown field; known: arguments, class",
        ),
        ("name: bad\n    staging: warehouse", 4, "team bad: staging", "valid dictionary"),
        ("name: bad\n    staging:\n      schema: Bad Schema", 5, "team bad: staging.schema", "a letter first"),
        ("name: bad\n    staging:\n      shema: x", 5, "team bad: staging.shema", "known: connection_id, schema"),
        (
            "name: bad\n    entities:\n      include: [tasks, nothing]",
            5,
            "team bad: entities.include",
            "unknown entity nothing; known: account, contacts",
        ),
        (
            "name: bad\n    entities:\n      exclude:\n        - nothing",
            5,
            "team bad: entities.exclude",
            "unknown entity nothing",
        ),
        ("name: bad\n    entities: {include: [tasks], exclude: [tasks]}", 3, "team bad", "nothing is left to take"),
        ("name: good", 3, "team good", "another team has this name"),
        ("name: bad\n    staging: {schema: wrike_good}", 4, "team bad: staging", "already belongs to team good"),
        (
            "name: bad\n    staging: {schema: wrike_good_load}",
            4,
            "team bad: staging",
            "already belongs to team good",
        ),
    ],
)
def test_a_wrong_entry_is_told_with_file_line_team_and_field(
    entry: str, line: int, where: str, what: str, file: Path, read: Read
) -> None:
    found = read(f"teams:\n  - name: good\n  - {entry}\n  - name: last\n")
    assert names(found) == ["good", "last"]
    assert len(found.problems) == 1, "one mistake, one problem"
    problem = found.problems[0]
    assert (problem.file, problem.line, problem.where) == (file, line, where)
    assert what in problem.what
    assert str(problem) == f"{file}:{line}: {where}: {problem.what}"
    with pytest.raises(TeamsFileError, match=f"{file}:{line}: ") as caught:
        found.check()
    assert caught.value.problems == found.problems


def test_all_problems_are_told_at_once(read: Read) -> None:
    found = read(
        """
        colour: red
        defaults:
          owner: ''
        teams:
          - name: one
            timezone: Nowhere
            endpoint: EU
          - name: two
          - three
        """
    )
    assert [(problem.line, problem.where) for problem in found.problems] == [
        (1, "colour"),
        (3, "defaults: owner"),
        (7, "team one: endpoint"),
        (6, "team one: timezone"),
        (9, "team number 3"),
    ]
    assert names(found) == ["two"]
    assert found.teams[0].owner == "wrike"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("", 0, "has no list `teams`"),
        ("# nothing yet\n", 0, "has no list `teams`"),
        ("just text", 1, "has no list `teams`"),
        ("- name: a", 1, "has no list `teams`"),
        ("teams:", 1, "has no list `teams`"),
        ("teams: {a: 1}", 1, "has no list `teams`"),
        ("team:\n- name: a", 1, "has no list `teams`"),
        ("teams:\n- name: [a\n", 3, "is not YAML"),
        ("teams:\n- name: a\n  schedule: @hourly\n", 3, "is not YAML"),
        ("teams:\n\t- name: a\n", 2, "is not YAML"),
        ("teams:\n- name: a\n  account_name: a: b\n", 3, "is not YAML"),
        ("teams: []\n---\nteams: []\n", 2, "is not YAML"),
        ("teams:\n- name: a\n  account_name: {{ name }}\n", 3, "put quotes around {{ }}"),
        ("teams:\n- !!python/object/apply:os.system [echo]\n", 2, "is not YAML"),
    ],
)
def test_a_file_that_is_no_variables_file(text: str, line: int, what: str, file: Path) -> None:
    file.write_text(text)
    found = read_teams(file)
    assert found.teams == ()
    assert [(problem.line, problem.where) for problem in found.problems] == [(line, "file")]
    assert what in found.problems[0].what


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("teams:\n  - &team\n    name: good\n    also: *team\n", "cannot be read: maximum recursion depth"),
        (f"teams:\n  - name: good\n    detail_requests: {'9' * 5000}\n", "cannot be read: Exceeds the limit"),
        ("teams:\n  - name: good\n    data_export: !!bool maybe\n", "cannot be read: 'maybe'"),
        ("teams:\n  - name: good\n    start_date: !!timestamp soon\n", "cannot be read: "),
    ],
)
def test_a_file_that_yaml_chokes_on(text: str, what: str, read: Read) -> None:
    found = read(text)
    (problem,) = found.problems
    assert problem.what.startswith(what)
    assert found.teams == ()


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("teams: [{name: a, owner: Jürgen}]".encode("latin-1"))
    for file in (tmp_path / "missing.yaml", tmp_path, tmp_path / "latin.yaml"):
        found = read_teams(file)
        assert found.teams == ()
        assert [(problem.line, problem.where) for problem in found.problems] == [(0, "file")]
        assert found.problems[0].what.startswith("cannot be read: ")


def test_no_teams_are_no_problem(read: Read) -> None:
    assert read("teams: []") == TeamsFile((), ())


def test_a_field_written_twice_is_told(read: Read) -> None:
    found = read("teams:\n- name: good\n- name: bad\n  schedule: '@daily'\n  schedule: '@hourly'\n")
    assert names(found) == ["good"]
    assert [problem.line for problem in found.problems] == [5]


def test_teams_get_the_defaults_and_overrule_them(read: Read) -> None:
    found = read(
        """
        defaults:
          endpoint: eu1
          schedule: '@daily'
          timezone: Europe/Berlin
          owner: data
          tags: [a]
          entities: {exclude: [groups]}
          staging: {connection_id: warehouse}
        teams:
          - name: one
          - name: two
            endpoint: us1
            schedule: null
            tags: []
            entities: {include: [tasks, groups]}
            staging: {schema: two}
        """
    )
    assert found.problems == ()
    one, two = found.teams
    assert (one.endpoint, one.schedule, one.timezone, one.owner, one.tags) == (
        "eu1",
        "@daily",
        "Europe/Berlin",
        "data",
        ("a",),
    )
    assert (one.staging.connection_id, one.staging_schema) == ("warehouse", "wrike_one")
    assert "groups" not in [entity.name for entity in one.taken]
    assert (two.endpoint, two.schedule, two.owner, two.tags) == ("us1", None, "data", ())
    assert (two.staging.connection_id, two.staging_schema) == ("warehouse", "two")
    assert [entity.name for entity in two.taken] == ["tasks"]


@pytest.mark.parametrize(
    ("defaults", "line", "where"),
    [
        ("schedule: nonsense", 2, "defaults: schedule"),
        ("name: x", 2, "defaults: name"),
        ("connection_id: x", 2, "defaults: connection_id"),
        ("timezone: Nowhere", 2, "defaults: timezone"),
        ("tags: x", 2, "defaults: tags"),
        ("start_date: soon", 2, "defaults: start_date"),
    ],
)
def test_a_wrong_default_is_told_once(defaults: str, line: int, where: str, read: Read) -> None:
    found = read(f"defaults:\n  {defaults}\n  owner: data\nteams:\n  - name: one\n  - name: two\n")
    assert [(problem.line, problem.where) for problem in found.problems] == [(line, where)]
    assert names(found) == ["one", "two"]
    assert {team.owner for team in found.teams} == {"data"}
    assert {team.schedule for team in found.teams} == {"@hourly"}


def test_defaults_that_are_no_mapping(read: Read) -> None:
    found = read("defaults: [1]\nteams:\n  - name: one\n")
    assert [(problem.line, problem.where) for problem in found.problems] == [(1, "defaults")]
    assert names(found) == ["one"]


def test_empty_defaults_are_none(read: Read) -> None:
    assert read("defaults:\nteams:\n- name: one\n").problems == ()


def test_of_teams_of_one_name_the_first_counts(read: Read) -> None:
    found = read("teams:\n- name: a\n  owner: first\n- name: a\n  owner: second\n- name: a\n")
    assert [team.owner for team in found.teams] == ["first"]
    assert [problem.line for problem in found.problems] == [4, 6]


def test_a_wrong_team_does_not_take_a_name_away(read: Read) -> None:
    found = read("teams:\n- name: a\n  timezone: Nowhere\n- name: a\n")
    assert names(found) == ["a"]
    assert len(found.problems) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("a-b", "a_b"), ("a", "a-load"), ("a-load", "a"), ("a_b", "a__b"), ("a-b", "a-_b")]
)
def test_no_two_teams_write_into_one_schema(one: str, other: str, read: Read) -> None:
    found = read(f"teams:\n- name: {one}\n- name: {other}\n")
    assert names(found) == [one]
    assert [problem.line for problem in found.problems] == [3]


def test_one_schema_name_may_be_used_in_two_databases(read: Read) -> None:
    found = read(
        """
        teams:
        - {name: a, staging: {connection_id: one, schema: wrike}}
        - {name: b, staging: {connection_id: two, schema: wrike}}
        """
    )
    assert found.problems == ()
    assert names(found) == ["a", "b"]


def test_notifiers_are_checked_where_they_are_named_and_take_no_team_away(file: Path) -> None:
    wrong = "{class: tests.operators.notifiers.FileNotifier, arguments: {path: x}}"
    file.write_text(
        "defaults:\n  notify:\n    - class: nowhere.Notifier\n"
        f"teams:\n- name: one\n- name: two\n  notify:\n    - {wrong}\n    - class: pathlib.Path\n"
        "- name: three\n  notify: []\n"
    )
    assert read_teams(file).problems == ()
    found = read_teams(file, installed=True)
    assert names(found) == ["one", "two", "three"]
    assert [(problem.line, problem.where) for problem in found.problems] == [
        (3, "defaults: notify.0"),
        (8, "team two: notify.0"),
        (9, "team two: notify.1"),
    ]
    told = [problem.what for problem in found.problems]
    assert told[0].startswith("nowhere.Notifier cannot be imported (ModuleNotFoundError")
    assert "missing a required argument: 'message'" in told[1]
    assert "no class of a notifier" in told[2]


def test_anchors_and_merges_work(read: Read) -> None:
    found = read("teams:\n- &one\n  name: one\n  owner: data\n- <<: *one\n  name: two\n")
    assert found.problems == ()
    assert [(team.name, team.owner) for team in found.teams] == [("one", "data"), ("two", "data")]


def test_where_the_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dag_file = tmp_path / "dags" / "wrike_sync_1.py"
    monkeypatch.delenv("WRIKE_TEAMS_FILE", raising=False)
    assert teams_file_path(dag_file) == tmp_path / "include" / "teams.yaml"
    monkeypatch.setenv("WRIKE_TEAMS_FILE", "/etc/teams.yaml")
    assert teams_file_path(dag_file) == Path("/etc/teams.yaml")
    monkeypatch.setenv("WRIKE_TEAMS_FILE", "~/teams.yaml")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert teams_file_path(dag_file) == Path("/home/somebody/teams.yaml")
    monkeypatch.setenv("WRIKE_TEAMS_FILE", "")
    assert teams_file_path(dag_file) == tmp_path / "include" / "teams.yaml"


@pytest.mark.parametrize("schema", ["wrike_a_export", "wrike_a_export_load"])
def test_no_team_writes_into_the_data_export_of_another(schema: str, read: Read) -> None:
    entries = "teams:\n- {{name: a, data_export: {}}}\n- {{name: b, staging: {{schema: {}}}}}\n"
    assert names(read(entries.format("true", schema))) == ["a"]
    assert names(read(entries.format("false", schema))) == ["a", "b"]
