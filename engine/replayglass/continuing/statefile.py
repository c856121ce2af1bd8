"""The file beside a site from which the next build goes on: where anything is wrong with it, there is none."""

# ruff: noqa: PTH105, PTH108, PTH119, PTH120 - plain strings, as the rest of what writes beside a site

from __future__ import annotations

import contextlib
import os
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from replayglass.canon import digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

MAGIC = b"replayglass-state 2\n"
_DIGEST, _SIZE = 64, 16
_SIZES = 2 * _SIZE
_FRONT = len(MAGIC) + 3 * _DIGEST + _SIZES
_CHUNK = 1 << 20
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


class Stored(NamedTuple):
    """What a file holds: the ``key`` of what must be the same (64 characters), a head, and a state of ``size`` bytes.

    ``state`` is the open file, where the state begins; whoever has it closes it.
    """

    key: str
    head: bytes
    state: BinaryIO
    size: int


class Sink:
    """Takes the bytes of a state on their way to the file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sha256 = sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Write all of ``data``: anything with bytes in memory."""
        self._sha256.update(data)
        count = self._file.write(data)
        self.size += count
        return count

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what was written, in hex."""
        return self._sha256.hexdigest()


class Draft:
    """A context in which the state file ``path`` is written, under another name until it is whole.

    The state is written as it is made, never held; what was not finished when the context is left is removed, and so
    is what a build left that was killed.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._fresh = f"{path}.new"
        self._file: BinaryIO | None = None
        self._sink: Sink | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        with contextlib.suppress(OSError):
            os.unlink(self._fresh)

    def fill(self, dump: Callable[[Sink], object]) -> None:
        """Have ``dump`` write the state, in the place of what an earlier call wrote."""
        self._close()
        with contextlib.suppress(OSError):
            file = self._file = os.fdopen(os.open(self._fresh, _NEW, 0o600), "wb")
            file.write(bytes(_FRONT))  # no front of ours before all is written
            sink = Sink(file)
            dump(sink)
            self._sink = sink

    def finish(self, key: str, head: bytes) -> None:
        """Put the file in the place of an earlier one; if that fails, or the last `fill` did, there is none."""
        try:
            if self._file is None or self._sink is None:
                raise FileNotFoundError
            self._file.write(head)
            self._file.seek(0)
            self._file.write(_front(key, digest(head), self._sink.digest, len(head), self._sink.size))
            self._close()
            os.replace(self._fresh, self._path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(self._path)

    def _close(self) -> None:
        file, self._file, self._sink = self._file, None, None
        if file is not None:
            with contextlib.suppress(OSError):  # what could not be written is missed by whoever reads it
                file.close()


def path_beside(site: str) -> str:
    """Return where the state of the site at the absolute path ``site`` is kept."""
    return f"{os.path.dirname(site)}/.{os.path.basename(site)}.state"


def read_state(path: str) -> Stored | None:
    """Return what the file holds, None if there is none, or not a whole one of ours."""
    with contextlib.ExitStack() as undo:
        try:
            file = undo.enter_context(os.fdopen(os.open(path, _READ), "rb"))
            stored = _read(file)
        except OSError:
            return None
        if stored is not None:
            undo.pop_all()
        return stored


def _read(file: BinaryIO) -> Stored | None:
    front = file.read(_FRONT)
    sizes = front[-_SIZES:]
    if not front.startswith(MAGIC) or not sizes.isdigit():
        return None
    left = size = int(sizes[_SIZE:])
    found = sha256()
    while left:
        data = file.read(min(_CHUNK, left))
        if not data:
            return None
        found.update(data)
        left -= len(data)
    key, head = front[len(MAGIC) :][:_DIGEST].decode("ascii", "replace"), file.read()
    if front != _front(key, digest(head), found.hexdigest(), len(head), size):
        return None
    file.seek(_FRONT)
    return Stored(key, head, file, size)


def _front(key: str, head: str, state: str, head_size: int, state_size: int) -> bytes:
    """Return what stands before state and head: the key, digests of both, and their sizes in 16 digits each."""
    return MAGIC + f"{key}{head}{state}{head_size:0{_SIZE}}{state_size:0{_SIZE}}".encode()
