"""What the sandbox holds: accounts, their records, their tokens."""

from __future__ import annotations

import secrets
import threading
import time
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Record = dict[str, Any]
ALL_SCOPES = frozenset(
    {
        "Default",
        "wsReadOnly",
        "wsReadWrite",
        "amReadOnlyUser",
        "amReadOnlyGroup",
        "amReadOnlyInvitation",
        "amReadOnlyAccessRole",
        "amReadOnlyAuditLog",
        "amReadOnlyWorkSchedule",
        "amReadOnlyWorkflow",
        "amReadOnlyTimelogCategory",
        "amReadWriteUser",
        "amReadWriteGroup",
        "amReadWriteInvitation",
        "amReadWriteWorkflow",
        "amReadWriteTimelogCategory",
        "amReadWriteWorkSchedule",
        "dataExportFull",
    }
)
CODE_LIFETIME_S = 600
_KEYS = ("id", "timesheetId", "workScheduleId", "name")


@dataclass(slots=True)
class Grant:
    """What a token opens.

    :param account: key of the account.
    :param user: id of the user.
    :param scopes: the scopes.
    :param expires: monotonic second at which an access token ends; None: never.
    """

    account: str
    user: str
    scopes: frozenset[str]
    expires: float | None = None

    @property
    def alive(self) -> bool:
        """Whether the token still works."""
        return self.expires is None or time.monotonic() < self.expires


@dataclass(slots=True)
class Code:
    """An authorisation code.

    :param grant: what it will open.
    :param redirect_uri: where it was sent.
    :param expires: monotonic second at which it ends.
    """

    grant: Grant
    redirect_uri: str
    expires: float


@dataclass(slots=True)
class Export:
    """A data export.

    :param id: its id.
    :param completed: when it was done; empty: it is being made.
    :param files: its tables as CSV.
    :param failure: the status of one that came to nothing; empty: it did not.
    :param elsewhere: address of the server that the files are said to be on; empty: this one.
    """

    id: str
    completed: str = ""
    files: dict[str, str] = field(default_factory=dict)
    failure: str = ""
    elsewhere: str = ""


@dataclass(slots=True)
class Account:
    """A Wrike account.

    :param key: short name in the sandbox.
    :param number: number that its ids are made of.
    :param client_id: id of its API application.
    :param client_secret: secret of it.
    :param users: ids of an ``owner``, an ``admin`` and a ``regular`` user.
    :param tokens: a permanent token of the ``admin`` and of the ``regular`` user.
    :param records: records by collection and id, with every key that any answer can hold.
    :param blocked: error code by path that the plan or rights refuse.
    :param serial: number of the record that was added last.
    :param revision: how often its records were changed.
    :param exports: data exports, the oldest first.
    :param export_held: whether none of them gets done.
    """

    key: str
    number: int
    client_id: str
    client_secret: str
    users: dict[str, str]
    tokens: dict[str, str]
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    blocked: dict[str, str] = field(default_factory=dict)
    serial: int = 100_000_000
    revision: int = 0
    exports: list[Export] = field(default_factory=list)
    export_held: bool = False
    _by_change: dict[str, tuple[int, list[Record]]] = field(default_factory=dict)

    def changed(self, collection: str, start: str, end: str) -> list[Record]:
        """Records of a collection that changed in a span of time, by an index, as a large database has one.

        :param collection: name of the collection.
        :param start: beginning of the span.
        :param end: end of the span, which is not in it.
        """
        revision, records = self._by_change.get(collection, (-1, []))
        if revision != self.revision:
            records = sorted(self.records[collection].values(), key=_changed)
            self._by_change[collection] = self.revision, records
        return records[bisect_left(records, start, key=_changed) : bisect_left(records, end, key=_changed)]

    def of(self, collection: str) -> dict[str, Record]:
        """Records of a collection; users are the people among the contacts that were not removed.

        :param collection: name of the collection.
        """
        if collection != "users":
            return self.records[collection]
        people = (one for one in self.records["contacts"].values() if one["type"] == "Person" and not one["deleted"])
        return {person["id"]: person for person in people}

    def is_admin(self, user: str) -> bool:
        """Whether someone is an administrator or the owner.

        :param user: id of the user.
        """
        profiles = self.records["contacts"].get(user, {}).get("profiles", ())
        return any(profile.get("admin") or profile.get("owner") for profile in profiles)

    @property
    def info(self) -> Record:
        """The account's own record."""
        return next(iter(self.records["account"].values()))


