"""What Airflow needs before it starts: its database's tables, the administrator, the pool. Run before every start.

What is there already is left alone, so that a password or a pool that somebody has changed stays changed. Environment:
`AIRFLOW_ADMIN_PASSWORD`, `WRIKE_POOL_SLOTS`.
"""

import os

ADMIN = "admin"
POOL = "wrike"


def _migrate() -> None:
    from airflow.cli.cli_parser import get_parser

    command = get_parser().parse_args(["db", "migrate"])
    command.func(command)


def _make_administrator(password: str) -> None:
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        users = builder.sm
        if users.find_user(ADMIN) is not None:
            return
        if not users.add_user(
            ADMIN, "Airflow", "Administrator", f"{ADMIN}@localhost", users.find_role("Admin"), password
        ):
            raise SystemExit(f"The user {ADMIN} could not be made; the reason is above.")


def _make_pool(slots: int) -> None:
    from airflow.models.pool import Pool

    if Pool.get_pool(POOL) is None:
        Pool.create_or_update_pool(POOL, slots, "How many tasks of all teams run at once.", include_deferred=False)


def main() -> None:
    """Make what is missing; raises SystemExit when that fails."""
    try:
        password, slots = os.environ["AIRFLOW_ADMIN_PASSWORD"], int(os.environ["WRIKE_POOL_SLOTS"])
    except (KeyError, ValueError) as error:
        raise SystemExit(f"AIRFLOW_ADMIN_PASSWORD and WRIKE_POOL_SLOTS (a number) are needed: {error}") from error
    if not password:
        raise SystemExit("AIRFLOW_ADMIN_PASSWORD is empty.")
    _migrate()
    _make_administrator(password)
    _make_pool(slots)


if __name__ == "__main__":
    main()
