"""Where a recorded ledger and the re-executed one differ, as data, as a sentence, and as a finding."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from replayglass.canon import encode_inline
from replayglass.domains.flow.linecheck import show
from replayglass.domains.flow.lines import LEDGER
from replayglass.record import Finding, Severity
from replayglass.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.record import Position


class Kind(StrEnum):
    """How the ledgers can differ; the value is the code of the finding."""

    MISSING = "flow.missing-decision"
    EXTRA = "flow.extra-decision"
    WRONG_BEAT = "flow.wrong-beat"
    WRONG_CELL = "flow.wrong-cell"


_SOURCE = "flow-vm 9, 13, 19.2"
DIVERGENCE = Rule(
    "flow.divergence", Severity.ERROR, "The recorded ledger is what the journal comes to, cell by cell.", _SOURCE
)
RULE_OF = {
    Kind.MISSING: Rule(
        "flow.missing-decision", Severity.ERROR, "Whatever a decision goes through is recorded.", _SOURCE
    ),
    Kind.EXTRA: Rule("flow.extra-decision", Severity.ERROR, "Whatever is recorded of a decision happened.", _SOURCE),
    Kind.WRONG_BEAT: Rule("flow.wrong-beat", Severity.ERROR, "It is recorded with the beat in which it was.", _SOURCE),
    Kind.WRONG_CELL: Rule("flow.wrong-cell", Severity.ERROR, "The cell that is recorded is the decision's.", _SOURCE),
}
RULES = (DIVERGENCE, *RULE_OF.values())
"""What a recorded ledger keeps; the first divergence has a code of its own, the others one for each kind."""


class Cells(NamedTuple):
    """The whole cell that the journal comes to, and the one that is recorded; None where there is none."""

    expected: Mapping[str, Any] | None
    found: Mapping[str, Any] | None


class Divergence(NamedTuple):
    """One place where the ledgers differ.

    ``field`` is a path in the cell, or ``fate``, or ``beat``; ``expected`` is what the journal comes to, ``found`` what
    is recorded, None what is not there: of a missing or extra decision the one is its fate, the other None. ``place``
    is that of the recorded line; of a missing one, that of the line before which (or, at the end, after which) it
    should be, None in an empty ledger.
    """

    kind: Kind
    beat: int
    instance: str
    site: str
    field: str
    expected: str | None
    found: str | None
    place: Position | None
    cells: Cells

    @property
    def words(self) -> str:
        """The divergence as a sentence."""
        cell = f"Beat {self.beat}, instance {show(self.instance)}, site {show(self.site)}:"
        if self.kind is Kind.MISSING:
            return f"{cell} the decision was {self.expected} here, but no valid line says so."
        if self.kind is Kind.EXTRA:
            return f"{cell} a decision is recorded as {self.found} that was not."
        return f"{cell} {show(self.field)[1:-1]} must be {_or_none(self.expected)}, found {_or_none(self.found)}."

    def finding(self, rule: Rule) -> Finding:
        """Return it as the finding that ``rule`` is broken."""
        problem = rule.broken(self.words)
        return Finding(*problem, LEDGER.name) if self.place is None else Finding.at(*problem, self.place)


class Difference(NamedTuple):
    """The first field in which two cells differ: its path, and what either has there, None for nothing."""

    field: str
    expected: str | None
    found: str | None


def first_difference(
    expected: Mapping[str, object], found: Mapping[str, object], path: tuple[str, ...] = ()
) -> Difference | None:
    """Return where two cells first differ, in the order of the expected one, or None where they are equal."""
    for name in (*expected, *(name for name in found if name not in expected)):
        here, there = expected.get(name, _NOTHING), found.get(name, _NOTHING)
        if here == there:
            continue
        inner = (
            first_difference(here, there, (*path, name)) if isinstance(here, dict) and isinstance(there, dict) else None
        )
        return inner or Difference("/".join((*path, name)), _as_text(here), _as_text(there))
    return None


_NOTHING = object()


def _as_text(value: object) -> str | None:
    if value is _NOTHING:
        return None
    return value if isinstance(value, str) else encode_inline(value).decode()


def _or_none(text: str | None) -> str:
    return "none" if text is None else show(text)
