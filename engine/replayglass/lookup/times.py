"""The logical time at which each page of the leading collection begins, in files of bounded size."""

from __future__ import annotations

from array import array
from itertools import pairwise
from typing import TYPE_CHECKING

from replayglass.lookup.leaves import FOLDER, call
from replayglass.page import Blob

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1024
"""Pages whose times stand in one file."""


class Times:
    """Takes the time of each page; a page of which none is known has that of the page before."""

    def __init__(self, chunk: int = CHUNK) -> None:
        self.firsts: list[int] = []
        self._chunk = chunk
        self._open = array("q")
        self._pages = self._last = 0
        self._is_known = True

    def note(self, page: int, time: int | None) -> Iterator[Blob]:
        """Take note of a time on ``page``, the last one or the next; gives the file that the pages before it fill."""
        if page == self._pages:
            if len(self._open) == self._chunk:
                yield self._close()
            self._is_known = False
            self._pages += 1
            self._open.append(self._last)
        if not self._is_known and time is not None:
            self._open[-1] = self._last = time
            self._is_known = True

    def finish(self) -> Iterator[Blob]:
        """Give the last file, and the first time of each in ``firsts``."""
        if self._open:
            yield self._close()

    def _close(self) -> Blob:
        """Return the open file: its first time, then how far each time is behind the one before."""
        number, times = len(self.firsts), self._open.tolist()
        self.firsts.append(times[0])
        self._open = array("q")
        steps = [times[0], *(time - before for before, time in pairwise(times))]
        return Blob(f"{FOLDER}/times/{number:06d}.js", call("times", number, steps))
