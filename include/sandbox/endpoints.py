"""Which endpoints there are, and what each takes: one declaration an endpoint (Wrike API v4, "Methods")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from include.sandbox.params import (
    Parser,
    flag,
    instants,
    integer,
    json_list,
    json_object,
    local_dates,
    one_of,
    some_of,
    text,
)

WORKSPACE = frozenset({"Default", "wsReadOnly", "wsReadWrite"})


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
    scopes: frozenset[str] | None = WORKSPACE


_TASK_STATUS = some_of("Active", "Completed", "Deferred", "Cancelled")
_TASK_PARAMS: dict[str, Parser] = {
    "descendants": flag,
    "title": text,
    "status": _TASK_STATUS,
    "importance": one_of("High", "Normal", "Low"),
    "startDate": local_dates,
    "dueDate": local_dates,
    "scheduledDate": local_dates,
    "createdDate": instants,
    "updatedDate": instants,
    "completedDate": instants,
    "authors": json_list,
    "responsibles": json_list,
    "responsiblePlaceholders": json_list,
    "permalink": text,
    "type": some_of("Backlog", "Milestone", "Planned"),
    "limit": integer,
    "sortField": one_of(
        "CreatedDate", "UpdatedDate", "CompletedDate", "DueDate", "Status", "Importance", "Title", "LastAccessDate"
    ),
    "sortOrder": one_of("Asc", "Desc"),
    "subTasks": flag,
    "metadata": json_object,
    "customField": json_object,
    "customFields": json_list,
    "customStatuses": json_list,
    "withInvitations": flag,
    "billingTypes": some_of("Billable", "NonBillable"),
    "plainTextCustomFields": flag,
    "customItemTypes": json_list,
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
    "metadata": json_object,
    "customField": json_object,
    "customFields": json_list,
    "updatedDate": instants,
    "withInvitations": flag,
    "project": flag,
    "deleted": flag,
    "contractTypes": some_of("Billable", "NonBillable"),
    "plainTextCustomFields": flag,
    "customItemTypes": json_list,
    "customStatuses": json_list,
    "authors": json_list,
    "owners": json_list,
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
        params={"metadata": json_object},
        fields=("metadata", "customFields", "subscription"),
    ),
    Endpoint(
        path="/contacts",
        kind="contacts",
        collection="contacts",
        params={
            "me": flag,
            "metadata": json_object,
            "deleted": flag,
            "active": flag,
            "types": _CONTACT_TYPES,
            "name": text,
            "emails": json_list,
            "customFields": json_list,
        },
        fields=_CONTACT_FIELDS,
    ),
    Endpoint(
        path="/contacts/{ids}",
        kind="contacts",
        collection="contacts",
        params={"metadata": json_object, "types": _CONTACT_TYPES},
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
        params={"metadata": json_object},
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
    ),
    Endpoint(path="/spaces/{id}", kind="spaces", collection="spaces", fields=_SPACE_FIELDS),
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
            "types": some_of("Text", "DropDown", "Numeric", "Currency", "Percentage", "Date", "Duration", "Checkbox"),
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
