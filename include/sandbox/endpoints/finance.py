"""Rates, costs and fees."""

from __future__ import annotations

from include.sandbox.endpoints.model import Endpoint
from include.sandbox.spans import instants

_CHANGED = {"updatedDate": instants}
_MOST_IDS = 1000
_FEES = ("plannedCost", "plannedFees", "actualFees", "actualCost")

FINANCE: tuple[Endpoint, ...] = (
    Endpoint(
        path="/contacts/{ids}/contacts_history",
        kind="contacts",
        collection="contactshistory",
        params=_CHANGED,
        fields=("billRate", "costRate"),
        absent=("contactId", "updatedDate"),
        most_ids=_MOST_IDS,
    ),
    Endpoint(
        path="/folders/{ids}/folders_history",
        kind="folders",
        collection="foldershistory",
        params=_CHANGED,
        fields=(*_FEES, "budget"),
        absent=("folderId", "updatedDate"),
        most_ids=_MOST_IDS,
    ),
    Endpoint(
        path="/tasks/{ids}/tasks_history",
        kind="tasks",
        collection="taskshistory",
        params=_CHANGED,
        fields=_FEES,
        absent=("taskId", "updatedDate"),
        most_ids=_MOST_IDS,
    ),
    Endpoint(
        path="/contacts/{ids}/hourly_rates",
        kind="hourlyRates",
        collection="contactshourlyrates",
        absent=("id", "contactId"),
    ),
    Endpoint(
        path="/placeholders/{ids}/hourly_rates",
        kind="hourlyRates",
        collection="placeholdershourlyrates",
        absent=("id", "placeholderId"),
    ),
    Endpoint(
        path="/folders/{id}/hourly_rates",
        kind="hourlyRates",
        collection="foldershourlyrates",
        absent=("id", "folderId"),
    ),
)
