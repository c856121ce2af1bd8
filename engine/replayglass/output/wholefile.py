"""One file outside any site, written whole or not at all."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from replayglass.output.disk import Disk

if TYPE_CHECKING:
    from pathlib import Path


def write_whole(path: Path, data: bytes, disk: Disk | None = None) -> None:
    """Write ``data`` beside ``path`` under another name and rename it: who reads ``path`` finds the old or the new.

    Raises:
        OSError: it cannot be written; ``path`` is as it was.
    """
    disk = disk or Disk()
    beside = str(path.parent / f".replayglass-{secrets.token_hex(8)}")
    try:
        disk.create(beside, data)
        disk.move(beside, str(path))
    except BaseException:
        with suppress(OSError):
            disk.remove(beside)
        raise
