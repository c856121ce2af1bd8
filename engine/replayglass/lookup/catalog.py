"""The separators of all full segments: what says which leaves can hold a term, in files of bounded size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.logscript import script_json
from replayglass.lookup.leaves import FOLDER, call, fitted
from replayglass.page import Blob

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ENVELOPE = 1024


class Catalog:
    """Takes one segment after the other; ``firsts`` is the first segment of each file."""

    def __init__(self, limit: int) -> None:
        self.firsts: list[int] = []
        self._room = limit // 2 - _ENVELOPE
        self._entries: list[list[list[str]]] = []
        self._size = self._segments = 0

    def add(self, families: Sequence[Sequence[str]]) -> Iterator[Blob]:
        """Take a full segment's separators of ids and of names; gives the file that has no room for them."""
        entry = fitted(families, self._room)
        size = len(script_json(entry)) + 1
        if self._entries and self._size + size > self._room:
            yield self._close()
        if not self._entries:
            self.firsts.append(self._segments)
        self._entries.append(entry)
        self._size += size
        self._segments += 1

    def finish(self) -> Iterator[Blob]:
        """Give the last file."""
        if self._entries:
            yield self._close()

    def _close(self) -> Blob:
        number, entries = len(self.firsts) - 1, self._entries
        self._entries, self._size = [], 0
        return Blob(f"{FOLDER}/leaves/{number:06d}.js", call("leaves", number, entries))
