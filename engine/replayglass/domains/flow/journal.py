"""A journal, executed line by line: what is out of order is reported, and the rest still runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.damage import Unreadable
from replayglass.domains.flow.decode import Invalid
from replayglass.domains.flow.lines import BeatLine, HeaderLine, IntentLine
from replayglass.domains.flow.rules import RULES_1, RULES_2
from replayglass.domains.flow.vm import Flow
from replayglass.record import Finding, Severity
from replayglass.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from replayglass.domains.flow.beat import Beat
    from replayglass.domains.flow.decode import JournalItem
    from replayglass.domains.flow.rules import Rules
    from replayglass.record import Position

MAX_MISSING = 4096
"""Beats of one journal that are executed although their lines are missing: a number alone makes no work beyond that."""

_FORMAT = "docs/formats/flow.md"
HEADER_MISSING = Rule("flow.header-missing", Severity.ERROR, "A journal begins with its header.", _FORMAT)
HEADER_REPEATED = Rule("flow.header-repeated", Severity.ERROR, "A journal has one header.", _FORMAT)
BEAT_MISSING = Rule("flow.beat-missing", Severity.ERROR, "No beat of a journal is left out.", _FORMAT)
BEAT_BACKWARDS = Rule(
    "flow.beat-backwards", Severity.ERROR, "A line of a journal is of no earlier beat than it stands in.", "flow-vm 3.1"
)
RULES = (HEADER_MISSING, HEADER_REPEATED, BEAT_MISSING, BEAT_BACKWARDS)
"""What the order of a journal's lines keeps."""

RULE_SETS = {1: RULES_1, 2: RULES_2}
"""The rules by their version."""


class Step(NamedTuple):
    """An executed beat: its number among the journal's beats, counted from 0, and what happened in it."""

    number: int
    beat: Beat


class Replay:
    """A machine that a journal drives.

    ``report`` takes findings. ``rules`` go before those of the header; without either, rules 2 are followed. ``steps``
    is the number of the next beat, ``header`` the journal's header if it has one.
    """

    def __init__(self, report: Callable[[Finding], None], rules: Rules | None = None) -> None:
        self.header: HeaderLine | None = None
        self.steps = 0
        self._report = report
        self._rules = rules
        self._flow: Flow | None = None
        self._has_begun = False
        self._missing = 0
        self._beyond: int | None = None

    @property
    def flow(self) -> Flow:
        """The machine as the last line left it."""
        if self._flow is None:
            self._flow = Flow(self._rules or RULES_2)
        return self._flow

    def take(self, item: JournalItem, place: Position) -> Iterator[Step]:
        """Take the next line in; gives the beats that it executes, each to be looked at before the next one.

        A line of a later beat than is due stands after lost ones: the beats between are executed. A beat line of an
        earlier one is a repetition and is not executed again; an intent is submitted where it stands. What was to be a
        beat line is one, though its number cannot be read.
        """
        is_damaged = isinstance(item, Invalid | Unreadable)
        kind = item.type if isinstance(item, Invalid) else None
        if isinstance(item, HeaderLine) or kind == "header":
            self._take_header(item, place)
        elif not self._has_begun and (not is_damaged or kind == "beat"):
            self._has_begun = True
            words = f"The journal has no header here: rules {self.flow.rules.version} are followed."
            self._say(HEADER_MISSING, words, place)
        if isinstance(item, IntentLine):
            yield from self._catch_up(item.beat, place)
            self.flow.submit(item.bucket, item.txn, item.fields)
        elif isinstance(item, BeatLine):
            yield from self._catch_up(item.beat, place)
            if item.beat >= self.steps:
                yield self._execute()
        elif kind == "beat":
            yield self._execute()

    def _take_header(self, item: JournalItem, place: Position) -> None:
        """Follow the rules of the header, if they can be read; damaged lines may stand before it."""
        if self._has_begun:
            self._say(HEADER_REPEATED, "The journal has begun already: this header is not used.", place)
            return
        self._has_begun = True
        if isinstance(item, HeaderLine):
            self.header = item
        version = item.rules if isinstance(item, HeaderLine | Invalid) else None
        if self._rules is None and version is not None:
            self._rules = RULE_SETS[version]

    def _execute(self) -> Step:
        step = Step(self.steps, self.flow.beat())
        self.steps += 1
        return step

    def _catch_up(self, number: int, place: Position) -> Iterator[Step]:
        """Bring the machine to beat ``number``, or say why that cannot be; one that is too far is said once."""
        ahead = number - self.steps
        if ahead < 0:
            self._say(BEAT_BACKWARDS, f"The beat must be {self.steps} here, found {number}.", place)
        elif 0 < ahead <= MAX_MISSING - self._missing:
            words = f"The beat must be {self.steps} here, found {number}: those between are executed, too."
            self._say(BEAT_MISSING, words, place)
            self._missing += ahead
            for _ in range(ahead):
                yield self._execute()
        elif ahead and ahead != self._beyond:
            self._beyond = ahead
            words = f"The beat must be {self.steps} here, found {number}: too many are missing to be executed."
            self._say(BEAT_MISSING, words, place)

    def _say(self, rule: Rule, words: str, place: Position) -> None:
        self._report(Finding.at(*rule.broken(words), place))
