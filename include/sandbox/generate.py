"""Makes an account's records: the same for the same seed and size, with the oddities of real ones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from include.sandbox.ids import account_id, dependency_id, legacy_id, user_id, work_id
from include.sandbox.world import Account, Record, instant

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
"""The newest instant in generated data."""
NAMES = ("aurora", "borealis", "cygnus", "draco", "eridanus", "fornax", "gemini", "hydra")
FIRST = ("Ada", "Bo", "Chloé", "Dmitri", "Eszter", "Femi", "Gül", "Hiro", "Inés", "Jürgen", "Kim", "李", "Maya", "Noël")
LAST = ("Birch", "O'Hara", "Núñez", "Saito", "van der Berg", "Øst", "Иванова", "Khan, Jr.", "", "Straße")
WORDS = (
    "Plan",
    "review",
    "contract",
    "launch",
    "«quoted»",
    '"double"',
    "it's",
    "50 %",
    "naïve",
    "数据",
    "budget",
    "😀",
)
TEXTS = (
    "",
    "Plain text",
    "<b>Bold</b> &amp; <i>more</i><br />line two",
    "Mail me &#64; noon &#128512; 😀\ufe0f",
    "carriage\rreturn and a literal \\n",
    "<p>" + "Long description. " * 60 + "</p>",
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much to make.

    :param tasks: tasks outside the recycle bin.
    :param folders: folders and projects outside it.
    :param contacts: people outside it.
    :param unknown_keys: whether some records have keys and words that no one documented.
    """

    tasks: int = 300
    folders: int = 40
    contacts: int = 25
    unknown_keys: bool = False


def make_account(index: int, seed: int, size: Size) -> Account:
    """Make an account with all its records.

    :param index: which account, from 0.
    :param seed: seed of all randomness.
    :param size: how much to make.
    """
    return _Maker(index, seed, size).account()


