"""The words in which an entity is declared."""

from __future__ import annotations

import pytest

from wrike_provider.entities import Child, Column, Entity, Type
from wrike_provider.entities.model import Area, ids, snake_case, values


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("id", "id"),
        ("accountId", "account_id"),
        ("dates.workOnWeekends", "dates_work_on_weekends"),
        ("effortAllocation.dailyAllocationPercentage", "effort_allocation_daily_allocation_percentage"),
        ("project.ownerIds", "project_owner_ids"),
        ("address2Line", "address2_line"),
    ],
)
def test_names_come_from_wrikes_own(path: str, name: str) -> None:
    assert snake_case(path) == name
    assert Column(path).name == name


def test_a_name_of_ones_own_goes_first() -> None:
    assert Column("id", name="member_id").name == "member_id"


def test_elements_of_json_are_of_types_that_json_writes_in_one_way() -> None:
    assert Column("days", Type.JSON, elements=(("date", Type.TEXT), ("minutes", Type.INTEGER))).elements
    with pytest.raises(ValueError, match="days: of the types"):
        Column("days", Type.JSON, elements=(("hours", Type.NUMBER),))


def test_an_array_of_ids() -> None:
    child = ids("project.ownerIds", "Owners.")
    assert [(column.path, column.name, column.type) for column in child.columns] == [("", "owner_id", Type.TEXT)]
    assert child.key == ("owner_id",)
    assert child.scalar
    assert not child.ordered
    assert ids("sharedIds", "Shared.", of="contact_id").columns[0].name == "contact_id"


def test_an_array_of_plain_values() -> None:
    child = values("workDays", "work_day", "Days.")
    assert child.columns[0].name == "work_day"
    assert child.scalar
    assert child.ordered


def test_an_array_of_objects() -> None:
    child = Child("things", (Column("id", name="thing_id"),), key=("thing_id",))
    assert not child.scalar
    assert not child.ordered


def test_children_are_named_after_their_entity() -> None:
    things = Entity(
        name="things", singular="thing", description="x", area=Area.WORK, path="/things", columns=(Column("id"),)
    )
    assert things.child_table(ids("project.ownerIds", "x")) == "things_project_owner_ids"
    assert things.parent_key == "thing_id"
    assert things.read_whole
