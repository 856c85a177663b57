"""Reads the variables file; a wrong entry takes nothing away from the others."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from wrike_provider.teams.model import Settings, Team

DEFAULT_FILE = Path("include") / "teams.yaml"
_Location = tuple[str | int, ...]
_Model = TypeVar("_Model", bound=BaseModel)


class _Loader(yaml.CSafeLoader):
    """Leaves dates as text, for the model to check."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the variables file.

    :param file: the file.
    :param line: line, from 1; 0 when it is the file as a whole.
    :param where: team and field, or the part of the file.
    :param what: what is wrong.
    """

    file: Path
    line: int
    where: str
    what: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.file}:{self.line}: {self.where}: {self.what}"


class TeamsFileError(ValueError):
    """The variables file has problems.

    :param problems: all of them.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class TeamsFile:
    """The variables file, read.

    :param teams: the teams whose entries are right.
    :param problems: what is wrong with the others.
    """

    teams: tuple[Team, ...]
    problems: tuple[Problem, ...]

    def check(self) -> None:
        """Complain about problems.

        :raises TeamsFileError: there are some.
        """
        if self.problems:
            raise TeamsFileError(self.problems)


def teams_file_path(near: Path) -> Path:
    """Find the variables file: what ``WRIKE_TEAMS_FILE`` names, otherwise ``include/teams.yaml``.

    :param near: a file of the DAGs folder; the project is the folder above it.
    """
    named = os.environ.get("WRIKE_TEAMS_FILE")
    return Path(named).expanduser() if named else near.resolve().parent.parent / DEFAULT_FILE


def read_teams(file: Path, *, installed: bool = False) -> TeamsFile:
    """Read the variables file.

    :param file: its path.
    :param installed: whether to report too what the Airflow that is installed here cannot do: import what `notify`
        names, or tell of `must_finish_within`. No team is taken away for it.
    """
    try:
        text = file.read_text(encoding="utf-8")
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
            # Before the content is made: that puts merged fields beside the written ones.
            twice = tuple(_twice(root, ()))
            content = None if root is None else loader.construct_document(root)
        finally:
            loader.dispose()
    except (OSError, UnicodeDecodeError) as error:
        return TeamsFile((), (Problem(file, 0, "file", f"cannot be read: {error}"),))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error)
        return TeamsFile((), (Problem(file, mark.line + 1 if mark else 0, "file", f"is not YAML: {what}"),))
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        # A number of thousands of digits; a tag of YAML with a value that it does not know; an alias inside of what it
        # stands for.
        return TeamsFile((), (Problem(file, 0, "file", f"cannot be read: {error}"),))
    return _Reader(file, root, twice, installed).read(content)


