"""Opens a file of a site through no link, and only if it is exactly the one that the manifest lists."""

from __future__ import annotations

import os
from contextlib import ExitStack
from hashlib import file_digest
from stat import S_ISREG
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import BufferedReader

    from replayglass.output.manifest import FileEntry, ShardEntry

_ROOT = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FOLDER = _ROOT | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class UnsettledError(Exception):
    """The folder is not, or not now, the publication that its manifest tells: a build is at work, or it was changed."""


def open_regular(root: str, path: str) -> BufferedReader:
    """Return the regular file ``path`` (relative, POSIX, of parts that are names) below ``root``, open for reading.

    Each folder is opened in the one above it, so that nobody can put a link in the way between a look and an opening.

    Raises:
        UnsettledError: there is none, or it cannot be opened.
    """
    *folders, name = path.split("/")
    try:
        with ExitStack() as opened:
            place = os.open(root, _ROOT)
            opened.callback(os.close, place)
            for folder in folders:
                place = os.open(folder, _FOLDER, dir_fd=place)
                opened.callback(os.close, place)
            file = os.fdopen(os.open(name, _FILE, dir_fd=place), "rb")
    except OSError as error:
        message = f"{path} cannot be opened: {error.strerror}"
        raise UnsettledError(message) from error
    if not S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        message = f"{path} is no file"
        raise UnsettledError(message)
    return file


def open_listed(root: str, entry: FileEntry | ShardEntry) -> BufferedReader:
    """Return the file that ``entry`` lists, open at its beginning, after its size and SHA-256 were checked.

    A build replaces files by renaming others over them, so what was checked is what is read from the open file.

    Raises:
        UnsettledError: it is not there, or has other bytes.
    """
    file = open_regular(root, entry.path)
    with ExitStack() as failed:
        failed.callback(file.close)
        if os.fstat(file.fileno()).st_size == entry.size and file_digest(file, "sha256").hexdigest() == entry.sha256:
            file.seek(0)
            failed.pop_all()
            return file
    message = f"{entry.path} is not the file that the site lists"
    raise UnsettledError(message)
