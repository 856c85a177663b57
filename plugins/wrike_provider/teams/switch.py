"""The feature switch of an endpoint: what the value of its Variable means."""

from __future__ import annotations

_ON = {"true", "1", "yes", "on"}
_OFF = {"false", "0", "no", "off"}


def switch_key(endpoint: str) -> str:
    """Key of the Variable that turns an endpoint on.

    :param endpoint: the endpoint.
    """
    return f"wrike_enabled__{endpoint}"


def switched_on(key: str, value: object) -> tuple[bool, str]:
    """Read the value of a switch; whatever does not say on is off.

    :param key: key of the Variable.
    :param value: its value, None when it is missing.
    :returns: whether it is on, and why not.
    """
    text = str(value if value is not None else "").strip().lower()
    if text in _ON:
        return True, ""
    if not text:
        return False, f"The Variable {key} is missing or empty: that counts as off."
    if text in _OFF:
        return False, f"The Variable {key} is off."
    return False, f"The Variable {key} holds neither true nor false: that counts as off."
