"""One connection: heads of requests in, answers out (RFC 9112)."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from socket import SHUT_WR
from time import monotonic
from typing import TYPE_CHECKING

from replayglass.live.answer import refuse
from replayglass.live.files import UnsettledError
from replayglass.live.observer import answer_observer, is_observed
from replayglass.live.reload import PLACE, answer_reload
from replayglass.live.requesttarget import read_target
from replayglass.live.sitefiles import answer_file

if TYPE_CHECKING:
    from replayglass.live.answer import Answer
    from replayglass.live.requesttarget import Target
    from replayglass.live.server import SiteServer

_MAX_HEAD = 16 * 1024
_PIECE = 64 * 1024
_END = b"\r\n\r\n"
_LINE_END = b"\r\n"
_LINGER = 1.0
_PIECES = 64
"""Pieces of a body that are received, for so many seconds each, before a connection is closed."""

_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
)
_METHODS = ("GET", "HEAD")


class Exchange(BaseHTTPRequestHandler):
    """Answers the requests of a connection, one after the other."""

    server: SiteServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits 40 ms for its headers to be acknowledged

    def setup(self) -> None:
        """Begin a connection; ``_ahead`` is what came behind the last head."""
        super().setup()
        self._ahead = b""
        self._has_body = False

    def handle_one_request(self) -> None:
        """Read a head and answer it; without one in time the connection ends."""
        self.server.connections.mark(self.connection, idle=True)
        head = self._read_head()
        self.server.connections.mark(self.connection, idle=False)
        self.connection.settimeout(self.server.manners.send)
        self.close_connection = True
        self.command, self.request_version, self.requestline = "", self.protocol_version, ""
        if head is None:
            return
        if not head:
            self.send_error(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return
        self.rfile = BytesIO(head)
        self.raw_requestline = self.rfile.readline()
        if self.parse_request():
            self._has_body = "Content-Length" in self.headers or "Transfer-Encoding" in self.headers
            self.close_connection |= self._has_body
            self._send(self._answer())

    def _read_head(self) -> bytes | None:
        """Return what is sent up to the first empty line; None: it did not come in time, ``b""``: it is too large."""
        end = monotonic() + self.server.manners.head
        head = self._ahead.lstrip(_LINE_END)  # RFC 9112 section 2.2: empty lines before a request are passed over
        while _END not in head:
            if len(head) > _MAX_HEAD:
                return b""
            left = end - monotonic()
            if left <= 0:
                return None
            self.connection.settimeout(left)
            more = self._receive()
            if not more:
                return None
            head = (head + more).lstrip(_LINE_END)
        head, _, self._ahead = head.partition(_END)
        return head + _END if len(head) <= _MAX_HEAD else b""

    def _receive(self) -> bytes:
        try:
            data: bytes = self.connection.recv(_PIECE)
        except OSError:  # too slow, or gone
            return b""
        return data

    def _answer(self) -> Answer:
        target = read_target(self.path)
        if target is None:
            return refuse(HTTPStatus.BAD_REQUEST, "This is no address of a file.")
        named = self.headers.get_all("Host", [])
        if len(named) != 1:
            return refuse(HTTPStatus.BAD_REQUEST, "A request needs one Host header.")
        if not self.server.hosts.accept([*named, *([] if target.authority is None else [target.authority])]):
            return refuse(HTTPStatus.MISDIRECTED_REQUEST, "This server does not answer under that name.")
        if is_observed(target.path):
            guard = self.server.service.guard
            return answer_observer(self.server.publications, self.command, target, self.headers, guard=guard)
        if self.command not in _METHODS:
            allowed = ", ".join(_METHODS)
            return refuse(HTTPStatus.METHOD_NOT_ALLOWED, f"Only {allowed} are answered.", ("Allow", allowed))
        return self._file(target)

    def _file(self, target: Target) -> Answer:
        publications, reload = self.server.publications, self.server.service.reload
        if reload and target.path.startswith(PLACE):
            return answer_reload(publications, target, self.server.manners.reload)
        known = self.headers.get("If-None-Match")
        try:
            return publications.ask(lambda publication: answer_file(publication, target.path, known, reload=reload))
        except UnsettledError as error:
            words = f"There is no whole publication now: {error}"
            return refuse(HTTPStatus.SERVICE_UNAVAILABLE, words, ("Retry-After", "1"))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Refuse a request that cannot be understood; nothing of it is said back."""
        self.close_connection = True
        self._send(refuse(HTTPStatus(code), f"{HTTPStatus(code).phrase}."))

    def _send(self, answer: Answer) -> None:
        self.request_version = self.protocol_version  # HTTP/0.9, and what is not understood, get headers too
        with answer.body:
            self.send_response(answer.status)
            for name, value in (("Content-Type", answer.kind), *answer.headers, *_ALWAYS):
                self.send_header(name, value)
            if answer.status not in {HTTPStatus.NOT_MODIFIED, HTTPStatus.NO_CONTENT}:
                self.send_header("Content-Length", str(answer.size))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                while piece := answer.body.read(_PIECE):
                    self.wfile.write(piece)

    def finish(self) -> None:
        """End the connection; a body that is still on its way would make the system take the answer back."""
        super().finish()
        if self._has_body:
            with suppress(OSError):
                self.connection.shutdown(SHUT_WR)
            self.connection.settimeout(_LINGER)
            for _ in range(_PIECES):
                if not self._receive():
                    break

    def version_string(self) -> str:
        """Name the server, and neither its version nor Python's."""
        return "replayglass"

    def log_message(self, *_: object) -> None:
        """Log nothing: who reads what is nobody's business."""
