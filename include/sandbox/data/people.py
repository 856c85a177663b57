"""Contacts and groups."""

from __future__ import annotations

from typing import Any

from include.sandbox.data.seed import FIRST, LAST, WORDS, Seed
from include.sandbox.ids import legacy_id, user_id
from include.sandbox.world import Record

_OTHERS = 1_000_000_000
"""Where the numbers begin of contacts who are no users, beyond those of all accounts' users."""


class People(Seed):
    """Contacts and groups."""

    def contacts(self) -> list[Record]:
        """Make people, robots, an asset, an invitation, and people who were removed."""
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
                    "id": user_id(_OTHERS + offset),
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
                "id": user_id(_OTHERS + 100),
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
                "id": user_id(_OTHERS + 200),
                "type": "Invitation",
                "profiles": [
                    {"accountId": self.id, "email": "lee@example.test", "role": "Collaborator", "external": True}
                ],
                "deleted": False,
            }
        )
        made += [
            {
                "id": user_id(_OTHERS + 300),
                "firstName": "Gone",
                "lastName": "Away",
                "type": "Person",
                "profiles": [{"accountId": self.id}],
                **self._looks(),
                "deleted": True,
            },
            {"id": user_id(_OTHERS + 301), "type": "Person", "profiles": [{"accountId": self.id}], "deleted": True},
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

    def groups(self, contacts: list[Record]) -> list[Record]:
        """Make the groups, and the contact that each of them is too.

        :param contacts: all contacts; those of the groups are added.
        """
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

    def set_contact_fields(self, contacts: list[Record], fields: list[Record]) -> None:
        """Give people values of custom fields.

        :param contacts: the contacts.
        :param fields: the custom fields.
        """
        for number, contact in enumerate(contacts[: self.size.contacts]):
            if number % 2:
                contact["customFields"] = [{"id": fields[-1]["id"], "value": f"{number:05}"}]
