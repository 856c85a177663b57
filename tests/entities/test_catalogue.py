"""What holds for every declaration."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain

import pytest

from include.sandbox.endpoints import ENDPOINTS
from tests.conftest import ROOT
from wrike_provider.api.paging import Paging
from wrike_provider.auth.scopes import SCOPES
from wrike_provider.entities import CATALOGUE, Entity, Type, entity
from wrike_provider.entities.model import Area
from wrike_provider.staging.tables import POSITION, tables

SNAKE = re.compile(r"_?[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST_NAME = 63
"""PostgreSQL cuts longer ones off."""

OFFERED = {re.sub(r"\{ids?\}", "{ids}", endpoint.path): endpoint for endpoint in ENDPOINTS}
"""The endpoints of the sandbox: written from the same documentation, not from the declarations."""

each = pytest.mark.parametrize("declared", CATALOGUE, ids=lambda declared: declared.name)


def test_the_example_of_the_documentation_is_a_declaration() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
    assert example in (ROOT / "plugins/wrike_provider/entities/administration.py").read_text()


@each
def test_the_endpoint_is_there_once(declared: Entity) -> None:
    assert declared.path in OFFERED
    assert [other.name for other in CATALOGUE if other.path == declared.path] == [declared.name]


def test_entities_are_found_by_name() -> None:
    assert all(entity(declared.name) is declared for declared in CATALOGUE)
    with pytest.raises(KeyError):
        entity("nothing")


def test_no_two_tables_have_one_name() -> None:
    names = Counter(table.name for declared in CATALOGUE for table in tables(declared))
    assert [name for name, count in names.items() if count > 1] == []


@each
def test_names_can_be_written_without_quotes(declared: Entity) -> None:
    names = [declared.name, declared.singular]
    names += [name for table in tables(declared) for name in (table.name, *(column.name for column in table.columns))]
    assert [name for name in names if not SNAKE.fullmatch(name) or len(name) > LONGEST_NAME] == []


@each
def test_no_two_columns_of_a_table_have_one_name(declared: Entity) -> None:
    for table in tables(declared):
        names = Counter(column.name for column in table.columns)
        assert [name for name, count in names.items() if count > 1] == [], table.name


@each
def test_no_two_columns_or_children_take_one_value(declared: Entity) -> None:
    paths = [column.path for column in declared.columns if not column.presence]
    paths += [child.path for child in declared.children]
    assert [path for path, count in Counter(paths).items() if count > 1] == []
    whole = {column.path for column in declared.columns if column.type is Type.JSON}
    assert [path for path in paths if any(path.startswith(f"{taken}.") for taken in whole)] == []
    for child in declared.children:
        assert max(Counter(column.path for column in child.columns).values()) == 1


@each
def test_the_first_column_is_the_key(declared: Entity) -> None:
    assert declared.key is declared.columns[0]
    assert declared.key.type is Type.TEXT
    record, *children = tables(declared)
    assert record.record_key == record.columns[0].name == declared.key.name
    assert not record.columns[0].nullable
    for child in children:
        assert child.record_key == child.columns[0].name == f"{declared.singular}_id"
        assert not child.columns[0].nullable


@each
def test_the_keys_of_children_are_columns_of_theirs(declared: Entity) -> None:
    for child in declared.children:
        assert set(child.key) <= {column.name for column in child.columns}, child.path
        assert child.ordered is (not child.key)
    for child, table in zip(declared.children, tables(declared)[1:], strict=True):
        assert (POSITION in [column.name for column in table.columns]) is child.ordered


@each
def test_everything_is_described(declared: Entity) -> None:
    described = [declared.description, *(child.description for child in declared.children)]
    described += [column.description for column in declared.columns]
    described += [column.description for child in declared.children if not child.scalar for column in child.columns]
    described += [table.description for table in tables(declared)]
    assert [text for text in described if not text.endswith(".")] == []


@each
def test_each_table_has_a_column_for_what_no_column_takes(declared: Entity) -> None:
    record, *children = tables(declared)
    assert [column.name for column in record.columns[-4:]] == ["_extra", "_hash", "_synced_at", "_deleted_at"]
    for child, table in zip(declared.children, children, strict=True):
        assert (table.columns[-1].name == "_extra") is not child.scalar


@each
def test_all_optional_fields_of_the_endpoint_are_asked_for(declared: Entity) -> None:
    # Without them Wrike answers that there is a history, and not which one.
    assert set(declared.fields) == set(OFFERED[declared.path].fields)
    assert len(declared.fields) == len(set(declared.fields))
    assert set(chain.from_iterable(declared.restricted_fields)) <= set(declared.fields)


def test_a_field_that_a_plan_may_refuse_of_one_entity_it_may_refuse_of_all() -> None:
    """But a description, which is restricted for another reason."""
    restricted = {declared.name: set(chain.from_iterable(declared.restricted_fields)) for declared in CATALOGUE}
    anywhere = set.union(*restricted.values()) - {"description"}
    for declared in CATALOGUE:
        assert anywhere & set(declared.fields) <= restricted[declared.name], declared.name


@each
def test_every_optional_field_has_a_place(declared: Entity) -> None:
    """`contractType` of folders comes inside `project`, a rate as its history."""
    paths = [column.path for column in declared.columns] + [child.path for child in declared.children]
    places = {part.removesuffix("History") for path in paths for part in path.split(".")}
    assert set(declared.fields) - places == set()


@each
def test_paging(declared: Entity) -> None:
    offered = OFFERED[declared.path]
    pages = Paging(offered.page_size, offered.page_token) if offered.page_size else None
    assert declared.paging == pages


@each
def test_scopes(declared: Entity) -> None:
    assert set(declared.scopes) == set(OFFERED[declared.path].scopes or ())
    assert set(declared.scopes) & set(SCOPES)


@each
def test_a_flag_for_gone_records_is_a_column_too(declared: Entity) -> None:
    if declared.gone is not None:
        assert (declared.gone, Type.BOOLEAN) in [(column.name, column.type) for column in declared.columns]


def test_what_is_read_by_time_of_change() -> None:
    changed_by = {d.name: d.changed_by for d in CATALOGUE if not d.read_whole}
    updated = dict.fromkeys(("folders", "tasks", "approvals", "timelogs"), "updatedDate")
    created = dict.fromkeys(("comments", "attachments"), "createdDate")
    assert changed_by == {**updated, **created, "audit_log": "eventDate"}
    for declared in CATALOGUE:
        if declared.changed_by is not None:
            assert declared.changed_by in [column.path for column in declared.columns]


def test_details_are_about_what_is_read_before() -> None:
    before: set[str] = set()
    for declared in CATALOGUE:
        if declared.details is not None:
            details, of = declared.details, entity(declared.details.of)
            assert of.name in before
            assert "{ids}" in declared.path
            assert details.array in {"", *(child.path for child in of.children)}
            assert details.only is None or details.only[0] in {column.name for column in of.columns}
            if details.several:
                assert details.about in [column.path for column in declared.columns]
            assert declared.changed_by is None
        before.add(declared.name)


def test_areas_have_entities() -> None:
    assert {declared.area for declared in CATALOGUE} == set(Area)
