"""What an execution did to the shadow ledger, and the snapshot that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.paper.ledger import EventLedger, describe_effect
from replayglass.domains.paper.positions import PositionChanges
from replayglass.domains.paper.snapshots import Snapshots, Update
from replayglass.domains.paper.storylines import effect_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.domains.paper import events as ev
    from replayglass.domains.paper.decisions import Tick
    from replayglass.domains.paper.joins import Joins
    from replayglass.domains.paper.snapshots import Matched
    from replayglass.domains.paper.tally import Tally
    from replayglass.page import Artifact
    from replayglass.record import Batch
    from replayglass.replay import Context
    from replayglass.row import Row


class Effects:
    """Applies ledger updates, and has each snapshot compared with the ledger they leave."""

    def __init__(self, context: Context, snapshots: Iterator[Batch], joins: Joins, tally: Tally) -> None:
        self.ledger = EventLedger()
        self.snapshots = Snapshots(context, snapshots)
        self.positions = PositionChanges(context, self.ledger)
        self._out: list[Artifact] = []
        self._joins = joins
        self._tally = tally

    def take(self, seq: int, event: ev.LedgerUpdated, tick: Tick, *, repeated: bool) -> tuple[Row | None, int | None]:
        """Apply the outcome of ``tick``; return the line that says what it did, None for a repeated update.

        And the row of the change of a position, None if nothing changed.
        """
        # No id covers the update's own market. Where the two differ, that of an order intent may be proven by its id.
        market = tick.market if tick.market is not None and tick.market_is_proven else event.market_id
        effect = None if repeated else self.ledger.apply(tick, event.plane, market, seq)
        matched = self._match(event, tick, market)
        if effect is None:
            return None, None
        row = None if effect.after == effect.before else self.positions.shelf.count
        self._out += self.positions.add(seq, event.logical_time, tick, effect)
        self._tally.set_open(event.plane, event.logical_time, self.ledger.open.get(event.plane, 0), seq)
        change, shown = (None, None) if matched is None else (matched.change, matched.seq)
        return effect_line(describe_effect(effect, change), row, shown), row

    def drain(self) -> list[Artifact]:
        """Return the files that were completed since the last call."""
        out, self._out = self._out, []
        return out

    def _match(self, event: ev.LedgerUpdated, tick: Tick, market: str) -> Matched | None:
        """Return the snapshot that shows what an update did; a repeated update may have one of its own."""
        filled = tick.execution_id if tick.status == "FILLED" else None
        held = self.ledger.planes.get(event.plane, {})
        update = Update(event.logical_time, event.plane, market, filled, tick.number, held, self._joins.uncertain)
        matched, problem = self.snapshots.match(update)
        if problem is not None:
            self._joins.noted.append(problem)
        if matched is not None and self.snapshots.rules.crosscheck.agrees(event.plane):
            self._joins.uncertain = False
        return matched
