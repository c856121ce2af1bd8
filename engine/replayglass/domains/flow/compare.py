"""The ledger as a runtime recorded it, held cell by cell against what the same journal comes to here."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from replayglass.domains.flow.beat import Fate
from replayglass.domains.flow.divergence import (
    DIVERGENCE,
    RULE_OF,
    Cells,
    Difference,
    Divergence,
    Kind,
    first_difference,
)
from replayglass.domains.flow.lines import LEDGER, MAX_BEAT, DecisionLine
from replayglass.record import Finding, Position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from replayglass.domains.flow.beat import Verdict
    from replayglass.domains.flow.decision import Decision
    from replayglass.domains.flow.decode import LedgerItem, Placed

AHEAD = 64
"""Lines of later beats that are read ahead, so that a line with a wrong beat is found among its neighbours."""

MAX_UNCLAIMED = 1024
"""Lines that wait for a decision that they could be of."""

MAX_SHOWN = 16
"""Divergences of one kind that are reported one by one."""

_ONCE = (Fate.RECORDED, Fate.ARCHIVED, Fate.EXPIRED)
"""What happens to a cell only once; its beat is in the cell, so that an equal cell elsewhere is the same."""


class _Line(NamedTuple):
    place: Position
    line: DecisionLine


class _Held(NamedTuple):
    """A line that no decision claimed; ``until`` is the beat of the next line, None if that is not known yet."""

    placed: _Line
    until: int | None


class Comparison:
    """Takes the beats of a replay and reads the recorded ledger beside them, no further than each beat needs.

    ``lines`` are those of the ledger, None if none was recorded: then all decisions are re-derived. A line that is not
    valid records nothing. ``first`` is the first divergence, ``shown`` the first ones of each kind, ``counts`` how many
    there are; ``equal`` is how many lines are as they must be. Within a beat the order of lines does not matter.
    """

    def __init__(self, lines: Iterable[Placed[LedgerItem]] | None, report: Callable[[Finding], None]) -> None:
        self.is_rederived = lines is None
        self.first: Divergence | None = None
        self.shown: list[Divergence] = []
        self.counts: Counter[Kind] = Counter()
        self.equal = 0
        self._lines = self._valid(lines or ())
        self._report = report
        self._ahead: dict[int, _Line] = {}
        self._held: dict[int, _Held] = {}
        self._last: Position | None = None

    @property
    def status(self) -> str:
        """``equal``, ``diverged``, or ``re-derived`` where nothing was recorded."""
        if self.is_rederived:
            return "re-derived"
        return "diverged" if self.first else "equal"

    def step(self, number: int, verdicts: Sequence[Verdict], cell: Callable[[Decision], Any]) -> None:
        """Compare what happened in beat ``number``; ``cell`` renders a decision as it stands after that beat."""
        if self.is_rederived:
            return
        wanted = _Wanted(verdicts)
        found: list[tuple[int, Divergence]] = []
        overtaken = 0
        for placed in self._due(number):
            index = None
            if placed.line.beat == number:
                index, overtaken = wanted.claim(placed.line), len(self._ahead)
            if index is None:
                self._hold(placed)
                continue
            expected = cell(verdicts[index].decision)
            difference = first_difference(expected, placed.line.cell)
            if difference is None:
                self.equal += 1
            else:
                found.append((index, _wrong(Kind.WRONG_CELL, number, placed, difference, expected)))
        late = _Late(number, self._held, self._ahead, overtaken)
        found += [
            (index, late.explain(verdicts[index], cell) or self._missing(number, verdicts[index], cell))
            for index in wanted.left()
        ]
        self._drop_held(number, earlier=True)
        for _, divergence in sorted(found, key=lambda pair: pair[0]):
            self._diverge(divergence)
        self._drop_held(number, earlier=False)

    def finish(self) -> None:
        """Compare what is left after the last beat (it is recorded of beats that were not executed), and sum up."""
        if self.is_rederived:
            return
        held = (held.placed for held in self._held.values())
        for placed in chain(held, self._ahead.values(), self._lines):
            self._diverge(_extra(placed))
        for kind, count in self.counts.items():
            if count > MAX_SHOWN:
                words = f"There are {count:,} divergences of this kind; the first {MAX_SHOWN} are listed."
                self._report(Finding(*RULE_OF[kind].broken(words), LEDGER.name))

    def _valid(self, lines: Iterable[Placed[LedgerItem]]) -> Iterator[_Line]:
        for place, item in lines:
            self._last = place
            if isinstance(item, DecisionLine):
                yield _Line(place, item)

    def _due(self, number: int) -> Iterator[_Line]:
        """Yield the lines of beat ``number`` or of earlier ones, as far as there are no more than 64 later ones."""
        waiting, self._ahead = self._ahead, {}
        for placed in chain(waiting.values(), self._lines):
            if placed.line.beat <= number:
                yield placed
                continue
            self._ahead[placed.place.seq] = placed
            if len(self._ahead) == AHEAD:  # which no line still waits behind: no more than these were waiting
                return

    def _hold(self, placed: _Line) -> None:
        """Keep a line that no decision of its beat claims until the beat of its neighbours, whose it may be."""
        self._held[placed.place.seq] = _Held(placed, None)
        if len(self._held) > MAX_UNCLAIMED:
            self._diverge(_extra(self._held.pop(next(iter(self._held))).placed))

    def _drop_held(self, number: int, *, earlier: bool) -> None:
        """Give up held lines of this beat or of earlier ones that waited long enough, or have no neighbours."""
        for seq, (placed, until) in list(self._held.items()):
            if until is None and self._ahead:
                self._held[seq] = _Held(placed, self._beat_after(seq))
            elif (until is None or until <= number) and (placed.line.beat < number) == earlier:
                self._diverge(_extra(self._held.pop(seq).placed))

    def _beat_after(self, seq: int) -> int:
        """Return the beat of the line ahead that stands next after record ``seq``, or else of the last one."""
        *_, last = self._ahead.values()
        return next((one.line.beat for after, one in self._ahead.items() if after > seq), last.line.beat)

    def _missing(self, number: int, verdict: Verdict, cell: Callable[[Decision], Any]) -> Divergence:
        place = next((placed.place for placed in self._ahead.values()), self._last)
        difference = Difference("fate", verdict.fate.value, None)
        cells = Cells(cell(verdict.decision), None)
        return Divergence(Kind.MISSING, number, verdict.instance, verdict.site, *difference, place, cells)

    def _diverge(self, divergence: Divergence) -> None:
        self.counts[divergence.kind] += 1
        if self.counts[divergence.kind] <= MAX_SHOWN:
            self.shown.append(divergence)
            self._report(divergence.finding(RULE_OF[divergence.kind] if self.first else DIVERGENCE))
        self.first = self.first or divergence


class _Wanted:
    """The decisions of a beat that no line was found for yet."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        self._indexes: defaultdict[tuple[str, str, str], deque[int]] = defaultdict(deque)
        for index, verdict in enumerate(verdicts):
            self._indexes[verdict.instance, verdict.site, verdict.fate].append(index)

    def claim(self, line: DecisionLine) -> int | None:
        """Return which decision of the beat a line is of, if of any; it is no longer wanted."""
        indexes = self._indexes.get((line.instance, line.site, line.fate))
        return indexes.popleft() if indexes else None

    def left(self) -> list[int]:
        """Return which decisions are still wanted, in order."""
        return sorted(index for indexes in self._indexes.values() for index in indexes)


