"""What the pages of a stream came to, once they were compared with the log."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from replayglass.verify.jsonpages import JsonRows
    from replayglass.verify.records import Leaves, Record

LATEST = 100
"""Readable records at the end of a stream that its document of the latest ones repeats."""


class Seen:
    """Counts, and the end of the stream.

    ``events`` and ``unreadable`` count records; of the latter ``unread`` were too long to be read. ``torn`` counts torn
    tails, ``shortened`` records whose bytes the HTML page does not show whole. ``latest`` are the last readable records
    by sequence number, ``valid`` is the last valid one.
    """

    def __init__(self) -> None:
        self.pages = self.events = self.unreadable = self.unread = self.torn = self.shortened = 0
        self.latest: deque[tuple[int, Record]] = deque(maxlen=LATEST)
        self.valid: Record | None = None

    def add(self, leaves: Leaves, rows: JsonRows) -> None:
        """Take in what a page says of its records."""
        first, _, records = leaves
        self.pages += 1
        self.events += len(records) - len(rows.unreadable)
        self.unreadable += len(rows.unreadable)
        self.unread += sum(records[seq - first].is_unread for seq in rows.unreadable)
        self.torn += rows.is_torn
        last: list[tuple[int, Record]] = []
        is_found = False
        for seq in range(first + len(records) - 1, first - 1, -1):
            if seq not in rows.unreadable:
                last.append((seq, records[seq - first]))
                if not is_found and seq not in rows.invalid:
                    is_found, self.valid = True, records[seq - first]
            if is_found and len(last) == LATEST:
                break
        self.latest.extend(reversed(last[:LATEST]))
