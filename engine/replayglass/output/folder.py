"""A folder tree as it is on disk, read without following a link inside it."""

import contextlib
import os
from stat import S_ISDIR, S_ISLNK, S_ISREG

from replayglass.errors import OutputError
from replayglass.output.disk import Disk
from replayglass.output.paths import parent_of

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ANOTHER = "remove it, or choose another output folder"


class Folder:
    """The tree below ``root``; ``shown`` is what messages call it. Folders are looked at once and remembered.

    Paths are relative POSIX paths that passed the site's path rule. Nobody else may change the folders meanwhile.
    """

    def __init__(self, root: str, shown: str) -> None:
        self.root = root
        self.shown = shown
        self._exists: dict[str, bool] = {"": True}

    def size(self, path: str) -> int | None:
        """Return the size of the file ``path`` in bytes, None when there is none.

        Raises:
            OutputError: it is not a regular file, or a folder on the way to it is a link or no folder.
        """
        if not self._has(parent_of(path)):
            return None
        try:
            status = os.lstat(f"{self.root}/{path}")
        except FileNotFoundError:
            return None
        if not S_ISREG(status.st_mode):
            raise self._refusal(path, status.st_mode, "file")
        return status.st_size

    def read(self, path: str, size: int) -> bytes:
        """Return the file's first ``size`` bytes."""
        handle = os.open(f"{self.root}/{path}", _READ)
        try:
            return os.read(handle, size)
        finally:
            os.close(handle)

    def holds(self, path: str, size: int, data: bytes) -> bool:
        """Tell whether the file ``path`` of ``size`` bytes is ``data``; read only when the size agrees."""
        return size == len(data) and self.read(path, size) == data

    def make(self, folder: str, disk: Disk) -> None:
        """Make ``folder`` and those above it, where missing; another process may do so at the same time."""
        if not self._has(folder):
            self.make(parent_of(folder), disk)
            with contextlib.suppress(FileExistsError):
                disk.make_folder(f"{self.root}/{folder}")
            self._exists[folder] = True

    def _has(self, folder: str) -> bool:
        known = self._exists.get(folder)
        if known is None:
            known = self._exists[folder] = self._has(parent_of(folder)) and self._is_folder(folder)
        return known

    def _is_folder(self, folder: str) -> bool:
        try:
            mode = os.lstat(f"{self.root}/{folder}").st_mode
        except FileNotFoundError:
            return False
        if not S_ISDIR(mode):
            raise self._refusal(folder, mode, "folder")
        return True

    def _refusal(self, path: str, mode: int, wanted: str) -> OutputError:
        found = "is a symbolic link" if S_ISLNK(mode) else f"is not a {wanted}"
        return OutputError(f"{self.shown}/{path} {found}", _ANOTHER)
