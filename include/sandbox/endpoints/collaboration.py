"""Comments and attachments."""

from __future__ import annotations

from include.sandbox.endpoints.model import Endpoint
from include.sandbox.params import flag, integer, some_of
from include.sandbox.spans import window

_FILES = {"versions": flag, "withUrls": flag, "createdDate": window(31)}

COLLABORATION: tuple[Endpoint, ...] = (
    Endpoint(
        path="/comments",
        kind="comments",
        collection="comments",
        params={
            "plainText": flag,
            "types": some_of("Email", "Regular"),
            "createdDate": window(7),
            "limit": integer,
        },
        defaults={"types": ["Regular"]},
        fields=("type",),
        usual=1000,
    ),
    Endpoint(
        path="/comments/{ids}", kind="comments", collection="comments", params={"plainText": flag}, fields=("type",)
    ),
    Endpoint(
        path="/tasks/{id}/comments",
        kind="comments",
        collection="comments",
        params={"plainText": flag},
        fields=("type",),
    ),
    Endpoint(
        path="/folders/{id}/comments",
        kind="comments",
        collection="comments",
        params={"plainText": flag},
        fields=("type",),
    ),
    Endpoint(
        path="/attachments", kind="attachments", collection="attachments", params=_FILES, required=("createdDate",)
    ),
    Endpoint(path="/attachments/{ids}", kind="attachments", collection="attachments", params={"versions": flag}),
    Endpoint(path="/tasks/{id}/attachments", kind="attachments", collection="attachments", params=_FILES),
    Endpoint(path="/folders/{id}/attachments", kind="attachments", collection="attachments", params=_FILES),
)
