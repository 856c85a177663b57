"""Charts as small SVG files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WIDTH_INCHES = 7.2
_ROW_INCHES = 0.32
_COLOURS = ("#2563eb", "#d97706", "#6b7280", "#059669")
# Text stays text, ids do not change from run to run, and nothing of the machine or the day is in the file.
_STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "wrike", "font.family": "sans-serif", "font.size": 9}


@dataclass(frozen=True)
class Chart:
    """A chart of horizontal bars.

    Attributes:
        title: its title
        unit: what the bars' lengths are
        rows: labels of the rows, from top to bottom
        series: lengths of the bars by name of the series, one a row; None: no bar
        logarithmic: whether lengths are shown as their logarithms
    """

    title: str
    unit: str
    rows: Sequence[str]
    series: Mapping[str, Sequence[float | None]]
    logarithmic: bool = False

    def write(self, file: Path) -> None:
        """Draw it into an SVG file."""
        import matplotlib as mpl

        mpl.use("svg")
        import matplotlib.pyplot as plt

        bars = len(self.series)
        with mpl.rc_context(_STYLE):
            height = 1.1 + _ROW_INCHES * len(self.rows) * bars * 0.9 + (0.25 if bars > 1 else 0)
            figure, axes = plt.subplots(figsize=(_WIDTH_INCHES, height), layout="constrained")
            thickness = 0.8 / bars
            for number, (name, lengths) in enumerate(self.series.items()):
                places = [row + (number - (bars - 1) / 2) * thickness for row in range(len(self.rows))]
                drawn = axes.barh(
                    places, [length or 0 for length in lengths], thickness * 0.9, label=name, color=_COLOURS[number]
                )
                labels = [
                    "" if length is None else f"{length:,.3g}" if length < 100 else f"{length:,.0f}"
                    for length in lengths
                ]
                axes.bar_label(drawn, labels, padding=3)
            axes.set_yticks(range(len(self.rows)), self.rows)
            axes.invert_yaxis()
            if self.logarithmic:
                axes.set_xscale("log")
            axes.margins(x=0.12)
            axes.set_xlabel(self.unit)
            axes.set_title(self.title, loc="left")
            axes.spines[["top", "right"]].set_visible(False)
            if bars > 1:
                axes.legend(loc="lower right", frameon=False)
            file.parent.mkdir(parents=True, exist_ok=True)
            figure.savefig(file, metadata={"Date": None}, transparent=False)
            plt.close(figure)
