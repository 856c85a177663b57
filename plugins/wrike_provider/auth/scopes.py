"""The scopes that Authorise asks for, and why (Wrike API v4, "OAuth 2.0 authorization", scopes)."""

from __future__ import annotations

from typing import Final

SCOPES: Final[dict[str, str]] = {
    "wsReadOnly": "account, people, spaces, folders, projects, tasks, custom fields and workflows",
    "amReadOnlyUser": "the user type of each person, job roles and placeholders",
    "amReadOnlyGroup": "groups and who is in them",
    "amReadOnlyInvitation": "invitations that are still open",
    "amReadOnlyAccessRole": "access roles and user types",
    "amReadOnlyAuditLog": "the audit log",
    "amReadOnlyWorkSchedule": "work schedules and their exceptions",
    "amReadOnlyWorkflow": "workflows",
    "amReadOnlyTimelogCategory": "categories of time entries",
}
"""Read-only all of them. Those that nothing reads yet are asked for too, so that an upgrade needs no one to authorise
again."""

EXPORT_SCOPE: Final = "dataExportFull"
"""Opens everything in the account, so it is asked for only where the data export is to be read."""

DEFAULT_SCOPE: Final = ",".join(SCOPES)


def asked_for(scope: str, *, data_export: bool) -> str:
    """Say what Authorise asks for.

    :param scope: scopes that the Connection names, separated by commas; empty: the usual ones.
    :param data_export: whether the data export is to be read.
    """
    scopes = (scope or DEFAULT_SCOPE).replace(",", " ").split()
    if data_export and EXPORT_SCOPE not in scopes:
        scopes.append(EXPORT_SCOPE)
    return ",".join(scopes)
