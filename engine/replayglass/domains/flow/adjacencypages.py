"""The pages of the adjacency: what the last sweep left of each instance in numbers, with its latest event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.collection import Ranges, neighbours
from replayglass.domains.flow.pages import ADJACENCY, INSTANCES
from replayglass.domains.flow.tree import children, text
from replayglass.page import Page, Rows
from replayglass.row import Field, Row, RowKind, RowLink, page_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.domains.flow.instances import Seen

SECTION = "flow/instances"
COLUMNS = (
    "#",
    "instance",
    "state",
    "pc",
    "subscriptions",
    "events",
    "emits",
    "latest event",
    "its beat",
    "latency",
    "latencies, newest first",
    "errors, newest first",
)
_CODE = (Field("code"),)
_INSTANCE = (RowLink(INSTANCES, "code"),)
_SUMMARY = RowKind((_INSTANCE, *(_CODE,) * 2, *((Field("text"),),) * 3, _CODE, *((Field("text"),),) * 4))
_UNSEEN = RowKind((_INSTANCE, ("No sweep has seen it yet.",)), span=len(COLUMNS) - 2)


class AdjacencyPages:
    """Instances in, pages out; their JSON is in the rows of the instances."""

    def __init__(self) -> None:
        self._ranges = Ranges(ADJACENCY, ("first instance",), SECTION)
        self._rows: list[Row] = []
        self._first: str | None = None

    def add(self, seen: Seen) -> Iterator[Page]:
        """Take in the next instance; gives the page that it fills."""
        if not self._rows:
            self._first = seen.name
        self._rows.append(_row(seen))
        if len(self._rows) == ADJACENCY.size:
            yield from self._close(full=True)

    def finish(self) -> Iterator[Page]:
        """Give the last page, which may be empty, and what leads to the pages."""
        yield from self._close(full=False)
        yield from self._ranges.finish()
        intro = "What the last sweep left of each instance; the same stands in the rows of the instances as JSON."
        yield Page(f"{ADJACENCY.folder}/index.html", "Adjacency", SECTION, [self._ranges.table()], intro)

    def _close(self, *, full: bool) -> Iterator[Page]:
        number = self._ranges.pages
        around = neighbours(ADJACENCY, number, full=full)
        block = Rows(ADJACENCY, COLUMNS, self._rows)
        yield Page(page_path(ADJACENCY, number), f"Adjacency, page {number}", SECTION, [block], neighbours=around)
        yield from self._ranges.add(len(self._rows), (self._first,))
        self._rows, self._first = [], None


def _row(seen: Seen) -> Row:
    link, summary = (seen.number // INSTANCES.size, seen.number, seen.name), seen.summary
    if summary is None:
        return Row(_UNSEEN, seen.number, link)
    names = ("state", "pc", "sub_count", "evt_count", "emit_count", "signal", "beat", "latency")
    windows = (" ".join(children(summary, name).values()) or "none" for name in ("lat_window", "err_window"))
    return Row(_SUMMARY, seen.number, (*link, *(text(summary, name) or "none" for name in names), *windows))
