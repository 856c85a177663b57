"""The words in which an entity is declared. Data, not control flow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from wrike_provider.api.paging import Paging

OWNERS_A_RUN: Final = 2000
"""About how many records a run asks for what belongs to them: that takes five minutes of the request limit."""
SORT_FIELD: Final = "sortField"
SORT_ORDER: Final = "sortOrder"
"""Parameter that says whether records come oldest change first (``Asc``) or latest first (``Desc``)."""
WORKSPACE: Final = ("wsReadOnly", "wsReadWrite", "Default")
"""Scopes that open what people work on (Wrike API v4, "OAuth 2.0", scopes)."""


class Type(StrEnum):
    """Types of columns (Wrike API v4, "Data types")."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    """An instant, UTC."""
    LOCAL_TIMESTAMP = "local timestamp"
    """A date and time of a calendar, without a zone."""
    DATE = "date"
    JSON = "json"
    """What Wrike does not document, or no table could hold."""


class Area(StrEnum):
    """Where an entity belongs; small entities of one area share a task."""

    PEOPLE = "people"
    DEFINITIONS = "definitions"
    CAPACITY = "capacity"
    WORK = "work"


def snake_case(path: str) -> str:
    """Name a column or table after a path of Wrike's own field names.

    :param path: field names joined by dots, e.g. ``dates.workOnWeekends``.
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path).replace(".", "_").lower()


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    :param path: where the value is in the record, field names joined by dots; empty for an array of plain values.
    :param type: its type.
    :param description: what it means.
    :param name: name in the table; by default the path in snake_case.
    :param presence: the column says whether the path is there at all, not what it holds.
    :param elements: of JSON that is an array of objects, all fields of these and their types, if Wrike tells them:
        texts, integers and booleans, which JSON writes in one way.
    """

    path: str
    type: Type = Type.TEXT
    description: str = ""
    name: str = ""
    presence: bool = False
    elements: tuple[tuple[str, Type], ...] = ()

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", snake_case(self.path))
        if not {Type.TEXT, Type.INTEGER, Type.BOOLEAN}.issuperset(kind for _, kind in self.elements):
            raise ValueError(f"{self.path}: of the types of its elements JSON writes one in several ways")


@dataclass(frozen=True, slots=True)
class Child:
    """A table for an array of the record, one row an element.

    Its first column is the record's key, named ``<singular of the entity>_id``.

    :param path: where the array is in the record, field names joined by dots.
    :param columns: columns of an element.
    :param key: names of the columns that, with the record's key, tell rows apart; empty: ``position`` does.
    :param description: what a row means.
    """

    path: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    description: str = ""

    @property
    def ordered(self) -> bool:
        """Whether rows are told apart by a column ``position``, counted from 0."""
        return not self.key

    @property
    def scalar(self) -> bool:
        """Whether the array holds plain values rather than objects."""
        return len(self.columns) == 1 and self.columns[0].path == ""


@dataclass(frozen=True, slots=True)
class Spans:
    """How an endpoint is read that answers a short span of time only, and without pages.

    :param longest: the longest span that it answers.
    :param most: records that it answers with at the most, without a sign that there are more; None: all.
    """

    longest: timedelta
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """How an endpoint is read that answers only for records named by their ids.

    It is asked about records that are new or changed in staging, and about some of the others by turns.

    :param of: entity that has the ids: its key, or what an array of it holds.
    :param array: path of that array; empty: the key.
    :param only: ids of those records alone that have this value in this column.
    :param batch: ids a request.
    :param about: field of an answered record with the id that it is about; empty: it is about the one id asked for.
    :param gathered: field for the answered records of one id, which then are one record; empty: each is a record.
    :param several: whether there can be several records about an id, each with an id of its own. They get the field
        ``about``.
    :param most: about how many new and changed records a run asks at the most, and leaves the rest to the next ones;
        None: all.
    """

    of: str
    array: str = ""
    only: tuple[str, str | bool] | None = None
    batch: int = 1
    about: str = "id"
    gathered: str = ""
    several: bool = False
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Where records can be read too: one by one at what they belong to, for accounts that may not list them.

    :param of: entity of what they belong to.
    :param path: path of the endpoint; ``{ids}`` in it is filled with the id of what they belong to.
    :param about: field of a record with that id.
    """

    of: str
    path: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One kind of Wrike record, and where its rows go.

    :param name: name of the entity and of its table.
    :param singular: one of them; child tables name their first column after it.
    :param description: what a record is.
    :param area: where it belongs.
    :param path: path of the list endpoint; ``{ids}`` in it is filled with what ``details`` says.
    :param columns: columns of its table; the first one is the key.
    :param children: tables for its arrays.
    :param params: parameters that are always sent.
    :param optional_params: parameters that are sent, but when Wrike refuses one by its name.
    :param fields: optional fields to ask for: all that the endpoint offers.
    :param restricted_fields: those of ``fields`` that may be refused, and the whole request with them: by a plan or a
        right, or because Wrike gives them anyway. In the order in which they are left out, one group after the other.
    :param paging: None when the endpoint answers whole.
    :param changed_by: name of the parameter that filters by time of change; None: the entity is read whole.
    :param all_since: a time of change before any record, for endpoints that page only with a filter.
    :param gone: name of the flag that lists only the records that are gone (removed people) or only the others; a
        column of the same name holds it.
    :param scope: name of the field that tells records in the recycle bin (``Rb...``) from others (``Ws...``).
    :param bin_path: path that lists the records in the recycle bin, where ``path`` does not; ``{recycleBinId}`` in it
        is the account's.
    :param spans: for endpoints that answer a short span of time only.
    :param details: for endpoints that answer for named records only.
    :param owners: where the records can be read when the list is refused.
    :param immutable: records never change, and Wrike lets go of old ones: what is not listed any more was not deleted.
    :param scopes: OAuth scopes of which any one opens the endpoint.
    :param needs: plan or right that the endpoint needs beside a scope, for people.
    """

    name: str
    singular: str
    description: str
    area: Area
    path: str
    columns: tuple[Column, ...]
    children: tuple[Child, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    optional_params: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    restricted_fields: tuple[tuple[str, ...], ...] = ()
    paging: Paging | None = None
    changed_by: str | None = None
    all_since: str | None = None
    gone: str | None = None
    scope: str | None = None
    bin_path: str | None = None
    spans: Spans | None = None
    details: Details | None = None
    owners: tuple[Owner, ...] = ()
    immutable: bool = False
    scopes: tuple[str, ...] = WORKSPACE
    needs: str = ""

    @property
    def key(self) -> Column:
        """The column that tells records apart."""
        return self.columns[0]

    @property
    def sorts(self) -> bool:
        """Whether the endpoint can be asked for the order of its records (Wrike API v4, "Tasks": ``sortOrder``)."""
        return {SORT_FIELD, SORT_ORDER} <= self.optional_params.keys()

    @property
    def read_whole(self) -> bool:
        """Whether there is no filter by time of change."""
        return self.changed_by is None

    def at(self, owner: Owner) -> Entity:
        """The same records and tables, read at what the records belong to.

        :param owner: one of the entity's owners.
        """
        details = Details(of=owner.of, about=owner.about, several=True, most=OWNERS_A_RUN)
        return replace(self, path=owner.path, details=details, changed_by=None, spans=None, optional_params={})

    def child_table(self, child: Child) -> str:
        """Name the table of a child.

        :param child: one of the entity's children.
        """
        return f"{self.name}_{snake_case(child.path)}"

    @property
    def parent_key(self) -> str:
        """Name of the column by which child rows point to their record."""
        return f"{self.singular}_id"


def ids(path: str, description: str, *, of: str = "") -> Child:
    """Declare a table for an array of ids.

    :param path: where the array is.
    :param description: what a row means.
    :param of: name of the id column; by default the singular of the array's own name.
    """
    name = of or snake_case(path.rpartition(".")[2]).removesuffix("s")
    return Child(path, (Column("", name=name),), key=(name,), description=description)


def values(path: str, column: str, description: str) -> Child:
    """Declare a table for an array of plain values whose order matters.

    :param path: where the array is.
    :param column: name of the value's column.
    :param description: what a row means.
    """
    return Child(path, (Column("", name=column),), description=description)
