"""What a staging Connection says, and how it is asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wrike_provider.staging.errors import StagingConfigurationError

_OFF = frozenset({"", "0", "false", "no", "off", "none"})


@dataclass(frozen=True, slots=True)
class StagingConnection:
    """What an Airflow Connection for staging says.

    :param type: its type.
    :param host: host of the server; of a database in a file the path of the file, which is made when missing.
    :param schema: the database; of a database in a file the rest of the path, when the Connection was given as a URI.
    :param port: port of the server.
    :param login: name of the role.
    :param password: its password.
    :param extra: what the kind of database needs beyond these; other keys are for other programs.
    """

    type: str
    host: str | None = None
    schema: str | None = None
    port: int | None = None
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def option(self, name: str) -> Any:
        """A key of the extra; also as older versions of Airflow's pages wrote it. None: it is not there, or empty.

        :param name: the key.
        """
        value = self.extra.get(name)
        if value in (None, ""):
            value = self.extra.get(f"extra__{self.type}__{name}")
        return None if value == "" else value

    def options(self, names: Iterable[str]) -> dict[str, Any]:
        """Those of some keys of the extra that are there.

        :param names: the keys.
        """
        found = {name: self.option(name) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A key of the extra that says yes or no.

        :param name: the key.
        :param default: what holds when it is not there.
        """
        value = self.option(name)
        return default if value is None else str(value).strip().lower() not in _OFF

    def number(self, name: str) -> int | None:
        """A key of the extra that is a whole number; None: it is not there.

        :param name: the key.
        :raises StagingConfigurationError: it is something else.
        """
        value = self.option(name)
        try:
            return None if value is None else int(value)
        except (TypeError, ValueError):
            raise StagingConfigurationError(
                f"The staging Connection of type {self.type} has an extra.{name} that is no number."
            ) from None

    def mapping(self, name: str) -> dict[str, Any]:
        """A key of the extra that is an object, or the text of one.

        :param name: the key.
        :raises StagingConfigurationError: it is something else.
        """
        value = self.option(name)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                value = False
        if not isinstance(value, Mapping | None):
            raise StagingConfigurationError(
                f"The staging Connection of type {self.type} has an extra.{name} that is no JSON object."
            )
        return dict(value or {})

    def require(self, *names: str, meaning: str = "") -> None:
        """Refuse a Connection that lacks something.

        :param names: fields that it must have; those of the extra as ``extra.<key>``.
        :param meaning: what the fields are here, for people.
        :raises StagingConfigurationError: one is missing.
        """
        missing = [
            name for name in names if not (self.option(name[6:]) if name.startswith("extra.") else getattr(self, name))
        ]
        if missing:
            raise StagingConfigurationError(
                f"The staging Connection of type {self.type} lacks {' and '.join(missing)}: it needs "
                f"{meaning or ', '.join(names)}."
            )
