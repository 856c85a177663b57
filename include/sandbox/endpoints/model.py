"""What a declaration of an endpoint says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from include.sandbox.params import MOST_IDS, Parser, an_id, list_of

WORKSPACE = frozenset({"Default", "wsReadOnly", "wsReadWrite"})
USERS = frozenset({"amReadOnlyUser", "amReadWriteUser"})
SCHEDULES = frozenset({"amReadOnlyWorkSchedule", "amReadWriteWorkSchedule"})
IDS = list_of(an_id)

FIELD_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "followerIds": ("followerIds", "followedByMe"),
        "accessRoles": ("userAccessRoles",),
        "billRate": ("billRateHistory",),
        "costRate": ("costRateHistory",),
        "suggestedTaskWorkflows": ("suggestedTaskWorkflowIds",),
        "suggestedProjectWorkflows": ("suggestedProjectWorkflowIds",),
    }
)
"""Keys that a name in ``fields`` brings; of every other name it is the key of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One path that can be asked.

    :param path: the path; ``{id}`` stands for one id, ``{ids}`` for a batch, ``{file}`` for a file.
    :param method: HTTP method; a path may have one of each.
    :param kind: ``kind`` of the answer.
    :param collection: which records it answers with.
    :param params: parser of each parameter, beside ``fields`` and those of paging.
    :param defaults: values of parameters that are not given.
    :param fields: keys that are only returned when asked for.
    :param absent: keys that this endpoint never returns.
    :param most_ids: the most ids of a batch.
    :param page_size: the most records of a page; None: it answers whole.
    :param page_token: request parameter of the page token.
    :param cap: records that come without paging at the most.
    :param usual: records that come when no ``limit`` is given.
    :param required: parameters that must be given.
    :param needs: parameters that must be given beside another one.
    :param admins: whether only administrators may ask.
    :param tree: whether it answers with the folder tree as long as nothing is filtered.
    :param scopes: any of these opens it; None: no token is needed.
    """

    path: str
    method: str = "GET"
    kind: str
    collection: str
    params: Mapping[str, Parser] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    most_ids: int = MOST_IDS
    page_size: int | None = None
    page_token: str = "nextPageToken"  # noqa: S105
    cap: int | None = None
    usual: int | None = None
    required: tuple[str, ...] = ()
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    admins: bool = False
    tree: bool = False
    scopes: frozenset[str] | None = WORKSPACE
