"""A server of a site in this process, and clients of it: a proper one, and one that sends what it likes."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from replayglass.live.server import Manners, Service, SiteServer
from replayglass.output.writer import SiteWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import Message
    from pathlib import Path

MANNERS = Manners(head=30.0, patience=0.05, reload=30.0)
"""Patient with clients, impatient with folders that hold no publication."""


class Reply(NamedTuple):
    """What the server answered."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """Return the body as JSON."""
        return json.loads(self.body)


class Client:
    """Asks a server, each time over a new connection."""

    def __init__(self, server: SiteServer) -> None:
        self.server = server
        self.host, self.port = str(server.server_address[0]), server.server_address[1]

    @property
    def idle(self) -> list[bool]:
        """Return, for each connection of the server, whether it waits for a request."""
        return list(self.server.connections._is_idle.values())  # noqa: SLF001 - only tests wait for that

    def ask(self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Reply:
        """Send a request as a well-behaved program does."""
        connection = HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def observe(self, path: str) -> Reply:
        """Ask the observer contract's API."""
        return self.ask(f"/v1/observe/{path}")

    def connect(self) -> socket.socket:
        """Open a connection and send nothing."""
        return socket.create_connection((self.host, self.port), timeout=60)

    def send(self, data: bytes) -> bytes:
        """Send bytes, and return all that comes until the server closes the connection."""
        with self.connect() as connection:
            connection.sendall(data)
            return received(connection)

    def status(self, head: str) -> int:
        """Send a head, its lines separated by LF here, and return the status of the answer."""
        text = head.replace("\n", "\r\n") + "\r\nConnection: close\r\n\r\n"
        return int(self.send(text.encode("latin-1")).split(b" ", 2)[1])


def received(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes the connection."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


@contextmanager
def serving(
    site: Path, *, reload: bool = False, guard: bool = False, manners: Manners = MANNERS, host: str = "127.0.0.1"
) -> Iterator[Client]:
    """Serve a site for a while, on a free port."""
    with SiteServer(Service(site, reload, guard), host, 0, manners) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield Client(server)
        finally:
            server.shutdown()
            thread.join()


def publish(folder: Path, files: Mapping[str, bytes]) -> None:
    """Publish these files, and nothing else."""
    with SiteWriter(folder) as writer:
        for path, data in files.items():
            writer.write(path, data)
        writer.commit()


def check_error(answer: Reply, status: int, code: str) -> str:
    """Check that an answer is the contract's error; return its message."""
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/json"
    assert list(answer.json) == ["name", "code", "message"]
    assert (answer.json["name"], answer.json["code"]) == ("ObserverError", code)
    return str(answer.json["message"])
