"""`serve` and clients that are slow, rude or many: nobody stops it for the others."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest

from replayglass.canon import digest
from replayglass.output.paths import MANIFEST
from serving import MANNERS, publish, received, serving

if TYPE_CHECKING:
    from pathlib import Path


PAGE = b"<p>page"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a small site."""
    publish(tmp_path / "site", {"index.html": PAGE})
    return tmp_path / "site"


def test_slow_clients_are_given_up(site: Path) -> None:
    """A head that does not come in time ends the connection, also when a byte comes now and then."""
    with serving(site, manners=MANNERS._replace(head=0.3)) as client:
        with client.connect() as silent, client.connect() as slow:
            for byte in b"GET / HTTP/1.1":
                try:
                    slow.sendall(bytes([byte]))
                    slow.settimeout(0.1)
                    assert slow.recv(1) == b""
                    break
                except TimeoutError:
                    continue
            else:
                pytest.fail("the slow client was waited for")
            assert received(silent) == b""
        assert client.ask("/").body == PAGE


def test_who_must_be_answered_at_once_is_not(site: Path) -> None:
    """When the time for a head is over, what came of it is not looked at."""
    with serving(site, manners=MANNERS._replace(head=0.0)) as client:
        assert client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") == b""


def test_a_body_without_end(site: Path) -> None:
    """Of a body that nobody wants so much is taken that its sender can read the refusal, and no more."""
    with serving(site) as client:
        with client.connect() as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
            with pytest.raises((BrokenPipeError, ConnectionResetError)):
                connection.sendall(b"x" * 100_000_000)
        assert client.ask("/").body == PAGE


def test_many_idle_connections_do_not_keep_others_out(site: Path) -> None:
    """When there are too many connections, the one that is idle for longest goes; who asks gets an answer."""
    with serving(site, manners=MANNERS._replace(connections=4)) as client:
        idle = [client.connect() for _ in range(12)]
        assert client.ask("/").body == PAGE
        assert received(idle[0]) == b""
        for connection in idle:
            connection.close()


def test_when_all_connections_are_at_work_a_new_one_is_closed(site: Path) -> None:
    """Connections that are being answered are not given up for new ones."""
    with serving(site, reload=True, manners=MANNERS._replace(connections=1, reload=2.0)) as client:
        name = digest((site / MANIFEST).read_bytes())
        with client.connect() as busy:
            head = f"GET /~live/changed.svg?since={name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            busy.sendall(head.encode())
            while client.idle != [False]:
                pass
            with client.connect() as late:
                assert received(late) == b""
            assert received(busy).startswith(b"HTTP/1.1 204 ")
        assert client.ask("/").body.startswith(PAGE)


def test_clients_that_go_away(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A client that resets its connection, before or in the middle of an answer, leaves no trace on standard error."""
    publish(site, {"index.html": b"x" * 24_000_000})
    with serving(site, manners=MANNERS._replace(send=0.2)) as client:
        for data in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"):
            with client.connect() as rude:
                rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                rude.sendall(data)
        with client.connect() as deaf:  # takes nothing of the answer
            deaf.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert len(client.ask("/").body) == 24_000_000
            while client.idle:
                pass
            assert 0 < len(received(deaf)) < 24_000_000
    assert capsys.readouterr().err == ""


def test_a_defect_is_one_line(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What nobody foresaw is named in one line on standard error, without a traceback."""
    with serving(site) as client:
        try:
            json.loads("")
        except ValueError:
            client.server.handle_error(None, None)
    assert capsys.readouterr().err == "replayglass: a request was not answered: JSONDecodeError\n"
