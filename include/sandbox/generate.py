"""Makes an account's records: the same for the same seed and size, with the oddities of real ones."""

from __future__ import annotations

from collections.abc import Sequence

from include.sandbox.data.administration import Administration
from include.sandbox.data.audit import Audit
from include.sandbox.data.capacity import Capacity
from include.sandbox.data.collaboration import Collaboration
from include.sandbox.data.definitions import Definitions
from include.sandbox.data.finance import Finance
from include.sandbox.data.people import People
from include.sandbox.data.seed import Size
from include.sandbox.data.templates import Templates
from include.sandbox.data.time import Time
from include.sandbox.data.work import Work
from include.sandbox.export.schema import schema
from include.sandbox.world import Account, Record, record_key


def make_account(index: int, seed: int, size: Size) -> Account:
    """Make an account with all its records.

    :param index: which account, from 0.
    :param seed: seed of all randomness.
    :param size: how much to make.
    """
    return _Maker(index, seed, size).account()


class _Maker(People, Definitions, Work, Administration, Templates, Time, Capacity, Finance, Collaboration, Audit):
    def account(self) -> Account:
        contacts = self.contacts()
        workflows = self.workflows()
        fields = self.custom_fields()
        spaces = self.spaces()
        of_spaces = self.space_workflows(spaces)
        folders = self.folders(spaces, fields, workflows)
        tasks = self.tasks(folders, fields, workflows, of_spaces)
        self.set_contact_fields(contacts, fields)
        groups = self.groups(contacts)
        made = Account(
            self.key,
            self.number,
            client_id=f"client-{self.key}",
            client_secret=f"secret-{self.key}-{self.random.getrandbits(64):016x}",
            users={"owner": self.people[0], "admin": self.people[1], "regular": self.people[2]},
            tokens={
                role: f"permanent-{self.key}-{role}-{self.random.getrandbits(128):032x}"
                for role in ("admin", "regular")
            },
        )
        collections = {
            "account": [self._account(fields)],
            "contacts": contacts,
            "groups": groups,
            "spaces": spaces,
            "workflows": workflows,
            "spaceworkflows": of_spaces,
            "customfields": fields,
            "folders": folders,
            "tasks": tasks,
        }
        collections |= self._more(collections)
        made.records = {
            name: {record_key(record): record for record in records} for name, records in collections.items()
        }
        if self.size.unknown_keys:
            self._surprise(made)
        return made

    def _more(self, made: dict[str, list[Record]]) -> dict[str, list[Record]]:
        """Make what hangs on people and work, from streams of chance of its own."""
        administration = self.administration(made["contacts"], made["folders"])
        placeholders = administration["placeholders"]
        return {
            **administration,
            **self.templates(made["spaces"], made["customfields"]),
            **self.time(made["tasks"]),
            **self.capacity(made["folders"], placeholders),
            **self.finance(made["contacts"], placeholders, made["folders"], made["tasks"]),
            **self.collaboration(made["tasks"], made["folders"]),
            **self.audit(made["contacts"], made["tasks"]),
            "dataexportschema": schema(),
        }

    def _account(self, fields: Sequence[Record]) -> Record:
        return {
            "id": self.id,
            "name": f"{self.key.title()} & Söhne",
            "dateFormat": "dd/MM/yyyy",
            "firstDayOfWeek": "Mon",
            "workDays": ["Mon", "Tue", "Wed", "Thu", "Fri"],
            "rootFolderId": self.root,
            "recycleBinId": self.bin,
            "createdDate": "2025-09-01T08:00:00Z",
            "joinedDate": "2025-09-03T09:12:44Z",
            "subscription": {"type": "Enterprise", "suspended": False, "paid": True, "userLimit": 120},
            "metadata": [{"key": "plan-review", "value": "2026"}] if self.index == 0 else [],
            "customFields": [
                {key: value for key, value in field.items() if key not in {"dataUsageStatistics", "addedToSpaces"}}
                for field in fields
            ],
        }

    def _surprise(self, account: Account) -> None:
        for records in account.records.values():
            for record in list(records.values())[::5]:
                record["brandNewKey"] = {"nested": [1, "two", {"three": None}]}
        for task in list(account.records["tasks"].values())[::7]:
            task["importance"] = "Cosmic"
            task["dates"]["granularity"] = "hour"
