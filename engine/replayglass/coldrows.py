"""Rows that are kept for the rare case that one of them is asked for: in a file without a name, not in memory."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from replayglass.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_WARM = 256 << 10
_CHUNK = 1 << 20


class ColdRows:
    """Rows of ``width`` bytes by their number; the last 256 KiB are in memory, what is before them in a temporary file.

    The file has no name: nobody else can open it, and it is gone when the process is, however that ends.

    Raises:
        OutputError: (of all methods) the temporary file cannot be made, written or read.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._file: BinaryIO | None = None
        self._written = 0
        self._warm = bytearray()

    def __len__(self) -> int:
        return self.size // self.width

    @property
    def size(self) -> int:
        """Return the bytes of all rows."""
        return self._written + len(self._warm)

    def append(self, rows: bytes | memoryview) -> None:
        """Append rows, one behind the other."""
        self._warm += rows
        if len(self._warm) > _WARM:
            self._cool()

    def __getitem__(self, number: int) -> bytes:
        at = number * self.width
        if at < self._written:
            return self._read(at, self.width)
        return bytes(self._warm[at - self._written :][: self.width])

    def chunks(self) -> Iterator[bytes]:
        """Give the bytes of all rows, in order, some at a time."""
        for at in range(0, self._written, _CHUNK):
            yield self._read(at, min(_CHUNK, self._written - at))
        yield bytes(self._warm)

    def _cool(self) -> None:
        with _explained():
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - open as long as the rows are
            data = memoryview(self._warm)
            while data:
                done = os.pwrite(self._file.fileno(), data, self._written)
                self._written += done
                data = data[done:]
        self._warm = bytearray()

    def _read(self, at: int, size: int) -> bytes:
        """Return bytes of the file; a whole row never lies on both sides of its end, and a chunk ends with it."""
        with _explained():
            return b"" if self._file is None else os.pread(self._file.fileno(), size, at)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"a temporary file cannot be used: {error.strerror or 'input/output error'}"
        raise OutputError(
            message, "Make room for temporary files, or name another folder for them in TMPDIR."
        ) from error
