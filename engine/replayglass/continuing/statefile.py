"""The file beside a site from which the next build goes on: where anything is wrong with it, there is none."""

# ruff: noqa: PTH119, PTH120 - as the rest of what writes beside a site

import contextlib
import os
from typing import NamedTuple

from replayglass.canon import digest

MAGIC = b"replayglass-state 1\n"
_DIGEST, _SIZE = 64, 16
_FRONT = 3 * _DIGEST + _SIZE
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


class Stored(NamedTuple):
    """What the file holds: the ``key`` of what must be the same (64 characters), a head and a state as bytes."""

    key: str
    head: bytes
    state: bytes


def path_beside(site: str) -> str:
    """Return where the state of the site at the absolute path ``site`` is kept."""
    return f"{os.path.dirname(site)}/.{os.path.basename(site)}.state"


def write_state(path: str, stored: Stored) -> None:
    """Write the file in the place of an earlier one; if that fails, there is none."""
    fresh = f"{path}.new"
    try:
        with os.fdopen(os.open(fresh, _NEW, 0o600), "wb") as file:
            file.write(MAGIC + _front(stored))
            file.write(stored.head)
            file.write(stored.state)
        os.replace(fresh, path)  # noqa: PTH105 - a plain string
    except OSError:
        for name in (fresh, path):
            with contextlib.suppress(OSError):
                os.unlink(name)  # noqa: PTH108 - a plain string


def read_state(path: str) -> Stored | None:
    """Return what the file holds, None if there is none, or not a whole one of ours."""
    try:
        with os.fdopen(os.open(path, _READ), "rb") as file:
            front = file.read(len(MAGIC) + _FRONT)
            key, size = front[len(MAGIC) :][:_DIGEST], front[-_SIZE:]
            if not front.startswith(MAGIC) or not size.isdigit():
                return None
            stored = Stored(key.decode("ascii", "replace"), file.read(int(size)), file.read())
    except OSError:
        return None
    return stored if front == MAGIC + _front(stored) else None


def _front(stored: Stored) -> bytes:
    """Return what stands before head and state: the key, digests of both, and the size of the head in 16 digits."""
    return f"{stored.key}{digest(stored.head)}{digest(stored.state)}{len(stored.head):0{_SIZE}}".encode()
