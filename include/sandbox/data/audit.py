"""The audit log."""

from __future__ import annotations

from include.sandbox.data.seed import Seed
from include.sandbox.ids import legacy_id
from include.sandbox.world import Record, instant

_SIGNED = ("UserLoggedIn", "UserLoggedIn", "UserFailLogin", "UserLogout", "Oauth2AccessGranted")
_ON_TASKS = ("TaskAssigned", "TaskShared", "TaskStatusChanged", "TaskDeleted")
_ON_PEOPLE = ("UserRoleChanged", "InvitationAccepted", "UserDeactivated")
_SOURCES = ("UI", "UI", "APIv4", "Automation", "Unknown")


class Audit(Seed):
    """The audit log."""

    def audit(self, contacts: list[Record], tasks: list[Record]) -> dict[str, list[Record]]:
        """Make its entries.

        :param contacts: all contacts.
        :param tasks: all tasks.
        """
        self.begin("audit")
        people = [contact for contact in contacts if contact["id"] in set(self.people)]
        return {"auditlog": [self._entry(number, people, tasks) for number in range(40 + self.size.related_tasks // 2)]}

    def _entry(self, number: int, people: list[Record], tasks: list[Record]) -> Record:
        person, other = self.random.choice(people), self.random.choice(people)
        task = self.random.choice(tasks)
        on_task = {"objectType": "Task", "objectName": task["title"], "objectId": task["id"]}
        about, operations, details = (
            (_user(person), _SIGNED, {}),
            (on_task, _ON_TASKS, {"Assignee": other["id"]} if number % 2 else {}),
            (_user(other), _ON_PEOPLE, {"User Role": "Collaborator", "User Type Id": other.get("userTypeId", "")}),
        )[number % 3]
        return {
            "id": legacy_id(self.number, "E", 1 + number),
            "operation": self.random.choice(operations),
            "userId": person["id"],
            "userEmail": person["primaryEmail"],
            "eventDate": instant(self.moment()),
            **({} if number % 7 == 6 else {"ipAddress": f"192.0.2.{1 + number % 250}"}),
            **about,
            "details": details,
            "sourceType": self.random.choice(_SOURCES),
        }


def _user(person: Record) -> Record:
    name = f"{person['firstName']} {person['lastName']}".strip()
    return {"objectType": "User", "objectName": name, "objectId": person["id"]}
