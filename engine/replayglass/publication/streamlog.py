"""The log of one stream of a published site: its roots at any size, and its records, from O(log n) tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.proof.bundle import MAX_BUNDLE
from replayglass.proof.checkpoint import Checkpoint
from replayglass.proof.leaf import blob_path, parse_digest
from replayglass.proof.reader import LogReader
from replayglass.publication.published import MAX_READ

if TYPE_CHECKING:
    from replayglass.publication.published import PublishedSite


class StreamLog:
    """The log of ``stream`` in ``site``; ``head`` is its checkpoint, ``size`` its number of records.

    Raises (as every method does):
        InputError: a tile, a bundle or a record is missing, or not what the checkpoint commits to.
    """

    def __init__(self, site: PublishedSite, stream: str) -> None:
        self.head = site.head(stream)
        self.size = self.head.size
        self._site = site
        self._stream = stream
        with site.explaining():
            self._reader = LogReader(self._tile, Checkpoint(self.head.origin, self.size, self.head.root))

    def root_at(self, size: int) -> bytes:
        """Return the root of the first ``size`` records, of which the log must have as many."""
        with self._site.explaining():
            return self._reader.root_at(size)

    def record(self, seq: int) -> bytes | None:
        """Return the exact bytes of a record, None if it was too long to be read, or is too long to be read here."""
        with self._site.explaining():
            entry = self._reader.entry(seq)
            found = parse_digest(entry)
        if found is None:
            return entry
        is_withheld = found.kind == "unread" or found.length > MAX_READ
        return None if is_withheld else self._site.blob(blob_path(found.sha256), found.length)

    def _tile(self, path: str) -> bytes | None:
        return self._site.read(f"log/{self._stream}/{path}", MAX_BUNDLE)
