"""A message that outlives a redirect: signed, so that nobody else can put words on our page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache

from airflow.api_fastapi.auth.tokens import get_signing_key
from itsdangerous import BadData, URLSafeTimedSerializer

_SHOWN_FOR_S = 600


@dataclass(frozen=True, slots=True)
class Message:
    """What happened.

    :param title: what happened.
    :param text: what to do.
    :param good: whether it is good news.
    """

    title: str
    text: str
    good: bool


def packed(message: Message) -> str:
    """Write a message for a query parameter.

    :param message: the message; it holds no secrets.
    """
    return str(_serializer().dumps(asdict(message)))


def unpacked(text: str) -> Message | None:
    """Read a message; what we have not written, or long ago, is none.

    :param text: the query parameter.
    """
    try:
        return Message(**_serializer().loads(text, max_age=_SHOWN_FOR_S))
    except (BadData, TypeError):
        return None


@cache
def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(get_signing_key("api", "secret_key"), salt="wrike-message")
