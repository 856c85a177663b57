"""Where a request gets its token from."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from wrike_provider.api.errors import WrikeAuthorizationError
from wrike_provider.auth.credentials import fingerprint


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token.

    :param value: the token.
    :param good_until: until when it can be used, by this process's monotonic clock, seconds.
    :param host: host of the account's data centre; empty: the one that is known already.
    """

    value: str = field(repr=False)
    good_until: float
    host: str = ""

    @classmethod
    def lasting(cls, value: str, seconds: float, host: str = "") -> AccessToken:
        """Take a token that can be used for some time from now on.

        :param value: the token.
        :param seconds: for how long.
        :param host: host of the account's data centre; empty: the one that is known already.
        """
        return cls(value, time.monotonic() + seconds, host)

    @property
    def ended(self) -> bool:
        """Whether it is to be replaced."""
        return time.monotonic() >= self.good_until


class TokenSource(Protocol):
    """Gives tokens to sign with."""

    def value(self) -> str:
        """Give a token that can be used now.

        :raises WrikeError: there is none.
        """

    def replace(self, failed: str) -> bool:
        """Get another token because Wrike has refused one.

        :param failed: the token that was refused.
        :returns: whether there is another one.
        :raises WrikeError: none can be had.
        """


class FixedToken:
    """One token for as long as it works: a permanent one, or one that nobody can refresh.

    :param token: the token.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def value(self) -> str:
        """Give the token."""
        return self._token

    def replace(self, failed: str) -> bool:  # noqa: ARG002
        """There is no other one.

        :param failed: the token that was refused.
        """
        return False


class BrokeredToken:
    """Tokens that somebody else refreshes. Safe to use from several threads.

    :param ask: asks for a token that can be used, given the fingerprint of one that was refused, or None.
    :param current: the token to begin with; it may have ended.
    """

    def __init__(self, ask: Callable[[str | None], AccessToken], current: AccessToken) -> None:
        self._ask = ask
        self._current = current
        self._lock = threading.Lock()

    def value(self) -> str:
        """Give a token that can be used now.

        :raises WrikeError: there is none.
        """
        with self._lock:
            if self._current.ended:
                self._current = self._ask(None)
            return self._current.value

    def replace(self, failed: str) -> bool:
        """Ask for another token, unless another thread has done so already.

        :param failed: the token that was refused.
        :raises WrikeError: none can be had.
        """
        with self._lock:
            if self._current.value == failed:
                self._current = self._ask(fingerprint(failed))
            if self._current.value == failed:
                raise WrikeAuthorizationError("The API server has no other token than the one that Wrike refuses.")
            return True
