"""A notifier of Airflow that writes what it is told into a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from airflow.sdk import BaseNotifier

if TYPE_CHECKING:
    from airflow.sdk import Context


class FileNotifier(BaseNotifier):
    """Appends a message to a file.

    :param path: the file.
    :param message: the message; a template.
    """

    template_fields: Sequence[str] = ("message",)

    def __init__(self, path: str, message: str) -> None:
        super().__init__()
        self.path = path
        self.message = message

    def notify(self, context: Context) -> None:  # noqa: ARG002
        with Path(self.path).open("a") as file:
            file.write(f"{self.message}\n")
