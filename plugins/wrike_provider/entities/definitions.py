"""What work is described with (Wrike API v4, "Spaces", "Workflows", "Custom fields")."""

from __future__ import annotations

from wrike_provider.entities.model import WORKSPACE, Area, Child, Column, Details, Entity, Type, ids, values

SPACES = Entity(
    name="spaces",
    singular="space",
    description="Spaces, archived ones too. Every space is also a folder of the same id.",
    area=Area.DEFINITIONS,
    path="/spaces",
    params={"withArchived": True},
    fields=("members", "workScheduleId"),
    restricted_fields=(("workScheduleId",),),
    columns=(
        Column("id", description="Id of the space."),
        Column("title", description="Name of the space."),
        Column("description", description="Description, HTML."),
        Column("avatarUrl", description="Picture."),
        Column("accessType", description="Personal, Private, Public or Locked."),
        Column("archived", Type.BOOLEAN, "Whether the space is archived."),
        Column("guestRoleId", description="Access role of guests; public spaces only."),
        Column("defaultProjectWorkflowId", description="Workflow of new projects."),
        Column("defaultTaskWorkflowId", description="Workflow of new tasks."),
        Column("workScheduleId", description="Work schedule."),
    ),
    children=(
        Child(
            "members",
            (
                Column("id", name="member_id", description="The member: person or group."),
                Column("accessRoleId", description="Access role in the space."),
                Column("isManager", Type.BOOLEAN, "Whether the member manages the space."),
            ),
            key=("member_id",),
            description="Who is in the space.",
        ),
    ),
)

_WORKFLOW = (
    Column("name", description="Name of the workflow."),
    Column("description", description="Description."),
    Column("standard", Type.BOOLEAN, "Whether it is the default workflow."),
    Column("hidden", Type.BOOLEAN, "Whether it is hidden."),
    Column("dataUsageStatistics", Type.JSON, "How much it is used."),
)
_STATUSES = Child(
    "customStatuses",
    (
        Column("id", name="custom_status_id", description="Id of the status."),
        Column("name", description="Name of the status."),
        Column("standardName", Type.BOOLEAN, "Whether the name is Wrike's own."),
        Column("standard", Type.BOOLEAN, "Whether it is the default of its group."),
        Column("color", description="Colour."),
        Column("group", description="Active, Completed, Deferred or Cancelled."),
        Column("hidden", Type.BOOLEAN, "Whether it is hidden."),
    ),
    description="Statuses, in the order of the workflow.",
)
_WORKFLOW_SCOPES = (*WORKSPACE, "amReadOnlyWorkflow", "amReadWriteWorkflow")

WORKFLOWS = Entity(
    name="workflows",
    singular="workflow",
    description="Workflows of the account: the statuses that tasks and projects can have.",
    area=Area.DEFINITIONS,
    path="/workflows",
    scopes=_WORKFLOW_SCOPES,
    fields=("dataUsageStatistics",),
    restricted_fields=(("dataUsageStatistics",),),
    columns=(
        Column("id", description="Id of the workflow."),
        *_WORKFLOW,
    ),
    children=(_STATUSES,),
)

SPACE_WORKFLOWS = Entity(
    name="space_workflows",
    singular="space_workflow",
    description="Workflows of single spaces, which are not among those of the account.",
    area=Area.DEFINITIONS,
    path="/spaces/{ids}/workflows",
    scopes=_WORKFLOW_SCOPES,
    details=Details(of="spaces", about="spaceId", several=True),
    fields=("dataUsageStatistics",),
    restricted_fields=(("dataUsageStatistics",),),
    columns=(
        Column("id", description="Id of the workflow."),
        Column("spaceId", description="The space."),
        *_WORKFLOW,
    ),
    children=(_STATUSES,),
)

CUSTOM_FIELD_COLUMNS = (
    Column("id", description="Id of the custom field."),
    Column("accountId", description="The account."),
    Column("title", description="Name of the field."),
    Column(
        "type",
        description="Text, DropDown, Numeric, Currency, Percentage, Date, Duration, Checkbox, Contacts, ...",
    ),
    Column("spaceId", description="The space that the field belongs to; empty: the whole account."),
    Column("description", description="Description."),
    Column("archived", Type.BOOLEAN, "Whether the field is archived; values of it remain."),
    Column("archivedOn", description="When it was archived, as Wrike writes it."),
    Column("archivedBy", description="Who archived it."),
    Column("sharing", Type.JSON, "Whom it is shared with."),
)

CUSTOM_FIELDS = Entity(
    name="custom_fields",
    singular="custom_field",
    description="Definitions of custom fields, archived ones too.",
    area=Area.DEFINITIONS,
    path="/customfields",
    fields=("dataUsageStatistics", "addedToSpaces"),
    restricted_fields=(("dataUsageStatistics",),),
    columns=(
        *CUSTOM_FIELD_COLUMNS,
        Column("settings.inheritanceType", description="All, Folders, Projects or Tasks."),
        Column("settings.decimalPlaces", Type.INTEGER, "Digits after the decimal point."),
        Column("settings.useThousandsSeparator", Type.BOOLEAN, "Whether thousands are separated when shown."),
        Column("settings.currency", description="Currency of a Currency field, ISO 4217."),
        Column("settings.aggregation", description="None, Sum or Average over the tasks of a folder."),
        Column("settings.allowOtherValues", Type.BOOLEAN, "Whether values beside the offered ones are allowed."),
        Column("settings.optionColorsEnabled", Type.BOOLEAN, "Whether options are shown in colour."),
        Column("settings.readOnly", Type.BOOLEAN, "Whether values cannot be edited."),
        Column("settings.allowTime", Type.BOOLEAN, "Whether a Date field has a time."),
        Column("settings.timezone", description="Time zone of a Date field with time."),
        Column("dataUsageStatistics", Type.JSON, "How much the field is used."),
        Column("addedToSpaces", Type.JSON, "Spaces that use the field."),
    ),
    children=(
        ids("sharedIds", "Whom the field is shared with (obsolete).", of="contact_id"),
        values("settings.applicableEntityTypes", "entity_type", "What the field can be set on: WorkItem, User."),
        values("settings.values", "value", "Values offered by DropDown and Multiple fields, in order."),
        Child(
            "settings.options",
            (Column("value", description="Value offered."), Column("color", description="Its colour.")),
            description="Values offered, with their colours, in order.",
        ),
        ids("settings.contacts", "Contacts offered by a Contacts field.", of="contact_id"),
    ),
)
