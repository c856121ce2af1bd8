"""The observer's decision memory, put together from its pages and the later inputs to entries that were closed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, cast

from msgspec import Raw, Struct

from replayglass.canon import encode_inline
from replayglass.domains.paper.documents import DecisionMemoryEntry, LaterEvent, LaterPage, MovedIds
from replayglass.domains.paper.events import BLOCKING
from replayglass.domains.paper.places import DECISIONS, LATER
from replayglass.live.documents import decode, joined, rows_of
from replayglass.live.events import require_readable
from replayglass.pageschema import MovedRow, PageHead

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from replayglass.live.documents import Documents


class _EntriesPage(PageHead, kw_only=True):
    entries: dict[str, Raw]
    seenInputIds: Raw  # noqa: N815 - the observer contract's own spelling
    seenInputIdsMoved: MovedIds | None = None  # noqa: N815 - beside the field above
    moved: tuple[MovedRow, ...] = ()


class _Named(Struct, frozen=True, rename="camel"):
    decision_id: str


def decision_memory(documents: Documents) -> Iterator[bytes]:
    """Give the answer: entries in the order in which they were first seen, the ids of each page before later ones.

    Raises:
        ObserverError: a record of the log cannot be read.
    """
    require_readable(documents)
    later = _later(documents)
    yield b'{"decision_memory":{"version":1,"entries":{'
    yield from joined(
        part for page in documents.pages(DECISIONS, _EntriesPage) for part in _entries(documents, page, later)
    )
    yield b'},"seenInputIds":{'
    yield from joined(_seen(documents, later))
    yield b"}}}\n"


def _later(documents: Documents) -> Mapping[int, Sequence[LaterEvent]]:
    """Return the inputs that count, by the number of their decision, in order."""
    found: defaultdict[int, list[LaterEvent]] = defaultdict(list)
    for page in documents.pages(LATER, LaterPage):
        moved = [decode(documents.blob(row.blob), LaterEvent) for row in page.moved]
        for row in sorted((*page.rows, *moved), key=lambda row: row.row):
            if not row.repeated:
                found[row.decision].append(row)
    return found


def _entries(documents: Documents, page: _EntriesPage, later: Mapping[int, Sequence[LaterEvent]]) -> Iterator[bytes]:
    """Give the members of a page's entries, those that moved to blobs in their places."""
    numbers = range(page.first, page.first + page.count)
    rows = rows_of(numbers, page.entries.values(), {row.row: row.blob for row in page.moved})
    for number, row in zip(numbers, rows, strict=True):
        data = documents.row(row)
        if number in later:
            data = encode_inline(_counted(decode(data, DecisionMemoryEntry), later[number]))
        yield encode_inline(decode(data, _Named).decision_id) + b":" + data


def _counted(entry: Any, rows: Sequence[LaterEvent]) -> DecisionMemoryEntry:  # noqa: ANN401 - what rows say may be anything
    """Return an entry, decoded for this alone, with these inputs counted (paper-runtime.md section 12, 4 and 5)."""
    for row in rows:
        if row.type == "EXECUTION_OUTCOME_RECORDED":
            entry.execution.executions_observed += 1
            entry.execution.filled_count += row.value == "FILLED"
            entry.execution.failed_count += row.value == "FAILED"
            entry.execution.last_execution_status = row.value
        elif row.type == "SAFETY_EVALUATED":
            entry.safety.evaluations_observed += 1
            entry.safety.blocked_count += row.value in BLOCKING
            entry.safety.forced_sell_count += row.value == "FORCE_SELL"
            entry.safety.last_safety_result = {"type": row.value} | (
                {} if row.reason is None else {"reason": row.reason}
            )
        elif row.type == "USER_FEEDBACK_RECORDED":
            entry.feedback.feedback_count += 1
            entry.feedback.categories[row.value] = entry.feedback.categories.get(row.value, 0) + 1
    return cast("DecisionMemoryEntry", entry)


def _seen(documents: Documents, later: Mapping[int, Sequence[LaterEvent]]) -> Iterator[bytes]:
    for page in documents.pages(DECISIONS, _EntriesPage):
        moved = page.seenInputIdsMoved
        ids = bytes(page.seenInputIds) if moved is None else documents.blob(moved.blob)
        yield ids.strip()[1:-1]
    inputs = sorted((row for rows in later.values() for row in rows), key=lambda row: row.row)
    for row in inputs:
        yield encode_inline(row.id) + b":true"
