"""Events by type; decisions by strategy instance, class, market, outcome, and by why nothing was proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.cell import Link
from replayglass.domains.paper.outcomes import OUTCOMES, TONES
from replayglass.domains.paper.places import DECISIONS, EVENTS
from replayglass.facet import Facet
from replayglass.facetshape import Shape
from replayglass.page import Table
from replayglass.row import Field, Row, RowKind, RowLink
from replayglass.timeline import Trends

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from replayglass.cell import Cell
    from replayglass.domains.paper.decisions import Entry
    from replayglass.domains.paper.events import AuditEvent
    from replayglass.facet import Triple
    from replayglass.page import Artifact
    from replayglass.share import Share

_EVENT = RowKind(((RowLink(EVENTS, "int"),), (Field("int"),)))
_CODES = {name: number for number, name in enumerate(OUTCOMES)}
_DECISION = [
    RowKind(((RowLink(DECISIONS, "int"),), (Field("int"),), (words,)), TONES.get(name, ""))
    for name, words in OUTCOMES.items()
]


class EventFacet(Facet):
    """Events told apart; a row has the event and its time."""

    def row(self, number: int, triple: Triple) -> Row:
        """Return the row of an event."""
        seq, time, _ = triple
        return Row(_EVENT, number, (seq // EVENTS.size, seq, seq, time))


class DecisionFacet(Facet):
    """Decisions told apart; a row has the decision, its time and its outcome."""

    def row(self, number: int, triple: Triple) -> Row:
        """Return the row of a decision."""
        decision, time, code = triple
        return Row(_DECISION[code], number, (decision // DECISIONS.size, decision, decision, time))


BY_INSTANCE, BY_CLASS, BY_MARKET = (f"{DECISIONS.folder}/by-{many}" for many in ("instance", "class", "market"))
"""Folders of the lists that names lead to."""


def _decisions(one: str, many: str, intro: str, share: Share) -> DecisionFacet:
    shape = Shape(DECISIONS, one, many, ("decision", "time", "outcome"), intro, "No decision was evaluated.")
    return DecisionFacet(shape, share)


class Listings:
    """All facets of a run."""

    def __init__(self, share: Share) -> None:
        intro = "Every valid event, by its type; those that repeat an id among them."
        shape = Shape(EVENTS, "type", "type", ("event", "time"), intro, "The runtime has written no event yet.")
        self.types = EventFacet(shape, share)
        self.instances = _decisions("strategy instance", "instance", "Decisions by who made them.", share)
        self.classes = _decisions("decision class", "class", "Decisions by what kind they are.", share)
        intro = "Decisions by the market for which they proposed an order; those that proposed none are not listed."
        self.markets = _decisions("market", "market", intro, share)
        self.outcomes = _decisions("outcome", "outcome", "Decisions by what they came to.", share)
        self.answers = _decisions("answer of safety", "answer", "Decisions by the last answer of safety.", share)
        intro = "Decisions that proposed nothing, by the reason that is logged."
        self.reasons = _decisions("logged reason", "logged-reason", intro, share)
        intro = "Decisions that proposed nothing, by the reason that the event's id reveals."
        self.recovered = _decisions("recovered reason", "recovered-reason", intro, share)

        self._trended = self.outcomes, self.answers, self.reasons, self.recovered
        self._trends = Trends(len(self._trended))
        self._is_first = share.is_first

    @property
    def of_decisions(self) -> Sequence[DecisionFacet]:
        """Return the facets of decisions."""
        return self.instances, self.classes, self.markets, self.outcomes, self.answers, self.reasons, self.recovered

    def occurred(self, events: Iterable[tuple[int, AuditEvent]], first: int, stretch: int) -> Iterator[Artifact]:
        """Take the valid events of a batch in, each with its index; ``first`` is the number of the batch's first."""
        for index, event in events:
            yield from self.types.add(event.type, (first + index, event.logical_time, 0), stretch)

    def trend(self, entries: Sequence[Entry], outcomes: Sequence[str]) -> None:
        """Count what the decisions of a page have in common over time; only the first share shows that."""
        if not self._is_first or not entries:
            return
        self._trends.add(
            [entry.event.logical_time for entry in entries],
            [OUTCOMES[outcome] for outcome in outcomes],
            [None if entry.last_result is None else entry.last_result.type for entry in entries],
            [entry.reason for entry in entries],
            [entry.skip for entry in entries],
        )

    def trend_of(self, facet: Facet) -> Mapping[str, Sequence[int]] | None:
        """Return the counts of the keys of a facet of decisions in steps of time, None if that is not counted."""
        return self._trends.points(self._trended.index(facet)) if facet in self._trended else None

    def decided(self, entry: Entry, outcome: str, stretch: int) -> Iterator[Artifact]:
        """Take a decision in when its page is closed."""
        event = entry.event
        triple = entry.number, event.logical_time, _CODES[outcome]
        yield from self.instances.add(event.strategy_instance_id, triple, stretch)
        yield from self.classes.add(event.decision_class, triple, stretch)
        yield from self.outcomes.add(OUTCOMES[outcome], triple, stretch)
        if entry.last_result is not None:
            yield from self.answers.add(entry.last_result.type, triple, stretch)
        if entry.market is not None:
            yield from self.markets.add(entry.market, triple, stretch)
        if entry.reason is not None:
            yield from self.reasons.add(entry.reason, triple, stretch)
        if entry.skip is not None:
            # What ids reveal is known to the first share of every event, to the others only where they tell it.
            yield from self.recovered.add(entry.skip, triple, 0)

    def neighbours(self, instances: Sequence[str], numbers: Sequence[int]) -> list[tuple[int | None, int | None]]:
        """Return the decisions of the same instance before and after each of a page that is about to be taken in.

        ``instances`` and ``numbers`` are those of its decisions. What comes after the page is not known yet.
        """
        keys, latest = self.instances.keys, dict[str, int]()
        befores: list[int | None] = []
        afters: dict[int, int] = {}
        for instance, number in zip(instances, numbers, strict=True):
            before = latest.get(instance)
            if before is None:
                befores.append(keys[instance].last if instance in keys else None)
            else:
                befores.append(before)
                afters[before] = number
            latest[instance] = number
        return [(before, afters.get(number)) for before, number in zip(befores, numbers, strict=True)]

    def table(self) -> Table:
        """Return the links to the lists of decisions."""
        lines: list[tuple[Cell, ...]] = [
            (Link(f"by {facet.one}", facet.home), len(facet.keys)) for facet in self.of_decisions
        ]
        return Table("Listed by what they have in common", ("decisions", "keys"), lines)

    def finish(self, types: Mapping[str, Sequence[int]]) -> Iterator[Artifact]:
        """Give the last pages and the lists of keys; ``types`` are the counts of each type in steps of time."""
        yield from self.types.finish(types)
        for facet in self.of_decisions:
            yield from facet.finish(self.trend_of(facet))
