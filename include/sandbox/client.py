"""The sandbox from outside: starts it as a process of its own and speaks to its control routes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

CHECKOUT = Path(__file__).resolve().parents[2]
STOP_S = 10
_TIMEOUT_S = 60


class SandboxClient:
    """Control of a running sandbox.

    :param url: its address, e.g. ``http://127.0.0.1:8765``.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def accounts(self) -> dict[str, dict[str, Any]]:
        """Ids, application, users and permanent tokens of each account, by its key."""
        answer: dict[str, dict[str, Any]] = self._call("GET", "/accounts")
        return answer

    def token(self, account: str, role: str = "admin") -> str:
        """A permanent token.

        :param account: key of the account.
        :param role: ``admin`` or ``regular``.
        """
        return str(self.accounts()[account]["tokens"][role])

    def records(self, account: str, collection: str, *, trashed: bool = False) -> list[dict[str, Any]]:
        """All records of a collection with every key that its list endpoint can return.

        :param account: key of the account.
        :param collection: its name, e.g. ``contacts`` or ``timelogcategories``.
        :param trashed: those in the recycle bin instead of the others.
        """
        found = self._call("GET", f"/accounts/{account}/records/{collection}")
        return [record for record in found if str(record.get("scope", "Ws")).startswith("Rb") == trashed]

    def mutate(self, account: str, action: str, **arguments: Any) -> dict[str, Any]:
        """Change an account.

        :param account: key of the account.
        :param action: update, unset, touch, create, trash, restore, erase or remove.
        :param arguments: what the action takes.
        """
        answer: dict[str, Any] = self._call("POST", f"/accounts/{account}/mutations", {"action": action, **arguments})
        return answer

    def block(self, account: str, path: str, code: str | None = "not_allowed") -> None:
        """Let a path answer 403.

        :param account: key of the account.
        :param path: the path, e.g. ``/groups``.
        :param code: Wrike's error code; None opens the path again.
        """
        self._call("POST", f"/accounts/{account}/blocks", {path: code})

    def export(self, account: str, **change: Any) -> dict[str, Any]:
        """Change what becomes of data exports.

        :param account: key of the account.
        :param change: ``hold=True`` lets ``/data_export`` answer 202 until ``hold=False`` or :meth:`heal`,
            ``forget=True`` takes all exports back, ``new=True`` makes one at once, perhaps with a ``completedDate``,
            ``files`` (CSV by table), certain ``tables`` only, a ``failure`` (status), or files ``elsewhere`` (address
            of a server).
        :returns: the new one, if any.
        """
        answer: dict[str, Any] = self._call("POST", f"/accounts/{account}/exports", change)
        return answer

    def exported(self, account: str) -> dict[str, list[dict[str, str]]]:
        """Rows of the latest data export by table, every value as it was written; nothing when there is none.

        :param account: key of the account.
        """
        answer: dict[str, list[dict[str, str]]] = self._call("GET", f"/accounts/{account}/exports")
        return answer

    def requests(self) -> list[dict[str, Any]]:
        """The API requests since the last :meth:`forget_requests`: account, path, query, status, seconds."""
        answer: list[dict[str, Any]] = self._call("GET", "/requests")
        return answer

    def forget_requests(self) -> None:
        """Begin a new count."""
        self._call("DELETE", "/requests")

    def stats(self) -> dict[str, Any]:
        """Requests by status, refreshes, and presentations of dead refresh tokens."""
        answer: dict[str, Any] = self._call("GET", "/stats")
        return answer

    def fault(self, path: str, **fault: Any) -> None:
        """Let requests fail; see :class:`include.sandbox.faults.Fault`.

        :param path: regular expression for the path below the API's base.
        :param fault: the failure.
        """
        self._call("POST", "/faults", {"path": path, **fault})

    def switch(self, **switches: bool) -> None:
        """Set switches of :class:`include.sandbox.faults.Faults`.

        :param switches: ``empty_last_page``, ``touch_between_pages``, ``hostless_tokens``.
        """
        self._call("POST", "/faults", switches)

    def heal(self) -> None:
        """Take all failures and switches back."""
        self._call("DELETE", "/faults")

    def issued(self) -> list[str]:
        """Every code and token of the OAuth flow that was ever given."""
        return list(self._call("GET", "/tokens"))

    def tokens(self, **change: Any) -> None:
        """Change tokens.

        :param change: ``expire=True`` ends all access tokens, ``expire_codes=True`` all codes, ``revoke=ACCOUNT``
            takes its grants back, ``lifetime=SECONDS`` is for access tokens made from now on.
        """
        self._call("POST", "/tokens", change)

    def register_redirect_uri(self, uri: str) -> None:
        """Register a redirect URI.

        :param uri: the URI.
        """
        self._call("POST", "/redirect-uris", [uri])

    def forget_redirect_uris(self) -> None:
        """Take all registered redirect URIs back."""
        self._call("DELETE", "/redirect-uris")

    def consent(self, url: str, decision: str = "accept", user: str = "admin") -> str:
        """Do what a person does on the consent page.

        :param url: the page, as the application makes it.
        :param decision: ``accept`` or ``deny``.
        :param user: who logs in: ``owner``, ``admin`` or ``regular``.
        :returns: where the browser is sent to.
        """
        page = self._session.get(url, timeout=_TIMEOUT_S)
        page.raise_for_status()
        (ticket,) = re.findall(r'name="ticket" value="([^"]+)"', page.text)
        form = {"ticket": ticket, "decision": decision, "user": user}
        answer = self._session.post(page.url, data=form, allow_redirects=False, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        return answer.headers["Location"]

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        response = self._session.request(method, f"{self.url}/_sandbox{path}", json=body, timeout=_TIMEOUT_S)
        response.raise_for_status()
        return response.json()


@contextmanager
def running_sandbox(*arguments: str, port: int = 0) -> Iterator[SandboxClient]:
    """Run a sandbox for as long as the block lasts, and no longer than this process, however it ends.

    :param arguments: further arguments of ``python -m include.sandbox``.
    :param port: port to listen on; 0: any free one.
    :raises RuntimeError: it did not start.
    """
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "include.sandbox", "--port", str(port), "--until-end-of-input", *arguments],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line.startswith("sandbox ready "):
            raise RuntimeError(f"the sandbox did not start (exit status {process.poll()})")
        yield SandboxClient(line.split()[-1])
    finally:
        for pipe in filter(None, (process.stdin, process.stdout)):
            pipe.close()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
