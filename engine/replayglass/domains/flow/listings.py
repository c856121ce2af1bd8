"""Instances by program, changes of instances by the state they lead to, intents by outcome: paged while they happen."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from replayglass.cell import Link
from replayglass.domains.flow import pages
from replayglass.domains.flow.columns import Interned
from replayglass.domains.flow.tree import Link as Reference
from replayglass.domains.flow.tree import text
from replayglass.facet import Facet
from replayglass.facetshape import Shape
from replayglass.page import Table
from replayglass.row import Collection, Row, RowKind, RowLink, row_href
from replayglass.share import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.cell import Cell
    from replayglass.domains.flow.beat import Change, Outcome
    from replayglass.domains.flow.state import State
    from replayglass.domains.flow.tree import Tree
    from replayglass.facet import Key, Triple
    from replayglass.page import Artifact, Block

LISTED = 100
"""Instances in a state at the end that the page of the state names."""

_LEDGER = "/data/flow/program/"

STARTS = "inst_start"
"""The bucket of the intents that start instances."""

_PROGRAMS = Shape(
    pages.INSTANCES,
    "program",
    "program",
    ("instance", "in beat", "by intent"),
    "Instances by the program that they were started with; one that is started anew with another stands there, too.",
    "No instance of a program was started.",
)
_STATES = Shape(
    pages.LIFECYCLE,
    "state",
    "state",
    ("change", "in beat", "instance"),
    "Changes of instances by the state that they lead to, those within a state left out.",
    "No instance changed its state.",
)
_OUTCOMES = Shape(
    pages.INTENTS,
    "outcome",
    "outcome",
    ("intent", "in beat"),
    "Executed intents by what they came to.",
    "No intent was executed.",
)
BY_PROGRAM, BY_STATE = _PROGRAMS.folder, _STATES.folder
"""Folders of the lists that names lead to."""


class Places(Facet):
    """Rows told apart; the numbers of a row lead to one collection each."""

    def __init__(self, shape: Shape, *places: Collection) -> None:
        super().__init__(shape, WHOLE)
        self._places = places
        self._kind = RowKind(tuple((RowLink(place, "int"),) for place in places))

    def row(self, number: int, triple: Triple) -> Row:
        """Return the row of three numbers, as far as there are collections for them."""
        links = zip(self._places, triple, strict=False)
        return Row(self._kind, number, tuple(value for place, row in links for value in (row // place.size, row, row)))


class States(Places):
    """Changes by the state that they lead to; the page of a state names the instances that are in it at the end."""

    def __init__(self) -> None:
        super().__init__(_STATES, pages.LIFECYCLE, pages.BEATS, pages.INSTANCES)
        self._last: dict[str, list[tuple[int, str]]] = {}
        self._counts: dict[str, int] = {}

    def end(self, state: State) -> None:
        """Take note of where the instances are at the end."""
        for number, instance in enumerate(state.instances.values()):
            name = pages.stand_words(text(instance.node, "state"), None)[0]
            self._counts[name] = self._counts.get(name, 0) + 1
            listed = self._last.setdefault(name, [])
            if len(listed) < LISTED:
                listed.append((number, instance.name))

    def about(self, key: Key) -> list[Block]:
        """Name the instances that are in the state at the end."""
        listed, count = self._last.get(key.text, []), self._counts.get(key.text, 0)
        rows: list[tuple[Cell, ...]] = [(Link(name, row_href(pages.INSTANCES, number)),) for number, name in listed]
        title = "In this state at the end"
        title += "" if count == len(listed) else f": the first {len(listed)} of {count:,}"
        return [Table(title, ("instance",), rows, "No instance is.")]


class Listings:
    """The lists of a run, and the links to them."""

    def __init__(self) -> None:
        self.programs = Places(_PROGRAMS, pages.INSTANCES, pages.BEATS, pages.INTENTS)
        self.states = States()
        self.outcomes = Places(_OUTCOMES, pages.INTENTS, pages.BEATS)
        self._names = Interned[str]()
        self._started = array("I")
        self._kinds: dict[tuple[str, str], RowKind] = {}

    def came(self, change: Change, row: int, beat: int, instance: int) -> Iterator[Artifact]:
        """Take in a change, which has row ``row``, of an instance by its number."""
        state = change.after.state
        if change.before is None or change.before.state != state:
            yield from self.states.add(pages.stand_words(state, None)[0], (row, beat, instance))

    def intended(self, outcome: Outcome, row: int, beat: int) -> Iterator[Artifact]:
        """Take in an executed intent, which has row ``row``."""
        yield from self.outcomes.add(outcome.code, (row, beat, 0))

    def started(self, node: Tree, row: int, beat: int, instance: int) -> Iterator[Artifact]:
        """Take in that an instance (``node``, by its number) was started, by the intent that has row ``row``."""
        program = program_of(node) or ""
        number = self._names.number(program)
        missing = instance + 1 - len(self._started)
        self._started.extend([0] * missing)
        if self._started[instance] != number + 1:
            self._started[instance] = number + 1
            if program:
                yield from self.programs.add(program, (instance, beat, row))

    def finish(self, state: State) -> Iterator[Artifact]:
        """Give the last pages and the lists of keys; ``state`` is that of the machine at the end."""
        self.states.end(state)
        for facet in (self.programs, self.states, self.outcomes):
            yield from facet.finish()

    def lines(self, node: Tree, state: str) -> Iterator[Row]:
        """Give the lines of an instance's story that lead to those that it has something in common with."""
        words = (("instances of program ", self.programs, program_of(node)), ("changes to state ", self.states, state))
        for word, facet, name in words:
            key = None if name is None else facet.keys.get(name)
            if key is not None:
                if (word, key.text) not in self._kinds:
                    parts = (word, RowLink(key.collection, "code"))
                    self._kinds[word, key.text] = RowKind(((), ("listed",), parts), anchored=False)
                yield Row(self._kinds[word, key.text], -1, (0, 0, key.text))


def program_of(node: Tree) -> str | None:
    """Return the name of the program that an instance's node leads to, in the state or in a dump; None without one."""
    program = node.get("program")
    if isinstance(program, Reference):
        return program.path[-1] if program.path[0] == "program" else None
    path = (text(program, "$link") if isinstance(program, dict) else None) or ""
    name = path.removeprefix(_LEDGER)
    return None if name == path else name
