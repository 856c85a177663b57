"""What the first and the last records of a list tell of all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from wrike_provider.api.client import Page
from wrike_provider.api.records import Records, values
from wrike_provider.entities.requests import Window, wrike_instant
from wrike_provider.operators.part import CLOCKS, times_of
from wrike_provider.operators.parts import count_of, equal


@dataclass(frozen=True, slots=True)
class Ends:
    """The ends of a list.

    :param since: when the last one of the first records changed; others of that second may follow.
    :param until: a second after the first one of the last records changed.
    :param page: records a page.
    :param total: records of the list, as Wrike counted them with either.
    :param outside: ids of those that came with a time which is not from `since` to `until`.
    :param began: when it answered first.
    :param settled: what is older was there by then, whatever clock tells.
    """

    since: datetime
    until: datetime
    page: int
    total: int
    outside: frozenset[Any]
    began: str
    settled: str

    @classmethod
    def of(
        cls, first: Records, last: Records, answers: tuple[Page, Page], changed_by: str, page: int | None
    ) -> Self | None:
        """See what the ends tell.

        :param first: the first records, in order.
        :param last: the last records, latest change first.
        :param answers: the answers that held them.
        :param changed_by: the records' field with their time of change.
        :param page: records a page; None: the list has none.
        :returns: the ends; None: these records are not what they should be.
        """
        before, after = times_of(first, changed_by), times_of(last, changed_by)
        # Where the order is not minded, all of them can be of one second.
        if (
            not page
            or not before
            or before != sorted(before)
            or not before[0]
            or not after
            or after != sorted(after, reverse=True)
            or after[-1] < before[-1]
            or after[0] == before[0]
        ):
            return None
        until = datetime.fromisoformat(after[-1]) + timedelta(seconds=1)
        told = [answer.answered_at for answer in answers if answer.answered_at]
        answered = min(told) if len(told) == len(answers) else None
        # Of one second it is not known which came first: that something is looked for in vain is better than that what
        # was made or deleted between them stands for what is lacking.
        total = max(answer.total or 0 for answer in answers if answered in {answer.answered_at, None})
        began = wrike_instant(answered) if answered else ""
        outside = {id_ for id_, time in zip(values(first, "id"), before, strict=True) if time < before[-1]}
        settled = wrike_instant(answered - CLOCKS) if answered else ""
        outside |= {
            id_
            for id_, made, time in zip(values(last, "id"), times_of(last, "createdDate"), after, strict=True)
            if wrike_instant(until) <= time < began and (time < settled or "" < made < settled)
        }
        since = datetime.fromisoformat(before[-1])
        return cls(since, until, page, total, frozenset(outside), began, settled)

    @property
    def divisible(self) -> bool:
        """Whether it is worth it to divide what lies between them."""
        return count_of(self.total, self.page) > 1

    def between(self, until: datetime | None) -> list[Window]:
        """Divide what lies between the ends into parts of equal time.

        :param until: where it ends at the latest.
        """
        # A second at the least, though all of it is of just now: Wrike refuses a window that ends before it begins.
        end = max(min(self.until, until or self.until), self.since + timedelta(seconds=1))
        count = count_of(self.total - len(self.outside), self.page)
        return equal(self.since, end, end, count) or [Window(self.since, end)]

    def strangers(self, page: Records, changed_by: str) -> set[Any]:
        """Ids of records that are older than the answers, have changed since, and did not come with the ends.

        Not all of them need have been in the list: some may have been in the recycle bin, or not shared.

        :param page: records.
        :param changed_by: the records' field with their time of change.
        """
        known = zip(values(page, "id"), times_of(page, "createdDate"), times_of(page, changed_by), strict=True)
        return {
            id_ for id_, made, changed in known if "" < made < self.settled and self.began <= changed
        } - self.outside

    def all_came(self, inside: int | None, elsewhere: int = 0) -> bool:
        """Whether all has come that was there when Wrike first answered, unless records appeared among older ones.

        :param inside: how many different records came from `since` to `until`, unchanged since then; None: who knows.
        :param elsewhere: how many others came, because they had changed since then.
        """
        return inside is not None and len(self.outside) + inside + elsewhere >= self.total
