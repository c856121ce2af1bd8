"""The rules of the snapshot stream: each snapshot follows a ledger update, agrees with the events, has its own id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.paper import rulebook as rule
from replayglass.domains.paper.crosscheck import Crosscheck
from replayglass.domains.paper.events import MAX_TIME, Snapshot
from replayglass.domains.paper.snapshotids import SnapshotIds
from replayglass.record import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from replayglass.damage import Unreadable
    from replayglass.domains.paper.decode import Invalid
    from replayglass.domains.paper.ledger import Change
    from replayglass.domains.paper.records import Slot
    from replayglass.domains.paper.snapshots import Update
    from replayglass.record import Batch
    from replayglass.rule import Problem

STREAM = "snapshots"


class SnapshotRules:
    """Checks every snapshot when it is taken in."""

    def __init__(self, report: Callable[[Finding], None]) -> None:
        self.crosscheck = Crosscheck()
        self.ids = SnapshotIds()
        self._last_time = MAX_TIME
        self._report = report
        self._previous: int | None = None
        self._uncertain = False
        self._records = self._joined = self._damaged = self._before = self._after = 0

    def events_ended(self, last_time: int | None, *, uncertain: bool) -> None:
        """Take note that no event follows; ``last_time`` is that of the last one.

        ``uncertain`` says that a damaged event may explain what does not agree.
        """
        self._last_time = -1 if last_time is None else last_time
        self._uncertain = uncertain

    def begin(self, update: Update) -> None:
        """Take note that a snapshot is now looked for."""
        self.crosscheck.touch(update.plane, update.market)
        self._uncertain = update.uncertain
        self._damaged = 0

    def identify(self, batch: Batch, items: Sequence[Snapshot | Invalid | Unreadable]) -> None:
        """Recompute the ids of a batch of snapshots."""
        self.ids.check(batch, items)

    def check(self, slot: Slot[Snapshot], update: Update | None, changes: Sequence[Change]) -> None:
        """Check one snapshot; ``update`` is what it follows, if it was found."""
        self._records += 1
        if not isinstance(slot.item, Snapshot):
            self._damaged += 1
            return
        for problem in self._problems(slot.place.seq, slot.item, update, changes):
            self._report(Finding.at(*problem, slot.place))

    def missing(self, *, ended: bool) -> Problem | None:
        """Return what is wrong because the update that was begun has no snapshot; a damaged one explains it.

        Before the first and after the last snapshot it may be the strategy that was changed: that is said at the end.
        """
        if self._damaged:
            return None
        if ended or not self._joined:
            self._before += not ended
            self._after += ended
            return None
        words = "Ledger updates before and after this one have snapshots: expected one of it too, found none."
        return rule.NO_SNAPSHOT.broken(words, uncertain=self._uncertain)

    def end(self) -> None:
        """Report what is known only when all snapshots were read."""
        if not self._records:
            return
        for count, words in ((self._before, "before the first"), (self._after, "after the last")):
            if count:
                message = f"Ledger updates {words} snapshot: expected one of each, found none of {count:,}."
                message += " Snapshots may have been off."
                self._report(Finding(rule.NO_SNAPSHOT.code, Severity.WARNING, message, STREAM))

    def _problems(
        self, seq: int, snapshot: Snapshot, update: Update | None, changes: Sequence[Change]
    ) -> list[Problem]:
        problems = self.ids.problems(seq)
        if snapshot.plane != "PAPER":
            words = f"expected PAPER, found {snapshot.plane}"
            problems.append(rule.LIVE.broken(f"The snapshot is of another plane: {words}."))
        if self._previous is not None and snapshot.logical_time < self._previous:
            words = f"expected {self._previous} or more, found {snapshot.logical_time}"
            problems.append(rule.SNAPSHOT_BACKWARDS.broken(f"The logical time goes back: {words}."))
        self._previous = snapshot.logical_time
        if update is None:
            self.crosscheck.passed(snapshot.plane)
            return [*problems, self._alone(snapshot)]
        self._joined += 1
        found = self.crosscheck.compare(update.held, snapshot, changes, uncertain=update.uncertain)
        return problems + found

    def _alone(self, snapshot: Snapshot) -> Problem:
        time, plane = snapshot.logical_time, snapshot.plane
        if time > self._last_time:
            last = "no event" if self._last_time < 0 else f"{self._last_time} as the last"
            words = f"The snapshot is ahead of the log: expected an event of time {time} or more, found {last}."
            return rule.AHEAD.broken(words, uncertain=self._uncertain)
        words = f"expected a ledger update of time {time} on plane {plane} with its execution, found none left"
        return rule.NO_UPDATE.broken(f"The snapshot follows no ledger update: {words}.", uncertain=self._uncertain)
