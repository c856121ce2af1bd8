"""Commands that go on until they are stopped, in processes of their own: what they print, as it comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from queue import Empty, Queue
from threading import Thread
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_PATIENCE = 120.0


class Process:
    """A running command."""

    def __init__(self, words: list[str], environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "replayglass", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.out = _Lines(self.process.stdout)
        self.err = _Lines(self.process.stderr)

    def stop(self) -> int:
        """Press Ctrl-C; return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(_PATIENCE)


class _Lines:
    def __init__(self, stream: IO[str]) -> None:
        self._lines: Queue[str] = Queue()
        self.seen: list[str] = []
        Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self._lines.put(line)

    def until(self, words: str) -> str:
        """Wait for a line with these words, and return it."""
        while True:
            try:
                line = self._lines.get(timeout=_PATIENCE)
            except Empty:
                message = f"no line with {words!r}: {self.seen}"
                raise AssertionError(message) from None
            self.seen.append(line)
            if words in line:
                return line


@contextmanager
def running(*words: str | Path, environment: Mapping[str, str] | None = None) -> Iterator[Process]:
    """Start a command; at the end it must not run any more."""
    started = Process([str(word) for word in words], environment or {})
    try:
        yield started
    finally:
        started.process.kill()
        started.process.wait()
