"""What every part of an account's data is made with."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from include.sandbox.ids import account_id, legacy_id

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
"""The newest instant in generated data."""
NAMES = ("aurora", "borealis", "cygnus", "draco", "eridanus", "fornax", "gemini", "hydra")
FIRST = ("Ada", "Bo", "Chloé", "Dmitri", "Eszter", "Femi", "Gül", "Hiro", "Inés", "Jürgen", "Kim", "李", "Maya", "Noël")
LAST = ("Birch", "O'Hara", "Núñez", "Saito", "van der Berg", "Øst", "Иванова", "Khan, Jr.", "", "Straße")
WORDS = (
    "Plan",
    "review",
    "contract",
    "launch",
    "«quoted»",
    '"double"',
    "it's",
    "50 %",
    "naïve",
    "数据",
    "budget",
    "😀",
)
TEXTS = (
    "",
    "Plain text",
    "<b>Bold</b> &amp; <i>more</i><br />line two",
    "Mail me &#64; noon &#128512; 😀\ufe0f",
    "carriage\rreturn and a literal \\n",
    "<p>" + "Long description. " * 60 + "</p>",
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much to make.

    :param tasks: tasks outside the recycle bin.
    :param folders: folders and projects outside it.
    :param contacts: people outside it.
    :param timelogs: time entries; None: as many as tasks.
    :param unknown_keys: whether some records have keys and words that no one documented.
    :param custom_fields: values of custom fields that each task has; None: some.
    :param related: for how many tasks there are time entries, comments and the like; None: for all.
    """

    tasks: int = 300
    folders: int = 40
    contacts: int = 25
    timelogs: int | None = None
    unknown_keys: bool = False
    custom_fields: int | None = None
    related: int | None = None

    @property
    def related_tasks(self) -> int:
        """For how many tasks there are time entries, comments and the like."""
        return self.tasks if self.related is None else min(self.related, self.tasks)


class Seed:
    """Numbers, names and chance of one account.

    :param index: which account, from 0.
    :param seed: seed of all randomness.
    :param size: how much to make.
    """

    def __init__(self, index: int, seed: int, size: Size) -> None:
        self.index, self.size, self.seed = index, size, seed
        self.random = random.Random(f"{seed}/{index}")  # noqa: S311
        self.key = NAMES[index] if index < len(NAMES) else f"team{index + 1}"
        self.number = 40_000_000 + 1000 * index + seed % 1000
        self.base = 4_500_000_000 + 10_000_000 * index
        self.id = account_id(self.number)
        self.root = legacy_id(self.number, "G", -1)
        self.bin = legacy_id(self.number, "G", -2)
        self.people: list[str] = []

    def begin(self, area: str) -> None:
        """Draw from a stream of the area's own, so that nothing else changes with what it makes.

        :param area: name of the area.
        """
        self.random = random.Random(f"{self.seed}/{self.index}/{area}")  # noqa: S311

    def moment(self) -> datetime:
        """Some instant of the last half year."""
        return EPOCH - timedelta(seconds=self.random.randrange(0, 15_000_000))

    def later(self, stamp: str, most_s: int = 8_000_000) -> datetime:
        """Some instant after another one.

        :param stamp: the other one, as Wrike writes it.
        :param most_s: seconds between them at the most.
        """
        since = datetime.fromisoformat(stamp)
        # Spread over the time there is: were all that fall beyond it put at its end, a tenth of them would be there.
        left = max(1, int((EPOCH - since).total_seconds()))
        return min(since + timedelta(seconds=self.random.randrange(most_s) % left), EPOCH)

    def title(self) -> str:
        """Some words."""
        return " ".join(self.random.choices(WORDS, k=3))

    def some(self, items: Sequence[str], most: int) -> list[str]:
        """Some of the items.

        :param items: the items.
        :param most: how many at the most.
        """
        return self.random.sample(items, k=min(most, len(items)))
