"""Small files that the reader names on the command line."""

from __future__ import annotations

import os
from stat import S_ISREG
from typing import TYPE_CHECKING

from replayglass.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

MAX_INPUT = 1 << 20

MAX_KEY = 64 * 1024
"""Bytes of a file with a private key."""


def read_input(path: Path, option: str, limit: int = MAX_INPUT) -> bytes:
    """Return the bytes of a regular file of at most ``limit`` bytes.

    Raises:
        InputError: it is not one, or cannot be read; the message begins with ``option``.
    """
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            message = f"{option}: {path} is not a regular file"
            raise InputError(message)
        if status.st_size > limit:
            message = f"{option}: {path} has more than {limit} bytes"
            raise InputError(message)
        with open(path, "rb", opener=_open) as file:
            return file.read(limit)
    except (OSError, ValueError) as error:  # a path with a NUL is a ValueError
        reason = getattr(error, "strerror", None) or "not a usable path"
        message = f"{option}: {path} cannot be read: {reason}"
        raise InputError(message) from None


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
