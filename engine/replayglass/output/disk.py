"""Every change to the file system that a build makes, each announced before it is made."""

# ruff: noqa: PTH102, PTH105, PTH106, PTH108, PTH112, PTH114 - thousands of paths pass here as plain strings

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Iterable

Announce = Callable[[str, str], None]
"""Called with the operation's name and its path before it is made; what it raises, the operation raises."""

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


def silently(_operation: str, _path: str) -> None:
    """Announce nothing."""


class Disk:
    """The changing operations on absolute paths; all raise OSError. ``announce`` lets a test fail or die at any one."""

    def __init__(self, announce: Announce = silently) -> None:
        self.announce = announce

    def create(self, path: str, data: bytes) -> None:
        """Write a file that must not exist."""
        self.announce("create", path)
        handle = os.open(path, _NEW_FILE, 0o666)
        try:
            self.announce("fill", path)
            while data:
                data = data[os.write(handle, data) :]
        finally:
            os.close(handle)

    def make_folder(self, path: str) -> None:
        """Make one folder that must not exist."""
        self.announce("mkdir", path)
        os.mkdir(path)

    def move(self, source: str, target: str) -> None:
        """Rename a file or folder in one step, replacing a file or an empty folder at ``target``."""
        self.announce("replace", target)
        os.replace(source, target)

    def place(self, source: str, target: str) -> None:
        """Give a file a second name that must be free; on a file system without hard links move it there."""
        try:
            self.announce("link", target)
            os.link(source, target, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            if os.path.lexists(target):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
            self.move(source, target)

    def take_back(self, source: str, target: str) -> None:
        """Undo `place`, if it was done.

        A second name is removed: renaming one of two hard links onto the other does nothing (POSIX rename).
        """
        if not os.path.lexists(source):
            self.move(target, source)
        elif is_same(source, target):
            self.remove(target)

    def remove(self, path: str) -> None:
        """Remove a file or link, if it is there."""
        self.announce("unlink", path)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)

    def remove_folder(self, path: str) -> None:
        """Remove an empty folder; one that is not empty, or not there, is left as it is."""
        self.announce("rmdir", path)
        with contextlib.suppress(OSError):
            os.rmdir(path)

    def remove_tree(self, path: str) -> None:
        """Remove a file or a folder with all that it holds, following no link."""
        self.announce("rmtree", path)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            self.remove(path)

    def remove_empty(self, root: str, folders: Iterable[str]) -> None:
        """Remove those of ``folders`` (relative to ``root``) and of the folders above them that are empty."""
        doomed = {folder for path in folders for folder in _with_ancestors(path)}
        for folder in sorted(doomed, reverse=True):
            self.remove_folder(f"{root}/{folder}")

    def settle(self) -> None:
        """Have the operating system write out what it holds, once for all files: a power cut then finds them whole."""
        self.announce("sync", "")
        os.sync()


def is_same(one: str, other: str) -> bool:
    """Tell whether both are names of one file; False when one of them is missing. No link is followed."""
    try:
        return os.path.samestat(os.lstat(one), os.lstat(other))
    except FileNotFoundError:
        return False


def _with_ancestors(folder: str) -> list[str]:
    parts = folder.split("/") if folder else []
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]
