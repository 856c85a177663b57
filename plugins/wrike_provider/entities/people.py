"""Account and people (Wrike API v4, "Account", "Contacts", "Groups")."""

from __future__ import annotations

from wrike_provider.api.paging import Paging
from wrike_provider.entities.common import CUSTOM_FIELD_VALUES, METADATA
from wrike_provider.entities.definitions import CUSTOM_FIELD_COLUMNS
from wrike_provider.entities.model import Area, Child, Column, Details, Entity, Type, ids, values

ACCOUNT = Entity(
    name="account",
    singular="account",
    description="The Wrike account itself; one row.",
    area=Area.PEOPLE,
    path="/account",
    fields=("metadata", "customFields", "subscription"),
    restricted_fields=(("subscription",),),
    columns=(
        Column("id", description="Id of the account."),
        Column("name", description="Name of the account."),
        Column("dateFormat", description="How dates are shown: dd/MM/yyyy or MM/dd/yyyy."),
        Column("firstDayOfWeek", description="Sat, Sun or Mon."),
        Column("rootFolderId", description="The virtual folder above all others."),
        Column("recycleBinId", description="The virtual folder of the recycle bin."),
        Column("createdDate", Type.TIMESTAMP, "When the account was made."),
        Column("joinedDate", Type.TIMESTAMP, "When the authorised user joined the account."),
        Column("subscription.type", description="Plan."),
        Column("subscription.suspended", Type.BOOLEAN, "Whether the subscription is suspended."),
        Column("subscription.paid", Type.BOOLEAN, "Whether it is paid for; administrators only."),
        Column("subscription.userLimit", Type.INTEGER, "Licences bought; administrators only."),
    ),
    children=(
        values("workDays", "work_day", "Days of the week on which people work."),
        METADATA,
        Child(
            "customFields",
            (
                Column("id", name="custom_field_id", description="The custom field; see custom_fields."),
                Column("accountId", name="custom_field_account_id", description="The account of the custom field."),
                *CUSTOM_FIELD_COLUMNS[2:],
                Column("sharedIds", Type.JSON, "Whom the field is shared with (obsolete)."),
                Column("settings", Type.JSON, "Settings; which ones there are depends on the type."),
            ),
            key=("custom_field_id",),
            description="Custom fields, as the account lists them.",
        ),
    ),
)

_PERSON = (
    Column("id", description="Id of the contact."),
    Column("firstName", description="First name; of a group its name."),
    Column("lastName", description="Last name."),
    Column("type", description="Person, Group, Asset, Robot, Invitation; only Person takes a seat."),
    Column("primaryEmail", description="E-mail address."),
    Column("title", description="Job title."),
    Column("companyName", description="Company."),
    Column("phone", description="Telephone number."),
    Column("location", description="Place."),
    Column("avatarUrl", description="Picture."),
    Column("timezone", description="Time zone."),
    Column("locale", description="Language."),
    Column("deleted", Type.BOOLEAN, "Whether the person was removed from the account."),
    Column("me", Type.BOOLEAN, "True for the authorised user."),
    Column("myTeam", Type.BOOLEAN, "True for the group of everybody."),
    Column("jobRoleId", description="Job role."),
    Column("workScheduleId", description="Work schedule."),
)

_PROFILES = Child(
    "profiles",
    (
        Column("accountId", description="The account."),
        Column("email", description="E-mail address in that account."),
        Column("role", description="User or Collaborator."),
        Column("external", Type.BOOLEAN, "Whether the person is external."),
        Column("admin", Type.BOOLEAN, "Whether the person is an administrator; false for the owner."),
        Column("owner", Type.BOOLEAN, "Whether the person owns the account."),
        Column("active", Type.BOOLEAN, "False when deactivated; older answers do not say."),
    ),
    key=("account_id",),
    description="Licence and rights of a contact in each account that the authorised user sees.",
)

CONTACTS = Entity(
    name="contacts",
    singular="contact",
    description="People, groups, robots, assets and open invitations; removed people too.",
    area=Area.PEOPLE,
    path="/contacts",
    gone="deleted",
    fields=("metadata", "customFields", "currentBillRate", "currentCostRate", "jobRoleId", "workScheduleId"),
    restricted_fields=(("currentBillRate", "currentCostRate"), ("jobRoleId", "workScheduleId")),
    columns=(
        *_PERSON,
        Column("currentBillRate.rateSource", description="Where the present bill rate comes from."),
        Column("currentBillRate.rateValue", Type.NUMBER, "Present bill rate an hour."),
        Column("currentCostRate.rateSource", description="Where the present cost rate comes from."),
        Column("currentCostRate.rateValue", Type.NUMBER, "Present cost rate an hour."),
    ),
    children=(
        _PROFILES,
        ids("memberIds", "Members of a group."),
        METADATA,
        CUSTOM_FIELD_VALUES,
    ),
)

USERS = Entity(
    name="users",
    singular="user",
    description="User types of people: what licence each one has.",
    area=Area.PEOPLE,
    path="/users/{ids}",
    scopes=("amReadOnlyUser", "amReadWriteUser"),
    details=Details(of="contacts", only=("type", "Person")),
    columns=(*_PERSON, Column("userTypeId", description="User type; see user_types.")),
    children=(_PROFILES,),
)

GROUPS = Entity(
    name="groups",
    singular="group",
    description="Groups of people.",
    area=Area.PEOPLE,
    path="/groups",
    scopes=("amReadOnlyGroup", "amReadWriteGroup"),
    fields=("metadata",),
    paging=Paging(token="pageToken"),  # noqa: S106
    columns=(
        Column("id", description="Id of the group."),
        Column("accountId", description="The account."),
        Column("title", description="Name of the group."),
        Column("avatarUrl", description="Picture."),
        Column("myTeam", Type.BOOLEAN, "True for the group of everybody."),
    ),
    children=(
        ids("memberIds", "Members of the group."),
        ids("childIds", "Groups inside the group."),
        ids("parentIds", "Groups that the group is in."),
        METADATA,
    ),
)
