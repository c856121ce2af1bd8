"""A published folder, read with suspicion: no link followed, no file but a regular one opened, every size capped."""

from __future__ import annotations

import os
from hashlib import sha256
from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import TYPE_CHECKING, Protocol, Self

from replayglass.output.paths import parent_of
from replayglass.proof.failure import ProofError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from os import stat_result
    from types import TracebackType

MAX_FILE = (1 << 30) + (1 << 20)
"""Bytes of the largest file that a site can hold: a record of 1 GiB (the largest limit there is) in a document."""

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK = 1 << 20
_REMEMBERED = 4096
"""Folders of which it is remembered that they are folders."""


class UnfitError(ProofError):
    """A file is none that may be read: a link, a pipe, too large; or the system cannot read it."""


class Entry(Protocol):
    """What a folder holds under a name, as `os.scandir` says it."""

    @property
    def name(self) -> str:
        """Return the name."""

    def is_dir(self, *, follow_symlinks: bool) -> bool:
        """Tell whether it is a folder."""

    def is_file(self, *, follow_symlinks: bool) -> bool:
        """Tell whether it is a regular file."""


class Sink(Protocol):
    """What takes the bytes of a file, piece by piece: a hash, for example."""

    def update(self, piece: bytes, /) -> object:
        """Take the next piece."""


class Source(Protocol):
    """A file that is open for reading; leaving it as a context closes it."""

    def __enter__(self) -> Self:
        """Return it."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        """Close it."""

    def read(self, size: int, /) -> bytes | None:
        """Return at most ``size`` bytes, none at the end."""


class SiteFolder:
    """The files below ``root``. Paths are relative, POSIX, and have no ``.``, ``..`` or empty part.

    Raises (as every method does):
        UnfitError: there is something, but no regular file in regular folders, or too large, or it cannot be read.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._folders: set[str] = {""}

    def scan(self, folder: str) -> AbstractContextManager[Iterator[Entry]]:
        """Return what ``folder`` (``""`` or ending with a slash) holds, in any order; raises OSError alone."""
        return os.scandir(f"{self.root}/{folder}")

    def size(self, path: str) -> int | None:
        """Return the size of the file in bytes, None if there is nothing."""
        try:
            status = self._status(path) if self._has(parent_of(path)) else None
        except OSError as error:
            raise unreadable(path, error) from None
        if status is None:
            return None
        if not S_ISREG(status.st_mode):
            what = "a symbolic link" if S_ISLNK(status.st_mode) else "not a regular file"
            message = f"{path} is {what}"
            raise UnfitError(message)
        return status.st_size

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of a file of at most ``limit`` bytes, None if there is nothing."""
        size = self.size(path)
        return None if size is None else b"".join(self._pieces(path, size, limit))

    def require(self, path: str, limit: int) -> bytes:
        """Return what `read` does; that there is nothing is an UnfitError too."""
        data = self.read(path, limit)
        if data is None:
            raise _missing(path)
        return data

    def feed(self, path: str, sink: Sink, limit: int) -> int:
        """Give a file of at most ``limit`` bytes, piece by piece, to ``sink``; return its size."""
        size = self.size(path)
        if size is None:
            raise _missing(path)
        for piece in self._pieces(path, size, limit):
            sink.update(piece)
        return size

    def digest(self, path: str, limit: int = MAX_FILE) -> tuple[str, int]:
        """Return SHA-256 (hex) and size of a file."""
        hasher = sha256()
        size = self.feed(path, hasher, limit)
        return hasher.hexdigest(), size

    def _pieces(self, path: str, size: int, limit: int) -> Iterator[bytes]:
        if size > limit:
            message = f"{path} has {size} bytes; at most {limit} can be right"
            raise UnfitError(message)
        left = size
        try:
            with self._open(path) as file:
                while left >= 0 and (piece := file.read(min(_CHUNK, left + 1))):
                    left -= len(piece)
                    yield piece
        except OSError as error:
            raise unreadable(path, error) from None
        if left:
            message = f"{path} changed while it was read"
            raise UnfitError(message)

    def _open(self, path: str) -> Source:
        """Return a file that there is, open at its beginning."""
        return os.fdopen(os.open(f"{self.root}/{path}", _READ), "rb", buffering=0)

    def _status(self, path: str) -> stat_result | None:
        try:
            return os.lstat(f"{self.root}/{path}")
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _has(self, folder: str) -> bool:
        """Tell whether there is ``folder``, and all above it are folders too."""
        if folder in self._folders:
            return True
        status = self._status(folder) if self._has(parent_of(folder)) else None
        if status is None:
            return False
        if not S_ISDIR(status.st_mode):
            message = f"{folder} is not a folder"
            raise UnfitError(message)
        if len(self._folders) == _REMEMBERED:
            self._folders = {""}
        self._folders.add(folder)
        return True


def _missing(path: str) -> UnfitError:
    return UnfitError(f"{path} is missing")


def unreadable(path: str, error: OSError) -> UnfitError:
    """Return what to say of ``path`` when the system cannot read it."""
    return UnfitError(f"{path} cannot be read: {error.strerror or 'input/output error'}")
