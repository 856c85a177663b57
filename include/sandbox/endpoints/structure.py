"""Spaces, workflows, custom fields and folders."""

from __future__ import annotations

from include.sandbox.endpoints.model import IDS, WORKSPACE, Endpoint
from include.sandbox.params import Parser, an_id, custom_field, flag, list_of, metadata, some_of, text
from include.sandbox.spans import instants, local_dates

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
    "customStatuses": IDS,
    "authors": IDS,
    "owners": IDS,
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
_SPACE_FIELDS = ("members", "workScheduleId")

STRUCTURE: tuple[Endpoint, ...] = (
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
        path="/spaces/{id}/workflows",
        kind="workflows",
        collection="spaceworkflows",
        fields=("dataUsageStatistics",),
        absent=("spaceId",),
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
        path="/spaces/{id}/folders",
        kind="folders",
        collection="folders",
        params=_FOLDER_PARAMS,
        fields=_FOLDER_FIELDS,
        page_size=1000,
        tree=True,
    ),
)
