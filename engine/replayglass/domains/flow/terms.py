"""What can be looked up of a flow run: instances, programs, policies, sites, and the intents by their transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.flow import pages
from replayglass.domains.flow.definedrows import PROGRAMS
from replayglass.domains.flow.facets import MOST, SECTION
from replayglass.domains.flow.listings import BY_PROGRAM, BY_STATE
from replayglass.domains.flow.policypages import POLICIES
from replayglass.listing import Kind
from replayglass.lookup.index import Lookup
from replayglass.lookup.leaves import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.domains.flow.beat import Beat
    from replayglass.domains.flow.shelves import Shelves
    from replayglass.domains.flow.vm import Flow
    from replayglass.page import Artifact

_LINE, _INSTANCE, _PROGRAM, _POLICY, _SITE, _INTENT, _DECISION, _BEAT, _RUNNING, _STATE = range(10)
KINDS = (
    kind_of(pages.JOURNAL),
    kind_of(pages.INSTANCES),
    kind_of(PROGRAMS),
    Kind(POLICIES.one, POLICIES.folder, "", POLICIES.size),
    Kind("site", f"{SECTION}/sites", "", 0),
    kind_of(pages.INTENTS),
    kind_of(pages.DECISIONS),
    kind_of(pages.BEATS),
    Kind("instances of program", BY_PROGRAM, "", 0),
    Kind("changes to state", BY_STATE, "", 0),
)


class Terms:
    """Takes what each beat brings to the index; what has a page of its own leads there."""

    def __init__(self, limit: int) -> None:
        self._lookup = Lookup(KINDS, limit, time="beat of the journal")
        self._known = [0] * len(KINDS)

    def take(self, beat: Beat, intents: int) -> None:
        """Take a beat in, whose first intent has row ``intents``."""
        if beat.outcomes:
            rows = range(intents, intents + len(beat.outcomes))
            self._lookup.name(_INTENT, [outcome.txn for outcome in beat.outcomes], rows)

    def advance(self, records: int, beat: int, shelves: Shelves, flow: Flow) -> Iterator[Artifact]:
        """Take note that the journal was read up to ``records``, of a page that begins at ``beat``."""
        columns = shelves.columns
        self._number(_INSTANCE, shelves.lifelines.names)
        self._number(_PROGRAM, list(flow.state.ledgers["program"]))
        self._number(_POLICY, columns.policies.keys.values[:MOST])
        self._number(_SITE, columns.sites.keys.values[:MOST])
        lists = shelves.listings
        self._number(_RUNNING, list(lists.programs.keys))
        self._number(_STATE, list(lists.states.keys))
        yield from self._lookup.advance(records, beat)

    def finish(self, shelves: Shelves, records: int, beats: int) -> Iterator[Artifact]:
        """Give the remaining files."""
        counts = {
            KINDS[_LINE].words: records,
            KINDS[_BEAT].words: beats,
            KINDS[_INTENT].words: shelves.intents.count,
            KINDS[_DECISION].words: shelves.decisions.count,
            KINDS[_INSTANCE].words: len(shelves.lifelines),
        }
        yield from self._lookup.finish(counts)

    def _number(self, kind: int, names: Sequence[str]) -> None:
        """Take those of ``names`` in that are new; they are numbered in order."""
        known, self._known[kind] = self._known[kind], len(names)
        fresh = [(name, number) for number, name in enumerate(names[known:], known) if name]
        self._lookup.name(kind, [name for name, _ in fresh], [number for _, number in fresh])
