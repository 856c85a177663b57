"""Files that only their owner may read, and fresh keys for them. Only the standard library is used."""

import base64
import os
import secrets
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read; whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def fernet_key() -> str:
    """Return a fresh key for Airflow's encryption of Connections and Variables."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
