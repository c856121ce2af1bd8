"""The JSON documents about the ledgers of a PAPER run (paper-runtime.md sections 10 and 14)."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from replayglass.domains.paper.events import Plane, Position, TimeText  # noqa: TC001 - msgspec reads the annotations
from replayglass.pageschema import MovedRow, Natural, PageHead


class ShadowLedger(Struct):
    """The ledger of the latest snapshot's plane."""

    plane: str
    positions: list[Position]


class ShadowLedgerDocument(Struct):
    """The contract's shadow ledger: from the latest valid snapshot alone; plane PAPER and no positions without one."""

    shadow_ledger: ShadowLedger


class EventPosition(Struct, rename="camel"):
    """What events alone say of a market; the quantity of an open one is not in them (section 10)."""

    market_id: str
    is_open: bool
    last_execution_id: str
    event: Natural


class PlaneLedger(Struct):
    """One plane: its latest snapshot (number, time, positions), and what the events say."""

    plane: Plane
    snapshot: Natural | None
    logical_time: TimeText | None
    positions: list[Position] | None
    from_events: list[EventPosition]


class Ledgers(Struct):
    """The shadow ledger of each plane that occurs."""

    version: Literal[1]
    planes: list[PlaneLedger]


class LedgerChange(Struct):
    """One market that changed between two snapshots of one plane; null where the market was not there."""

    row: Natural
    snapshot: Natural
    logical_time: TimeText
    plane: Plane
    before: Position | None
    after: Position | None


class LedgerChangesPage(PageHead, kw_only=True):
    """Changes between snapshots, in file order."""

    rows: list[LedgerChange]
    moved: list[MovedRow] = []


class PositionChange(Struct):
    """One filled execution and the market that it opened or closed on its plane, as events tell it (section 10).

    ``before`` is the ledger update that set the market's state before, null if none did; ``was_open`` what that was.
    ``open`` counts the open positions of the plane after it. ``decision`` is the number of the decision.
    """

    row: Natural
    seq: Natural
    logical_time: TimeText
    plane: Plane
    market: str
    before: Natural | None
    was_open: bool
    is_open: bool
    open: Natural
    execution_id: str
    decision: Natural


class PositionChangesPage(PageHead, kw_only=True):
    """Changes of positions, in the order of the events."""

    rows: list[PositionChange]
    moved: list[MovedRow] = []
