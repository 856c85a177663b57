"""What people say and attach (Wrike API v4, "Comments", "Attachments")."""

from __future__ import annotations

from datetime import timedelta

from wrike_provider.entities.model import Area, Column, Entity, Owner, Spans, Type, ids

_JUST_UNDER = timedelta(seconds=1)

COMMENTS = Entity(
    name="comments",
    singular="comment",
    description="Comments on tasks and folders. Wrike does not tell when one is edited: edits arrive with the next "
    "complete reading.",
    area=Area.WORK,
    path="/comments",
    changed_by="createdDate",
    spans=Spans(timedelta(days=7) - _JUST_UNDER, most=1000),
    owners=(Owner("tasks", "/tasks/{ids}/comments", "taskId"), Owner("folders", "/folders/{ids}/comments", "folderId")),
    # Without it Wrike lists regular ones only (Wrike API v4, "Comments": ``types``).
    optional_params={"types": ["Email", "Regular"]},
    fields=("type",),
    needs="some plans only",
    columns=(
        Column("id", description="Id of the comment."),
        Column("authorId", description="Who wrote it."),
        Column("text", description="Text, HTML."),
        Column("createdDate", Type.TIMESTAMP, "When it was written."),
        Column("updatedDate", Type.TIMESTAMP, "The same; edits do not change it."),
        Column("taskId", description="The task."),
        Column("folderId", description="The folder or project."),
        Column("type", description="Regular or Email."),
        Column("emailSubject", description="Subject of the e-mail."),
        Column("direction", description="Incoming or Outgoing, of an e-mail."),
        Column("externalRequester.id", description="Who outside of Wrike has asked."),
        Column("externalRequester.email", description="E-mail address of who has asked."),
        Column("externalRequester.firstName", description="First name of who has asked."),
        Column("externalRequester.lastName", description="Last name of who has asked."),
    ),
    children=(ids("attachmentIds", "Files of the comment."),),
)

ATTACHMENTS = Entity(
    name="attachments",
    singular="attachment",
    description="Files on tasks, folders and comments, each version a row; what is in them is not read.",
    area=Area.WORK,
    path="/attachments",
    changed_by="createdDate",
    spans=Spans(timedelta(days=31) - _JUST_UNDER),
    owners=(
        Owner("tasks", "/tasks/{ids}/attachments", "taskId"),
        Owner("folders", "/folders/{ids}/attachments", "folderId"),
    ),
    params={"versions": True},
    columns=(
        Column("id", description="Id of this version of the file."),
        Column("authorId", description="Who attached it."),
        Column("name", description="Name of the file."),
        Column("createdDate", Type.TIMESTAMP, "When it was attached."),
        Column("version", Type.INTEGER, "Number of the version, from 1."),
        Column("type", description="Where the file is: Wrike, Google, DropBox, Box, OneDrive, SharePoint, ..."),
        Column("contentType", description="Media type."),
        Column("size", Type.INTEGER, "Bytes; -1 of files that are elsewhere."),
        Column("taskId", description="The task."),
        Column("folderId", description="The folder or project."),
        Column("commentId", description="The comment that it belongs to."),
        Column("currentAttachmentId", description="The latest version."),
        Column("originVersionId", description="The first version."),
        Column("previewUrl", description="Where a preview is."),
        Column("playlistUrl", description="Where a film can be watched."),
        Column("width", Type.INTEGER, "Width of a picture, pixels."),
        Column("height", Type.INTEGER, "Height of a picture, pixels."),
        Column("whiteboardId", description="The whiteboard."),
    ),
    children=(ids("reviewIds", "Reviews of the file."),),
)
