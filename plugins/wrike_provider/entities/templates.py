"""What new work is made from (Wrike API v4, "Custom Item Types", "Blueprints", "Request Forms")."""

from __future__ import annotations

from wrike_provider.api.paging import Paging
from wrike_provider.entities.common import CUSTOM_FIELD_VALUES
from wrike_provider.entities.model import Area, Column, Entity, Type, ids

CUSTOM_ITEM_TYPES = Entity(
    name="custom_item_types",
    singular="custom_item_type",
    description="Custom item types of tasks and projects, deleted ones too.",
    area=Area.DEFINITIONS,
    path="/custom_item_types",
    params={"withDeleted": True},
    fields=("dataUsageStatistics",),
    restricted_fields=(("dataUsageStatistics",),),
    columns=(
        Column("id", description="Id of the item type."),
        Column("title", description="Name."),
        Column("relatedType", description="Task or Project."),
        Column("spaceId", description="Space that it belongs to; none: the account."),
        Column("description", description="Description."),
        Column("icon", description="Icon."),
        Column("isDeleted", Type.BOOLEAN, "Whether it was deleted."),
        Column("archivedOn", Type.TIMESTAMP, "When it was deleted."),
        Column("archivedBy", description="Who deleted it."),
        Column("dataUsageStatistics", Type.JSON, "How much it is used."),
    ),
    children=(ids("customFieldIds", "Custom fields of the item type."),),
)

FOLDER_BLUEPRINTS = Entity(
    name="folder_blueprints",
    singular="folder_blueprint",
    description="Blueprints of folders and projects that belong to the account; those of a space are not read.",
    area=Area.DEFINITIONS,
    path="/folder_blueprints",
    fields=("customFields",),
    columns=(
        Column("id", description="Id of the blueprint."),
        Column("title", description="Name."),
        Column("scope", description="BpRoot or FolderBp."),
        Column("permalink", description="Link to it in Wrike."),
    ),
    children=(ids("childIds", "Blueprints inside."), CUSTOM_FIELD_VALUES),
)

TASK_BLUEPRINTS = Entity(
    name="task_blueprints",
    singular="task_blueprint",
    description="Blueprints of tasks that belong to the account; those of a space are not read.",
    area=Area.DEFINITIONS,
    path="/task_blueprints",
    paging=Paging(),
    fields=("customFields",),
    columns=(
        Column("id", description="Id of the blueprint."),
        Column("title", description="Name."),
        Column("scope", description="TaskBp."),
        Column("permalink", description="Link to it in Wrike."),
    ),
    children=(ids("childIds", "Blueprints inside."), CUSTOM_FIELD_VALUES),
)

REQUEST_FORMS = Entity(
    name="request_forms",
    singular="request_form",
    description="Request forms.",
    area=Area.DEFINITIONS,
    path="/request_forms",
    paging=Paging(100),
    fields=("dataUsageStatistics",),
    restricted_fields=(("dataUsageStatistics",),),
    columns=(
        Column("id", description="Id of the form."),
        Column("title", description="Name."),
        Column("spaceId", description="Space that it belongs to."),
        Column("description", description="Description, HTML."),
        Column("pages", Type.JSON, "Pages and questions."),
        Column("dataUsageStatistics", Type.JSON, "How much it is used."),
    ),
)
