"""What an entry of the variables file may say."""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from wrike_provider.entities import CATALOGUE, Entity
from wrike_provider.teams.schedule import cron
from wrike_provider.teams.switch import switch_key


def _spelt(pattern: str, rule: str) -> AfterValidator:
    """Let a text pass that matches a pattern; otherwise the error tells the rule, for people."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            # What was written is not told: it may be what should not be there, such as an address with a password.
            raise ValueError(f"is written in another way: {rule}")
        return text

    return AfterValidator(check)


# One underscore or hyphen at a time, and none at the end: schemas are named after it, and dlt folds the others.
_NAME = _spelt(r"[a-z0-9]+([_-][a-z0-9]+)*", "lower-case letters a to z and digits, with single _ or - between them")
Slug = Annotated[str, Field(max_length=40), _NAME]
_SLUG: TypeAdapter[str] = TypeAdapter(Slug)
_SCHEMA = _spelt(
    r"_?[a-z][a-z0-9]*(_[a-z0-9]+)*", "lower-case letters a to z and digits, a letter first, with single _ between them"
)
SchemaName = Annotated[str, Field(max_length=58), _SCHEMA]
ClassPath = Annotated[
    str, _spelt(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", "the import path of a class, such as a.module.Class")
]
# What Airflow's routes and ours take; it takes / and # too, but no address with them in it leads back here.
ConnectionId = Annotated[
    str, Field(max_length=250), _spelt(r"[\w.:()!-]+", "letters, digits and the signs _ . : ( ) ! -")
]
# What Airflow shows on one line, and databases can hold.
_LINE = _spelt(r"[^\x00-\x1f]*", "one line, without control characters")
Tag = Annotated[str, Field(min_length=1, max_length=100), _LINE]
_SHORT_DURATION = re.compile(r"(?=.)(\d+h)?(\d+m)?")
LONGEST_SCHEMA = 63
"""As many characters has the longest name that PostgreSQL keeps."""
SUMMARY_TASK = "summary"
"""The task of a team's DAG whose return value tells what a run has done."""
VERIFY_PARAM = "verify"
"""The param of a run that compares staging with Wrike instead of syncing."""
ENTITY_NAMES = tuple(entity.name for entity in CATALOGUE)


def is_slug(text: str) -> bool:
    """Whether a text can name a team or an endpoint.

    :param text: the text.
    """
    try:
        _SLUG.validate_python(text)
    except ValidationError:
        return False
    return True


def connection_id_of(name: str) -> str:
    """Id of the Connection of a team that names none.

    :param name: the team's name.
    """
    return f"wrike_{name}"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Reconcile(StrEnum):
    """How often all records are read again, to find those that are gone without a trace."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    NEVER = "never"


class EntityChoice(_Strict):
    """Which entities to take.

    :param include: only these; empty: all.
    :param exclude: not these.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @field_validator("include", "exclude")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [name for name in names if name not in ENTITY_NAMES]:
            raise ValueError(f"unknown entity {', '.join(unknown)}; known: {', '.join(ENTITY_NAMES)}")
        return names


class Staging(_Strict):
    """Where the rows go.

    :param connection_id: Airflow Connection of the staging database.
    :param schema: schema in it; default ``wrike_<team>``, hyphens as underscores.
    """

    connection_id: ConnectionId = "wrike_staging"
    schema_: SchemaName | None = Field(default=None, alias="schema")


class Notifier(_Strict):
    """Somebody to tell when a run fails.

    :param class_: import path of the class of a notifier of Airflow.
    :param arguments: what it is made with; templates may use ``wrike``.
    """

    class_: ClassPath = Field(alias="class")
    arguments: dict[str, Any] = {}

    def as_dict(self) -> dict[str, Any]:
        """As in the variables file."""
        return {"class": self.class_, "arguments": self.arguments}