class _Maker:
    def __init__(self, index: int, seed: int, size: Size) -> None:
        self.index, self.size = index, size
        self.random = random.Random(f"{seed}/{index}")  # noqa: S311
        self.key = NAMES[index] if index < len(NAMES) else f"team{index + 1}"
        self.number = 40_000_000 + 1000 * index + seed % 1000
        self.base = 4_500_000_000 + 10_000_000 * index
        self.id = account_id(self.number)
        self.root = legacy_id(self.number, "G", -1)
        self.bin = legacy_id(self.number, "G", -2)
        self.people: list[str] = []

    def account(self) -> Account:
        contacts = self._contacts()
        workflows = self._workflows()
        fields = self._custom_fields()
        spaces = self._spaces()
        folders = self._folders(spaces, fields, workflows)
        tasks = self._tasks(folders, fields, workflows)
        self._set_contact_fields(contacts, fields)
        groups = self._groups(contacts)
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
        made.records = {
            name: {record["id"]: record for record in records}
            for name, records in {
                "account": [self._account(fields)],
                "contacts": contacts,
                "groups": groups,
                "spaces": spaces,
                "workflows": workflows,
                "customfields": fields,
                "folders": folders,
                "tasks": tasks,
            }.items()
        }
        if self.size.unknown_keys:
            self._surprise(made)
        return made

    def _account(self, fields: Sequence[Record]) -> Record:
        return {
            "id": self.id,
            "name": f"{self.key.title()} & Söhne",
            "dateFormat": "dd/MM/yyyy",
            "firstDayOfWeek": "Mon",
            "workDays": ["Mon", "Tue", "Wed", "Thu", "Fri"],
            "rootFolderId": self.root,
            "recycleBinId": self.bin,
            "createdDate": "2021-05-04T08:00:00Z",
            "joinedDate": "2021-05-06T09:12:44Z",
            "subscription": {"type": "Enterprise", "suspended": False, "paid": True, "userLimit": 120},
            "metadata": [{"key": "plan-review", "value": "2026"}] if self.index == 0 else [],
            "customFields": [
                {key: value for key, value in field.items() if key not in {"dataUsageStatistics", "addedToSpaces"}}
                for field in fields
            ],
        }

    def _contacts(self) -> list[Record]:
        made = []
        for number in range(self.size.contacts):
            made.append(self._person(number))
            self.people.append(made[-1]["id"])
        made[0]["profiles"][0] |= {"owner": True}
        made[1]["profiles"][0] |= {"admin": True, "role": "User", "external": False, "active": True}
        made[2]["profiles"][0] |= {"admin": False, "role": "User", "external": False, "active": True}
        for offset, name in enumerate(("Automation Bot", "Wrike Bot", "Wrike Bot", "Wrike Bot")):
            made.append(
                {
                    "id": user_id(9000 + offset),
                    "firstName": name,
                    "lastName": "",
                    "type": "Robot",
                    "profiles": [self._profile(f"robot{offset}@wrike-robot.com", role="Collaborator", external=True)],
                    **self._looks(),
                    "deleted": False,
                    "primaryEmail": f"robot{offset}@wrike-robot.com",
                }
            )
        made.append(
            {
                "id": user_id(9100),
                "firstName": "Beamer",
                "lastName": "",
                "type": "Asset",
                "profiles": [],
                "deleted": False,
                **self._looks(),
            }
        )
        made.append(
            {
                "id": user_id(9200),
                "type": "Invitation",
                "profiles": [
                    {"accountId": self.id, "email": "lee@example.test", "role": "Collaborator", "external": True}
                ],
                "deleted": False,
            }
        )
        made += [
            {
                "id": user_id(9300),
                "firstName": "Gone",
                "lastName": "Away",
                "type": "Person",
                "profiles": [{"accountId": self.id}],
                **self._looks(),
                "deleted": True,
            },
            {"id": user_id(9301), "type": "Person", "profiles": [{"accountId": self.id}], "deleted": True},
        ]
        for contact in made:
            contact.setdefault("metadata", [])
            contact.setdefault("customFields", [])
        return made

    def _person(self, number: int) -> Record:
        first, last = self.random.choice(FIRST), self.random.choice(LAST)
        email = f"user{number}@{self.key}.example.test"
        collaborator = number > 3 and number % 4 == 0
        person = {
            "id": user_id(100 + 1000 * self.index + number),
            "firstName": first,
            "lastName": last,
            "type": "Person",
            "profiles": [
                self._profile(
                    email,
                    role="Collaborator" if collaborator else "User",
                    external=collaborator and number % 8 == 0,
                    active=number % 7 != 6,
                )
            ],
            **self._looks(),
            "deleted": False,
            "primaryEmail": email,
            "workScheduleId": legacy_id(self.number, "b", 1),
        }
        if number % 3 == 0:
            person |= {
                "title": self.random.choice(WORDS),
                "companyName": "Example, Inc.",
                "phone": "+49 30 1234",
                "location": "Zürich",
            }
        if number % 5 == 0:
            person |= {
                "jobRoleId": legacy_id(self.number, "j", 1 + number % 2),
                "currentBillRate": {"rateSource": "User", "rateValue": 99.5},
                "currentCostRate": {"rateSource": "JobRole", "rateValue": 60},
            }
        return person

    def _profile(self, email: str, **more: Any) -> Record:
        return {
            "accountId": self.id,
            "email": email,
            "role": "User",
            "external": False,
            "admin": False,
            "owner": False,
            "active": True,
            **more,
        }

    def _looks(self) -> Record:
        return {"avatarUrl": "https://www.wrike.com/avatars/a.png", "timezone": "Europe/Berlin", "locale": "en"}

    def _groups(self, contacts: list[Record]) -> list[Record]:
        made: list[Record] = []
        for number, title in enumerate(("My Team", "Finance", "Design / UX", "Empty")):
            members = self.people if number == 0 else self.random.sample(self.people, k=min(4, len(self.people)))
            members = [] if title == "Empty" else list(members)
            group = {
                "id": user_id(-(1 + 10 * self.index + number)),
                "accountId": self.id,
                "title": title,
                "memberIds": members,
                "childIds": [],
                "parentIds": [],
                "avatarUrl": "https://www.wrike.com/avatars/g.png",
                **({"myTeam": True} if number == 0 else {}),
                "metadata": [{"key": "cost-center", "value": "4711"}] if number == 1 else [],
            }
            made.append(group)
            contacts.append(
                {
                    "id": group["id"],
                    "firstName": title,
                    "lastName": "",
                    "type": "Group",
                    "profiles": [
                        {
                            "accountId": self.id,
                            "role": "User",
                            "external": False,
                            "admin": False,
                            "owner": False,
                            "active": True,
                        }
                    ],
                    "avatarUrl": group["avatarUrl"],
                    "timezone": "Z",
                    "locale": "en",
                    "deleted": False,
                    "memberIds": members,
                    **({"myTeam": True} if number == 0 else {}),
                    "metadata": group["metadata"],
                    "customFields": [],
                }
            )
        made[1]["childIds"], made[2]["parentIds"] = [made[2]["id"]], [made[1]["id"]]
        return made

    def _workflows(self) -> list[Record]:
        groups = ("Active", "Active", "Completed", "Deferred", "Cancelled")
        made = []
        for number, name in enumerate(("Default Workflow", "Design", "Hidden one")):
            names = ("New", "In Progress", "Completed", "On Hold", "Cancelled")
            made.append(
                {
                    "id": legacy_id(self.number, "W", -99 if number == 0 else number),
                    "name": name,
                    "standard": number == 0,
                    "hidden": number == 2,
                    "description": "",
                    "customStatuses": [
                        {
                            "id": legacy_id(self.number, "K", 100 * number + place),
                            "name": names[place] if number == 0 else f"{names[place]} {number}",
                            "standardName": number == 0,
                            "standard": place != 1,
                            **({} if place == 4 else {"color": ("Blue", "Turquoise", "Green", "Gray")[place]}),
                            "group": group,
                            "hidden": place == 3 and number == 1,
                        }
                        for place, group in enumerate(groups)
                    ],
                    "dataUsageStatistics": {"tasksCount": 12 * number},
                }
            )
        return made

    def _custom_fields(self) -> list[Record]:
        settings: list[tuple[str, str, Record]] = [
            (
                "Budget",
                "Currency",
                {"decimalPlaces": 0, "useThousandsSeparator": True, "currency": "EUR", "aggregation": "Sum"},
            ),
            ("Effort", "Numeric", {"decimalPlaces": 2, "aggregation": "Average"}),
            ("Done", "Percentage", {"decimalPlaces": 1}),
            (
                "Prio",
                "DropDown",
                {
                    "values": ["Low", "Medium", "R & D"],
                    "options": [
                        {"value": "Low", "color": "Green"},
                        {"value": "Medium", "color": "Yellow"},
                        {"value": "R & D", "color": "Red"},
                    ],
                    "optionColorsEnabled": True,
                    "allowOtherValues": False,
                },
            ),
            ("Tags", "Multiple", {"values": ["a", "b, c", "d"], "allowOtherValues": True}),
            ("Due to", "Date", {"allowTime": False}),
            ("Owner", "Contacts", {"contacts": self.people[:3]}),
            ("Spent", "Duration", {}),
            ("Signed?", "Checkbox", {}),
            ("Note", "Text", {}),
            ("Link", "LinkToDatabase", {"readOnly": True}),
            ("Budget", "CalculatedNumeric", {"readOnly": True}),
            ("Staff no.", "Text", {}),
        ]
        made = []
        for number, (title, kind, more) in enumerate(settings):
            user = title == "Staff no."
            made.append(
                {
                    "id": legacy_id(self.number, "M", 10 + number),
                    "accountId": self.id,
                    "title": title,
                    "type": kind,
                    **({"spaceId": work_id("1", self.base + 1)} if number % 5 == 0 else {}),
                    "sharedIds": [],
                    "sharing": {},
                    "settings": {
                        "inheritanceType": "All",
                        "applicableEntityTypes": ["User"] if user else ["WorkItem"],
                        "readOnly": False,
                        **more,
                    },
                    "description": self.random.choice(TEXTS[:3]),
                    "archived": number == 9,
                    **({"archivedOn": "2026-01-15T10:00:00Z", "archivedBy": self.people[0]} if number == 9 else {}),
                    "dataUsageStatistics": {"workItemsCount": number},
                    "addedToSpaces": [work_id("1", self.base + 1)] if number % 2 else [],
                }
            )
        return made

    def _spaces(self) -> list[Record]:
        made = []
        for number, title in enumerate(("Delivery", "Personal of Ada", "Archive 2024")):
            made.append(
                {
                    "id": work_id("1", self.base + 1 + number),
                    "title": title,
                    **({"description": "<p>About</p>"} if number == 0 else {}),
                    "avatarUrl": "https://www.wrike.com/static/spaceicons2/v3/6/6-planet.png",
                    "accessType": ("Public", "Personal", "Private")[number],
                    "archived": number == 2,
                    **({"guestRoleId": legacy_id(self.number, "h", -3)} if number == 0 else {}),
                    "defaultProjectWorkflowId": legacy_id(self.number, "W", -99),
                    "defaultTaskWorkflowId": legacy_id(self.number, "W", 1),
                    "members": [
                        {"id": person, "accessRoleId": legacy_id(self.number, "h", -2), "isManager": place == 0}
                        for place, person in enumerate(self.people[: 5 - number])
                    ],
                    **({"workScheduleId": legacy_id(self.number, "b", 1)} if number == 0 else {}),
                    "suggestedTaskWorkflowIds": [legacy_id(self.number, "W", 1)],
                    "suggestedProjectWorkflowIds": [],
                }
            )
        return made

    def _folders(self, spaces: list[Record], fields: list[Record], workflows: list[Record]) -> list[Record]:
        made: list[Record] = []
        ids = [space["id"] for space in spaces]
        for number in range(self.size.folders + 3):
            space = number < len(spaces)
            trashed = number >= self.size.folders
            serial = self.base + 1 + number if space else self.base + 10 + number
            parents = [self.root] if space else self._some(ids, 5 if number % 9 == 8 else 1)
            made.append(self._folder(work_id("1", serial), serial, parents, fields, workflows, number, trashed=trashed))
            if space:
                made[-1] |= {"title": spaces[number]["title"], "space": True}
            elif not trashed:
                ids.append(made[-1]["id"])
        by_id = {folder["id"]: folder for folder in made}
        for folder in made:
            for parent in folder["parentIds"]:
                if parent in by_id:
                    by_id[parent]["childIds"].append(folder["id"])
        return made

    def _folder(
        self,
        id_: str,
        serial: int,
        parents: list[str],
        fields: list[Record],
        workflows: list[Record],
        number: int,
        *,
        trashed: bool,
    ) -> Record:
        created = self._moment()
        updated = created + timedelta(seconds=self.random.randrange(0, 8_000_000))
        folder = {
            "id": id_,
            "accountId": self.id,
            "title": self._title(),
            "createdDate": instant(created),
            "updatedDate": instant(min(updated, EPOCH)),
            "description": self.random.choice(TEXTS),
            "briefDescription": "brief",
            "sharedIds": self._some(self.people, 3),
            "parentIds": [self.bin] if trashed else parents,
            "childIds": [],
            "superParentIds": [],
            "scope": "RbFolder" if trashed else "WsFolder",
            "hasAttachments": number % 4 == 0,
            "attachmentCount": number % 4,
            "permalink": f"https://www.wrike.com/open.htm?id={serial}",
            "workflowId": workflows[number % 2]["id"],
            "space": False,
            "customColumnIds": [field["id"] for field in fields[: number % 3]],
            "customFields": self._values(fields),
            "metadata": [{"key": "sync", "value": f"f{number}"}] if number % 6 == 0 else [],
        }
        if number % 3 == 0:
            folder["color"] = "Purple1"
        if number % 7 == 3:
            folder["customItemTypeId"] = legacy_id(self.number, "c", 1)
        if number % 2:
            folder["project"] = {
                "authorId": self.people[0],
                "ownerIds": self._some(self.people, number % 3),
                "customStatusId": workflows[number % 2]["customStatuses"][number % 5]["id"],
                "createdDate": instant(created + timedelta(days=1)),
                **({"startDate": "2026-01-12", "endDate": "2026-06-30"} if number % 4 == 1 else {}),
                **({"completedDate": "2026-02-20T08:00:00Z"} if number % 5 in (2, 3, 4) else {}),
                **({"contractType": "Billable"} if number % 3 == 0 else {}),
            }
        return folder

    def _tasks(self, folders: list[Record], fields: list[Record], workflows: list[Record]) -> list[Record]:
        homes = [folder["id"] for folder in folders if folder["scope"] == "WsFolder"]
        made: list[Record] = []
        bulk = EPOCH - timedelta(days=30)
        for number in range(self.size.tasks + 5):
            trashed = number >= self.size.tasks
            subtask = number % 10 == 9 and not trashed
            task = self._task(number, fields, workflows, bulk)
            if trashed:
                task |= {"scope": "RbTask", "parentIds": [self.bin], "status": "Active"}
            elif subtask:
                parent = made[number - 1]
                parent["subTaskIds"].append(task["id"])
                task |= {
                    "parentIds": [self.root],
                    "superTaskIds": [parent["id"]],
                    "superParentIds": parent["parentIds"],
                }
            else:
                task["parentIds"] = self._some(homes, 2 if number % 11 == 0 else 1)
            if number % 25 == 2:
                before, after = self.base + 1_000_000 + number - 1, self.base + 1_000_000 + number
                for one in (made[-1], task):
                    one["dependencyIds"].append(dependency_id(before, after))
            made.append(task)
        return made

    def _task(self, number: int, fields: list[Record], workflows: list[Record], bulk: datetime) -> Record:
        serial = self.base + 1_000_000 + number
        created = self._moment()
        updated = min(created + timedelta(seconds=self.random.randrange(0, 8_000_000)), EPOCH)
        if number % 5 in (1, 2):
            # An import: many tasks of one second, more than a page of them when the account is large.
            created = updated = bulk
        status = workflows[number % 2]["customStatuses"][number % 5]
        kind = number % 4
        task = {
            "id": legacy_id(self.number, "T", number) if number % 13 == 12 else work_id("0", serial),
            "accountId": self.id,
            "title": self._title(),
            "description": self.random.choice(TEXTS),
            "briefDescription": "brief" if number % 2 else "",
            "status": status["group"],
            "importance": ("High", "Normal", "Low")[number % 3],
            "createdDate": instant(created),
            "updatedDate": instant(updated),
            "dates": (
                {"type": "Planned", "duration": 960, "start": "2026-03-02T09:00:00", "due": "2026-03-03T17:00:00"},
                {"type": "Backlog"},
                {"type": "Milestone", "due": "2026-04-01T17:00:00", "duration": 0},
                {
                    "type": "Planned",
                    "duration": 2400,
                    "start": "2026-03-02T09:00:00",
                    "due": "2026-03-06T17:00:00",
                    "workOnWeekends": True,
                },
            )[kind],
            "scope": "WsTask",
            "customStatusId": status["id"],
            "permalink": f"https://www.wrike.com/open.htm?id={serial}",
            "priority": f"01b894{number:012x}",
            "followedByMe": number % 6 == 0,
            "followerIds": self._some(self.people, number % 3),
            "parentIds": [],
            "superParentIds": [],
            "sharedIds": self._some(self.people, 2),
            "responsibleIds": self._some(self.people, number % 4),
            "responsiblePlaceholderIds": [legacy_id(self.number, "p", 1)] if number % 17 == 0 else [],
            "authorIds": self._some(self.people, 1),
            "superTaskIds": [],
            "subTaskIds": [],
            "dependencyIds": [],
            "hasAttachments": number % 8 == 0,
            "attachmentCount": number % 8,
            "billingType": "NonBillable" if number % 2 else "Billable",
            "metadata": [{"key": "source", "value": "import"}] if number % 20 == 0 else [],
            "customFields": self._values(fields),
            "effortAllocation": {"mode": "None"} if number % 3 else self._effort(),
        }
        if task["status"] == "Completed":
            task["completedDate"] = instant(updated)
        if number % 30 == 0:
            task["recurrent"] = True
        if number % 12 == 5:
            task |= {
                "customItemTypeId": legacy_id(self.number, "c", 2),
                "workScheduleId": legacy_id(self.number, "b", 1),
            }
        return task

    def _effort(self) -> Record:
        return {
            "mode": "Basic",
            "totalEffort": 960,
            "allocatedEffort": 480,
            "dailyAllocationPercentage": 50,
            "responsibleAllocation": [
                {"userId": self.people[0], "dailyAllocation": [{"date": "2026-03-02", "effortMinutes": 240}]}
            ],
        }

    def _values(self, fields: list[Record]) -> list[Record]:
        samples = {
            "Currency": ("5000", "0", "12.50"),
            "Numeric": ("1", "-2.75", "1000000"),
            "Percentage": ("50", "12.5"),
            "DropDown": ("Medium", "R &amp; D", "No longer offered"),
            "Multiple": ('["a","b, c"]', "a,d", ""),
            "Date": ("2026-05-01", ""),
            "Contacts": (self.people[0], f"{self.people[0]},{self.people[1]}", f'["{self.people[2]}"]'),
            "Duration": ("02:25", "120"),
            "Checkbox": ("true", "false"),
            "Text": ("free text", "<b>html</b> &#64;", ""),
            "LinkToDatabase": ('{"recordIds":["r1"]}',),
            "CalculatedNumeric": ("5000",),
        }
        usable = [field for field in fields if "User" not in field["settings"]["applicableEntityTypes"]]
        chosen = self.random.sample(usable, k=self.random.randrange(0, len(usable)))
        return [{"id": field["id"], "value": self.random.choice(samples[field["type"]])} for field in chosen]

    def _set_contact_fields(self, contacts: list[Record], fields: list[Record]) -> None:
        for number, contact in enumerate(contacts[: self.size.contacts]):
            if number % 2:
                contact["customFields"] = [{"id": fields[-1]["id"], "value": f"{number:05}"}]

    def _surprise(self, account: Account) -> None:
        for records in account.records.values():
            for record in list(records.values())[::5]:
                record["brandNewKey"] = {"nested": [1, "two", {"three": None}]}
        for task in list(account.records["tasks"].values())[::7]:
            task["importance"] = "Cosmic"
            task["dates"]["granularity"] = "hour"

    def _moment(self) -> datetime:
        return EPOCH - timedelta(seconds=self.random.randrange(0, 60_000_000))

    def _title(self) -> str:
        return " ".join(self.random.choices(WORDS, k=3))

    def _some(self, items: Sequence[str], most: int) -> list[str]:
        return self.random.sample(list(items), k=min(most, len(items)))
