"""Ids as Wrike writes them: the older form in Base32, the newer one in Base64url (Wrike API v4, "Ids")."""

from __future__ import annotations

import base64
import struct
import zlib

_LEGACY_BYTES = 10
_USER_BYTES = 5


def account_id(number: int) -> str:
    """Id of an account.

    :param number: the account's number.
    """
    return _base32(b"A" + struct.pack(">I", number))


def user_id(number: int) -> str:
    """Id of a person; negative numbers are groups.

    :param number: the number.
    """
    return _base32(b"U" + struct.pack(">i", number))


def legacy_id(account: int, kind: str, number: int) -> str:
    """Id of anything else, in the older form.

    :param account: the account's number.
    :param kind: the letter of the kind, e.g. ``M`` for custom fields.
    :param number: the number.
    """
    return _base32(b"A" + struct.pack(">I", account) + kind.encode() + struct.pack(">i", number))


def work_id(kind: str, number: int) -> str:
    """Id of a task (kind ``0``) or folder (kind ``1``), in the newer form.

    :param kind: the digit of the kind.
    :param number: the number; also that of the permalink.
    """
    return base64.urlsafe_b64encode(kind.encode() + struct.pack(">Q", number)).decode().rstrip("=")


def dependency_id(predecessor: int, successor: int) -> str:
    """Id of a dependency between two tasks.

    :param predecessor: number of the earlier task.
    :param successor: number of the later task.
    """
    raw = b"2" + struct.pack(">Q", predecessor) + b"3" + struct.pack(">Q", successor)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def renumbered(id_: str, number: int) -> str:
    """Id of another record of the same kind and account, below zero if the one given is.

    :param id_: an id in the older form.
    :param number: number of the other record.
    :raises ValueError: the id is of another form.
    """
    raw = base64.b32decode(id_)
    if len(raw) not in {_LEGACY_BYTES, _USER_BYTES}:
        raise ValueError(id_)
    sign = -1 if int.from_bytes(raw[-4:], signed=True) < 0 else 1
    return _base32(raw[:-4] + struct.pack(">i", sign * number))


def number_of(id_: str) -> int:
    """Number inside an id; of an id in no known form some number.

    :param id_: the id.
    """
    try:
        if len(id_) in {8, 16}:
            return abs(int.from_bytes(base64.b32decode(id_)[-4:], signed=True))
        return int.from_bytes(base64.urlsafe_b64decode(id_)[1:9])
    except ValueError:
        return zlib.crc32(id_.encode())


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")
