"""What goes wrong on purpose."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """A failure for requests that match.

    :param path: regular expression for the path below the API's base, or ``/oauth2/token``.
    :param kind: ``status``, ``reset`` (connection closed without an answer), ``truncate`` (half of the answer); at
        ``/oauth2/token`` also ``lost`` (done, but the answer does not arrive) and ``hold`` (done, and answered).
    :param status: HTTP status of kind ``status``.
    :param code: Wrike's error code.
    :param headers: headers of the answer, e.g. Retry-After.
    :param times: how many requests still fail; -1: all.
    :param skip: how many matching requests go well before.
    :param seconds: for how long ``/oauth2/token`` keeps its answer back.
    """

    path: str
    kind: str = "status"
    status: int = 500
    code: str = "server_error"
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1
    skip: int = 0
    seconds: float = 0


@dataclass(slots=True)
class Faults:
    """All failures that are waiting.

    :param waiting: the failures.
    :param empty_last_page: whether page tokens lead to one more, empty page whose own token is refused.
    :param touch_between_pages: whether a record that was delivered changes while the next page is asked for.
    :param hostless_tokens: whether ``/oauth2/token`` leaves the account's host out.
    """

    waiting: list[Fault] = field(default_factory=list)
    empty_last_page: bool = False
    touch_between_pages: bool = False
    hostless_tokens: bool = False

    def due(self, path: str) -> Fault | None:
        """Take the failure that a request meets.

        :param path: path of the request below the API's base.
        """
        for fault in self.waiting:
            if fault.times == 0 or not re.fullmatch(fault.path, path):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.times > 0:
                fault.times -= 1
            return fault
        return None
