"""Rates, costs and fees, as they were and are."""

from __future__ import annotations

from datetime import date, timedelta

from include.sandbox.data.seed import Seed
from include.sandbox.world import Record

_FEES = ("plannedCost", "plannedFees", "actualFees", "actualCost")


class Finance(Seed):
    """What people and work cost."""

    def finance(
        self, contacts: list[Record], placeholders: list[Record], folders: list[Record], tasks: list[Record]
    ) -> dict[str, list[Record]]:
        """Make all of it.

        :param contacts: all contacts.
        :param placeholders: all placeholders.
        :param folders: all folders.
        :param tasks: all tasks.
        """
        self.begin("finance")
        people = [contact for contact in contacts if contact["type"] == "Person"]
        projects = [folder for folder in folders if "project" in folder]
        return {
            "contactshistory": [
                {
                    **self._of("contactId", person["id"]),
                    "billRateHistory": self._rates("UserRate"),
                    "costRateHistory": self._rates("JobRoleRate") if number % 4 else [],
                }
                for number, person in enumerate(people)
                if number % 2 == 0
            ],
            "foldershistory": [
                {
                    **self._of("folderId", project["id"]),
                    "project": {name: self._amounts() for name in (*_FEES, "budget")},
                }
                for project in projects[::2]
            ],
            "taskshistory": [
                {**self._of("taskId", task["id"]), **{name: self._amounts() for name in _FEES}}
                for task in tasks[: self.size.related : 3]
            ],
            "contactshourlyrates": [
                self._hourly("contactId", person["id"], "User", 1 + number) for number, person in enumerate(people)
            ],
            "placeholdershourlyrates": [
                self._hourly("placeholderId", one["id"], "Placeholder", 1 + number)
                for number, one in enumerate(placeholders)
            ],
            "foldershourlyrates": [
                self._hourly("folderId", project["id"], "User", 1 + 2 * number + place)
                | {"id": f"{project['id']}:{self.people[place]}", "rateSubjectId": self.people[place]}
                for number, project in enumerate(projects[::3])
                for place in range(2)
            ],
        }

    def _of(self, key: str, id_: str) -> Record:
        return {"id": id_, key: id_, "updatedDate": self.moment().strftime("%Y-%m-%dT%H:%M:%SZ")}

    def _hourly(self, key: str, id_: str, kind: str, number: int) -> Record:
        return {
            "id": id_,
            key: id_,
            "rateSubjectId": id_,
            "rateSubjectType": kind,
            "billRate": {
                "rateScope": "Account",
                "rateSource": "UserRate",
                "rateValue": 80 + number % 4 * 10.25,
            },
            **(
                {"costRate": {"rateScope": "Account", "rateSource": "JobRoleRate", "rateValue": 55}}
                if number % 3
                else {}
            ),
        }

    def _rates(self, source: str) -> list[Record]:
        return [{"rateSource": source, "rateValue": span.pop("value"), **span} for span in self._amounts()]

    def _amounts(self) -> list[Record]:
        """Make amounts of spans of days that follow each other; the last one still holds."""
        begin = date(2025, 10, 1)
        made: list[Record] = []
        for _ in range(self.random.randrange(4)):
            end = begin + timedelta(days=self.random.randrange(5, 40))
            value = self.random.choice((0, 75, 99.5, 12_000.25))
            made.append({"value": value, "startDate": begin.isoformat(), "endDate": end.isoformat()})
            begin = end + timedelta(days=1)
        if made:
            del made[-1]["endDate"]
        return made
