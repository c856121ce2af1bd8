"""What the files of a run folder look like from outside: whether there may be something new to publish."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from stat import S_ISDIR
from typing import TYPE_CHECKING

from replayglass.config import CONFIG_FILE
from replayglass.registry import DOMAINS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NOTES = "notes"

FileState = tuple[str, int, int, int, int]
"""Path, inode, size in bytes, times of the last change of content and of anything (nanoseconds)."""


def state_of(run: Path) -> frozenset[FileState]:
    """Return the state of every file that a build would look at; nothing is opened.

    The files are those that `log.source` takes for segments or complains of, the configuration, and the notes.
    """
    return frozenset(_state(run, path) for path in _paths(run))


def identity_of(run: Path) -> tuple[int, int] | None:
    """Return what tells one folder from another under the same name, None if there is no folder."""
    try:
        status = run.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if S_ISDIR(status.st_mode) else None


def _paths(run: Path) -> Iterator[str]:
    yield CONFIG_FILE
    for name in _names(run, _NOTES):
        yield f"{_NOTES}/{name}"
    for domain in DOMAINS:
        yield from domain.files
        for place in (PurePosixPath(place) for spec in domain.streams for place in spec.places):
            for name in _names(run, str(place.parent)):
                if name.startswith(f"{place.name}."):
                    yield str(place.parent / name)


def _names(run: Path, folder: str) -> list[str]:
    try:
        return os.listdir(run / folder)  # noqa: PTH208 - names are all that is wanted
    except OSError:
        return []


def _state(run: Path, path: str) -> FileState:
    try:
        status = (run / path).stat()
    except OSError as error:
        return path, -1, error.errno or 0, 0, 0
    return path, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
