"""Bookings, and days that are longer or shorter than usual."""

from __future__ import annotations

from datetime import timedelta

from include.sandbox.data.seed import EPOCH, Seed
from include.sandbox.ids import legacy_id
from include.sandbox.world import Record

_MODES = ("Basic", "FullTime", "Flexible")


class Capacity(Seed):
    """How much people can do, and what they are booked for."""

    def capacity(self, folders: list[Record], placeholders: list[Record]) -> dict[str, list[Record]]:
        """Make all of it.

        :param folders: all folders.
        :param placeholders: all placeholders.
        """
        self.begin("capacity")
        projects = [one["id"] for one in folders if "project" in one and one["scope"] == "WsFolder"]
        return {
            "bookings": [self._booking(number, projects, placeholders) for number in range(4 + self.size.contacts)],
            "workschedulecapacitychanges": [
                {"workScheduleId": legacy_id(self.number, "b", 1 + number % 2), **self._change(number, "w")}
                for number in range(5)
            ],
            "userschedulecapacitychanges": [
                {"userId": self.random.choice(self.people), **self._change(number, "g")} for number in range(6)
            ],
            "userschedulepartialexclusions": [self._part(number) for number in range(7)],
        }

    def _booking(self, number: int, projects: list[str], placeholders: list[Record]) -> Record:
        begin = EPOCH.date() - timedelta(days=self.random.randrange(60))
        days = [(begin + timedelta(days=place)).isoformat() for place in range(number % 4 + 1)]
        person = self.random.choice(self.people)
        placeholder = placeholders[number % len(placeholders)]["id"] if number % 5 == 4 else ""
        who = {"responsiblePlaceholderId": placeholder} if placeholder else {"responsibleId": person}
        return {
            "id": legacy_id(self.number, "B", 1 + number),
            "folderId": self.random.choice(projects),
            **({"title": self.title()} if number % 3 else {}),
            **who,
            "bookingDates": {
                "duration": 480 * len(days),
                "startDate": days[0],
                "finishDate": days[-1],
                "workOnWeekends": number % 7 == 0,
            },
            "effortAllocation": {
                "mode": _MODES[number % 3],
                "totalEffort": 240 * len(days),
                "responsibleAllocation": [
                    {
                        **({"placeholderId": placeholder} if placeholder else {"userId": person}),
                        "dailyAllocation": [{"date": day, "effortMinutes": 240} for day in days],
                    }
                ],
            },
        }

    def _change(self, number: int, kind: str) -> Record:
        begin = EPOCH.date() + timedelta(days=7 * number)
        return {
            "id": legacy_id(self.number, kind, 1 + number),
            "startDate": begin.isoformat(),
            "finishDate": (begin + timedelta(days=number)).isoformat(),
            "capacityMinutes": (240, 360, 600)[number % 3],
        }

    def _part(self, number: int) -> Record:
        day = (EPOCH.date() + timedelta(days=3 * number)).isoformat()
        return {
            "id": legacy_id(self.number, "d", 1 + number),
            "userId": self.random.choice(self.people),
            "fromDate": day,
            "toDate": day,
            "isWorkDays": number % 4 == 3,
            "exclusionType": ("VacationPTO", "OtherNonWorking", "Overtime")[number % 3],
            "minutes": 30 * (1 + number),
        }
