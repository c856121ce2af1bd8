"""The collections of what the machine did: decisions, intents, changes of instances, events, beats."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from replayglass.canon import encode_inline
from replayglass.collection import Layout
from replayglass.domains.flow import documents as doc
from replayglass.domains.flow import pages
from replayglass.domains.flow.columns import Columns
from replayglass.domains.flow.decision import referred
from replayglass.domains.flow.keeping import Keeping
from replayglass.domains.flow.lifelines import Lifelines
from replayglass.domains.flow.listings import STARTS, Listings
from replayglass.domains.flow.outcomes import OK
from replayglass.domains.flow.policytrend import PolicyTrends
from replayglass.row import Row
from replayglass.shelf import Shelf
from replayglass.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.domains.flow.beat import Beat, Change, Outcome, Verdict, Wake
    from replayglass.domains.flow.state import State
    from replayglass.domains.flow.tree import Tree
    from replayglass.domains.flow.vm import Flow
    from replayglass.page import Artifact
    from replayglass.row import Collection, Value

_ABOUT = ("first beat",)
FAILURES = 100
"""Failed intents that the first page of the intents lists."""


class Failure(NamedTuple):
    """An intent that failed: its row among the intents, and what happened."""

    row: int
    beat: int
    outcome: Outcome


class Shelves:
    """Takes beats in, gives pages out, and counts."""

    def __init__(self, limit: int) -> None:
        self.decisions = _shelf(pages.DECISIONS, pages.DECISION_COLUMNS, "flow-decisions-page", limit)
        self.intents = _shelf(pages.INTENTS, pages.INTENT_COLUMNS, "flow-intents-page", limit)
        self.lifecycle = _shelf(pages.LIFECYCLE, pages.LIFECYCLE_COLUMNS, "flow-lifecycle-page", limit)
        self.events = _shelf(pages.EVENTS, pages.EVENT_COLUMNS, "flow-events-page", limit)
        self.beats = _shelf(pages.BEATS, pages.BEAT_COLUMNS, "flow-beats-page", limit)
        self.fates: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.shapes: dict[str, tuple[int, int]] = {}
        self.failures: list[Failure] = []
        self.timeline = Timeline()
        self.columns = Columns()
        self.keeping = Keeping(limit)
        self.trends = PolicyTrends()
        self.lifelines = Lifelines()
        self.listings = Listings()

    def take(self, number: int, beat: Beat, flow: Flow, line: int) -> Iterator[Artifact]:
        """Take in beat ``number``, which line ``line`` of the journal executed; ``flow`` is the machine after it."""
        self.columns.define(flow.state.ledgers["policy"])
        first = self.decisions.count
        firsts = [shelf.count for shelf in (self.intents, self.decisions, self.lifecycle, self.events)]
        # Changes come first: they tell which instances there are.
        for change in beat.changes:
            yield from self._change(number, change)
        for outcome in beat.outcomes:
            yield from self._outcome(number, outcome, flow)
        for verdict in beat.verdicts:
            yield from self._verdict(number, verdict, flow)
        for wake in beat.wakes:
            yield from self._wake(number, wake)
        yield from self._beat(number, beat, line, firsts)
        fates = [verdict.fate.value for verdict in beat.verdicts]
        self.fates.update(fates)
        self.timeline.add([number] * len(fates), fates, range(first, first + len(fates)))

    def finish(self, state: State) -> Iterator[Artifact]:
        """Give the last pages; ``state`` is that of the machine at the end."""
        for shelf in (self.decisions, self.intents, self.lifecycle, self.events, self.beats, self.keeping.archive):
            yield from shelf.finish()
        yield from self.listings.finish(state)

    def _verdict(self, number: int, verdict: Verdict, flow: Flow) -> Iterator[Artifact]:
        cell, row = verdict.decision, self.decisions.count
        stored = flow.cell(cell)
        veto = None if verdict.veto is None else doc.VetoEntry(*verdict.veto)
        part = doc.DecisionRow(row, number, verdict.fate.value, verdict.instance, verdict.site, stored, veto)
        self._note_shape(number, verdict)
        self.columns.add(number, verdict)
        self.trends.take(number, row, verdict)
        yield from self.keeping.take(number, row, verdict)
        who = self._who(verdict.instance)
        values: tuple[Value, ...] = (
            *_at(number),
            verdict.fate.value,
            verdict.site,
            *who,
            cell.choice,
            referred(cell.policy) or "none",
            _measured(verdict),
            _kept(verdict),
            "none" if cell.fingerprint is None else cell.fingerprint,
            _evidence(stored),
        )
        kind = pages.DECIDED[verdict.fate.value, len(who) > 1]
        yield from self.decisions.add(Row(kind, row, values), encode_inline(part), (number,))

    def _note_shape(self, number: int, verdict: Verdict) -> None:
        """Count which telemetry and retention shapes occur, and since which beat."""
        cell = verdict.decision
        names = [f"retain_mode {cell.retain.mode}" if cell.retain else "no retention"]
        names.append("telemetry" if cell.telemetry else "no telemetry")
        names.append("fingerprint" if cell.fingerprint is not None else "no fingerprint")
        for name in names:
            since, count = self.shapes.get(name, (number, 0))
            self.shapes[name] = since, count + 1

    def _who(self, name: str) -> tuple[Value, ...]:
        """Return an instance as values of a row, with its place if it has one."""
        instance = self.lifelines.find(name)
        return (name,) if instance is None else (instance // pages.INSTANCES.size, instance, name)

    def _outcome(self, number: int, outcome: Outcome, flow: Flow) -> Iterator[Artifact]:
        row, failed = self.intents.count, outcome.code != OK
        self.outcomes[outcome.code] += 1
        if failed and len(self.failures) < FAILURES:
            self.failures.append(Failure(row, number, outcome))
        bucket, txn, code, target, fatal = outcome
        part = doc.IntentRow(row, number, bucket, txn, target, code, fatal)
        who = self._who(target) if target and bucket.startswith("inst_") else (target or "",)
        kind = pages.OUTCOMES["bad" if failed else "good", len(who) > 1]
        values = (*_at(number), bucket, txn, *who, code)
        yield from self.intents.add(Row(kind, row, values), encode_inline(part), (number,))
        yield from self.listings.intended(outcome, row, number)
        started, place = flow.state.instances.get(target or ""), self.lifelines.find(target or "")
        if bucket == STARTS and started is not None and place is not None:
            yield from self.listings.started(started.node, row, number, place)

    def _change(self, number: int, change: Change) -> Iterator[Artifact]:
        row, before, after = self.lifecycle.count, change.before, change.after
        instance = self.lifelines.add(number, row, change)
        state, pc = (None, None) if before is None else before
        part = doc.ChangeRow(row, number, change.instance, change.cause, state, pc, *after)
        was = "not there" if before is None else pages.whereabouts(before)
        values = (*_at(number), *self._who(change.instance), change.cause, was, pages.whereabouts(after))
        yield from self.lifecycle.add(Row(pages.CHANGED, row, values), encode_inline(part), (number,))
        yield from self.listings.came(change, row, number, instance)

    def _wake(self, number: int, wake: Wake) -> Iterator[Artifact]:
        row = self.events.count
        part = doc.WakeRow(row, number, *wake)
        who = self._who(wake.instance)
        values = (*_at(number), *who, wake.event, wake.status, wake.signal or "")
        yield from self.events.add(Row(pages.WOKEN[len(who) > 1], row, values), encode_inline(part), (number,))

    def _beat(self, number: int, beat: Beat, line: int, firsts: Sequence[int]) -> Iterator[Artifact]:
        counts = [
            beat.chains,
            *map(len, (beat.outcomes, beat.lost, beat.verdicts, beat.changes, beat.wakes, beat.emits)),
        ]
        part = doc.BeatRow(self.beats.count, beat.number, beat.ok, *counts)
        end = "committed" if beat.ok else f"a fatal error; intents lost: {len(beat.lost)}"
        values: list[Value] = [line // pages.JOURNAL.size, line, beat.chains]
        listed = counts[1], *counts[3:6]
        for first, count in zip(firsts, listed, strict=True):
            # All these collections have pages of one size.
            values += (first // pages.INTENTS.size, first, count) if count else (count,)
        kind = pages.beaten("" if beat.ok else "bad", *map(bool, listed))
        yield from self.beats.add(Row(kind, number, (*values, counts[6], end)), encode_inline(part), ())


def _shelf(collection: Collection, columns: tuple[str, ...], schema: str, limit: int) -> Shelf:
    about = () if collection is pages.BEATS else _ABOUT
    return Shelf(collection, Layout(collection.folder, columns, schema, about=about), limit)


def _at(number: int) -> tuple[int, int, int]:
    """Return a beat as values of a row."""
    return number // pages.BEATS.size, number, number


def _measured(verdict: Verdict) -> str:
    telemetry = verdict.decision.telemetry
    if telemetry is None:
        return "none"
    error = ", error" if telemetry.error_flag else ""
    return f"score {telemetry.score}, confidence {telemetry.confidence}, latency {telemetry.latency}{error}"


def _kept(verdict: Verdict) -> str:
    if verdict.veto is not None:
        return f"vetoed: {verdict.veto.field} must be {verdict.veto.expected}, found {verdict.veto.found}"
    plan, upto = verdict.decision.retain, verdict.decision.upto
    if plan is None:
        return "not told"
    return plan.directive if upto is None else f"{plan.directive}, until beat {upto}"


def _evidence(stored: Tree) -> str:
    """Return what a decision was made from: the instance's state and context, and its latest event."""
    evidence = stored.get("evidence")
    if evidence is None:
        return "none"
    said = [f"{name} {evidence[name]}" for name in ("state", "context", "signal", "beat", "origin") if name in evidence]
    if "event" in evidence:
        said.append(f"event {evidence['event']['$link'] or 'that is gone'}")
    if "payload" in evidence:
        said.append(f"payload {encode_inline(evidence['payload']).decode()}")
    return ", ".join(said) or "nothing"
