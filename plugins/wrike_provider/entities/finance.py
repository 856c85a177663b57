"""Rates, costs and fees, and what they were (Wrike API v4, "Hourly Rates", "Contacts", "Folders", "Tasks": history)."""

from __future__ import annotations

from typing import Final

from wrike_provider.entities.model import Area, Child, Column, Details, Entity, Type

_NEEDS = "a plan with budgets, and the right to see them"
_IDS: Final = 100
"""Ids a request. Wrike's specification has 1,000 for histories, in a URL longer than many servers on the way take."""


def _amounts(path: str, what: str) -> Child:
    return Child(
        path,
        (
            Column("value", Type.NUMBER, "Amount."),
            Column("startDate", Type.DATE, "First day on which it held."),
            Column("endDate", Type.DATE, "Last day; empty: it still holds."),
        ),
        description=f"{what}, as they were and are.",
    )


def _rates(path: str, what: str) -> Child:
    return Child(
        path,
        (
            Column("rateValue", Type.NUMBER, "Amount an hour."),
            Column("rateSource", description="Where it comes from."),
            Column("startDate", Type.DATE, "First day on which it held."),
            Column("endDate", Type.DATE, "Last day; empty: it still holds."),
        ),
        description=f"{what}, as they were and are.",
    )


_HOURLY_RATES = Child(
    "rates",
    (
        Column("rateSubjectId", description="Whose rate it is."),
        Column("rateSubjectType", description="Kind of whose rate it is."),
        Column("billRate.rateScope", description="Where the bill rate holds."),
        Column("billRate.rateSource", description="Where the bill rate comes from."),
        Column("billRate.rateValue", Type.NUMBER, "Bill rate an hour."),
        Column("costRate.rateScope", description="Where the cost rate holds."),
        Column("costRate.rateSource", description="Where the cost rate comes from."),
        Column("costRate.rateValue", Type.NUMBER, "Cost rate an hour."),
    ),
    description="Hourly rates.",
)

CONTACTS_HISTORY = Entity(
    name="contacts_history",
    singular="contact",
    description="People of whom Wrike keeps earlier rates.",
    area=Area.PEOPLE,
    path="/contacts/{ids}/contacts_history",
    details=Details(of="contacts", only=("type", "Person"), batch=_IDS),
    fields=("billRate", "costRate"),
    needs=_NEEDS,
    columns=(Column("id", description="Id of the contact."),),
    children=(_rates("billRateHistory", "Bill rates"), _rates("costRateHistory", "Cost rates")),
)

CONTACTS_HOURLY_RATES = Entity(
    name="contacts_hourly_rates",
    singular="contact",
    description="People who have hourly rates.",
    area=Area.PEOPLE,
    path="/contacts/{ids}/hourly_rates",
    details=Details(of="contacts", only=("type", "Person"), batch=_IDS, about="rateSubjectId", gathered="rates"),
    needs=_NEEDS,
    columns=(Column("id", description="Id of the contact."),),
    children=(_HOURLY_RATES,),
)

PLACEHOLDERS_HOURLY_RATES = Entity(
    name="placeholders_hourly_rates",
    singular="placeholder",
    description="Placeholders that have hourly rates.",
    area=Area.PEOPLE,
    path="/placeholders/{ids}/hourly_rates",
    details=Details(of="placeholders", batch=_IDS, about="rateSubjectId", gathered="rates"),
    needs=_NEEDS,
    columns=(Column("id", description="Id of the placeholder."),),
    children=(_HOURLY_RATES,),
)

FOLDERS_HOURLY_RATES = Entity(
    name="folders_hourly_rates",
    singular="folder",
    description="Projects with hourly rates of their own.",
    area=Area.WORK,
    path="/folders/{ids}/hourly_rates",
    details=Details(of="folders", only=("is_project", True), about="", gathered="rates"),
    needs=_NEEDS,
    columns=(Column("id", description="Id of the project."),),
    children=(_HOURLY_RATES,),
)

FOLDERS_HISTORY = Entity(
    name="folders_history",
    singular="folder",
    description="Projects of which Wrike keeps earlier costs and fees.",
    area=Area.WORK,
    path="/folders/{ids}/folders_history",
    details=Details(of="folders", only=("is_project", True), batch=_IDS),
    fields=("plannedCost", "plannedFees", "actualFees", "actualCost", "budget"),
    needs=_NEEDS,
    columns=(Column("id", description="Id of the project."),),
    children=(
        _amounts("project.plannedCost", "Planned costs"),
        _amounts("project.plannedFees", "Planned fees"),
        _amounts("project.actualFees", "Actual fees"),
        _amounts("project.actualCost", "Actual costs"),
        _amounts("project.budget", "Budgets"),
    ),
)

TASKS_HISTORY = Entity(
    name="tasks_history",
    singular="task",
    description="Tasks of which Wrike keeps earlier costs and fees.",
    area=Area.WORK,
    path="/tasks/{ids}/tasks_history",
    details=Details(of="tasks", batch=_IDS),
    fields=("plannedCost", "plannedFees", "actualFees", "actualCost"),
    needs=_NEEDS,
    columns=(Column("id", description="Id of the task."),),
    children=(
        _amounts("plannedCost", "Planned costs"),
        _amounts("plannedFees", "Planned fees"),
        _amounts("actualFees", "Actual fees"),
        _amounts("actualCost", "Actual costs"),
    ),
)
