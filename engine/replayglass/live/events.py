"""The observer's answer with raw events, and the check that what it rests on could be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from replayglass.damage import TORN
from replayglass.domains.paper.places import EVENTS, SNAPSHOTS
from replayglass.live.documents import joined, rows_of
from replayglass.live.observererror import ObserverError
from replayglass.verify.jsonpages import EventRows, SnapshotRows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.live.documents import Documents
    from replayglass.pageschema import DamagedRecord
    from replayglass.verify.jsonpages import PageRows

MAX_LIMIT = 1000
_LIMIT = re.compile(r"[1-9][0-9]{0,3}")


def read_limit(values: Sequence[str]) -> int | None:
    """Return the limit that a query gives, None for all events.

    Raises:
        ObserverError: it is no integer from 1 to 1000, or given more than once.
    """
    if not values:
        return None
    if len(values) > 1 or not _LIMIT.fullmatch(values[0]) or int(values[0]) > MAX_LIMIT:
        code, message = "BAD_REQUEST", f"limit must be one integer from 1 to {MAX_LIMIT}"
        raise ObserverError(code, message)
    return int(values[0])


def all_events(documents: Documents) -> Iterator[bytes]:
    """Give the answer with every event, in file order, as written."""
    require_readable(documents)
    return _answer(documents, (row for page in documents.pages(EVENTS, EventRows) for row in _rows(page)))


def last_events(documents: Documents, limit: int) -> Iterator[bytes]:
    """Give the answer with the last ``limit`` events, in file order, as written."""
    rows: list[bytes | str] = []
    number = documents.page_count(EVENTS)
    while number and len(rows) < limit:
        number -= 1
        page = documents.page(EVENTS, number, EventRows)
        missing = limit - len(rows)
        found = _rows(page)[-missing:]
        _refuse_damage(page, missing)
        rows = [*found, *rows]
    return _answer(documents, iter(rows))


def require_readable(documents: Documents) -> None:
    """Refuse to answer from a log with records that cannot be read: an answer is never partial.

    Raises:
        ObserverError: there are such records.
    """
    count = documents.unreadable("audit-events")
    if count:
        code, message = "INTERNAL_ERROR", f"{count} records of audit-events cannot be read: see /findings/"
        raise ObserverError(code, message)


def require_last_snapshot(documents: Documents) -> None:
    """Refuse to answer with an older snapshot when the last one cannot be used.

    Raises:
        ObserverError: it is unreadable or not valid.
    """
    for number in reversed(range(documents.page_count(SNAPSHOTS))):
        page = documents.page(SNAPSHOTS, number, SnapshotRows)
        last = page.first + page.count - 1
        bad = [item for item in (*_unreadable(page), *page.invalid) if item.seq == last]
        if bad:
            code, message = "INTERNAL_ERROR", f"the last snapshot cannot be used: {_place(bad[0])}"
            raise ObserverError(code, message)
        if page.count:
            return


def _answer(documents: Documents, rows: Iterator[bytes | str]) -> Iterator[bytes]:
    yield b'{"events":['
    yield from joined(map(documents.row, rows))
    yield b"]}\n"


def _rows(page: EventRows) -> list[bytes | str]:
    """Return the readable records of a page in file order, as they stand in it or where they were moved to."""
    gone = {item.seq for item in _unreadable(page)}
    seqs = (seq for seq in range(page.first, page.first + page.count) if seq not in gone)
    return list(rows_of(seqs, page.raws, {row.seq: row.blob for row in page.moved}))


def _refuse_damage(page: EventRows, wanted: int) -> None:
    """Refuse when a record that cannot be read stands among or behind the last ``wanted`` records of a page."""
    bad = [item for item in _unreadable(page) if item.seq >= page.first + page.count - wanted]
    if bad:
        code, message = "INTERNAL_ERROR", f"a record of audit-events cannot be read: {_place(bad[0])}"
        raise ObserverError(code, message)


def _unreadable(page: PageRows) -> list[DamagedRecord]:
    """Return the records that cannot be read, without a torn tail: the writer may be about to complete it."""
    return [item for item in page.unreadable if item.code != TORN.code]


def _place(item: DamagedRecord) -> str:
    return f"record {item.seq}, line {item.line}, byte {item.offset}, {item.code}"
