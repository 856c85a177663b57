"""What was worked and approved (Wrike API v4, "Timelogs", "Approvals")."""

from __future__ import annotations

from wrike_provider.api.paging import Paging
from wrike_provider.entities.model import WORKSPACE, Area, Child, Column, Entity, Type, ids

TIMELOG_CATEGORIES = Entity(
    name="timelog_categories",
    singular="timelog_category",
    description="Categories of time entries.",
    area=Area.CAPACITY,
    path="/timelog_categories",
    scopes=(*WORKSPACE, "amReadOnlyTimelogCategory", "amReadWriteTimelogCategory"),
    columns=(
        Column("id", description="Id of the category."),
        Column("name", description="Name."),
        Column("order", Type.INTEGER, "Place in the list."),
        Column("hidden", Type.BOOLEAN, "Whether it is not offered any more."),
    ),
)

TIMELOGS = Entity(
    name="timelogs",
    singular="timelog",
    description="Time entries.",
    area=Area.WORK,
    path="/timelogs",
    changed_by="updatedDate",
    paging=Paging(),
    fields=("approvalStatus", "lockStatus", "exportStatus", "billingType"),
    restricted_fields=(("billingType",),),
    columns=(
        Column("id", description="Id of the time entry."),
        Column("taskId", description="The task."),
        Column("userId", description="Who worked."),
        Column("categoryId", description="Category; see timelog_categories."),
        Column("hours", Type.NUMBER, "Hours of work."),
        Column("createdDate", Type.TIMESTAMP, "When it was entered."),
        Column("updatedDate", Type.TIMESTAMP, "When it was last changed."),
        Column("trackedDate", Type.DATE, "Day of the work."),
        Column("comment", description="Comment."),
        Column("approvalStatus", description="NotSubmitted, Pending, Approved or Rejected."),
        Column("lockStatus", description="Locked or Unlocked."),
        Column("exportStatus", description="NotExported, ReadyForExport or Exported."),
        Column("billingType", description="Billable or NonBillable."),
    ),
)

APPROVALS = Entity(
    name="approvals",
    singular="approval",
    description="Approvals of tasks, folders and files.",
    area=Area.WORK,
    path="/approvals",
    changed_by="updatedDate",
    paging=Paging(),
    columns=(
        Column("id", description="Id of the approval."),
        Column("taskId", description="The task."),
        Column("folderId", description="The folder or project."),
        Column("authorId", description="Who has asked."),
        Column("title", description="Name; mostly empty."),
        Column("description", description="Description."),
        Column("type", description="Regular or FilesOnly."),
        Column("status", description="Draft, NotRequired, Pending, Approved, Rejected or Cancelled."),
        Column("updatedDate", Type.TIMESTAMP, "When it was last changed."),
        Column("dueDate", Type.DATE, "Until when it is wanted."),
        Column("autoFinishOnApprove", Type.BOOLEAN, "Whether it ends when all have approved."),
        Column("autoFinishOnReject", Type.BOOLEAN, "Whether it ends when somebody has rejected."),
        Column("finished", Type.BOOLEAN, "Whether it has ended."),
        Column("finisherId", description="Who has ended it."),
        Column("reviewId", description="Review of a file."),
    ),
    children=(
        Child(
            "decisions",
            (
                Column("approverId", description="Who decides."),
                Column("comment", description="Comment."),
                Column("status", description="Pending, Approved or Rejected."),
                Column("updatedDate", Type.TIMESTAMP, "When it was last changed."),
            ),
            description="Decisions of the approvers.",
        ),
        ids("attachmentIds", "Files that are to be approved."),
    ),
)
