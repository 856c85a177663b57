"""The demo as a whole: what it shows is true, and it ends well."""

import io
from pathlib import Path

from rich.console import Console

from include.local.demo import demo


def test_the_demo_ends_well_and_says_what_it_should(tmp_path: Path) -> None:
    output = io.StringIO()
    code = demo(Console(file=output, width=120), tmp_path / "airflow")
    shown = output.getvalue()
    assert code == 0, shown
    for team in ("aurora", "borealis"):
        assert f"{team}: all " in shown
        assert f"wrike_{team}" in shown
    assert "Requests that reached the local Wrike: 0." in shown
    # Within the checkout the path is shown from its root.
    assert "airflow/staging.duckdb" in shown
