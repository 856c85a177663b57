"""What new work is made from: item types, blueprints, request forms."""

from __future__ import annotations

from include.sandbox.endpoints.model import Endpoint
from include.sandbox.params import Parser, custom_field, flag, integer, list_of, one_of, text

_BLUEPRINT_PARAMS: dict[str, Parser] = {
    "permalink": text,
    "title": text,
    "customFields": list_of(custom_field, 25),
}

TEMPLATES: tuple[Endpoint, ...] = (
    Endpoint(
        path="/custom_item_types",
        kind="customItemTypes",
        collection="customitemtypes",
        params={"title": text, "limit": integer, "withDeleted": flag, "type": one_of("Project", "Task")},
        fields=("dataUsageStatistics",),
        cap=10000,
    ),
    Endpoint(
        path="/custom_item_types/{ids}",
        kind="customItemTypes",
        collection="customitemtypes",
        fields=("dataUsageStatistics",),
    ),
    Endpoint(
        path="/folder_blueprints",
        kind="folderBlueprints",
        collection="folderblueprints",
        params=_BLUEPRINT_PARAMS,
        fields=("customFields",),
    ),
    Endpoint(
        path="/task_blueprints",
        kind="taskBlueprints",
        collection="taskblueprints",
        params={**_BLUEPRINT_PARAMS, "limit": integer},
        fields=("customFields",),
        page_size=1000,
        cap=1000,
    ),
    Endpoint(
        path="/request_forms",
        kind="requestForms",
        collection="requestforms",
        params={"plainTextDescription": flag, "limit": integer},
        fields=("dataUsageStatistics",),
        page_size=100,
        cap=100,
    ),
    Endpoint(
        path="/request_forms/{id}",
        kind="requestForms",
        collection="requestforms",
        params={"plainTextDescription": flag},
        fields=("dataUsageStatistics",),
    ),
)
