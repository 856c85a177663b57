"""Notifiers of the variables file: any of Airflow's, by the import path of its class."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any

from airflow.sdk import BaseNotifier


class NotifierError(ValueError):
    """A notifier of the variables file cannot be made."""


def make_notifier(path: str, arguments: Mapping[str, Any]) -> BaseNotifier:
    """Make a notifier.

    :param path: import path of its class.
    :param arguments: what it is made with.
    :raises NotifierError: there is no such class, it is no notifier, or it does not take these arguments.
    """
    return _found(path, arguments)(**arguments)


def check_notifier(path: str, arguments: Mapping[str, Any]) -> None:
    """Check whether a notifier could be made, without making it.

    :param path: import path of its class.
    :param arguments: what it would be made with.
    :raises NotifierError: as :func:`make_notifier`.
    """
    _found(path, arguments)


def _found(path: str, arguments: Mapping[str, Any]) -> type[BaseNotifier]:
    try:
        found = resolve_name(path)
    except Exception as error:
        raise NotifierError(
            f"{path} cannot be imported ({type(error).__name__}: {error}). Is the provider that has it installed?"
        ) from error
    if not (isinstance(found, type) and issubclass(found, BaseNotifier)):
        raise NotifierError(f"{path} is no class of a notifier (airflow.sdk.BaseNotifier)")
    try:
        inspect.signature(found).bind(**arguments)
    except TypeError as error:
        raise NotifierError(f"{path} cannot be made with these arguments: {error}") from None
    return found
