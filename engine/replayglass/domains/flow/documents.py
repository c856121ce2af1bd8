"""The JSON documents of a flow run: rows of what the machine did, and its final state."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from replayglass.domains.flow import definitiondocs, divergencedocs, facetdocs, instancedocs
from replayglass.domains.flow.divergencedocs import DivergenceEntry, Status  # noqa: TC001 - msgspec reads it
from replayglass.domains.flow.facetdocs import Fate  # noqa: TC001 - as above
from replayglass.pageschema import MovedRow, Natural, PageHead


class DamageEntry(Struct):
    """A line that is no JSON object, or breaks its schema."""

    seq: Natural
    line: Natural
    offset: Natural
    code: str


class MovedLine(Struct):
    """A line that is too large for its page."""

    seq: Natural
    blob: str
    size: Natural


class _LinesPage(PageHead, kw_only=True):
    lines: list[dict[str, Any]]
    unreadable: list[DamageEntry]
    invalid: list[DamageEntry] = []
    moved: list[MovedLine] = []


class JournalPage(_LinesPage):
    """Lines of the journal as written, byte for byte."""


class RecordedPage(_LinesPage):
    """Lines of the recorded ledger as written, byte for byte."""


class VetoEntry(Struct):
    """Why a decision could not be made again."""

    field: str
    expected: str | None
    found: str | None


class DecisionRow(Struct):
    """What happened to a cell of the ledger; ``cell`` is the whole cell after it."""

    row: Natural
    beat: Natural
    fate: Fate
    instance: str
    site: str
    cell: dict[str, Any]
    veto: VetoEntry | None


class DecisionsPage(PageHead, kw_only=True):
    """What happened to decisions, in the order in which the machine did it."""

    rows: list[DecisionRow]
    moved: list[MovedRow] = []


class IntentRow(Struct):
    """An intent that was executed, and its outcome."""

    row: Natural
    beat: Natural
    bucket: str
    txn: str
    target: str | None
    outcome: str
    fatal: bool


class IntentsPage(PageHead, kw_only=True):
    """Executed intents in order."""

    rows: list[IntentRow]
    moved: list[MovedRow] = []


class ChangeRow(Struct):
    """A change of an instance: state and program counter before (null: there was none) and after."""

    row: Natural
    beat: Natural
    instance: str
    cause: str
    state_before: str | None
    pc_before: str | None
    state: str | None
    pc: str | None


class LifecyclePage(PageHead, kw_only=True):
    """Changes of instances in order."""

    rows: list[ChangeRow]
    moved: list[MovedRow] = []


class WakeRow(Struct):
    """A status that an event record got."""

    row: Natural
    beat: Natural
    instance: str
    event: str
    status: str
    signal: str | None


class EventsPage(PageHead, kw_only=True):
    """Statuses of event records in order."""

    rows: list[WakeRow]
    moved: list[MovedRow] = []


class BeatRow(Struct):
    """One executed beat in numbers; ``committed`` is false where a fatal error ended it."""

    row: Natural
    beat: Natural
    committed: bool
    chains: Natural
    intents: Natural
    lost: Natural
    decisions: Natural
    changes: Natural
    events: Natural
    emits: Natural


class BeatsPage(PageHead, kw_only=True):
    """Executed beats in order."""

    rows: list[BeatRow]
    moved: list[MovedRow] = []


class FlowIndex(Struct):
    """The run in numbers."""

    version: Literal[1]
    rules: Literal[1, 2]
    name: str
    beats: Natural
    ledger: Status
    divergence: DivergenceEntry | None
    fates: dict[str, Natural]
    outcomes: dict[str, Natural]
    instances: dict[str, Natural]


TYPES: dict[str, type] = {
    **definitiondocs.TYPES,
    **divergencedocs.TYPES,
    **facetdocs.TYPES,
    **instancedocs.TYPES,
    "flow-index": FlowIndex,
    "flow-journal-page": JournalPage,
    "flow-recorded-page": RecordedPage,
    "flow-decisions-page": DecisionsPage,
    "flow-intents-page": IntentsPage,
    "flow-lifecycle-page": LifecyclePage,
    "flow-events-page": EventsPage,
    "flow-beats-page": BeatsPage,
}
