"""Time entries, their categories, timesheets, work schedules."""

from __future__ import annotations

from datetime import date, timedelta

from include.sandbox.data.seed import EPOCH, Seed
from include.sandbox.ids import legacy_id
from include.sandbox.world import Record, instant

_CATEGORIES = ("Development", "Meetings", "Travel & waiting", "Écriture", "Old: admin")
_COMMENTS = ("", "call", "Call with <b>client</b> &amp; notes", "rückgefragt 😀", "line one<br />line two")
_SCHEDULES = ("Default Schedule", "Part time", "Weekend shift")


class Time(Seed):
    """What was worked, and when people work."""

    def time(self, tasks: list[Record]) -> dict[str, list[Record]]:
        """Make all of it.

        :param tasks: all tasks.
        """
        self.begin("time")
        tasks = [task for task in tasks if task["scope"] == "WsTask"]
        timelogs = self.size.related_tasks if self.size.timelogs is None else self.size.timelogs
        return {
            "timelogcategories": [
                {"id": legacy_id(self.number, "l", 1 + number), "name": name, "order": number, "hidden": number == 4}
                for number, name in enumerate(_CATEGORIES)
            ],
            "timelogs": [self._timelog(number, tasks) for number in range(timelogs)],
            "workschedules": self._schedules(),
            "timesheetsubmissionrules": [
                {
                    "workScheduleId": legacy_id(self.number, "b", 1 + number),
                    "enabled": number == 0,
                    "ruleType": ("Soft", "Hard")[number],
                    "frequency": ("Week", "Month")[number],
                    "trackExceptionsMode": ("TotalCapacity", "ActualCapacity")[number],
                }
                for number in range(2)
            ],
            "timesheets": [self._timesheet(number, tasks) for number in range(self.size.contacts)],
            "workscheduleexclusions": [self._holiday(number) for number in range(10)],
            "userscheduleexclusions": [self._absence(number) for number in range(self.size.contacts)],
        }

    def _holiday(self, number: int) -> Record:
        begin = date(2026, 1 + number, 6 + number)
        more = number % 5 == 4
        return {
            "id": legacy_id(self.number, "x", 1 + number),
            "workScheduleId": legacy_id(self.number, "b", 1 + number % 2),
            "fromDate": begin.isoformat(),
            "toDate": (begin + timedelta(days=number % 3)).isoformat(),
            "isWorkDays": more,
            "exclusionType": "AdditionalWorkDays" if more else ("PublicHolidays", "OtherEvent")[number % 2],
        }

    def _absence(self, number: int) -> Record:
        begin = EPOCH.date() + timedelta(days=self.random.randrange(-300, 200))
        over = number % 6 == 5
        return {
            "id": legacy_id(self.number, "y", 1 + number),
            "userId": self.random.choice(self.people),
            "fromDate": begin.isoformat(),
            "toDate": (begin + timedelta(days=number % 15)).isoformat(),
            "isWorkDays": over,
            "exclusionType": "Overtime" if over else ("VacationPTO", "OtherNonWorking")[number % 2],
        }

    def _timelog(self, number: int, tasks: list[Record]) -> Record:
        task = self.random.choice(tasks)
        created = self.later(task["createdDate"])
        updated = self.later(instant(created), 400_000) if number % 4 == 0 else created
        if number % 5 in (1, 2):
            # A timer that books for many people at once.
            created = updated = EPOCH - timedelta(days=20)
        return {
            "id": legacy_id(self.number, "L", 1 + number),
            "taskId": task["id"],
            "userId": self.random.choice(self.people),
            **({"categoryId": legacy_id(self.number, "l", 1 + number % 5)} if number % 3 else {}),
            "hours": self.random.choice((0.25, 1, 1.5, 7.75, 8, 0.016667)),
            "createdDate": instant(created),
            "updatedDate": instant(updated),
            "trackedDate": (created.date() - timedelta(days=number % 4)).isoformat(),
            "comment": self.random.choice(_COMMENTS),
            "approvalStatus": ("NotSubmitted", "Approved", "Rejected", "Pending")[number % 4],
            "lockStatus": "Locked" if number % 4 == 1 else "Unlocked",
            "exportStatus": ("NotExported", "Exported", "ReadyForExport")[number % 3],
            "billingType": "Billable" if number % 2 else "NonBillable",
        }

    def _schedules(self) -> list[Record]:
        week = ["Mon", "Tue", "Wed", "Thu", "Fri"]
        return [
            {
                "id": legacy_id(self.number, "b", 1 + number),
                "scheduleType": "Custom" if number else "Default",
                "title": title,
                "workweek": (
                    [{"workDays": week, "capacityMinutes": 480}],
                    [{"workDays": week[:3], "capacityMinutes": 300}, {"workDays": ["Fri"], "capacityMinutes": 240}],
                    [{"workDays": ["Sat", "Sun"], "capacityMinutes": 600}],
                )[number],
                "userIds": (self.people, self.people[3:5], [])[number],
            }
            for number, title in enumerate(_SCHEDULES)
        ]

    def _timesheet(self, number: int, tasks: list[Record]) -> Record:
        monthly = number % 4 == 3
        begin = date(2026, 1, 1) if monthly else EPOCH.date() - timedelta(days=6 + 7 * (number % 5))
        end = date(2026, 1, 31) if monthly else begin + timedelta(days=6)
        rows = self.random.sample(tasks, k=min(number % 3, len(tasks)))
        approvals: tuple[Record, ...] = (
            {},
            {"status": "Pending", "approverIds": [self.people[0]]},
            {"status": "Approved", "approverIds": [self.people[0]], "finishedDate": "2026-02-27T15:00:00Z"},
        )
        return {
            "timesheetId": legacy_id(self.number, "s", 1 + number),
            "accountId": self.id,
            "userId": self.people[number % len(self.people)],
            "periodStartDate": begin.isoformat(),
            "periodEndDate": end.isoformat(),
            "timeframe": "Monthly" if monthly else "Weekly",
            "approval": approvals[number % 3],
            "rows": [
                {
                    "rowId": f"{number}-{place}",
                    "type": "Task",
                    "taskId": task["id"],
                    "parentIds": task["parentIds"],
                    **({"categoryId": legacy_id(self.number, "l", 1)} if place else {}),
                    "weeklyEntries": [{"date": begin.isoformat(), "hours": self.random.choice((0.5, 1, 7.75))}],
                }
                for place, task in enumerate(rows)
            ],
        }
