"""Reads the details of records that staging has: which ones a run asks about, and what Wrike answers."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Any, Final, Self

from wrike_provider.api.errors import WrikeBlockedError, WrikeError, WrikeNotFoundError, WrikeRequestError
from wrike_provider.api.parallel import gathered
from wrike_provider.api.records import Record, Records
from wrike_provider.entities.model import Details, Entity
from wrike_provider.entities.requests import Window, parameters
from wrike_provider.hooks.wrike import WrikeHook
from wrike_provider.operators.refusals import Refusals

log = logging.getLogger(__name__)

PROBES: Final = 3
"""When the first answer is a refusal, as many records are asked about one by one; without an answer it is of all."""
MOST_IN_A_ROW: Final = 20
"""As many records may be refused one after the other; then a batch that is refused is not halved: it costs too much."""
FORBIDDEN_CODE: Final = "access_forbidden"
"""Wrike's code where a record may be forbidden; others mean the plan or the path (Wrike API v4, "Errors")."""
GONE: Final = "~"
"""Stands before the id of a record that is gone, in a mark: after all ids of records that are there."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far details have been read; what the state of the entity's asset remembers.

    :param until: records written to staging up to then have been asked about.
    :param within: of those written at that very time only the ones up to this id; empty: all.
    :param turn: the last one of those that were asked about by turns.
    """

    until: datetime | None = None
    turn: str = ""
    within: str = ""

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read the state.

        :param state: what :meth:`as_state` made, and more.
        """
        until = state.get("until")
        return cls(
            datetime.fromisoformat(until) if isinstance(until, str) else None,
            str(state.get("turn") or ""),
            str(state.get("within") or ""),
        )

    def as_state(self) -> dict[str, str | None]:
        """For the state."""
        return {"until": self.until.isoformat() if self.until else None, "turn": self.turn, "within": self.within}

    def passes(self, key: str, written: datetime) -> bool:
        """Whether a record has been asked about since it was written.

        :param key: its id.
        :param written: when it was written to staging.
        """
        if self.until is None or written > self.until:
            return False
        return written < self.until or not self.within or key <= self.within


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
    :param gone: ids that Wrike did not know the last time. They have their turn last, and one at a time: they let Wrike
        refuse the others of a request.
    """
    due = sorted(key for key, at in written.items() if not mark.passes(key, at))
    others = sorted(written.keys() - set(due) - gone)
    if not due:
        others += sorted(GONE + key for key in gone & written.keys())
    until = max(written.values(), default=mark.until)
    if details.most is not None and len(due) > details.most:
        # The oldest.
        first = sorted(due, key=lambda key: (written[key], key))[: details.most]
        return Question(tuple(first), Mark(written[first[-1]], mark.turn, first[-1]))
    # A request that is made anyway is filled up.
    room = -len(due) % details.batch + budget * details.batch
    after = [key for key in others if key > mark.turn]
    turn = (after + others[: len(others) - len(after)])[:room]
    if details.batch > 1:
        turn = list(takewhile(lambda key: not key.startswith(GONE), turn)) or turn[:1]
    ids = (key.removeprefix(GONE) for key in turn)
    return Question((*due, *ids), Mark(until, turn[-1] if turn else mark.turn))


