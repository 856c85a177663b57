"""Custom item types, blueprints, request forms."""

from __future__ import annotations

from include.sandbox.data.seed import TEXTS, Seed
from include.sandbox.ids import legacy_id, work_id
from include.sandbox.world import Record

_ITEM_TYPES = (("Campaign", "Project"), ("Bug", "Task"), ("Approval sheet", "Task"), ("Sprint", "Project"))
_FORMS = ("Order translation", "Report a fault", "IT: access & rights", "Vacation")


class Templates(Seed):
    """What new work is made from."""

    def templates(self, spaces: list[Record], fields: list[Record]) -> dict[str, list[Record]]:
        """Make all of it.

        :param spaces: the spaces.
        :param fields: the custom fields.
        """
        self.begin("templates")
        return {
            "customitemtypes": [self._item_type(number, spaces, fields) for number in range(len(_ITEM_TYPES))],
            "folderblueprints": self._blueprints("4", "FolderBp", 3_000_000, 7, fields),
            "taskblueprints": self._blueprints("5", "TaskBp", 4_000_000, 12, fields),
            "requestforms": [self._form(number, spaces) for number in range(8)],
        }

    def _item_type(self, number: int, spaces: list[Record], fields: list[Record]) -> Record:
        title, related = _ITEM_TYPES[number]
        return {
            "id": legacy_id(self.number, "c", 1 + number),
            "title": title,
            "relatedType": related,
            **({"spaceId": spaces[0]["id"]} if number == 2 else {}),
            "description": "" if number else "What we tell the world",
            "customFieldIds": [field["id"] for field in fields[: 2 * number]],
            "isDeleted": number == 3,
            "icon": ("megaphone", "bug", "sheet", "flag")[number],
            **({"archivedOn": "2026-01-20T09:30:00Z", "archivedBy": self.people[0]} if number == 3 else {}),
            "dataUsageStatistics": {"workItemsCount": 4 * number},
        }

    def _blueprints(self, kind: str, scope: str, offset: int, count: int, fields: list[Record]) -> list[Record]:
        """Make blueprints: in fours, of which the first holds the others."""
        made: list[Record] = []
        for number in range(count):
            serial = self.base + offset + number
            made.append(
                {
                    "id": work_id(kind, serial),
                    "title": f"{self.title()} template",
                    "childIds": [],
                    "scope": scope,
                    "permalink": f"https://www.wrike.com/open.htm?id={serial}",
                    "customFields": [{"id": fields[9]["id"], "value": self.random.choice(TEXTS[:3])}] * (number % 2),
                }
            )
            if number % 4:
                made[number - number % 4]["childIds"].append(made[-1]["id"])
        return made

    def _form(self, number: int, spaces: list[Record]) -> Record:
        return {
            "id": legacy_id(self.number, "r", 1 + number),
            "title": f"{_FORMS[number % 4]} {number // 4 + 1}",
            "spaceId": spaces[number % 2]["id"],
            "description": TEXTS[number % 3],
            "pages": [
                {
                    "id": f"{legacy_id(self.number, 'r', 100 + number)}:{place}",
                    "title": f"Page {place + 1}",
                    "questions": [{"title": self.title(), "required": place == 0}] * place,
                }
                for place in range(1 + number % 3)
            ],
            "dataUsageStatistics": {"submissionsCount": 3 * number},
        }
