"""Wrike's request limit, kept by all processes together.

400 requests a minute per token or address, evaluated about per second (Wrike API v4, "Errors" and "FAQ"). Requests are
therefore spaced evenly: a minute's worth at once would be refused. A request takes the next free turn and sleeps until
it comes, so that nobody asks again and again, nobody is overtaken, and it is known beforehand how long the wait is.
How fine Wrike looks it does not say, and others may use the same token: a refusal makes turns wider for a while.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from wrike_provider.api.errors import WrikeLimiterError, WrikeLimiterUnavailableError

if TYPE_CHECKING:
    from redis import Redis
    from redis.commands.core import Script

T = TypeVar("T")
Sign = Callable[[PreparedRequest], PreparedRequest]

SPACING_MS = 151
"""Milliseconds between two requests: 397 a minute. Of seven, the most that fit into a second, each may be 57 late."""
WIDEST_MS: Final = 300
"""Milliseconds between two requests at the most, after many refusals."""
_WIDER: Final = 1.125
_WIDER_FOR_S: Final = 600
_REFUSED_AT_ONCE_S: Final = 1.0
"""Refusals within so many seconds have one reason, and count once."""
LONGEST_WAIT_S = 300
"""A request whose turn would come later than that is not made, seconds."""
LATEST_S = 0.25
"""A turn that has been over for so many seconds is not used: those who come late together would fill a second."""
_TURNS: Final = 5
"""Turns that are taken at the most: a request whose turns are all missed is sent, and Wrike decides."""
_BUSY_S: Final = 30
_KEY: Final = "wrike:turn:"
_PACE: Final = ":spacing"


class Turns(Protocol):
    """Gives turns, at least :data:`SPACING_MS` apart, to all processes that share it. Safe for several threads."""

    def refused(self, limit: str) -> None:
        """Note that Wrike has refused a request as one too many: for ten minutes turns are an eighth further apart.

        :param limit: whose limit it is.
        :raises WrikeError: turns cannot be had.
        """

    def take(self, limit: str) -> float | None:
        """Take the next free turn.

        :param limit: whose limit it is, e.g. ``token:...`` or ``address:...``.
        :returns: seconds until the turn; None: that would be more than :data:`LONGEST_WAIT_S`, and none was taken.
        :raises WrikeError: turns cannot be had.
        """


class LocalTurns:
    """Turns for the processes of one host, in an SQLite file.

    :param folder: where the file lies; made when missing.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "turns.sqlite"
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    def take(self, limit: str) -> float | None:
        """Take the next free turn.

        :param limit: whose limit it is.
        :returns: seconds until the turn; None: too far away, and none was taken.
        :raises WrikeLimiterUnavailableError: the file cannot be used.
        """
        return self._done(self._take, limit)

    def refused(self, limit: str) -> None:
        """Note that Wrike has refused a request as one too many.

        :param limit: whose limit it is.
        :raises WrikeLimiterUnavailableError: the file cannot be used.
        """
        self._done(self._widen, limit)

    def _done(self, do: Callable[[sqlite3.Connection, str], T], limit: str) -> T:
        try:
            with self._lock:
                try:
                    return do(self._opened(), limit)
                except sqlite3.OperationalError:
                    raise
                except sqlite3.DatabaseError:
                    # The host went down while it was written. What turns were taken then means nothing any more.
                    self._remove()
                    return do(self._opened(), limit)
        except (OSError, sqlite3.Error) as error:
            raise WrikeLimiterUnavailableError(
                f"No request is sent without the limiter, and its file {self._file} cannot be used: {error}."
            ) from None

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = self._open()
        return self._database

    def _remove(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
        self._file.unlink(missing_ok=True)

    def _open(self) -> sqlite3.Connection:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self._file, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        # Nobody waits for the disk: a turn is over in less time than a host needs to start again.
        database.execute("PRAGMA synchronous = OFF")
        # Who begins so waits for the others. To change to SQLite's other journal, or to write after reading, does not.
        database.execute("BEGIN IMMEDIATE")
        with database:
            database.execute("CREATE TABLE IF NOT EXISTS turns (name TEXT PRIMARY KEY, free_at REAL NOT NULL)")
            database.execute("CREATE TABLE IF NOT EXISTS refusals (name TEXT PRIMARY KEY, at REAL, spacing_ms REAL)")
        return database

    def _take(self, database: sqlite3.Connection, limit: str) -> float | None:
        database.execute("BEGIN IMMEDIATE")
        with database:
            # Read when the turn is ours: whoever waited for the file would come with a time that is over.
            now = time.time()
            found = database.execute("SELECT free_at FROM turns WHERE name = ?", (limit,)).fetchone()
            turn = max(now, found[0]) if found else now
            if turn - now > 2 * LONGEST_WAIT_S:
                # So far away that nobody can have taken it: the host's clock was set back.
                turn = now
            if turn - now > LONGEST_WAIT_S:
                return None
            _, spacing = self._spacing(database, limit, now)
            database.execute("REPLACE INTO turns VALUES (?, ?)", (limit, turn + spacing / 1000))
            return float(turn - now)

    def _widen(self, database: sqlite3.Connection, limit: str) -> None:
        database.execute("BEGIN IMMEDIATE")
        with database:
            now = time.time()
            at, spacing = self._spacing(database, limit, now)
            if now - at > _REFUSED_AT_ONCE_S:
                wider = min(spacing * _WIDER, WIDEST_MS)
                database.execute("REPLACE INTO refusals VALUES (?, ?, ?)", (limit, now, wider))

    @staticmethod
    def _spacing(database: sqlite3.Connection, limit: str, now: float) -> tuple[float, float]:
        """When turns were made wider, seconds, and milliseconds between them now."""
        found = database.execute("SELECT at, spacing_ms FROM refusals WHERE name = ?", (limit,)).fetchone()
        if not found or not 0 <= now - found[0] < _WIDER_FOR_S:
            return 0, SPACING_MS
        return found[0], found[1]


class RedisTurns:
    """Turns for all machines that use one Redis.

    A key lives until the next turn is free. So the only clock is the one of Redis, and nothing is left behind. Its
    script runs as a whole: pyrate-limiter's ``RedisBucket`` brings the caller's own time along, and lets two callers
    through at once whose times cross.

    :param redis: client of the Redis.
    :param name: what to call it in messages, e.g. the id of the Connection.
    """

    _SCRIPT: Final = """
    local wait = math.max(redis.call('PTTL', KEYS[1]), 0)
    if wait > tonumber(ARGV[2]) then return -1 end
    local spacing = redis.call('GET', KEYS[2]) or ARGV[1]
    redis.call('SET', KEYS[1], '', 'PX', math.floor(wait + spacing))
    return wait
    """
    _WIDEN: Final = """
    local lasts = tonumber(ARGV[4])
    if redis.call('PTTL', KEYS[1]) > lasts - ARGV[5] then return 0 end
    local spacing = redis.call('GET', KEYS[1]) or ARGV[1]
    redis.call('SET', KEYS[1], math.min(spacing * ARGV[2], ARGV[3]), 'PX', lasts)
    return 1
    """

    def __init__(self, redis: Redis, name: str) -> None:
        self._name = name
        self._script = redis.register_script(self._SCRIPT)
        self._widen = redis.register_script(self._WIDEN)

    def take(self, limit: str) -> float | None:
        """Take the next free turn.

        :param limit: whose limit it is.
        :returns: seconds until the turn; None: too far away, and none was taken.
        :raises WrikeLimiterUnavailableError: Redis does not answer.
        :raises WrikeLimiterError: Redis does not let us in, or does not run the script.
        """
        wait = self._run(self._script, [f"{_KEY}{limit}", f"{_KEY}{limit}{_PACE}"], [SPACING_MS, LONGEST_WAIT_S * 1000])
        return None if wait < 0 else wait / 1000

    def refused(self, limit: str) -> None:
        """Note that Wrike has refused a request as one too many.

        :param limit: whose limit it is.
        :raises WrikeLimiterUnavailableError: Redis does not answer.
        :raises WrikeLimiterError: Redis does not let us in, or does not run the script.
        """
        numbers = [SPACING_MS, _WIDER, WIDEST_MS, _WIDER_FOR_S * 1000, _REFUSED_AT_ONCE_S * 1000]
        self._run(self._widen, [f"{_KEY}{limit}{_PACE}"], numbers)

    def _run(self, script: Script, keys: list[str], numbers: list[float]) -> int:
        from redis import exceptions

        try:
            return int(script(keys=keys, args=numbers))
        except (exceptions.AuthenticationError, exceptions.NoPermissionError) as error:
            raise WrikeLimiterError(
                f"The Redis of the request limiter refuses us: {error}. Correct login and password of {self._name}; "
                f"the user needs the commands EVALSHA, SCRIPT LOAD, PTTL, GET, SET and SELECT, and keys {_KEY}*."
            ) from None
        except exceptions.RedisError as error:
            raise WrikeLimiterUnavailableError(
                f"No request is sent without the limiter, and its Redis ({self._name}) cannot be used: {error}"
            ) from None


class SigningAdapter(HTTPAdapter):
    """Signs a request when it is sent."""

    def __init__(self, *, sign: Sign, **options: Any) -> None:
        super().__init__(**options)
        self._sign = sign

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """Sign and send.

        :param request: the request.
        """
        return super().send(self._sign(request), *args, **options)


class LimitedAdapter(SigningAdapter):
    """Waits its turn, then signs, then sends: a token may end while a request waits.

    :param turns: where turns are taken.
    :param limits: the limits that a request counts for. The one with the longest queue comes first: whoever waits for
        it has not yet taken a turn of the others.
    :param sign: signs a request.
    """

    def __init__(self, *, turns: Turns, limits: Sequence[str], sign: Sign, **options: Any) -> None:
        super().__init__(sign=sign, **options)
        self._turns = turns
        self._limits = tuple(limits)

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """Wait, sign and send.

        :param request: the request.
        :raises WrikeLimiterUnavailableError: the limiter cannot be used, or too many wait already.
        """
        for _ in range(_TURNS):
            # A new token takes its time. All who wait for it would come with turns that are over, at once.
            self._sign(request)
            turn = self._wait()
            self._sign(request)
            if time.monotonic() <= turn + LATEST_S:
                break
        response = HTTPAdapter.send(self, request, *args, **options)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            for limit in self._limits:
                self._turns.refused(limit)
        return response

    def _wait(self) -> float:
        """Wait for a turn; return when it was, by the monotonic clock, seconds."""
        turn = time.monotonic()
        for limit in self._limits:
            wait = self._turns.take(limit)
            if wait is None:
                raise WrikeLimiterUnavailableError(
                    f"More requests wait for Wrike's limit of {limit.partition(':')[0]} than can be made in "
                    f"{LONGEST_WAIT_S} s. Let fewer tasks run at once (pool), or spread the schedules."
                )
            turn = time.monotonic() + wait
            time.sleep(wait)
        return turn