@dataclass(slots=True)
class DetailReading:
    """Asks Wrike about records.

    :param hook: the team's hook.
    :param entity: the entity whose records are details.
    :param details: how its endpoint is asked.
    :param refused: optional fields that are known to be refused.
    :param refusals: those, and what Wrike refuses beyond them.
    :param unanswered: ids of records that Wrike says nothing about, for the moment or to this user.
    """

    hook: WrikeHook
    entity: Entity
    details: Details
    refused: InitVar[Iterable[str]] = ()
    refusals: Refusals = field(init=False)
    unanswered: set[str] = field(default_factory=set)
    _known: Sequence[str] = ()
    _answered: bool = False
    _in_a_row: int = 0

    def __post_init__(self, refused: Iterable[str]) -> None:
        self.refusals = Refusals(self.entity, set(refused))

    def about(self, ids: Sequence[str], known: Sequence[str]) -> Iterator[Records]:
        """Read the details of records.

        :param ids: their ids.
        :param known: ids of all records that there are. Some are asked about when Wrike refuses those that come first.
        :raises WrikeBlockedError: Wrike gives none at all.
        :raises WrikeError: a request failed.
        """
        self._known = known
        batches = range(0, len(ids), self.details.batch)
        yield from gathered(
            deque(self._batch(ids[start : start + self.details.batch]) for start in batches), first_alone=True
        )

    def _batch(self, ids: Sequence[str]) -> Iterator[Records]:
        try:
            answered = self._ask(ids)
        except WrikeNotFoundError as error:
            if len(ids) == 1:
                log.info("%s: Wrike does not know %s any more. %s", self.entity.name, ids[0], error)
                return
        except (WrikeBlockedError, WrikeRequestError) as error:
            self._doubt(ids, error)
            self._in_a_row += len(ids) == 1
            if len(ids) == 1 or self._in_a_row > MOST_IN_A_ROW:
                log.warning("%s: %s", self.entity.name, error)
                self.unanswered.update(ids)
                return
        else:
            if (records := self._records(ids, answered)) is not None:
                yield records
                return
            for one in ids:
                yield from self._batch([one])
            return
        # One that is gone, or not shared, lets Wrike refuse all, with one code or another (Wrike API v4,
        # "Response codes").
        half = len(ids) // 2
        yield from self._batch(ids[:half])
        yield from self._batch(ids[half:])

    def _ask(self, ids: Sequence[str]) -> Records:
        params = parameters(self.entity, Window(), without=self.refusals.without)
        try:
            answered = self.hook.client.get(self.entity.path.format(ids=",".join(ids)), params)
        except (WrikeBlockedError, WrikeRequestError) as error:
            named = self.refusals.named(error)
            guess = set() if named or self._answered else self.refusals.restricted
            if not named | guess:
                # Rather a record is why.
                raise
            log.warning("%s Asking again without %s.", error, ", ".join(sorted(named | guess)))
            self.refusals.without |= named | guess
            try:
                return self._ask(ids)
            except WrikeError:
                # It was not for them.
                self.refusals.without -= guess
                raise
        self._answered = True
        self._in_a_row = 0
        return answered.data

    def _doubt(self, ids: Sequence[str], error: WrikeError) -> None:
        """Raise a refusal that is one of the endpoint, not of the records."""
        if self._answered:
            return
        granted = self.hook.scopes
        out_of_scope = granted is not None and granted.isdisjoint(self.entity.scopes)
        if isinstance(error, WrikeBlockedError) and (out_of_scope or error.code != FORBIDDEN_CODE):
            raise error
        if not any(map(self._is_answered, self._others(ids))):
            raise error

    def _others(self, ids: Sequence[str]) -> list[str]:
        """Some single records by which it is found out whether the endpoint answers at all."""
        ends = (ids[0], ids[-1]) if len(ids) > 1 else ()
        spread = self._known[:: max(1, len(self._known) // PROBES)]
        return [key for key in dict.fromkeys((*ends, *spread)) if [key] != list(ids)][:PROBES]

    def _is_answered(self, key: str) -> bool:
        try:
            self._ask([key])
        except (WrikeBlockedError, WrikeNotFoundError, WrikeRequestError):
            return False
        return True

    def _records(self, ids: Sequence[str], answered: Records) -> Records | None:
        """The records of an answer; None: it does not tell about which of the ids they are."""
        details = self.details
        if details.several:
            return [{details.about: ids[0], **record} for record in answered]
        if not details.gathered:
            return answered
        by_id: dict[str, list[Record]] = {key: [] for key in ids}
        for record in answered:
            about = record.get(details.about) if details.about else None
            if about is None and len(ids) > 1:
                return None
            by_id.setdefault(ids[0] if about is None else str(about), []).append(record)
        return [{self.entity.key.path: key, details.gathered: records} for key, records in by_id.items() if records]
