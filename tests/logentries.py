"""The entries of a log, as a reader of its files has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from replayglass.proof.reader import LogReader


def entries_of(reader: LogReader) -> list[bytes]:
    """Return all entries of a log, bundle by bundle."""
    return [entry for number in range(-(-reader.size // 256)) for entry in reader.bundle(number)]
