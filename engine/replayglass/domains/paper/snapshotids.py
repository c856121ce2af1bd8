"""The ids of snapshots, derived again from what they hold (paper-runtime.md section 11)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from replayglass.domains.paper import rulebook as rule
from replayglass.domains.paper.claims import Claims, Start
from replayglass.domains.paper.events import Snapshot
from replayglass.domains.paper.idcounts import MATCHED, WITHHELD, WRONG
from replayglass.domains.paper.ids import snapshot_input

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.damage import Unreadable
    from replayglass.domains.paper.decode import Invalid
    from replayglass.record import Batch
    from replayglass.rule import Problem

_PREFIX = len(Start.SNAPSHOT.prefix)


class SnapshotIds:
    """Checks batches of snapshots; keeps what is wrong with one until it is asked for."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._problems: dict[int, list[Problem]] = {}

    def check(self, batch: Batch, items: Sequence[Snapshot | Invalid | Unreadable]) -> None:
        """Recompute the ids of a batch."""
        claims = Claims()
        for index, item in enumerate(items):
            if not isinstance(item, Snapshot):
                continue
            if index in batch.redacted:
                self.counts[WITHHELD] += 1
                words = (
                    "A part of it is withheld: expected all of the snapshot to derive its id again, found it redacted."
                )
                self._problems[batch.first + index] = [rule.WITHHELD.broken(words)]
                continue
            positions = {
                key: (held.market_id, held.quantity, held.is_open, held.last_execution_id)
                for key, held in item.positions.items()
            }
            text = snapshot_input(item.plane, item.logical_time, positions)[_PREFIX:]
            claims.add(batch.first + index, Start.SNAPSHOT, text, item.snapshot_id)
        wrong = claims.mismatches()
        self.counts[MATCHED] += len(claims) - len(wrong)
        self.counts[WRONG] += len(wrong)
        for seq, expected, found, _ in wrong:
            words = f"The snapshotId is not derived from the snapshot: expected {expected}, found {found}."
            self._problems[seq] = [rule.SNAPSHOT_ID.broken(words)]

    def problems(self, seq: int) -> list[Problem]:
        """Return what is wrong with the id of snapshot ``seq``, once."""
        return self._problems.pop(seq, [])
