"""The guards of conftest.py hold."""

import socket

import pytest

from tests.conftest import NetworkBlocked


def test_a_connection_to_elsewhere_is_blocked() -> None:
    with socket.socket() as sock:
        with pytest.raises(NetworkBlocked):
            sock.connect(("192.0.2.1", 80))
        with pytest.raises(NetworkBlocked):
            sock.connect_ex(("192.0.2.1", 80))
    with socket.socket(type=socket.SOCK_DGRAM) as sock, pytest.raises(NetworkBlocked):
        sock.sendto(b"x", ("192.0.2.1", 53))


def test_a_look_up_is_blocked() -> None:
    with pytest.raises(NetworkBlocked):
        socket.getaddrinfo("example.org", 443)
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("example.invalid", 443)


def test_this_machine_is_reachable() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()
