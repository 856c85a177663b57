"""One part of the benchmark: what is measured, and how it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include.bench.charts import Chart

Result = dict[str, Any]
"""What was measured, as plain JSON."""


@dataclass(frozen=True)
class Ratio:
    """A ratio with a bar.

    Attributes:
        what: what is compared with what
        value: the ratio
        bar: the bar; None: there is none
        at_most: whether the ratio may not be above the bar; otherwise it may not be below
        unit: written after both
    """

    what: str
    value: float
    bar: float | None
    at_most: bool = True
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether the ratio is on the right side of the bar."""
        if self.bar is None:
            return True
        return self.value <= self.bar if self.at_most else self.value >= self.bar

    def __str__(self) -> str:
        """One line for people."""
        if self.bar is None:
            return f"{self.what}: {self.value:.3g}{self.unit}"
        side = "at most" if self.at_most else "at least"
        verdict = "holds" if self.holds else "MISSED"
        return f"{self.what}: {self.value:.4g}{self.unit} ({side} {self.bar:g}{self.unit}: {verdict})"


@dataclass(frozen=True)
class Told:
    """How a result is told.

    Attributes:
        text: paragraphs and tables, Markdown
        ratios: the ratios, those with a bar
        chart: the chart
    """

    text: list[str]
    ratios: list[Ratio]
    chart: Chart


@dataclass(frozen=True)
class Part:
    """One part.

    Attributes:
        number: its number, for `ONLY`
        name: names its chart's file
        title: heads its section
        measure: measures; gets the size factor and an empty folder for files
        tell: tells a result
    """

    number: int
    name: str
    title: str
    measure: Callable[[float, Path], Result]
    tell: Callable[[Result], Told]


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; all columns but the first are numbers."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))
