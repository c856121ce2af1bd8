"""What publishing needs to know of a place, whatever kind of place it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.publish.source import Source


class Stored(NamedTuple):
    """A file at a target: its size, and where the target says so its MD5 (hex) and the tag of this very version."""

    size: int
    md5: str | None = None
    tag: str | None = None


class Target(Protocol):
    """A place that is read; ``shown`` is what messages call it.

    Raises (as every method does):
        OutputError: it cannot be read.
    """

    shown: str

    def files(self) -> Mapping[str, Stored]:
        """Return every file by its path from the place's root."""

    def read(self, path: str, limit: int) -> bytes | None:
        """Return at most ``limit`` bytes of a file, None if there is none."""

    def is_same(self, path: str, stored: Stored, source: Source) -> bool:
        """Tell whether a file of the right size has the bytes of the source, as far as the place can say."""