def _changed(record: Record) -> str:
    return str(record["updatedDate"])


@dataclass(slots=True)
class World:
    """Everything the sandbox holds.

    :param accounts: accounts by key.
    :param token_lifetime: seconds that an access token lives.
    :param redirect_uris: registered redirect URIs.
    :param access: grants by access token.
    :param refresh: grants by refresh token.
    :param dead_refresh: refresh tokens that were used or revoked.
    :param codes: authorisation codes.
    :param counts: refreshes, and presentations of dead refresh tokens.
    :param issued: every code and token of the OAuth flow that was ever given.
    :param early: for each refresh, how many seconds the access token would have lived on.
    :param access_of: the access token that was given together with a refresh token.
    """

    accounts: dict[str, Account]
    token_lifetime: float = 3600
    redirect_uris: set[str] = field(default_factory=set)
    access: dict[str, Grant] = field(default_factory=dict)
    refresh: dict[str, Grant] = field(default_factory=dict)
    dead_refresh: set[str] = field(default_factory=set)
    codes: dict[str, Code] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    issued: set[str] = field(default_factory=set)
    early: list[float] = field(default_factory=list)
    access_of: dict[str, str] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        for account in self.accounts.values():
            for role, token in account.tokens.items():
                self.access[token] = Grant(account.key, account.users[role], ALL_SCOPES)

    def issue(self, grant: Grant) -> tuple[str, str]:
        """Make a pair of tokens.

        :param grant: what they open.
        :returns: access token and refresh token.
        """
        access, refresh = f"a-{secrets.token_urlsafe(32)}", f"r-{secrets.token_urlsafe(32)}"
        self.access[access] = Grant(grant.account, grant.user, grant.scopes, time.monotonic() + self.token_lifetime)
        self.refresh[refresh] = grant
        self.access_of[refresh] = access
        self.issued |= {access, refresh}
        return access, refresh

    def seconds_left(self, refresh: str) -> float:
        """How long the access token that came with a refresh token still lives; negative when it has ended.

        :param refresh: the refresh token.
        """
        grant = self.access.get(self.access_of.get(refresh, ""))
        return grant.expires - time.monotonic() if grant and grant.expires is not None else float("-inf")

    def expire_access_tokens(self) -> None:
        """End all access tokens, except permanent ones."""
        self.access = {token: grant for token, grant in self.access.items() if grant.expires is None}

    def expire_codes(self) -> None:
        """End all authorisation codes."""
        for code in self.codes.values():
            code.expires = time.monotonic() - 1

    def revoke(self, account: str) -> None:
        """Take back all OAuth grants of an account.

        :param account: its key.
        """
        gone = {token for token, grant in self.refresh.items() if grant.account == account}
        self.dead_refresh |= gone
        self.refresh = {token: grant for token, grant in self.refresh.items() if token not in gone}
        self.access = {
            token: grant for token, grant in self.access.items() if grant.account != account or grant.expires is None
        }


def record_key(record: Record) -> str:
    """Tell what a record is known by: its id, or what stands for it.

    :param record: the record.
    """
    return str(next(record[key] for key in _KEYS if key in record))


def instant(moment: datetime | None = None) -> str:
    """Write an instant as Wrike does: UTC, whole seconds.

    :param moment: the instant; None: now.
    """
    # strftime takes ten times as long.
    return f"{(moment or datetime.now(UTC)).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
