"""The account and its people."""

from __future__ import annotations

from include.sandbox.endpoints.model import USERS, Endpoint
from include.sandbox.params import (
    a_word,
    custom_field,
    flag,
    list_of,
    metadata,
    some_of,
    text,
)

_CONTACT_FIELDS = ("metadata", "customFields", "currentBillRate", "currentCostRate", "jobRoleId", "workScheduleId")
_CONTACT_TYPES = some_of("Person", "Group", "Asset", "Robot")

PEOPLE: tuple[Endpoint, ...] = (
    Endpoint(
        path="/account",
        kind="accounts",
        collection="account",
        params={"metadata": metadata},
        fields=("metadata", "customFields", "subscription"),
    ),
    Endpoint(
        path="/contacts",
        kind="contacts",
        collection="contacts",
        params={
            "me": flag,
            "metadata": metadata,
            "deleted": flag,
            "active": flag,
            "types": _CONTACT_TYPES,
            "name": text,
            "emails": list_of(a_word, 100),
            "customFields": list_of(custom_field, 25),
        },
        fields=_CONTACT_FIELDS,
        absent=("userTypeId",),
    ),
    Endpoint(
        path="/contacts/{ids}",
        kind="contacts",
        collection="contacts",
        params={"metadata": metadata, "types": _CONTACT_TYPES},
        fields=_CONTACT_FIELDS,
        absent=("userTypeId",),
    ),
    Endpoint(
        path="/users/{id}",
        kind="users",
        collection="users",
        absent=_CONTACT_FIELDS,
        scopes=USERS,
    ),
    Endpoint(
        path="/groups",
        kind="groups",
        collection="groups",
        params={"metadata": metadata},
        fields=("metadata",),
        page_size=1000,
        page_token="pageToken",  # noqa: S106
        scopes=frozenset({"amReadOnlyGroup", "amReadWriteGroup"}),
    ),
    Endpoint(
        path="/groups/{id}",
        kind="groups",
        collection="groups",
        fields=("metadata",),
        scopes=frozenset({"amReadOnlyGroup", "amReadWriteGroup"}),
    ),
)
