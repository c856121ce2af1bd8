"""How many connections there are, and which one has to go when there are too many."""

from __future__ import annotations

from contextlib import suppress
from socket import SHUT_RDWR
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socket import socket


class Connections:
    """Open connections, at most ``limit``; safe for threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._is_idle: dict[socket, bool] = {}

    def admit(self, connection: socket) -> bool:
        """Take a new connection in; for it the one goes that is longest without a request. False: all are at work."""
        with self._lock:
            if len(self._is_idle) >= self._limit:
                oldest = next((known for known, idle in self._is_idle.items() if idle), None)
                if oldest is None:
                    return False
                del self._is_idle[oldest]
                with suppress(OSError):
                    oldest.shutdown(SHUT_RDWR)
            self._is_idle[connection] = True
            return True

    def mark(self, connection: socket, *, idle: bool) -> None:
        """Take note that a connection waits for a request, or has one that is being answered."""
        with self._lock:
            if self._is_idle.pop(connection, None) is not None:
                self._is_idle[connection] = idle

    def leave(self, connection: socket) -> None:
        """Forget a connection."""
        with self._lock:
            self._is_idle.pop(connection, None)
