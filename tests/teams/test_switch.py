"""What the Variable of a switch means."""

from __future__ import annotations

import pytest

from wrike_provider.teams.switch import switched_on

KEY = "wrike_enabled__eu1"


@pytest.mark.parametrize("value", ["true", "True", "TRUE", " true\n", "1", "yes", "Yes", "on", "ON", True, 1])
def test_on(value: object) -> None:
    assert switched_on(KEY, value) == (True, "")


@pytest.mark.parametrize("value", ["false", "False", " FALSE ", "0", "no", "No", "off", "Off\n", False, 0])
def test_off(value: object) -> None:
    assert switched_on(KEY, value) == (False, f"The Variable {KEY} is off.")


@pytest.mark.parametrize("value", [None, "", " ", "\t\n"])
def test_a_switch_that_is_not_there_is_off_and_says_so(value: object) -> None:
    assert switched_on(KEY, value) == (False, f"The Variable {KEY} is missing or empty: that counts as off.")


@pytest.mark.parametrize(
    "value", ["ture", "y", "t", "enabled", "2", "-1", "null", "None", '"true"', "true false", "{}", {"on": True}, []]
)
def test_what_is_neither_on_nor_off_is_off_and_says_so(value: object) -> None:
    on, why = switched_on(KEY, value)
    assert not on
    assert why == f"The Variable {KEY} holds neither true nor false: that counts as off."


def test_the_value_itself_is_not_repeated() -> None:
    assert "pasted-secret" not in switched_on(KEY, "pasted-secret")[1]
