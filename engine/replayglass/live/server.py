"""The HTTP server: sockets, deadlines and headers; what is answered is said elsewhere."""

from __future__ import annotations

import socket
import sys
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, NamedTuple

from replayglass.errors import InputError
from replayglass.live.connections import Connections
from replayglass.live.exchange import Exchange
from replayglass.live.publication import Publications
from replayglass.live.requesttarget import Hosts

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any


class Manners(NamedTuple):
    """What is put up with: ``connections`` at once, and seconds.

    For the ``head`` of a request, to ``send`` 64 KiB of an answer, until a page that waits for a ``reload`` has to ask
    again, of ``patience`` while a build exchanges files.
    """

    connections: int = 128
    head: float = 10.0
    send: float = 30.0
    reload: float = 20.0
    patience: float = 2.0


_MANNERS = Manners()


class Service(NamedTuple):
    """What is served, and how: `reload` adds the script to pages, ``guard`` demands the observer's access headers."""

    site: Path
    reload: bool = True
    guard: bool = False


class SiteServer(ThreadingMixIn, TCPServer):
    """Serves the site of ``service`` on ``host`` and ``port`` (0: any free one), a thread for each connection.

    Raises:
        InputError: it cannot listen there.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, service: Service, host: str, port: int, manners: Manners = _MANNERS) -> None:
        self.service = service
        self.manners = manners
        self.hosts = Hosts(host)
        self.publications = Publications(str(service.site), manners.patience)
        self.connections = Connections(manners.connections)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            self.address_family = found[0][0]
            super().__init__((host, port), Exchange)
        except (OSError, UnicodeError) as error:
            message = f"{host}, port {port}, cannot be listened on: {getattr(error, 'strerror', None) or 'no address'}"
            raise InputError(message, "--port 0 takes any free port") from None

    @property
    def url(self) -> str:
        """Return where the site is."""
        host, port = str(self.server_address[0]), self.server_address[1]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's own signature
        """Start a thread for a new connection, unless there are too many."""
        if self.connections.admit(request):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - socketserver's own signature
        """End a connection."""
        self.connections.leave(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002 - socketserver's own
        """Say in one line what went wrong, unless it is only that a client went away or is too slow."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            sys.stderr.write(f"replayglass: a request was not answered: {type(error).__name__}\n")
