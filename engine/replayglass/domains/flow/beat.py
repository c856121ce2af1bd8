"""What happened in one beat, as data: enough to compare ledgers and to draw pages without comparing states."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from replayglass.domains.flow.decision import Decision


class Outcome(NamedTuple):
    """An intent and its outcome code; ``target`` is the entry or instance that it names, None without one."""

    bucket: str
    txn: str
    code: str
    target: str | None = None
    fatal: bool = False


class Fate(StrEnum):
    """What can happen to a decision."""

    RECORDED = "recorded"
    REPLAYED = "replayed"
    VETOED = "vetoed"
    ARCHIVED = "archived"
    EXPIRED = "expired"


class Veto(NamedTuple):
    """Why a decision could not be made again: the first field that contradicts the ledger."""

    field: str
    expected: str | None
    found: str | None


class Verdict(NamedTuple):
    """What happened to the cell ``site`` of ``instance``; ``decision`` is the cell, frozen, after it happened.

    ``is_archived`` says that the cell stands in the archive, not in the ledger.
    """

    fate: Fate
    instance: str
    site: str
    decision: Decision
    veto: Veto | None = None
    is_archived: bool = False


class Stand(NamedTuple):
    """Where an instance stands: state and program counter, as text; None is what it lacks."""

    state: str | None
    pc: str | None


class Change(NamedTuple):
    """An instance moved; ``cause`` is ``start``, ``event``, ``pause`` (or another control) or ``sweep``.

    ``before`` is None if there was no such instance.
    """

    instance: str
    cause: str
    before: Stand | None
    after: Stand


class Wake(NamedTuple):
    """An event record's status changed: ``status`` is queued, triggered, consumed, duplicate, cancelled or timeout."""

    instance: str
    event: str
    status: str
    signal: str | None


class Emit(NamedTuple):
    """A transform staged the slot ``slot``."""

    instance: str
    slot: str
    signal: str


class Beat(NamedTuple):
    """One executed beat: its number, whether it was committed, and all that happened, in order.

    ``chains`` is how often the pipeline ran; ``lost`` are the intents that a fatal error swept away (section 3.4).
    """

    number: int
    ok: bool
    chains: int
    outcomes: tuple[Outcome, ...]
    lost: tuple[tuple[str, str], ...]
    verdicts: tuple[Verdict, ...]
    changes: tuple[Change, ...]
    wakes: tuple[Wake, ...]
    emits: tuple[Emit, ...]


class Log:
    """What happened so far in the beat that is being executed."""

    def __init__(self) -> None:
        self.chains = 0
        self.outcomes: list[Outcome] = []
        self.lost: list[tuple[str, str]] = []
        self.verdicts: list[Verdict] = []
        self.changes: list[Change] = []
        self.wakes: list[Wake] = []
        self.emits: list[Emit] = []

    def beat(self, number: int, *, ok: bool) -> Beat:
        """Return all of it."""
        return Beat(
            number,
            ok,
            self.chains,
            tuple(self.outcomes),
            tuple(self.lost),
            tuple(self.verdicts),
            tuple(self.changes),
            tuple(self.wakes),
            tuple(self.emits),
        )
