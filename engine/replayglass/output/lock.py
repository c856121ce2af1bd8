"""The staging folder beside a site, and the lock in it that lets one build at a time have it.

The lock file is the last thing that leaves the folder, so a folder with other content and no lock file is not ours.
"""

# ruff: noqa: PTH119, PTH208 - thousands of paths pass here as plain strings

import contextlib
import fcntl
import os
from stat import S_ISDIR

from replayglass.errors import OutputError
from replayglass.output.disk import Disk

LOCK = "replayglass.lock"
_ATTEMPTS = 10
_OPEN = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


def acquire(staging: str, shown: str, disk: Disk) -> int:
    """Make the folder ``staging`` where missing, lock it without waiting, and return the lock's file descriptor.

    Another build may remove folder and lock file between any two steps of this, hence the attempts.

    Raises:
        OutputError: another build has it, or it is not a staging folder.
        OSError: it cannot be made.
    """
    for _ in range(_ATTEMPTS):
        with contextlib.suppress(FileNotFoundError):
            _make(staging, shown, disk)
            handle = _open(staging, disk)
            if _lock(handle, staging, shown, disk):
                return handle
    raise _busy(shown)


def release(staging: str, handle: int, disk: Disk, *, keep: bool) -> None:
    """Unlock, and remove the folder ``staging`` unless ``keep``. The caller holds the lock ``handle``.

    A build that comes between the last two steps finds an empty folder, or has made it its own: then it stays.
    """
    try:
        if not keep:
            clear(staging, disk)
            disk.remove(f"{staging}/{LOCK}")
            disk.remove_folder(staging)
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)  # closing is not enough while a forked worker holds the descriptor too
        os.close(handle)


def clear(staging: str, disk: Disk) -> None:
    """Remove all but the lock file."""
    for name in sorted(os.listdir(staging)):
        if name != LOCK:
            disk.remove_tree(f"{staging}/{name}")


def _make(staging: str, shown: str, disk: Disk) -> None:
    with contextlib.suppress(FileExistsError):
        disk.make_folder(staging)
    names = os.listdir(staging) if S_ISDIR(os.lstat(staging).st_mode) else [staging]
    if names and LOCK not in names:
        message = f"{os.path.basename(staging)} beside {shown} is not a staging folder of replayglass"
        raise OutputError(message, "move it away, or choose another output folder")


def _open(staging: str, disk: Disk) -> int:
    try:
        disk.announce("lock", staging)
        return os.open(f"{staging}/{LOCK}", _OPEN, 0o666)
    except OSError:
        disk.remove_folder(staging)  # only if empty; a build that is about to enter it tries again
        raise


def _lock(handle: int, staging: str, shown: str, disk: Disk) -> bool:
    """Lock the open file; False when it was removed meanwhile, so that the lock guards nothing."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        disk.announce("locked", staging)
        if os.path.samestat(os.fstat(handle), os.lstat(f"{staging}/{LOCK}")):
            return True
    except BlockingIOError as error:
        os.close(handle)
        raise _busy(shown) from error
    except BaseException:
        os.close(handle)
        raise
    os.close(handle)
    return False


def _busy(shown: str) -> OutputError:
    return OutputError(f"another build is writing to {shown}", "wait until it has finished")
