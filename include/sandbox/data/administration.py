"""User types, access roles, invitations, job roles, placeholders, webhooks, colours."""

from __future__ import annotations

from datetime import timedelta

from include.sandbox.data.seed import EPOCH, FIRST, LAST, Seed
from include.sandbox.ids import legacy_id
from include.sandbox.world import Record, instant

_USER_TYPES = (
    ("Regular User", "Creates and edits everything that is shared with them"),
    ("External User", "Works on what is shared with them, sees no one else"),
    ("Collaborator", "Comments and changes statuses"),
    ("Agency partner", ""),
)
_COLORS = {
    "Brown": "#795548",
    "Red": "#E91E63",
    "Purple": "#9C27B0",
    "Indigo": "#673AB7",
    "DarkBlue": "#3F51B5",
    "Blue": "#2196F3",
    "Turquoise": "#00BCD4",
    "DarkCyan": "#009688",
    "Green": "#8BC34A",
    "YellowGreen": "#CDDC39",
    "Yellow": "#FFEB3B",
    "Orange": "#FF9800",
    "Gray": "#9E9E9E",
}
_STATUSES = ("Accepted", "Pending", "Declined", "Accepted", "Cancelled")


class Administration(Seed):
    """What administrators set up."""

    def administration(self, contacts: list[Record], folders: list[Record]) -> dict[str, list[Record]]:
        """Make all of it; people get user types.

        :param contacts: all contacts.
        :param folders: all folders.
        """
        self.begin("administration")
        avatar = "https://www.wrike.com/avatars/r.png"
        types = [
            {"id": legacy_id(self.number, "u", number), "title": title, "description": description}
            for number, (title, description) in enumerate(_USER_TYPES)
        ]
        for number, contact in enumerate(one for one in contacts if one["type"] == "Person" and not one["deleted"]):
            if number % 6 != 5:
                contact["userTypeId"] = types[number % len(types)]["id"]
        return {
            "usertypes": types,
            "accessroles": [
                {"id": legacy_id(self.number, "h", -number), "title": title, "description": f"{title} of an item"}
                for number, title in enumerate(("Read only", "Limited", "Editor", "Full"), start=1)
            ],
            "invitations": [self._invitation(number, types) for number in range(max(5, self.size.contacts // 3))],
            "jobroles": [
                {
                    "id": legacy_id(self.number, "j", number),
                    "title": title,
                    "shortTitle": title[:2].upper(),
                    "avatarUrl": avatar,
                    "isDeleted": number == 4,
                }
                for number, title in enumerate(("Engineer", "Designer", "Café manager", "Stenographer"), start=1)
            ],
            "placeholders": [
                {
                    "id": legacy_id(self.number, "p", number),
                    "title": title,
                    "shortTitle": title[:2].upper(),
                    "avatarUrl": avatar,
                    "jobRoleId": legacy_id(self.number, "j", 1 + number % 2),
                    "deleted": number == 3,
                }
                for number, title in enumerate(("Engineer 1", "Designer (to be hired)", "Former role"), start=1)
            ],
            "webhooks": self._webhooks([folder["id"] for folder in folders]),
            "colors": [{"name": name, "hex": code} for name, code in _COLORS.items()],
        }

    def _invitation(self, number: int, types: list[Record]) -> Record:
        status = _STATUSES[number % len(_STATUSES)]
        sent = self.moment()
        return {
            "id": legacy_id(self.number, "I", 1 + number),
            "accountId": self.id,
            **({"firstName": self.random.choice(FIRST)} if number % 4 else {}),
            **({"lastName": self.random.choice(LAST)} if number % 4 == 1 else {}),
            "email": f"guest{number}@{self.key}.example.test",
            "status": status,
            "inviterUserId": self.random.choice(self.people),
            "invitationDate": instant(sent),
            **({"resolvedDate": instant(min(sent + timedelta(days=3), EPOCH))} if status != "Pending" else {}),
            "role": "Collaborator" if number % 3 == 0 else "User",
            "external": number % 3 == 0,
            **({"userTypeId": self.random.choice(types)["id"]} if number % 2 else {}),
        }

    def _webhooks(self, folders: list[str]) -> list[Record]:
        targets: list[Record] = [
            {},
            {"folderId": folders[-4], "recursive": True, "events": ["TaskStatusChanged", "CommentAdded"]},
            {"spaceId": folders[0], "events": ["TaskDeleted"]},
        ]
        return [
            {
                "id": legacy_id(self.number, "H", 1 + number),
                "accountId": self.id,
                "hookUrl": f"https://hooks.example.test/{self.key}/{number}",
                "status": "Suspended" if number == 2 else "Active",
                **target,
            }
            for number, target in enumerate(targets)
        ]
