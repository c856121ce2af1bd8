"""The observer's answer with raw events, and the check that what it rests on could be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Raw, Struct

from replayglass.live.documents import Damaged, Moved, joined, records, taken
from replayglass.live.observererror import ObserverError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.live.documents import Documents

EVENTS = "v1/observe/persistence/audit-events"
SNAPSHOTS = "v1/observe/persistence/snapshots"
MAX_LIMIT = 1000
_LIMIT = re.compile(r"[1-9][0-9]{0,3}")


class _EventsPage(Struct, frozen=True):
    first: int
    count: int
    events: tuple[Raw, ...]
    unreadable: tuple[Damaged, ...]
    moved: tuple[Moved, ...] = ()


class _SnapshotsPage(Struct, frozen=True):
    first: int
    count: int
    unreadable: tuple[Damaged, ...]
    invalid: tuple[Damaged, ...] = ()


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
    pages = documents.pages(documents.collection(EVENTS), _EventsPage)
    return _answer(documents, (row for page in pages for row in _rows(page)))


def last_events(documents: Documents, limit: int) -> Iterator[bytes]:
    """Give the answer with the last ``limit`` events, in file order, as written."""
    collection = documents.collection(EVENTS)
    rows: list[bytes | Moved] = []
    number = collection.pages
    while number and len(rows) < limit:
        number -= 1
        page = documents.page(collection, number, _EventsPage)
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
    collection = documents.collection(SNAPSHOTS)
    for number in range(collection.pages - 1, -1, -1):
        page = documents.page(collection, number, _SnapshotsPage)
        last = page.first + page.count - 1
        bad = [item for item in (*records(page.unreadable), *page.invalid) if item.seq == last]
        if bad:
            code, message = "INTERNAL_ERROR", f"the last snapshot cannot be used: {_place(bad[0])}"
            raise ObserverError(code, message)
        if page.count:
            return


def _answer(documents: Documents, rows: Iterator[bytes | Moved]) -> Iterator[bytes]:
    yield b'{"events":['
    yield from joined(documents.blob(row.blob) if isinstance(row, Moved) else row for row in rows)
    yield b"]}\n"


def _rows(page: _EventsPage) -> list[bytes | Moved]:
    """Return the readable records of a page in file order, as they stand in it or where they were moved to."""
    moved = {row.seq: row for row in page.moved}
    gone = {item.seq for item in records(page.unreadable)}
    kept = iter(page.events)
    seqs = (seq for seq in range(page.first, page.first + page.count) if seq not in gone)
    return [moved[seq] if seq in moved else taken(kept) for seq in seqs]


def _refuse_damage(page: _EventsPage, wanted: int) -> None:
    """Refuse when a record that cannot be read stands among or behind the last ``wanted`` records of a page."""
    bad = [item for item in records(page.unreadable) if item.seq >= page.first + page.count - wanted]
    if bad:
        code, message = "INTERNAL_ERROR", f"a record of audit-events cannot be read: {_place(bad[0])}"
        raise ObserverError(code, message)


def _place(item: Damaged) -> str:
    return f"record {item.seq}, line {item.line}, byte {item.offset}, {item.code}"
