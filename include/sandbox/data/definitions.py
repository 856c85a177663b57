"""Spaces, workflows and custom fields."""

from __future__ import annotations

from include.sandbox.data.seed import TEXTS, Seed
from include.sandbox.ids import legacy_id, work_id
from include.sandbox.world import Record


class Definitions(Seed):
    """Spaces, workflows and custom fields."""

    def workflows(self) -> list[Record]:
        """Make the workflows of the account."""
        return [
            self._workflow(number, name) for number, name in enumerate(("Default Workflow", "Design", "Hidden one"))
        ]

    def space_workflows(self, spaces: list[Record]) -> list[Record]:
        """Make the workflows of single spaces.

        :param spaces: the spaces.
        """
        return [{**self._workflow(3, "Delivery's own"), "spaceId": spaces[0]["id"]}]

    def _workflow(self, number: int, name: str) -> Record:
        groups = ("Active", "Active", "Completed", "Deferred", "Cancelled")
        names = ("New", "In Progress", "Completed", "On Hold", "Cancelled")
        return {
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

    def custom_fields(self) -> list[Record]:
        """Make a custom field of every type."""
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

    def spaces(self) -> list[Record]:
        """Make the spaces."""
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
