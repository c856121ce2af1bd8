"""What can be looked up of a PAPER run: every id of its events and snapshots, and the names in them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from replayglass.domains.paper import events as ev
from replayglass.domains.paper.listings import BY_CLASS, BY_INSTANCE, BY_MARKET
from replayglass.domains.paper.places import DECISIONS, EVENTS, SNAPSHOTS
from replayglass.listing import Kind
from replayglass.lookup.index import Lookup
from replayglass.lookup.leaves import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from replayglass.damage import Unreadable
    from replayglass.domains.paper.decode import Invalid
    from replayglass.domains.paper.fold import Fold
    from replayglass.page import Artifact
    from replayglass.record import Batch
    from replayglass.replay import Context


_EVENT, _DECISION, _EXECUTION, _INTENT, _SNAPSHOT, _INSTANCE, _MARKET, _CLASS, _FEEDBACK = range(9)
_BY_INSTANCE, _BY_MARKET, _BY_CLASS = range(9, 12)
KINDS = (
    kind_of(EVENTS),
    kind_of(DECISIONS),
    kind_of(EVENTS, "execution"),
    kind_of(EVENTS, "order intent"),
    kind_of(SNAPSHOTS),
    kind_of(EVENTS, "strategy instance"),
    kind_of(EVENTS, "market"),
    kind_of(EVENTS, "decision class"),
    kind_of(EVENTS, "feedback"),
    Kind("decisions of instance", BY_INSTANCE, "", 0),
    Kind("decisions of market", BY_MARKET, "", 0),
    Kind("decisions of class", BY_CLASS, "", 0),
)

Numbered = tuple[list[int], list[Any]]


class Terms:
    """Takes the ids and names of each batch to the index; where another share has that, it takes nothing.

    A decision leads to its story, a name to its decisions if they are listed, and all to the first event that has it.
    """

    def __init__(self, context: Context) -> None:
        self._lookup = Lookup(KINDS, context.limit) if context.share.is_first else None
        self._execution = ""
        self._listed = dict.fromkeys((_BY_INSTANCE, _BY_MARKET, _BY_CLASS), 0)

    def take(
        self, batch: Batch, items: Sequence[ev.AuditEvent | Invalid | Unreadable], fold: Fold
    ) -> Iterator[Artifact]:
        """Take in what a batch holds, after it was folded; gives the files that it completes."""
        decided, snapshots = fold.decisions.drain(), fold.snapshots.drain_ids()
        lookup = self._lookup
        if lookup is None:
            return
        first = fold.decisions.count - len(decided)
        lookup.add(_DECISION, decided, range(first, fold.decisions.count))
        lookup.add(_SNAPSHOT, [text for _, text in snapshots], [seq for seq, _ in snapshots])
        by_type: dict[type, Numbered] = {}
        for seq, item in enumerate(items, batch.first):
            seqs, own = by_type.setdefault(type(item), ([], []))
            seqs.append(seq)
            own.append(item)
        self._take_ids(lookup, by_type)
        for kind, event, name in _NAMES:
            if event in by_type:
                seqs, own = by_type[event]
                lookup.name(kind, [name(one) for one in own], seqs)
        self._take_listed(lookup, fold)
        time = next((item.logical_time for item in items if isinstance(item, ev.AuditEvent)), None)
        yield from lookup.advance(batch.first + len(items), time)

    def finish(self, fold: Fold, events: int) -> Iterator[Artifact]:
        """Give the remaining files, when all else was folded."""
        snapshots = fold.snapshots.drain_ids()
        if self._lookup is not None:
            self._lookup.add(_SNAPSHOT, [text for _, text in snapshots], [seq for seq, _ in snapshots])
            self._take_listed(self._lookup, fold)
            numbers = {"event": events, "decision": fold.decisions.count, "snapshot": fold.snapshots.shelf.ranges.rows}
            yield from self._lookup.finish(numbers)

    def _take_listed(self, lookup: Lookup, fold: Fold) -> None:
        """Take in the names whose decisions are listed since the last time; they are numbered in order."""
        lists = fold.telling.listings
        for kind, facet in ((_BY_INSTANCE, lists.instances), (_BY_MARKET, lists.markets), (_BY_CLASS, lists.classes)):
            known, self._listed[kind] = self._listed[kind], len(facet.keys)
            fresh = [(name, number) for number, name in enumerate(islice(facet.keys, known, None), known) if name]
            lookup.name(kind, [name for name, _ in fresh], [number for _, number in fresh])

    def _take_ids(self, lookup: Lookup, by_type: Mapping[type, Numbered]) -> None:
        for event in ev.EVENT_TYPES:
            if event in by_type:
                seqs, own = by_type[event]
                lookup.add(_EVENT, [one.id for one in own], seqs)
        seqs, own = by_type.get(ev.OrderIntentCreated, ([], []))
        lookup.add(_INTENT, [one.order_intent_id for one in own], seqs)
        pairs = [by_type[event] for event in (ev.ExecutionAttempted, ev.ExecutionOutcomeRecorded) if event in by_type]
        named = sorted((seq, one.execution_id) for seqs, own in pairs for seq, one in zip(seqs, own, strict=True))
        before = [self._execution, *(text for _, text in named)]
        fresh = [one for one, earlier in zip(named, before, strict=False) if one[1] != earlier]
        self._execution = before[-1]
        lookup.add(_EXECUTION, [text for _, text in fresh], [seq for seq, _ in fresh])
        seqs, own = by_type.get(ev.UserFeedbackRecorded, ([], []))
        others = [(seq, one.feedback_id) for seq, one in zip(seqs, own, strict=True) if one.feedback_id != one.id]
        lookup.add(_FEEDBACK, [text for _, text in others], [seq for seq, _ in others])


_NAMES: tuple[tuple[int, type, Callable[[Any], str]], ...] = (
    (_INSTANCE, ev.DecisionEvaluated, lambda event: event.strategy_instance_id),
    (_CLASS, ev.DecisionEvaluated, lambda event: event.decision_class),
    (_MARKET, ev.OrderIntentCreated, lambda event: event.market_id),
    (_MARKET, ev.LedgerUpdated, lambda event: event.market_id),
)