class Settings(_Strict):
    """What teams can have in common; the fields of ``defaults``.

    :param description: for people.
    :param endpoint: where the team's connector runs; the switch is the Variable ``wrike_enabled__<endpoint>``.
    :param schedule: cron expression or preset such as ``@hourly``, as written; null: only by hand.
    :param timezone: time zone of the schedule.
    :param start_date: first day of the schedule.
    :param entities: which entities to take.
    :param staging: where the rows go.
    :param pool: Airflow pool of the team's tasks.
    :param owner: owner of the DAG.
    :param tags: tags of the DAG, beside ``wrike``.
    :param deletion_limit: share of an entity's records that may be marked as deleted at once, 0 to 1.
    :param reconcile: how often all records are read again, to find those that are gone without a trace.
    :param detail_requests: requests a run and entity for details of records that have not changed.
    :param data_export: whether to take Wrike's data export too.
    :param must_finish_within: how long after it was queued a run has to have ended; None: however long.
    :param notify: whom to tell when a run fails, or is not done in time.
    """

    description: Annotated[str, _spelt(r"[^\x00]*", "no NUL character")] = ""
    endpoint: Slug = "default"
    schedule: str | None = "@hourly"
    timezone: str = "UTC"
    start_date: date = Field(default=date(2026, 1, 1), ge=date(2000, 1, 1))
    entities: EntityChoice = EntityChoice()
    staging: Staging = Staging()
    pool: Annotated[str, Field(min_length=1, max_length=256), _LINE] = "default_pool"
    owner: Annotated[str, Field(min_length=1, max_length=500), _LINE] = "wrike"
    tags: tuple[Tag, ...] = ()
    deletion_limit: float = Field(default=0.2, ge=0, le=1)
    reconcile: Reconcile = Reconcile.WEEKLY
    detail_requests: int = Field(default=1, ge=0)
    data_export: bool = False
    must_finish_within: timedelta | None = Field(default=None, gt=timedelta())
    notify: tuple[Notifier, ...] = ()

    @field_validator("must_finish_within", mode="before")
    @classmethod
    def _short_duration(cls, text: Any) -> Any:
        if text is None or isinstance(text, timedelta):
            return text
        if not isinstance(text, str) or not (_SHORT_DURATION.fullmatch(text) or text.startswith("P")):
            # YAML makes a number of 45:00, and what a bare number counts is anybody's guess.
            raise ValueError(f"{text!r} is no duration; write it like 45m, 2h, 1h30m, or PT45M (ISO 8601)")
        return text if text.startswith("P") else f"PT{text.upper()}"

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            # ZoneInfoNotFoundError is a KeyError; a folder of zones is an OSError.
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"unknown time zone {name!r}; write it like Europe/Berlin") from None
        return name

    @field_validator("schedule")
    @classmethod
    def _readable_schedule(cls, expression: str | None) -> str | None:
        if expression is not None:
            cron(expression, "")
        return expression


class Team(Settings):
    """One Wrike account to sync.

    :param name: short name; the DAG is ``wrike_<name>``.
    :param account_name: name of the Wrike account, for people; default the team's name.
    :param connection_id: Airflow Connection of type Wrike; default ``wrike_<name>``.
    """

    name: Slug
    account_name: Annotated[str, Field(max_length=250), _LINE] = ""
    connection_id: ConnectionId = ""

    @model_validator(mode="before")
    @classmethod
    def _named_after_team(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(name := data.get("name"), str) and is_slug(name):
            return {
                **data,
                "connection_id": data.get("connection_id") or connection_id_of(name),
                "account_name": data.get("account_name") or name,
            }
        return data

    @model_validator(mode="after")
    def _something_left(self) -> Self:
        if not self.taken:
            raise ValueError("entities: nothing is left to take")
        if longest := max(self.schemas, key=len)[LONGEST_SCHEMA:]:
            raise ValueError(
                f"staging.schema: {len(longest)} characters too long for the schemas of the data export beside it"
            )
        return self

    @property
    def dag_id(self) -> str:
        """Id of the team's DAG."""
        return f"wrike_{self.name}"

    @property
    def cron(self) -> str | None:
        """The schedule as a cron expression; None: only by hand."""
        return None if self.schedule is None else cron(self.schedule, self.name)

    @property
    def switch(self) -> str:
        """Key of the Variable that turns the team's endpoint on."""
        return switch_key(self.endpoint)

    @property
    def staging_schema(self) -> str:
        """The team's schema in the staging database."""
        return self.staging.schema_ or f"wrike_{self.name.replace('-', '_')}"

    @property
    def export_schema(self) -> str:
        """The schema of the team's data export."""
        return f"{self.staging_schema}_export"

    @property
    def schemas(self) -> tuple[str, ...]:
        """All schemas that are the team's: rows pass through a second one on their way."""
        own = (self.staging_schema, self.export_schema) if self.data_export else (self.staging_schema,)
        return tuple(schema + end for schema in own for end in ("", "_load"))

    @property
    def taken(self) -> tuple[Entity, ...]:
        """The entities that are taken."""
        wanted = set(self.entities.include or ENTITY_NAMES) - set(self.entities.exclude)
        return tuple(entity for entity in CATALOGUE if entity.name in wanted)

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of the schedule."""
        return ZoneInfo(self.timezone)
