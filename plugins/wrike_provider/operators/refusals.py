"""Optional fields and parameters that an account may refuse, and the whole request with them.

By its plan, by a right of the user, or because Wrike knows them no more (Wrike API v4, "Optional fields"). Whoever asks
again without them loses a column instead of all records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from wrike_provider.api.errors import WrikeError, WrikeRequestError
from wrike_provider.entities.model import SORT_FIELD, SORT_ORDER, Entity

_ALL: Final = "fields"
"""The parameter that is named when any of the fields is wrong."""


@dataclass(slots=True)
class Refusals:
    """What an account refuses of what is optional in the requests for an entity.

    :param entity: the entity.
    :param without: names that are not asked for; grows when Wrike refuses more.
    """

    entity: Entity
    without: set[str] = field(default_factory=set)
    _certain: set[str] = field(init=False)
    _guesses: Iterator[set[str]] | None = None

    def __post_init__(self) -> None:
        self._certain = set(self.without)

    def named(self, error: WrikeError) -> set[str]:
        """The names that an answer complains of.

        :param error: the answer.
        """
        asked = self._asked
        found = asked & set(re.findall(r"\w+", error.description))
        # Most of them: then it lists what may be asked for.
        return asked - found if len(found) > max(1, len(asked) / 2) and found != asked else found

    def learn(self, error: WrikeError) -> bool:
        """Decide without what to ask again.

        What the answer names; when it names none, the next that a plan or right may refuse; and when it says that the
        fields are wrong, but not which, one after the other, and at last all.

        :param error: the answer.
        :returns: whether to ask again; if not, what is optional is not why.
        """
        if refused := self.named(error):
            self._certain |= refused
            self.without |= refused
            return True
        if self._guesses is None:
            self._guesses = self._guessed(error)
        guess = next(self._guesses, None)
        self.without = self._certain | (guess or set())
        return guess is not None

    @property
    def restricted(self) -> set[str]:
        """What is asked for and may be refused by a plan or right, without being named."""
        return set(chain.from_iterable(self.entity.restricted_fields)) - self.without

    @property
    def sorts(self) -> bool:
        """Whether the list is asked for in the order of changes."""
        return self.entity.sorts and not self.without & {SORT_FIELD, SORT_ORDER}

    @property
    def note(self) -> str:
        """What people should know of it; empty: all is asked for."""
        params = self.without & self.entity.optional_params.keys()
        notes = []
        if fields := sorted(self.without - params):
            notes.append(f"Wrike refuses to tell {', '.join(fields)}: records that are new or have changed lack it.")
        if params:
            notes.append(f"Wrike refuses the parameter {', '.join(sorted(params))}: the list is read without it.")
        return " ".join(notes)

    @property
    def _asked(self) -> set[str]:
        return {*self.entity.fields, *self.entity.optional_params} - self.without

    def _guessed(self, error: WrikeError) -> Iterator[set[str]]:
        fields = [name for name in self.entity.fields if name not in self._certain]
        wrong = isinstance(error, WrikeRequestError)
        guessed: list[set[str]] = []
        restricted: set[str] = set()
        for some in self.entity.restricted_fields:
            if more := set(some) & set(fields):
                # A plan that lacks the first lacks the next too; a field that is no field stands alone.
                guessed += [more] if wrong and restricted else []
                restricted |= more
                guessed.append(set(restricted))
        if wrong and _ALL in re.findall(r"\w+", error.description):
            guessed += [{name} for name in fields if {name} not in guessed]
            guessed.append(set(fields))
        yield from guessed
