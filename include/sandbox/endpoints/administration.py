"""What the account is administered with."""

from __future__ import annotations

from include.sandbox.endpoints.model import USERS, Endpoint
from include.sandbox.params import an_id, list_of, one_of, some_of
from include.sandbox.spans import instants

_ROLES = frozenset({"amReadOnlyAccessRole"})
_OPERATIONS = """
    UserLoggedIn UserFailLogin UserLogout AdminLoggedInAsUser OneTimePasswordCreated OneTimePasswordUsed
    OneTimePasswordRevoked UserRoleChanged UserAdminPermissionsChanged UserGrantAdmin UserRevokeAdmin
    UserDeactivated UserActivated UsersAndGroupsExported InvitationSend InvitationAccepted AttachUploaded
    AttachDeleted GroupCreated GroupMemberAdded GroupMemberRemoved GroupRenamed GroupDeleted GroupParentAdded
    GroupParentRemoved TaskParentAdded TaskParentRemoved TaskShared TaskUnshared TaskAssigned TaskUnassigned
    TaskDeleted TaskErased TimelogLocked TimelogUnlocked TaskCommentChanged TaskCommentDeleted RecycleBinErased
    TaskStatusChanged TaskDuplication UserDeleted UserRestored ApproverAdded ApproverRemoved
    ApprovalDescriptionChanged ApprovalDueDateChanged ApprovalCreated ApprovalFinished ApprovalCanceled
    ApprovalDecisionMade CustomFieldCreated CustomFieldModified CustomFieldRemoved CustomFieldRestored
    CustomFieldAddedToFolder CustomFieldRemovedFromFolder SecondFactorEnabled SecondFactorDisabled
    SecondFactorUsageReportCreated AuditReportCreated AccountBackupCreated AccountModified AccountDeleted
    Oauth2AccessGranted Oauth2AccessRevoked FeedCreated ExcelExportCreated AccessAuditReportCsvExport
    UserProfileUpdated PasswordChanged PasswordPolicyModified ApprovedIpRangesOrSubnetsChanged
    InvitationPolicyChanged RequestFormCreated RequestFormModified RequestFormDeleted AccessRoleCreated
    AccessRoleModified AccessRoleDeleted WorkflowCreated WorkflowDeleted WorkflowModified
    CalendarExternalLinksDeactivated CalendarExternalLinksActivated CalendarExternalLinkCreated
    CalendarExternalLinkDeleted AnalyzePublicLinkCreated AnalyzePublicLinkDeleted AnalyzePublicLinkAccessed
    GuestReviewerInvited GuestReviewerChanged GuestReviewerRevoked GuestReviewAccepted GuestReviewRejected
    GuestReviewAccountSettingsChanged GanttSnapshotCreated GanttSnapshotDeleted UserTaskGroupRolesChanged
    AccountDataExportRequested AccountDataExportGenerated SamlSSOEnabled SamlSSODisabled SamlSSOSettingsChanged
    SamlSSOMetadataChanged SamlClearPasswordForSamlUsers OneTimePasswordStatusSwitched AccessCodeGenerated
    AccessCodeAccepted AccessCodeDeclined ApprovedDomainsChanged AdminMailSettingsChanged SpaceCreated
    SpaceDeleted SpaceArchivedUnarchived UserJoinedSpace UserLeftSpace
""".split()  # noqa: SIM905
_OBJECTS = """
    Account Group Task User Folder Project Comment Attachment Invitation CustomField Oauth2Client RequestForm
    Workflow CalendarExternalLink WorkspaceSnapshot DataExport AccessRole Space AnalyzeReport
    AnalyzeReportWidget PowerBIEntity PublicLink Timesheet TimesheetTimeframeSettings UserRole UserType
    Whiteboard
""".split()  # noqa: SIM905

ADMINISTRATION: tuple[Endpoint, ...] = (
    Endpoint(
        path="/audit_log",
        kind="auditLog",
        collection="auditlog",
        params={
            "eventDate": instants,
            "operations": some_of(*_OPERATIONS),
            "objectType": one_of(*_OBJECTS),
            "objectIds": list_of(an_id, 10),
            "users": list_of(an_id, 10),
        },
        page_size=1000,
        cap=1000,
        needs={"objectType": ("eventDate", "operations"), "objectIds": ("objectType",)},
        admins=True,
        scopes=frozenset({"amReadOnlyAuditLog"}),
    ),
    Endpoint(path="/user_types", kind="userTypes", collection="usertypes", scopes=_ROLES),
    Endpoint(path="/access_roles", kind="accessRoles", collection="accessroles", scopes=_ROLES),
    Endpoint(
        path="/invitations",
        kind="invitations",
        collection="invitations",
        scopes=frozenset({"amReadOnlyInvitation", "amReadWriteInvitation"}),
    ),
    Endpoint(path="/jobroles", kind="jobRoles", collection="jobroles", scopes=USERS),
    Endpoint(path="/jobroles/{ids}", kind="jobRoles", collection="jobroles", scopes=USERS),
    Endpoint(path="/placeholders", kind="placeholders", collection="placeholders", scopes=USERS),
    Endpoint(path="/placeholders/{ids}", kind="placeholders", collection="placeholders", scopes=USERS),
    Endpoint(path="/webhooks", kind="webhooks", collection="webhooks"),
    Endpoint(path="/webhooks/{id}", kind="webhooks", collection="webhooks"),
    Endpoint(path="/colors", kind="colors", collection="colors"),
    Endpoint(path="/version", kind="version", collection="version", scopes=None),
)
