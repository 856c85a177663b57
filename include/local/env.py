"""The file .env of docker-compose.yaml: a fresh random key or password for everything that needs one.

`python -m include.local.env` (`make env`) needs nothing but Python. What the file says already stays as it is; what is
missing in it is added. With `--overwrite` every secret is made anew.
"""

import argparse
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

from include.local.private import fernet_key, write_private

FILE = Path(__file__).parents[2] / ".env"


def _word() -> str:
    # Letters, digits, - and _ only: the words become parts of URLs and of JSON.
    return secrets.token_urlsafe(32)


SECRETS: dict[str, tuple[str, Callable[[], str]]] = {
    "AIRFLOW_FERNET_KEY": ("Encrypts Connections and Variables in Airflow's database. Keep a copy of it.", fernet_key),
    "AIRFLOW_JWT_SECRET": ("Signs the tokens of users and tasks.", lambda: secrets.token_urlsafe(64)),
    "AIRFLOW_API_SECRET_KEY": ("Signs sessions, and requests for logs of workers.", _word),
    "AIRFLOW_ADMIN_PASSWORD": ("Password of the Airflow user admin at the first start.", _word),
    "METADATA_DB_PASSWORD": ("Of Airflow's own database.", _word),
    "STAGING_DB_ADMIN_PASSWORD": ("Of the administrator of the staging database.", _word),
    "STAGING_DB_PASSWORD": ("Of the role that writes the staging tables.", _word),
    "REDIS_PASSWORD": ("Of the queue of tasks.", _word),
}
"""Every secret of docker-compose.yaml: what it is for, and what makes a fresh one."""


def known(text: str) -> dict[str, str]:
    """Return the variables that the text of an .env file sets to something, as Docker Compose reads it."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.lstrip().startswith("#"))
    return {_name(name): found for name, _, value in pairs if (found := value.strip().strip("'\""))}


def complete(text: str, overwrite: bool = False) -> tuple[str, list[str]]:
    """Give every secret a value in the text of an .env file.

    Args:
        text: what the file says; other variables in it stay as they are
        overwrite: make those anew that have a value, too

    Returns:
        the new text, and the names of the secrets that were made
    """
    there = known(text)
    made = [name for name in SECRETS if overwrite or name not in there]
    kept = [line for line in text.splitlines() if _name(line.partition("=")[0]) not in made]
    for name in made:
        purpose, fresh = SECRETS[name]
        if f"# {purpose}" in kept:
            kept.insert(kept.index(f"# {purpose}") + 1, f"{name}={fresh()}")
        else:
            kept += [f"# {purpose}", f"{name}={fresh()}"]
    return "\n".join(kept) + "\n", made


def _name(text: str) -> str:
    return text.strip().removeprefix("export ").strip()


def main() -> None:
    """Write the file, and say what was done, but no secret; raises SystemExit with a message when it cannot."""
    parser = argparse.ArgumentParser(prog="make env", description=__doc__)
    parser.add_argument("--file", type=Path, default=FILE, help="the file (default: .env of this checkout)")
    parser.add_argument("--overwrite", action="store_true", help="make every secret anew")
    options = parser.parse_args()
    try:
        old = options.file.read_text() if options.file.exists() else ""
        new, made = complete(old, options.overwrite)
        if made:
            write_private(options.file, new)
        options.file.chmod(0o600)
    except OSError as error:
        raise SystemExit(f"{options.file} cannot be written: {error.strerror}.") from error
    if not made:
        done = f"{options.file} has everything and stays as it is."
    elif old:
        done = f"{options.file}: made {', '.join(made)}; the rest stays as it was."
    else:
        done = f"{options.file} was made, with {len(made)} fresh secrets. Only you may read it."
    sys.stdout.write(f"{done}\n")


if __name__ == "__main__":
    main()
