"""Reads the records of one entity from Wrike, page by page; where they go is not its matter."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import InitVar, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from wrike_provider.api.errors import (
    WrikeBlockedError,
    WrikeMethodNotFoundError,
    WrikeNotFoundError,
    WrikeRequestError,
)
from wrike_provider.api.paging import Pages, Paging
from wrike_provider.api.records import Parse, Records
from wrike_provider.entities.model import Entity
from wrike_provider.entities.requests import Window, parameters
from wrike_provider.hooks.wrike import WrikeHook
from wrike_provider.operators.parts import count_of
from wrike_provider.operators.refusals import Refusals
from wrike_provider.operators.scan import changes, counted, spanned

log = logging.getLogger(__name__)

FOUNDED: Final = datetime(2006, 1, 1, tzinfo=UTC)
"""No record of Wrike is older; where the account does not tell its own age."""
LOOK: Final = 50
"""Records that are read to learn of what time the first or the last ones are."""


@dataclass(slots=True)
class Reading:
    """Reads an entity that has a list.

    :param hook: the team's hook.
    :param entity: the entity.
    :param bin_id: id of the account's recycle bin, None when it is not known.
    :param bin_since: since when what is in the bin has not been read; None: it has, up to the window.
    :param beginning: no record is older.
    :param expected: how many records there are, about; None: they have never been read.
    :param refused: what is optional and known to be refused.
    :param parse: parses answers that are as expected.
    :param refusals: what is, and what Wrike refuses beyond it.
    :param notes: what could not be read, for people.
    """

    hook: WrikeHook
    entity: Entity
    bin_id: str | None = None
    bin_since: datetime | None = None
    beginning: datetime = FOUNDED
    expected: int | None = None
    refused: InitVar[Iterable[str]] = ()
    parse: Parse | None = None
    refusals: Refusals = field(init=False)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self, refused: Iterable[str]) -> None:
        self.refusals = Refusals(self.entity, set(refused))

    def changed(self, changed_by: str, window: Window) -> Iterator[Records]:
        """Read what changed in a window, and what of it is in the recycle bin.

        :param changed_by: the records' field with their time of change.
        :param window: span of change time.
        :raises WrikeError: a request failed.
        """
        read = partial(self._list, self.entity.path)
        if self.entity.spans is not None:
            # Wrike's clock may be ahead of ours.
            soon = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1)
            bounded = Window(window.since or self.beginning, window.until or soon)
            spans = self.entity.spans
            yield from self._with_what_is_allowed(lambda: spanned(read, changed_by, bounded, spans))
            return

        def listed() -> Iterator[Records]:
            look = partial(read, size=LOOK) if self._may_be_long(window) else None
            look_back = partial(read, back=True, size=LOOK) if self.refusals.sorts else None
            # What goes into the bin or comes out of it while both are read is as if that came later, for the next run.
            return changes(read, changed_by, window, look_back, self._also(changed_by, window), look)

        yield from self._with_what_is_allowed(listed)

    def _may_be_long(self, window: Window) -> bool:
        """Whether a list is known to be worth dividing, or not known: then a look at its ends may be in vain, once."""
        if window.since is not None or self.entity.paging is None:
            return False
        return self.expected is None or count_of(self.expected, self.entity.paging.size) > 1

    def _also(self, changed_by: str, window: Window) -> list[Iterator[Records]]:
        path = self.entity.bin_path
        return [self._binned(path, changed_by, window)] if path is not None else []

    def _binned(self, path: str, changed_by: str, window: Window) -> Iterator[Records]:
        """Read what changed in a window, or since the bin was read last, and is in the recycle bin."""
        if self.bin_since is not None and window.since is not None:
            window = Window(min(self.bin_since, window.since), window.until)
        if self.bin_id is None:
            self._lack_bin("Its id is not known.", window)
            return
        try:
            yield from changes(partial(self._list, path.format(recycleBinId=self.bin_id)), changed_by, window)
        except (WrikeBlockedError, WrikeNotFoundError, WrikeRequestError) as error:
            self._lack_bin(error, window)
        else:
            self.bin_since = None

    def whole(self, *, gone: bool = False) -> Iterator[Records]:
        """Read the list from end to end, and again when records moved across the borders of its pages.

        :param gone: list the records that are gone instead of the others.
        :raises WrikeBlockedError: Wrike does not list it, or not without being told of what.
        :raises WrikeError: a request failed.
        """
        try:
            yield from self._with_what_is_allowed(
                lambda: counted(lambda: self._list(self.entity.path, Window(), gone=gone), self.entity.key.path)
            )
        except WrikeRequestError as error:
            if error.code != "parameter_required":
                raise
            raise WrikeBlockedError(
                f"{error} It is not listed as a whole.", status=error.status, code=error.code
            ) from None

    def everything(self) -> Iterator[Records]:
        """Read all records, by whatever way there is.

        :raises WrikeError: a request failed.
        """
        if self.entity.changed_by is not None:
            yield from self.changed(self.entity.changed_by, Window())
            return
        yield from self.whole()
        if self.entity.gone is not None:
            yield from self.whole(gone=True)

    def _with_what_is_allowed(self, read: Callable[[], Iterator[Records]]) -> Iterator[Records]:
        """Read; when Wrike refuses the first page, ask again without what is optional and may be why."""
        while True:
            pages = read()
            try:
                first = [page for page in (next(pages, None),) if page is not None]
            except WrikeMethodNotFoundError:
                # No field is the reason.
                raise
            except (WrikeBlockedError, WrikeRequestError) as error:
                if not self.refusals.learn(error):
                    raise
                log.warning("%s Asking again without %s.", error, ", ".join(sorted(self.refusals.without)))
                continue
            break
        while first:
            yield first.pop()
        yield from pages

    def _list(
        self, path: str, window: Window, *, gone: bool = False, back: bool = False, size: int | None = None
    ) -> Pages:
        params = parameters(self.entity, window, without=self.refusals.without, gone=gone, back=back)
        paging = self.entity.paging
        return self.hook.pages(path, params, Paging(size, paging.token) if paging and size else paging, self.parse)

    def _lack_bin(self, why: object, window: Window) -> None:
        self.bin_since = window.since or self.beginning
        note = f"Which {self.entity.name} are in the recycle bin cannot be read. {why}"
        log.warning("%s", note)
        self.notes.append(note)
