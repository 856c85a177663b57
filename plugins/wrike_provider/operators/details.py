"""Reads the details of records that staging has: which ones a run asks about, and what Wrike answers."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from wrike_provider.api.client import Record
from wrike_provider.api.errors import WrikeBlockedError, WrikeError, WrikeNotFoundError, WrikeRequestError
from wrike_provider.api.parallel import gathered
from wrike_provider.entities.model import Details, Entity
from wrike_provider.entities.requests import Window, parameters
from wrike_provider.hooks.wrike import WrikeHook

log = logging.getLogger(__name__)

REFUSALS: Final = 5
"""As many records may be refused before any is answered about; then it is the request that is refused."""
FORBIDDEN: Final = 2
"""As many requests may be forbidden before any is answered; then it is the endpoint that is forbidden."""
FORBIDDEN_CODE: Final = "access_forbidden"
"""Wrike's code where a record may be forbidden; others mean the plan or the path (Wrike API v4, "Errors")."""
MOST_REFUSED: Final = 20
"""When more records are refused, what is refused is not halved any more: that costs many requests."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far details have been read; what the state of the entity's asset remembers.

    :param until: records written to staging up to then have been asked about.
    :param turn: the last one of those that were asked about by turns.
    """

    until: datetime | None = None
    turn: str = ""

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read the state.

        :param state: what :meth:`as_state` made, and more.
        """
        until = state.get("until")
        return cls(datetime.fromisoformat(until) if isinstance(until, str) else None, str(state.get("turn") or ""))

    def as_state(self) -> dict[str, str | None]:
        """For the state."""
        return {"until": self.until.isoformat() if self.until else None, "turn": self.turn}


@dataclass(frozen=True, slots=True)
class Question:
    """Which records to ask about.

    :param ids: ids, those by turns last.
    :param mark: where the next run goes on.
    """

    ids: tuple[str, ...]
    mark: Mark


def question(
    written: Mapping[str, datetime], mark: Mark, details: Details, budget: int, gone: Set[str] = frozenset()
) -> Question:
    """Choose the records to ask about: the new and changed ones, and some of the others by turns.

    :param written: when each record that there is was last written to staging, by id.
    :param mark: how far details have been read.
    :param details: how the endpoint is asked.
    :param budget: requests to spend on the others.
    :param gone: ids that Wrike does not know any more, unless their records are new or changed.
    """
    due = sorted(key for key, at in written.items() if mark.until is None or at > mark.until)
    others = sorted(written.keys() - set(due) - gone)
    until = max(written.values(), default=mark.until)
    if details.most is not None and len(due) > details.most:
        # The oldest; those that were written at one time belong together, since the mark is a time.
        until = sorted(written[key] for key in due)[details.most - 1]
        return Question(tuple(key for key in due if written[key] <= until), Mark(until, mark.turn))
    # A request that is made anyway is filled up.
    room = -len(due) % details.batch + budget * details.batch
    after = [key for key in others if key > mark.turn]
    turn = (after + others[: len(others) - len(after)])[:room]
    return Question((*due, *turn), Mark(until, turn[-1] if turn else mark.turn))


@dataclass(slots=True)
class DetailReading:
    """Asks Wrike about records.

    :param hook: the team's hook.
    :param entity: the entity whose records are details.
    :param details: how its endpoint is asked.
    :param unanswered: ids of records that Wrike says nothing about, for the moment or to this user.
    """

    hook: WrikeHook
    entity: Entity
    details: Details
    unanswered: set[str] = field(default_factory=set)
    _answered: bool = False
    _forbidden: int = 0
    _refusal: WrikeError | None = None

    def about(self, ids: Sequence[str]) -> Iterator[list[Record]]:
        """Read the details of records.

        :param ids: their ids.
        :raises WrikeBlockedError: Wrike gives none at all.
        :raises WrikeError: a request failed.
        """
        batches = range(0, len(ids), self.details.batch)
        yield from gathered(
            deque(self._asked((ids[start : start + self.details.batch],)) for start in batches), first_alone=True
        )
        if self._refusal is not None and not self._answered:
            raise self._refusal

    def _asked(self, parts: Iterable[Sequence[str]]) -> Iterator[list[Record]]:
        """Ask about ids, a request a part.

        One that is gone, or not shared, lets Wrike refuse all of a part, with one code or another (Wrike API v4,
        "Response codes"). What is refused is halved when all parts have been asked: then it is known whether it is the
        endpoint that is refused.
        """
        refused = []
        for ids in parts:
            path = self.entity.path.format(ids=",".join(ids))
            try:
                answered = self.hook.client.get(path, parameters(self.entity, Window())).data
            except (WrikeBlockedError, WrikeNotFoundError, WrikeRequestError) as error:
                if self._worth_halving(ids, error):
                    refused.append(ids)
                continue
            self._answered = True
            yield self._records(ids, answered)
        for ids in refused:
            half = len(ids) // 2
            yield from self._asked((ids[:half], ids[half:]))

    def _worth_halving(self, ids: Sequence[str], error: WrikeError) -> bool:
        """Note that ids are refused; raise the error when it is the endpoint that is."""
        if isinstance(error, WrikeBlockedError):
            self._forbidden += 1
            granted = self.hook.scopes
            out_of_scope = granted is not None and granted.isdisjoint(self.entity.scopes)
            of_all = out_of_scope or error.code != FORBIDDEN_CODE or self._forbidden > FORBIDDEN
            if of_all and not self._answered:
                raise error
        unknown = isinstance(error, WrikeNotFoundError)
        if len(ids) > 1 and (unknown or len(self.unanswered) <= MOST_REFUSED):
            return True
        if unknown:
            log.info("%s: Wrike does not know %s any more. %s", self.entity.name, ids[0], error)
            return False
        log.warning("%s: %s", self.entity.name, error)
        self.unanswered.update(ids)
        if not self._answered and len(self.unanswered) > REFUSALS:
            raise error
        self._refusal = error
        return False

    def _records(self, ids: Sequence[str], answered: list[Record]) -> list[Record]:
        details = self.details
        if details.several:
            return [{details.about: ids[0], **record} for record in answered]
        if not details.gathered:
            return answered
        by_id: dict[str, list[Record]] = {key: [] for key in ids}
        for record in answered:
            about = record.get(details.about) if details.about else ids[0]
            by_id.setdefault(str(about), []).append(record)
        return [{self.entity.key.path: key, details.gathered: records} for key, records in by_id.items() if records]
