"""What is left of a variables file that is no YAML: one team's slip takes no other team away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import yaml

_LIST: Final = re.compile(r"teams:\s*(#.*)?$")
_ENTRY: Final = re.compile(r"( *)-(\s|$)")
_OF_A_TEAM: Final = re.compile(r"\s*-\s+name\s*:")
_NAME: Final = re.compile(r"(?m)^[\s{-]*name\s*:\s*([\w-]+)")
_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """An entry that is no YAML.

    :param line: where, from 1.
    :param name: the team's name, if it can be seen; otherwise empty.
    :param why: what the parser says.
    """

    line: int
    name: str
    why: str


def without_broken_entries(text: str, check: Callable[[str], object]) -> tuple[str, list[BrokenEntry]]:
    """Blank out the entries of `teams` that are no YAML.

    :param text: a variables file that is no YAML.
    :param check: raises yaml.YAMLError for what is none.
    :returns: it, with empty lines in the place of those; and which they are. What is left may be no YAML either.
    """
    lines = text.splitlines(keepends=True)
    entries = list(_entries(lines))
    broken = []
    for start, end in entries:
        # By itself first: of a quote that is not closed, the parser complains where the next one begins.
        error = _error("".join(lines[start:end]), check)
        if error is not None:
            broken.append(_blanked(lines, start, end, start + _line(error), error))
    for _ in range(_TRIES):
        error = _error("".join(lines), check)
        place = None if error is None else _line(error)
        found = next(((start, end) for start, end in entries if place is not None and start <= place < end), None)
        if error is None or place is None or found is None:
            break
        broken.append(_blanked(lines, *found, place, error))
    return "".join(lines), broken


def _entries(lines: list[str]) -> Iterator[tuple[int, int]]:
    """First line of each entry, and the one after its last; a list inside of an entry may be taken for some too."""
    start = next((number for number, line in enumerate(lines, start=1) if _LIST.match(line)), len(lines))
    end = next((number for number in range(start, len(lines)) if re.match(r"[^\s#-]", lines[number])), len(lines))
    begins = [(number, found[1]) for number in range(start, end) if (found := _ENTRY.match(lines[number]))]
    own = [number for number, indent in begins if indent == begins[0][1] or _OF_A_TEAM.match(lines[number])]
    return pairwise([*own, end])


def _error(text: str, check: Callable[[str], object]) -> yaml.YAMLError | None:
    try:
        check(text)
    except yaml.YAMLError as error:
        # What an alias stands for may be in another entry.
        return None if "undefined alias" in str(error) else error
    return None


def _line(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line if mark else 0


def _blanked(lines: list[str], start: int, end: int, place: int, error: yaml.YAMLError) -> BrokenEntry:
    name = _NAME.search("".join(lines[start:end]))
    lines[start:end] = ["\n"] * (end - start)
    return BrokenEntry(min(place, end - 1) + 1, name[1] if name else "", getattr(error, "problem", None) or str(error))
