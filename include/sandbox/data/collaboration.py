"""Dependencies, approvals, comments, attachments."""

from __future__ import annotations

from include.sandbox.data.seed import TEXTS, Seed
from include.sandbox.ids import legacy_id
from include.sandbox.world import Record, instant

_STATUSES = ("Pending", "Approved", "Draft", "Rejected", "Cancelled", "NotRequired", "Pending")
_RELATIONS = ("FinishToStart", "StartToStart", "FinishToStart", "FinishToFinish", "StartToFinish")
_SAID = (
    "Please <b>check</b> line 4",
    '<a class="stream-user-id avatar" rel="{person}">&#64;Ada</a> can you have a look?',
    'For <a class="stream-user-id avatar" rel="@assignees">&#64;assignees</a>: done &#128512;',
    "Merci beaucoup, c'est parfait 😀\ufe0f",
    "1 &lt; 2 &amp;&amp; 3 &gt; 2<br />next line",
    "数据已更新",
)
_FILES = (
    ("offer.pdf", "application/pdf"),
    ("Übersicht (final) v2.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("screenshot.png", "image/png"),
    ("notes.txt", "text/plain"),
    ("archive", "application/octet-stream"),
)


class Collaboration(Seed):
    """What people agree on, say and share about tasks and folders."""

    def collaboration(self, tasks: list[Record], folders: list[Record]) -> dict[str, list[Record]]:
        """Make all of it.

        :param tasks: all tasks.
        :param folders: all folders.
        """
        self.begin("collaboration")
        present = [task for task in tasks if task["scope"] == "WsTask"]
        homes = [folder for folder in folders if folder["scope"] == "WsFolder"]
        comments = [self._comment(number, present, homes) for number in range(12 + self.size.related_tasks // 2)]
        attachments: list[Record] = []
        for number in range(12 + self.size.related_tasks // 4):
            attachments += self._versions(number, 1 + len(attachments), comments, present, homes)
        return {
            "dependencies": self._dependencies(tasks),
            "approvals": [
                self._approval(number, present, homes) for number in range(12 + self.size.related_tasks // 6)
            ],
            "comments": comments,
            "attachments": attachments,
        }

    def _about(self, number: int, tasks: list[Record], folders: list[Record]) -> tuple[Record, str]:
        """Choose a task, or now and then a folder: the key that tells which, and when it was created."""
        if number % 5 == 4 or not tasks:
            folder = self.random.choice(folders)
            return {"folderId": folder["id"]}, folder["createdDate"]
        task = self.random.choice(tasks)
        return {"taskId": task["id"]}, task["createdDate"]

    def _dependencies(self, tasks: list[Record]) -> list[Record]:
        ends: dict[str, list[str]] = {}
        for task in tasks:
            for one in task["dependencyIds"]:
                ends.setdefault(one, []).append(task["id"])
        return [
            {
                "id": one,
                "predecessorId": before,
                "successorId": after,
                "relationType": _RELATIONS[number % len(_RELATIONS)],
                "lagTime": (0, 480, -60)[number % 3],
            }
            for number, (one, (before, after)) in enumerate(ends.items())
        ]

    def _approval(self, number: int, tasks: list[Record], folders: list[Record]) -> Record:
        about, created = self._about(number, tasks, folders)
        updated = instant(self.later(created))
        status = _STATUSES[number % len(_STATUSES)]
        finished = status in {"Approved", "Rejected", "Cancelled"}
        decided = {"Approved": "Approved", "Rejected": "Rejected", "NotRequired": "NotRequired"}.get(status, "Pending")
        return {
            "id": legacy_id(self.number, "a", 1 + number),
            **about,
            "authorId": self.random.choice(self.people),
            "title": self.title() if number % 3 == 0 else "",
            "description": self.random.choice(TEXTS),
            "type": "FilesOnly" if number % 4 == 3 else "Regular",
            "status": status,
            "updatedDate": updated,
            **({"dueDate": "2026-03-05"} if number % 2 else {}),
            "decisions": [
                {
                    "approverId": person,
                    "comment": "" if place else "Looks <i>good</i>",
                    "status": decided,
                    "updatedDate": updated,
                }
                for place, person in enumerate(self.some(self.people, number % 4))
            ],
            "autoFinishOnApprove": number % 2 == 0,
            "autoFinishOnReject": number % 3 == 0,
            "finished": finished,
            **({"finisherId": self.random.choice(self.people)} if finished and number % 5 else {}),
            **({"attachmentIds": [legacy_id(self.number, "F", 1)]} if number % 4 == 3 else {}),
            **({"reviewId": legacy_id(self.number, "v", 1 + number)} if number % 4 == 3 else {}),
        }

    def _comment(self, number: int, tasks: list[Record], folders: list[Record]) -> Record:
        about, created = self._about(number, tasks, folders)
        said = instant(self.later(created))
        comment = {
            "id": legacy_id(self.number, "C", 1 + number),
            "authorId": self.random.choice(self.people),
            "text": self.random.choice(_SAID).format(person=self.people[0]),
            "updatedDate": said,
            "createdDate": said,
            **about,
            "type": "Email" if number % 9 == 8 else "Regular",
        }
        if comment["type"] == "Email":
            comment |= {
                "emailSubject": f"Re: {self.title()}",
                "direction": ("Incoming", "Outgoing")[number % 2],
                "externalRequester": {
                    "id": legacy_id(self.number, "q", 1 + number),
                    "email": "client@example.test",
                    **({"firstName": "Chloé", "lastName": "Client"} if number % 2 else {}),
                },
            }
        return comment

    def _versions(
        self, number: int, serial: int, comments: list[Record], tasks: list[Record], folders: list[Record]
    ) -> list[Record]:
        """Make a file: one attachment, or one of each version."""
        about, created = self._about(number, tasks, folders)
        more: Record = {}
        if number % 7 == 3:
            comment = comments[number]
            about = {key: comment[key] for key in ("taskId", "folderId") if key in comment}
            created, more = comment["createdDate"], {"commentId": comment["id"]}
            comment["attachmentIds"] = [legacy_id(self.number, "F", serial)]
        name, content = _FILES[number % len(_FILES)]
        elsewhere = number % 6 == 5
        if content.startswith("image/"):
            more |= {"width": 1280, "height": 720, "previewUrl": f"https://www.wrike.com/previews/{serial}.png"}
        if number % 8 == 0:
            more["reviewIds"] = [legacy_id(self.number, "v", 1 + number)]
        count = 3 if number % 6 == 1 else 1
        ids = [legacy_id(self.number, "F", serial + place) for place in range(count)]
        made: list[Record] = []
        for place, id_ in enumerate(ids):
            created = instant(self.later(created))
            made.append(
                {
                    "id": id_,
                    "authorId": self.random.choice(self.people),
                    "name": name,
                    "createdDate": created,
                    "version": 1 + place,
                    "type": "Google" if elsewhere else "Wrike",
                    "contentType": content,
                    "size": -1 if elsewhere else self.random.randrange(5_000_000),
                    **about,
                    **({} if place == count - 1 else {"currentAttachmentId": ids[-1]}),
                    "originVersionId": ids[0],
                    **more,
                }
            )
        return made