class _Late:
    """The lines that could explain a decision without a line: of another fate, or of another beat.

    A later beat's line is of this beat if what it says happens only once, or if it does not stand where its number
    belongs: lines of this beat (``overtaken`` is before how many ahead they were met) or of others come too late.
    """

    def __init__(self, number: int, held: dict[int, _Held], ahead: dict[int, _Line], overtaken: int) -> None:
        self._number = number
        self._pools: tuple[dict[int, Any], ...] = (held, ahead)
        self._by_cell: defaultdict[tuple[str, str], list[_Line]] = defaultdict(list)
        lowest, misplaced = MAX_BEAT, set()
        for seq, placed in reversed(ahead.items()):
            lowest = min(lowest, placed.line.beat)
            if placed.line.beat > lowest:
                misplaced.add(seq)
        misplaced.update(islice(ahead, overtaken))
        later = (one for seq, one in ahead.items() if seq in misplaced or one.line.fate in _ONCE)
        for placed in (*(one.placed for one in held.values()), *later):
            self._by_cell[placed.line.instance, placed.line.site].append(placed)

    def explain(self, verdict: Verdict, cell: Callable[[Decision], Any]) -> Divergence | None:
        """Return what is wrong with the line of a decision, and take that line; None if there is none."""
        candidates = self._by_cell.get((verdict.instance, verdict.site), [])
        for placed in candidates:
            line = placed.line
            if line.beat == self._number:
                difference = Difference("fate", verdict.fate.value, line.fate.value)
                kind = Kind.WRONG_CELL
            elif line.fate == verdict.fate and line.cell == cell(verdict.decision):
                difference = Difference("beat", str(self._number), str(line.beat))
                kind = Kind.WRONG_BEAT
            else:
                continue
            candidates.remove(placed)
            for pool in self._pools:
                pool.pop(placed.place.seq, None)
            return _wrong(kind, self._number, placed, difference, cell(verdict.decision))
        return None


def _wrong(kind: Kind, number: int, placed: _Line, difference: Difference, expected: Mapping[str, Any]) -> Divergence:
    line = placed.line
    cells = Cells(expected, line.cell)
    return Divergence(kind, number, line.instance, line.site, *difference, placed.place, cells)


def _extra(placed: _Line) -> Divergence:
    line = placed.line
    difference = Difference("fate", None, line.fate.value)
    cells = Cells(None, line.cell)
    return Divergence(Kind.EXTRA, line.beat, line.instance, line.site, *difference, placed.place, cells)
