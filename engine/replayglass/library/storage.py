"""Where a library is kept: what reading and changing it needs, and how a folder gives that."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from replayglass.errors import OutputError
from replayglass.output import lock
from replayglass.output.disk import Announce, Disk, silently
from replayglass.output.folder import Folder
from replayglass.output.paths import parent_of
from replayglass.output.target import locate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from types import TracebackType

_STAGING = ".library.staging"
_HINT = "the library is as it was, or the next command completes what was begun; see to permissions and free space"


class Storage(Protocol):
    """Files below the root of a library; ``shown`` is what messages call it. A context that nobody else enters.

    Raises (as every method does):
        OutputError: a file cannot be read or written, is none, or is larger than any can be.
    """

    @property
    def shown(self) -> str:
        """Return what messages call the library."""

    def is_vacant(self) -> bool:
        """Tell whether there is nothing at all."""

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of a file of at most ``limit`` bytes, None if there is none."""

    def write(self, path: str, data: bytes) -> None:
        """Write a file, whole or not at all; one that has these bytes already may stay as it is."""

    def exchange(self, path: str, before: bytes | None, data: bytes) -> None:
        """Write a file that must be as it was ``before`` (None: missing); OutputError when it is not."""

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""

    def site(self, address: str) -> AbstractContextManager[str]:
        """Return what gives the publication at ``address`` as a folder."""


class FolderStorage:
    """A library in a folder, which need not exist; one command at a time has it. ``announce`` as in `Disk`.

    Files are made in a folder of their own inside the library, beside its lock, and moved to their place.
    """

    def __init__(self, out: Path, announce: Announce = silently) -> None:
        self.shown = str(out)
        self._out = out
        self._disk = Disk(announce)
        self._exit = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._real = locate(self._out)
        self._folder = Folder(self._real, self.shown)
        self._staging = f"{self._real}/{_STAGING}"
        with contextlib.ExitStack() as undo, self._explained():
            self._make(Path(self._real), undo)
            handle = lock.acquire(self._staging, self.shown, self._disk)
            undo.callback(self._release, handle)
            lock.clear(self._staging, self._disk)
            self._exit = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    def is_vacant(self) -> bool:
        """Tell whether the folder holds nothing but what this command has made."""
        with self._explained():
            return set(os.listdir(self._real)) <= {_STAGING}  # noqa: PTH208 - names alone are needed

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of a file of at most ``limit`` bytes, None if there is none."""
        with self._explained():
            size = self._folder.size(path)
            if size is not None and size > limit:
                message = f"{self.shown}/{path} has {size} bytes; at most {limit} can be right"
                raise OutputError(message)
            return None if size is None else self._folder.read(path, size)

    def write(self, path: str, data: bytes) -> None:
        """Write a file in one step, unless it has these bytes."""
        with self._explained():
            size = self._folder.size(path)
            if size is not None and self._folder.holds(path, size, data):
                return
            draft = f"{self._staging}/draft"
            self._disk.remove(draft)
            self._disk.create(draft, data)
            self._folder.make(parent_of(path), self._disk)
            self._disk.move(draft, f"{self._real}/{path}")

    def exchange(self, path: str, before: bytes | None, data: bytes) -> None:
        """Write a file that must be as it was ``before``, after all that was written until now is on the disk."""
        if self.read(path, max(len(before or b""), 1 << 24)) != before:
            raise changed_meanwhile(self.shown)
        with self._explained():
            self._disk.settle()
        self.write(path, data)

    def remove(self, path: str) -> None:
        """Remove a file, if it is there, and the folders that it leaves empty."""
        with self._explained():
            if self._folder.size(path) is not None:
                self._disk.remove(f"{self._real}/{path}")
                self._disk.remove_empty(self._real, [parent_of(path)])
                self._folder = Folder(self._real, self.shown)

    @contextlib.contextmanager
    def site(self, address: str) -> Iterator[str]:
        """Give the publication at ``address`` as a folder."""
        yield f"{self._real}/{address}"

    def _make(self, folder: Path, undo: contextlib.ExitStack) -> None:
        """Make the folder and those above it, where missing; those that stay empty are removed at the end."""
        missing = [place for place in (folder, *folder.parents) if not os.path.lexists(place)]
        for place in reversed(missing):
            with contextlib.suppress(FileExistsError):
                self._disk.make_folder(str(place))
            undo.callback(self._disk.remove_folder, str(place))
        if folder.is_symlink() or not folder.is_dir():
            message = f"{self.shown} is no folder"
            raise OutputError(message, "name the folder itself")

    def _release(self, handle: int) -> None:
        with contextlib.suppress(OSError):
            lock.release(self._staging, handle, self._disk, keep=False)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            message = f"cannot read or write the library {self.shown}: {error.strerror or 'input/output error'}"
            raise OutputError(message, _HINT) from error


def changed_meanwhile(shown: str) -> OutputError:
    """Return what to say when somebody else has changed the library since it was read."""
    return OutputError(f"another command has changed the library {shown} meanwhile", "run this one again")
