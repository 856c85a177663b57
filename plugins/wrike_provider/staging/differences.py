"""In what staging and Wrike differ, for people and for XCom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

SHOWN_LENGTH: Final = 60
SHOWN_IDS: Final = 10


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell or row that differs.

    :param key: key of the record.
    :param table: the table.
    :param column: the column; empty: the whole row.
    :param staged: what staging has, shortened; None: no such row.
    :param wrike: what Wrike has, shortened; None: no such row.
    """

    key: str
    table: str
    column: str
    staged: str | None
    wrike: str | None

    def __str__(self) -> str:
        """Say it in words."""
        where = f"{self.key} in {self.table}"
        if self.wrike is None:
            return f"{where}: staging has a row that Wrike does not have: {self.staged}"
        if self.staged is None:
            return f"{where}: staging lacks a row: {self.wrike}"
        return f"{where}, column {self.column}: staging has {self.staged}, Wrike {self.wrike}"


@dataclass(frozen=True, slots=True)
class Differences:
    """What came of comparing an entity's staging tables with Wrike.

    :param entity: name of the entity.
    :param compared: records of Wrike that were compared.
    :param missing: keys of records that staging lacks.
    :param unlisted: keys of records that staging has as present and Wrike does not list.
    :param differing: keys of records that both have and that differ.
    :param orphaned: keys that child rows name and that neither Wrike nor the record's table has.
    :param examples: where some of the differing records differ.
    :param staged_digest: digest of what staging has, whatever its order.
    :param wrike_digest: digest of what staging should have.
    """

    entity: str
    compared: int
    missing: frozenset[str]
    unlisted: frozenset[str]
    differing: frozenset[str]
    orphaned: frozenset[str]
    examples: tuple[Difference, ...]
    staged_digest: str
    wrike_digest: str

    @property
    def count(self) -> int:
        """How many records differ in whatever way."""
        return len(self.missing) + len(self.unlisted) + len(self.differing) + len(self.orphaned)

    @property
    def equal(self) -> bool:
        """Whether staging has what Wrike has, and nothing else."""
        return not self.count

    def __str__(self) -> str:
        """Say it in words."""
        if self.equal:
            return f"{self.entity}: staging equals Wrike, {self.compared} records compared, digest {self.wrike_digest}."
        return "\n".join(self._lines())

    def as_dict(self) -> dict[str, Any]:
        """For XCom: plain JSON of bounded size."""
        return {
            "entity": self.entity,
            "equal": self.equal,
            "compared": self.compared,
            **{
                name: {"count": len(keys), "first": _first(keys)}
                for name, keys in (
                    ("missing", self.missing),
                    ("unlisted", self.unlisted),
                    ("differing", self.differing),
                    ("orphaned", self.orphaned),
                )
            },
            "examples": [asdict(example) for example in self.examples],
            "staged_digest": self.staged_digest,
            "wrike_digest": self.wrike_digest,
        }

    def _lines(self) -> Iterator[str]:
        yield (
            f"Staging does not equal Wrike, {self.compared} records compared; digest of staging "
            f"{self.staged_digest}, of Wrike {self.wrike_digest}."
        )
        for keys, meaning in (
            (self.missing, "missing in staging"),
            (self.unlisted, "in staging, not marked as deleted, but not listed by Wrike"),
            (self.differing, "with other content"),
            (self.orphaned, "with rows in child tables only, unknown to Wrike"),
        ):
            if keys:
                first = _first(keys)
                yield f"  {len(keys)} {meaning}: {', '.join(first)}{', ...' if len(keys) > len(first) else ''}"
        yield from (f"  {example}" for example in self.examples)


def shown(value: Any, start: int = 0) -> str:
    """Show the value of a cell to people.

    :param value: the value.
    :param start: how much of a text is not worth showing.
    """
    if value is None:
        return "nothing"
    if not isinstance(value, str):
        return str(value)[:SHOWN_LENGTH]
    part = value[start : start + SHOWN_LENGTH]
    return f"{'…' if start else ''}{part!r}{'…' if start + len(part) < len(value) else ''}"


def shown_both(staged: Any, wrike: Any) -> tuple[str, str]:
    """Show two values that differ, long texts from shortly before where they part.

    :param staged: the value in staging.
    :param wrike: Wrike's value.
    """
    start = 0
    if isinstance(staged, str) and isinstance(wrike, str):
        alike = next(
            (at for at, (one, other) in enumerate(zip(staged, wrike, strict=False)) if one != other),
            min(len(staged), len(wrike)),
        )
        start = alike - SHOWN_LENGTH // 3 if alike > SHOWN_LENGTH // 2 else 0
    return shown(staged, start), shown(wrike, start)


def shown_row(cells: Iterable[Any]) -> str:
    """Show a row to people.

    :param cells: its values.
    """
    text = ", ".join(shown(cell) for cell in cells)
    return f"({text[: 3 * SHOWN_LENGTH]}{'…' if len(text) > 3 * SHOWN_LENGTH else ''})"


def _first(keys: Iterable[str]) -> list[str]:
    return [key[:SHOWN_LENGTH] for key in sorted(keys)[:SHOWN_IDS]]
