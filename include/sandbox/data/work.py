"""Folders, projects and tasks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from include.sandbox.data.seed import EPOCH, TEXTS, Seed
from include.sandbox.ids import dependency_id, legacy_id, work_id
from include.sandbox.world import Record, instant

IMPORTED: Final = 10_000
"""Of the first tasks so many, two fifths were imported at once; an import is not larger for the account's being so."""


class Work(Seed):
    """Folders, projects and tasks."""

    def folders(self, spaces: list[Record], fields: list[Record], workflows: list[Record]) -> list[Record]:
        """Make folders and projects, also in the recycle bin.

        :param spaces: the spaces, which are folders too.
        :param fields: the custom fields.
        :param workflows: the workflows.
        """
        made: list[Record] = []
        ids = [space["id"] for space in spaces]
        for number in range(self.size.folders + 3):
            space = number < len(spaces)
            trashed = number >= self.size.folders
            serial = self.base + 1 + number if space else self.base + 10 + number
            parents = [self.root] if space else self.some(ids, 5 if number % 9 == 8 else 1)
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
        created = self.moment()
        updated = self.later(instant(created))
        folder = {
            "id": id_,
            "accountId": self.id,
            "title": self.title(),
            "createdDate": instant(created),
            "updatedDate": instant(updated),
            "description": self.random.choice(TEXTS),
            "briefDescription": "brief",
            "sharedIds": self.some(self.people, 3),
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
                "ownerIds": self.some(self.people, number % 3),
                "customStatusId": workflows[number % 2]["customStatuses"][number % 5]["id"],
                "createdDate": instant(created + timedelta(days=1)),
                **({"startDate": "2026-01-12", "endDate": "2026-06-30"} if number % 4 == 1 else {}),
                **({"completedDate": "2026-02-20T08:00:00Z"} if number % 5 in (2, 3, 4) else {}),
                **({"contractType": "Billable"} if number % 3 == 0 else {}),
            }
        return folder

    def tasks(
        self, folders: list[Record], fields: list[Record], workflows: list[Record], of_spaces: list[Record]
    ) -> list[Record]:
        """Make tasks and subtasks, also in the recycle bin.

        :param folders: the folders to put them in.
        :param fields: the custom fields.
        :param workflows: the workflows of the account.
        :param of_spaces: those of single spaces.
        """
        homes = [folder["id"] for folder in folders if folder["scope"] == "WsFolder"]
        made: list[Record] = []
        bulk = EPOCH - timedelta(days=30)
        for number in range(self.size.tasks + 5):
            trashed = number >= self.size.tasks
            subtask = number % 10 == 9 and not trashed
            task = self._task(number, fields, of_spaces if number % 19 == 5 else workflows[:2], bulk)
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
                task["parentIds"] = self.some(homes, 2 if number % 11 == 0 else 1)
            if number % 25 == 2:
                before, after = self.base + 1_000_000 + number - 1, self.base + 1_000_000 + number
                for one in (made[-1], task):
                    one["dependencyIds"].append(dependency_id(before, after))
            made.append(task)
        return made

    def _task(self, number: int, fields: list[Record], workflows: list[Record], bulk: datetime) -> Record:
        serial = self.base + 1_000_000 + number
        created = self.moment()
        updated = self.later(instant(created))
        if number < IMPORTED and number % 5 in (1, 2):
            # An import: many tasks of one second, two pages of them when the account is large.
            created = updated = bulk + timedelta(seconds=number // 5000)
        status = workflows[number % len(workflows)]["customStatuses"][number % 5]
        kind = number % 4
        task = {
            "id": legacy_id(self.number, "T", number) if number % 13 == 12 else work_id("0", serial),
            "accountId": self.id,
            "title": self.title(),
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
            "followerIds": self.some(self.people, number % 3),
            "parentIds": [],
            "superParentIds": [],
            "sharedIds": self.some(self.people, 2),
            "responsibleIds": self.some(self.people, number % 4),
            "responsiblePlaceholderIds": [legacy_id(self.number, "p", 1)] if number % 17 == 0 else [],
            "authorIds": self.some(self.people, 1),
            "superTaskIds": [],
            "subTaskIds": [],
            "dependencyIds": [],
            "hasAttachments": number % 8 == 0,
            "attachmentCount": number % 8,
            "billingType": "NonBillable" if number % 2 else "Billable",
            "metadata": [{"key": "source", "value": "import"}] if number % 20 == 0 else [],
            "customFields": self._values(fields, self.size.custom_fields),
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

    def _values(self, fields: list[Record], count: int | None = None) -> list[Record]:
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
        chosen = self.random.sample(usable, k=self.random.randrange(0, len(usable)) if count is None else count)
        return [{"id": field["id"], "value": self.random.choice(samples[field["type"]])} for field in chosen]