class _Reader:
    def __init__(self, file: Path, root: yaml.Node | None, twice: tuple[_Location, ...], installed: bool) -> None:
        self._file = file
        self._root = root
        self._problems: list[Problem] = []
        self._twice = twice
        self._installed = installed
        self._spoilt = {place[:2] for place in twice}

    def read(self, content: Any) -> TeamsFile:
        if not isinstance(content, dict) or not isinstance(content.get("teams"), list):
            self._add((), "file", "has no list `teams`")
            return TeamsFile((), tuple(self._problems))
        for *where, field in self._twice:
            part = ".".join(map(str, where)) or "file"
            self._add((*where, field), part, f"the field {field!r} is written twice")
        for unknown in sorted(set(map(str, content)) - {"defaults", "teams"}):
            self._add((unknown,), unknown, "unknown; known: defaults, teams")
        defaults = self._defaults(content.get("defaults") or {})
        teams = tuple(self._distinct(self._valid(content["teams"], defaults)))
        return TeamsFile(teams, tuple(self._problems))

    def _defaults(self, defaults: Any) -> dict[str, Any]:
        """Take what is right; a wrong default is reported once, and each team falls back on the built-in one."""
        settings, wrong = self._checked(Settings, defaults, ("defaults",), "defaults")
        if not isinstance(defaults, dict):
            return {}
        if settings is not None:
            self._check_installed(settings, defaults, ("defaults",), "defaults")
        return _without(defaults, wrong)

    def _valid(self, entries: list[Any], defaults: Mapping[str, Any]) -> Iterator[tuple[int, Team]]:
        for index, entry in enumerate(entries):
            place: _Location = ("teams", index)
            named = entry.get("name") if isinstance(entry, dict) else None
            where = f"team {named}" if named else f"team number {index + 1}"
            if not isinstance(entry, dict):
                self._add(place, where, "is not a mapping of fields")
                continue
            team = self._checked(Team, _merged(defaults, entry), place, where)[0]
            if team is not None and place not in self._spoilt:
                self._check_installed(team, entry, place, where)
                yield index, team

    def _check_installed(self, settings: Settings, written: Mapping[str, Any], place: _Location, where: str) -> None:
        if not self._installed:
            return
        # These import what they check, which can be much.
        from wrike_provider.teams.executor import runs_callbacks
        from wrike_provider.teams.notifiers import NotifierError, check_notifier

        if "must_finish_within" in written and settings.must_finish_within and not runs_callbacks():
            self._add(
                (*place, "must_finish_within"),
                f"{where}: must_finish_within",
                "nobody is told: the executor of this Airflow ([core] executor) runs no callbacks",
            )
        for number, notifier in enumerate(settings.notify if "notify" in written else []):
            try:
                check_notifier(notifier.class_, notifier.arguments)
            except NotifierError as error:
                self._add((*place, "notify", number), f"{where}: notify.{number}", str(error))

    def _distinct(self, teams: Iterator[tuple[int, Team]]) -> Iterator[Team]:
        names: set[str] = set()
        taken: dict[tuple[str, str], str] = {}
        for index, team in teams:
            place: _Location = ("teams", index)
            schemas = [(team.staging.connection_id, schema) for schema in team.schemas]
            clash = next((schema for schema in schemas if schema in taken), None)
            if team.name in names:
                self._add((*place, "name"), f"team {team.name}", "another team has this name; the first one counts")
            elif clash:
                self._add(
                    (*place, "staging"),
                    f"team {team.name}: staging",
                    f"the schema {clash[1]!r} already belongs to team {taken[clash]}",
                )
            else:
                names.add(team.name)
                taken.update(dict.fromkeys(schemas, team.name))
                yield team

    def _checked(
        self, model: type[_Model], data: Any, place: _Location, where: str
    ) -> tuple[_Model | None, set[_Location]]:
        """Make a model of some data, or report what it has against them and name the fields that are wrong."""
        try:
            return model.model_validate(data), set()
        except ValidationError as error:
            wrong: set[_Location] = set()
            for detail in error.errors(include_url=False):
                field = tuple(part for part in detail["loc"] if isinstance(part, str | int))
                wrong.add(field)
                path = ".".join(map(str, field))
                message = detail["msg"].removeprefix("Value error, ")
                if detail["type"] == "extra_forbidden":
                    message = f"unknown field; known: {', '.join(_known(model, field))}"
                self._add((*place, *field), f"{where}: {path}" if path else where, message)
            return None, wrong

    def _add(self, place: _Location, where: str, what: str) -> None:
        self._problems.append(Problem(self._file, _line(self._root, place), where, what))


def _without(data: Mapping[str, Any], wrong: set[_Location]) -> dict[str, Any]:
    """Leave out the wrong fields, at any depth."""
    return {
        name: _without(value, {path[1:] for path in wrong if path[:1] == (name,)}) if isinstance(value, dict) else value
        for name, value in data.items()
        if (name,) not in wrong
    }


def _merged(defaults: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**defaults, **entry}
    for name, value in entry.items():
        if isinstance(value, dict) and isinstance(defaults.get(name), dict):
            merged[name] = {**defaults[name], **value}
    return merged


def _known(model: type[BaseModel], field: tuple[str | int, ...]) -> list[str]:
    for part in field[:-1]:
        if isinstance(part, int):
            continue
        inner = model.model_fields[part].annotation
        for candidate in (inner, *get_args(inner)):
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                model = candidate
    return sorted(info.alias or name for name, info in model.model_fields.items())


def _twice(node: yaml.Node | None, place: _Location) -> Iterator[_Location]:
    """Find fields that are written more than once; YAML would silently take the last."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    problem="the name of a field has to be plain text; put quotes around {{ }}",
                    problem_mark=key.start_mark,
                )
            if key.value in seen:
                yield (*place, key.value)
            seen.add(key.value)
            yield from _twice(value, (*place, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _twice(value, (*place, index))


def _line(node: yaml.Node | None, place: _Location) -> int:
    """The line of a place in the file, or of the nearest thing around it."""
    line = 0
    for part in (*place, None):
        if node is None:
            break
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            # Of a field that is written twice, the second time.
            pair = next(((key, value) for key, value in reversed(node.value) if key.value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
            if place and part == place[-1]:
                break
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        else:
            break
    return line
