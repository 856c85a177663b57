"""Wrike's error answers (Wrike API v4, "Errors")."""

from __future__ import annotations


class ApiError(Exception):
    """An answer that is not 200.

    :param status: HTTP status.
    :param code: Wrike's error code.
    :param description: Wrike's description.
    """

    def __init__(self, status: int, code: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.code = code
        self.description = description


def invalid_parameter(name: str, why: str = "value is invalid") -> ApiError:
    """A parameter has a bad value.

    :param name: the parameter.
    :param why: what is wrong.
    """
    return ApiError(400, "invalid_parameter", f"Parameter '{name}' {why}")


def parameter_required(name: str) -> ApiError:
    """A parameter is missing.

    :param name: the parameter.
    """
    return ApiError(400, "parameter_required", f"Parameter '{name}' is required")


def invalid_request(why: str) -> ApiError:
    """The request is malformed.

    :param why: what is wrong.
    """
    return ApiError(400, "invalid_request", why)


def not_found(what: str) -> ApiError:
    """An entity is unknown.

    :param what: what was asked for.
    """
    return ApiError(404, "resource_not_found", f"{what} not found")
