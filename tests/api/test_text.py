"""Text that no database can hold, mended."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrike_provider.api.text import clean

_ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("value", "mended"),
    [
        ("plain", "plain"),
        ("a\0b", "a\ufffdb"),
        ("\ud83d", "\ufffd"),
        ("\ud83d\ude00", "\U0001f600"),
        (["\0", {"\0": ["\0", 1]}], ["\ufffd", {"\ufffd": ["\ufffd", 1]}]),
        (None, None),
        (True, True),
        (1.5, 1.5),
    ],
)
def test_values_are_mended(value: Any, mended: Any) -> None:
    assert clean(value) == mended


@given(_ANY_TEXT)
def test_what_is_mended_can_be_stored(text: str) -> None:
    mended = clean(text)
    assert "\0" not in mended.encode().decode()
    assert clean(mended) == mended


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")))
def test_what_can_be_stored_stays_as_it_is(text: str) -> None:
    assert clean(text) == text
