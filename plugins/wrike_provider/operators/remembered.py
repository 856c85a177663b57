"""What Airflow remembers of an entity between runs, in the state of its asset, and what is read from it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

WATERMARK_STATE = "watermark"
OWNERS_STATE = "owners"
CUT_OFF_STATE = "cut_off"
BEGINNING_STATE = "beginning"
BIN_STATE = "bin_since"
RECORDS_STATE = "records"
WRITES_STATE = "writes"
STAGED_ACCOUNT_STATE = "account"


def outdated(remembered: dict[str, Any], written: int, account: Any) -> str:
    """Why a watermark does not tell what staging has; empty: it does.

    :param remembered: what is remembered.
    :param written: how often the tables have been written.
    :param account: id of the account that is read, None when it is not known.
    """
    known = remembered.get(WRITES_STATE)
    if isinstance(known, int) and written < known:
        return "Staging is older than the watermark, as after a dump was restored."
    before = remembered.get(STAGED_ACCOUNT_STATE)
    if before is not None and account is not None and before != account:
        return f"Staging has the records of another account, {before}."
    return ""


def instant(remembered: dict[str, Any], name: str) -> datetime | None:
    """Read an instant; None: there is none.

    :param remembered: what is remembered.
    :param name: its name.
    """
    text = remembered.get(name)
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def past(told: Any) -> datetime | None:
    """Read when something was made, as Wrike tells it; None: it does not, or of a time to come.

    :param told: what Wrike tells.
    """
    try:
        found = datetime.fromisoformat(told)
    except (TypeError, ValueError):
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if found < datetime.now(UTC) else None
