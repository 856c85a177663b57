"""The params of a team's DAG: what the trigger form asks for."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param
from airflow.sdk.definitions.param import ParamsDict

from wrike_provider.teams import VERIFY_PARAM

# Airflow checks each schema against its own schema every time that it looks at a value. Of draft 7 that costs a
# quarter of what it costs of the newest one, which counts when none is named.
_DRAFT = "http://json-schema.org/draft-07/schema#"


def _param(default: Any, title: str, description: str, **schema: Any) -> Param:
    return Param(
        default, schema={"$schema": _DRAFT, **schema, "title": title, "description_md": description}, source="dag"
    )


def run_params(entities: list[str]) -> ParamsDict:
    """Declare them.

    :param entities: names of the entities that the team takes.
    """
    return ParamsDict(
        {
            "entities": _param(
                [],
                "Entities",
                "Only these; none chosen: all.",
                type="array",
                items={"type": "string", "enum": entities},
                examples=entities,
            ),
            "full_refresh": _param(
                False, "Full refresh", "Read everything anew, not only what changed.", type="boolean"
            ),
            "since": _param(
                None,
                "Since",
                "Read what changed from here on. The watermark stays where it is.",
                type=["null", "string"],
                format="date-time",
            ),
            "until": _param(
                None,
                "Until",
                "Read what changed before; empty: now. The watermark stays where it is.",
                type=["null", "string"],
                format="date-time",
            ),
            "accept_deletions": _param(
                False,
                "Accept deletions",
                "Mark records as deleted however many have vanished. Otherwise an entity of which too many are "
                "missing fails.",
                type="boolean",
            ),
            VERIFY_PARAM: _param(
                False,
                "Verify",
                "Read everything and compare it with staging, row by row, instead of syncing. "
                "Nothing is written; an entity that differs fails and says in what.",
                type="boolean",
            ),
        }
    )
