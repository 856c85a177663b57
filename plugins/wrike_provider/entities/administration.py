"""Licences, roles, invitations and what happened (Wrike API v4, "User Types", "Access Roles", "Invitations", ...)."""

from __future__ import annotations

from wrike_provider.api.paging import Paging
from wrike_provider.entities.model import Area, Column, Entity, Type, values

USER_TYPES = Entity(
    name="user_types",
    singular="user_type",
    description="User types: what a licence allows; only on some plans.",
    area=Area.PEOPLE,
    path="/user_types",
    scopes=("amReadOnlyAccessRole",),
    needs="some plans only",
    columns=(
        Column("id", description="Id of the user type."),
        Column("title", description="Name."),
        Column("description", description="Description."),
    ),
)

ACCESS_ROLES = Entity(
    name="access_roles",
    singular="access_role",
    description="Access roles: what a person may do with what is shared.",
    area=Area.PEOPLE,
    path="/access_roles",
    scopes=("amReadOnlyAccessRole",),
    columns=(
        Column("id", description="Id of the access role."),
        Column("title", description="Name."),
        Column("description", description="Description."),
    ),
)

INVITATIONS = Entity(
    name="invitations",
    singular="invitation",
    description="Invitations to the account.",
    area=Area.PEOPLE,
    path="/invitations",
    scopes=("amReadOnlyInvitation", "amReadWriteInvitation"),
    columns=(
        Column("id", description="Id of the invitation."),
        Column("accountId", description="The account."),
        Column("firstName", description="First name of the invited person."),
        Column("lastName", description="Last name of the invited person."),
        Column("email", description="E-mail address of the invited person."),
        Column("status", description="Pending, Accepted, Declined or Cancelled."),
        Column("inviterUserId", description="Who has invited."),
        Column("invitationDate", Type.TIMESTAMP, "When."),
        Column("resolvedDate", Type.TIMESTAMP, "When it was accepted, declined or cancelled."),
        Column("role", description="User or Collaborator."),
        Column("external", Type.BOOLEAN, "Whether the person is external."),
        Column("userTypeId", description="User type."),
    ),
)

JOB_ROLES = Entity(
    name="job_roles",
    singular="job_role",
    description="Job roles.",
    area=Area.PEOPLE,
    path="/jobroles",
    scopes=("amReadOnlyUser", "amReadWriteUser"),
    needs="a plan with resource planning",
    columns=(
        Column("id", description="Id of the job role."),
        Column("title", description="Name."),
        Column("shortTitle", description="Short name."),
        Column("avatarUrl", description="Picture."),
        Column("isDeleted", Type.BOOLEAN, "Whether it was deleted."),
    ),
)

PLACEHOLDERS = Entity(
    name="placeholders",
    singular="placeholder",
    description="Placeholders: work that nobody has been assigned to yet.",
    area=Area.PEOPLE,
    path="/placeholders",
    scopes=("amReadOnlyUser", "amReadWriteUser"),
    needs="a plan with resource planning",
    columns=(
        Column("id", description="Id of the placeholder."),
        Column("title", description="Name."),
        Column("shortTitle", description="Short name."),
        Column("avatarUrl", description="Picture."),
        Column("jobRoleId", description="Job role."),
        Column("deleted", Type.BOOLEAN, "Whether it was deleted."),
    ),
)

WEBHOOKS = Entity(
    name="webhooks",
    singular="webhook",
    description="Webhooks of this API application.",
    area=Area.DEFINITIONS,
    path="/webhooks",
    columns=(
        Column("id", description="Id of the webhook."),
        Column("accountId", description="The account."),
        Column("hookUrl", description="Where Wrike sends events."),
        Column("status", description="Active or Suspended."),
        Column("folderId", description="Folder whose events it sends."),
        Column("spaceId", description="Space whose events it sends."),
        Column("recursive", Type.BOOLEAN, "Whether it sends those of subfolders too."),
    ),
    children=(values("events", "event", "Events that it sends; none: all."),),
)

AUDIT_LOG = Entity(
    name="audit_log",
    singular="audit_log_entry",
    description="What was done in the account; only for administrators of Enterprise plans.",
    area=Area.WORK,
    path="/audit_log",
    scopes=("amReadOnlyAuditLog",),
    needs="an Enterprise plan, and an administrator who may make activity reports",
    immutable=True,
    changed_by="eventDate",
    paging=Paging(),
    columns=(
        Column("id", description="Id of the entry."),
        Column("operation", description="What was done."),
        Column("userId", description="Who did it."),
        Column("userEmail", description="E-mail address of who did it."),
        Column("eventDate", Type.TIMESTAMP, "When."),
        Column("ipAddress", description="From which address."),
        Column("objectType", description="Kind of what it was done to."),
        Column("objectName", description="Name of what it was done to."),
        Column("objectId", description="Id of what it was done to."),
        Column("details", Type.JSON, "More, by the kind of operation."),
        Column("sourceType", description="From where: UI, APIv4, Automation, ..."),
    ),
)

COLORS = Entity(
    name="colors",
    singular="color",
    description="Colours of Wrike.",
    area=Area.DEFINITIONS,
    path="/colors",
    columns=(Column("name", description="Name of the colour."), Column("hex", description="Its code.")),
)
