"""Ports: a taken one is noticed."""

import socket

import pytest

from include.local.ports import LOOPBACK, free_port


def test_a_free_port_is_taken_as_asked() -> None:
    preferred = free_port()
    assert free_port(preferred) == preferred


@pytest.mark.parametrize("address", [LOOPBACK, "0.0.0.0"])  # noqa: S104
def test_another_port_is_chosen_when_the_preferred_one_is_taken(address: str) -> None:
    with socket.socket() as server:
        server.bind((address, 0))
        server.listen()
        taken = server.getsockname()[1]
        chosen = free_port(taken)
    assert chosen not in (0, taken)


def test_a_lingering_connection_does_not_make_a_port_taken() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((LOOPBACK, 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection((LOOPBACK, port)):
            accepted, _ = server.accept()
            accepted.close()
    assert free_port(port) == port
