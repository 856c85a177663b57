"""Which endpoints there are, and what each takes: one declaration an endpoint (Wrike API v4, "Methods")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from include.sandbox.params import (
    Parser,
    a_word,
    an_id,
    custom_field,
    flag,
    instants,
    integer,
    list_of,
    local_dates,
    metadata,
    one_of,
    schedule,
    some_of,
    text,
)

WORKSPACE = frozenset({"Default", "wsReadOnly", "wsReadWrite"})

FIELD_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "followerIds": ("followerIds", "followedByMe"),
        "accessRoles": ("userAccessRoles",),
        "suggestedTaskWorkflows": ("suggestedTaskWorkflowIds",),
        "suggestedProjectWorkflows": ("suggestedProjectWorkflowIds",),
    }
)
"""Keys that a name in ``fields`` brings; of every other name it is the key of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One path that can be read.

    :param path: the path; ``{id}`` stands for one id, ``{ids}`` for a batch.
    :param kind: ``kind`` of the answer.
    :param collection: which records it answers with.
    :param params: parser of each parameter, beside ``fields`` and those of paging.
    :param fields: keys that are only returned when asked for.
    :param absent: keys that this endpoint never returns.
    :param page_size: the most records of a page; None: it answers whole.
    :param page_token: request parameter of the page token.
    :param cap: records that come without paging at the most.
    :param tree: whether it answers with the folder tree as long as nothing is filtered.
    :param scopes: any of these opens it; None: no token is needed.
    """

    path: str
    kind: str
    collection: str
    params: Mapping[str, Parser] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    page_size: int | None = None
    page_token: str = "nextPageToken"  # noqa: S105
    cap: int | None = None
    tree: bool = False
    scopes: frozenset[str] | None = WORKSPACE


_IDS = list_of(an_id)
_TASK_STATUS = some_of("Active", "Completed", "Deferred", "Cancelled")
_TASK_PARAMS: dict[str, Parser] = {
    "descendants": flag,
    "title": text,
    "status": _TASK_STATUS,
    "importance": one_of("High", "Normal", "Low"),
    "startDate": local_dates,
    "dueDate": local_dates,
    "scheduledDate": schedule,
    "createdDate": instants,
    "updatedDate": instants,
    "completedDate": instants,
    "authors": _IDS,
    "responsibles": _IDS,
    "responsiblePlaceholders": _IDS,
    "permalink": text,
    "type": some_of("Backlog", "Milestone", "Planned"),
    "limit": integer,
    "sortField": one_of(
        "CreatedDate",
        "UpdatedDate",
        "CompletedDate",
        "DueDate",
        "Status",
        "Importance",
        "Title",
        "LastAccessDate",
        "StartFinishInterval",
    ),
    "sortOrder": one_of("Asc", "Desc"),
    "subTasks": flag,
    "metadata": metadata,
    "customField": custom_field,
    "customFields": list_of(custom_field, 25),
    "customStatuses": _IDS,
    "withInvitations": flag,
    "billingTypes": some_of("Billable", "NonBillable"),
    "plainTextCustomFields": flag,
    "customItemTypes": list_of(an_id, 1000),
}
_TASK_FIELDS = (
    "metadata",
    "responsibleIds",
    "responsiblePlaceholderIds",
    "customItemTypeId",
    "customFields",
    "followerIds",
    "parentIds",
    "superParentIds",
    "sharedIds",
    "description",
    "briefDescription",
    "superTaskIds",
    "subTaskIds",
    "dependencyIds",
    "billingType",
    "attachmentCount",
    "hasAttachments",
    "workScheduleId",
    "effortAllocation",
    "recurrent",
    "authorIds",
)
_TASK_BATCH_FIELDS = (
    "recurrent",
    "attachmentCount",
    "effortAllocation",
    "billingType",
    "cascadingFields",
    "customItemTypeId",
    "workScheduleId",
    "responsiblePlaceholderIds",
    "finance",
)
_FOLDER_PARAMS: dict[str, Parser] = {
    "permalink": text,
    "descendants": flag,
    "metadata": metadata,
    "customField": custom_field,
    "customFields": list_of(custom_field, 25),
    "updatedDate": instants,
    "withInvitations": flag,
    "project": flag,
    "deleted": flag,
    "contractTypes": some_of("Billable", "NonBillable"),
    "plainTextCustomFields": flag,
    "customItemTypes": list_of(an_id, 1000),
    "customStatuses": _IDS,
    "authors": _IDS,
    "owners": _IDS,
    "startDate": local_dates,
    "endDate": local_dates,
    "completedDate": instants,
    "title": text,
}
_FOLDER_FIELDS = (
    "metadata",
    "hasAttachments",
    "attachmentCount",
    "description",
    "briefDescription",
    "customFields",
    "customColumnIds",
    "customItemTypeId",
    "superParentIds",
    "space",
    "contractType",
)
_INNER_FOLDER_PARAMS = {name: parser for name, parser in _FOLDER_PARAMS.items() if name != "deleted"}
_CONTACT_FIELDS = ("metadata", "customFields", "currentBillRate", "currentCostRate", "jobRoleId", "workScheduleId")
_CONTACT_TYPES = some_of("Person", "Group", "Asset", "Robot")
_SPACE_FIELDS = ("members", "workScheduleId")

ENDPOINTS: tuple[Endpoint, ...] = (
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
    ),
    Endpoint(
        path="/contacts/{ids}",
        kind="contacts",
        collection="contacts",
        params={"metadata": metadata, "types": _CONTACT_TYPES},
        fields=_CONTACT_FIELDS,
    ),
    Endpoint(
        path="/users/{id}",
        kind="users",
        collection="contacts",
        absent=_CONTACT_FIELDS,
        scopes=frozenset({"amReadOnlyUser", "amReadWriteUser"}),
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
    Endpoint(
        path="/spaces",
        kind="spaces",
        collection="spaces",
        params={
            "withArchived": flag,
            "userIsMember": flag,
            "withInvitations": flag,
            "title": text,
            "accessTypes": some_of("Locked", "Personal", "Private", "Public"),
        },
        fields=_SPACE_FIELDS,
        absent=("suggestedTaskWorkflowIds", "suggestedProjectWorkflowIds"),
    ),
    Endpoint(
        path="/spaces/{id}",
        kind="spaces",
        collection="spaces",
        fields=(*_SPACE_FIELDS, "suggestedTaskWorkflows", "suggestedProjectWorkflows"),
    ),
    Endpoint(
        path="/workflows",
        kind="workflows",
        collection="workflows",
        fields=("dataUsageStatistics",),
        scopes=WORKSPACE | {"amReadOnlyWorkflow", "amReadWriteWorkflow"},
    ),
    Endpoint(
        path="/customfields",
        kind="customfields",
        collection="customfields",
        params={
            "applicableEntityTypes": some_of("User", "WorkItem"),
            "types": some_of(
                "Text",
                "DropDown",
                "Numeric",
                "Currency",
                "Percentage",
                "Date",
                "Duration",
                "Checkbox",
                "Contacts",
                "Multiple",
                "CalculatedNumeric",
                "CalculatedDate",
                "LinkToDatabase",
            ),
            "inheritanceTypes": some_of("All", "Tasks", "Projects", "Folders"),
            "title": text,
        },
        fields=("dataUsageStatistics", "addedToSpaces"),
    ),
    Endpoint(
        path="/customfields/{ids}",
        kind="customfields",
        collection="customfields",
        fields=("dataUsageStatistics", "addedToSpaces"),
    ),
    Endpoint(
        path="/folders",
        kind="folders",
        collection="folders",
        params=_FOLDER_PARAMS,
        fields=_FOLDER_FIELDS,
        page_size=1000,
        tree=True,
    ),
    Endpoint(
        path="/folders/{ids}",
        kind="folders",
        collection="folders",
        params={"withInvitations": flag, "plainTextCustomFields": flag},
        fields=(
            "briefDescription",
            "customColumnIds",
            "attachmentCount",
            "contractType",
            "customItemTypeId",
            "cascadingFields",
            "accessRoles",
            "finance",
            "inheritedCustomColumnIds",
        ),
        absent=("space",),
    ),
    Endpoint(
        path="/folders/{id}/folders",
        kind="folders",
        collection="folders",
        params=_INNER_FOLDER_PARAMS,
        fields=(*_FOLDER_FIELDS, "finance"),
        page_size=1000,
        tree=True,
    ),
    Endpoint(
        path="/folders/{id}/tasks",
        kind="tasks",
        collection="tasks",
        params=_TASK_PARAMS,
        fields=(*_TASK_FIELDS, "finance"),
        page_size=1000,
        cap=1000,
    ),
    Endpoint(
        path="/spaces/{id}/folders",
        kind="folders",
        collection="folders",
        params=_FOLDER_PARAMS,
        fields=_FOLDER_FIELDS,
        page_size=1000,
        tree=True,
    ),
    Endpoint(
        path="/spaces/{id}/tasks",
        kind="tasks",
        collection="tasks",
        params=_TASK_PARAMS,
        fields=_TASK_FIELDS,
        page_size=1000,
        cap=1000,
    ),
    Endpoint(
        path="/tasks",
        kind="tasks",
        collection="tasks",
        params=_TASK_PARAMS,
        fields=_TASK_FIELDS,
        page_size=1000,
        cap=1000,
    ),
    Endpoint(path="/tasks/{ids}", kind="tasks", collection="tasks", fields=_TASK_BATCH_FIELDS),
    Endpoint(path="/colors", kind="colors", collection="colors"),
    Endpoint(path="/version", kind="version", collection="version", scopes=None),
)
