"""The JSON documents of a flow run's instances."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from replayglass.pageschema import MovedRow, Natural, PageHead


class DecisionNumbers(Struct):
    """The rows of the decisions that are about an instance: how many, the newest, and by site the row of each cell.

    ``live`` are the cells of the ledger, ``archived`` those of the archive; the row named has the whole cell.
    ``pages`` is the collection that lists all rows, null where ``newest`` has them all.
    """

    count: Natural
    newest: list[Natural]
    live: dict[str, Natural]
    archived: dict[str, Natural]
    pages: str | None


class InstanceRow(Struct):
    """An instance when the journal ended: ``node`` and ``adjacency`` as in a dump, null if no sweep saw it."""

    row: Natural
    instance: str
    node: dict[str, Any]
    adjacency: dict[str, Any] | None
    decisions: DecisionNumbers


class InstancesPage(PageHead, kw_only=True):
    """Instances in the order of their first start."""

    rows: list[InstanceRow]
    moved: list[MovedRow] = []


TYPES: dict[str, type] = {"flow-instances-page": InstancesPage}
