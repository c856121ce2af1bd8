"""Where each definition of a flow stands on the site, and its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.canon import encode_inline
from replayglass.domains.flow.definitiondocs import DefinitionRow
from replayglass.domains.flow.retention import planned
from replayglass.domains.flow.stepwords import Knowledge, fields_in_words, kind_of
from replayglass.domains.flow.tree import Link, children, text
from replayglass.row import Collection, Field, Part, Row, RowKind, RowLink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from replayglass.domains.flow.tree import Tree
    from replayglass.domains.flow.vm import Flow
    from replayglass.row import Value

PROGRAMS = Collection("flow/programs", "p", 1, "program", "programs", "v1/flow/programs")
_FOLDER, _JSON = "flow/definitions", "v1/flow/definitions"
VARIANTS = Collection(f"{_FOLDER}/variants", "v", 256, "variant", "variants", f"{_JSON}/variants")
NICHES = Collection(f"{_FOLDER}/niches", "n", 256, "niche", "niches", f"{_JSON}/niches")
GUARDIANS = Collection(f"{_FOLDER}/guardians", "g", 256, "guardian", "guardians", f"{_JSON}/guardians")
POLICIES = Collection(f"{_FOLDER}/policies", "y", 256, "policy", "policies", f"{_JSON}/policies")
SCHEMA = "flow-definitions-page"

_CODE, _TEXT = (Field("code"),), (Field("text"),)
_STEPS: tuple[tuple[Part, ...], ...] = (_CODE, (Field("int"),), _TEXT)
PROGRAM_COLUMNS = ("#", "program", "steps", "kinds in order", "variants", "defined")
_TO_PROGRAM: tuple[Part, ...] = (RowLink(PROGRAMS, "code"),)
_TO_VARIANT: tuple[Part, ...] = (RowLink(VARIANTS, "code"),)
_BOUND = RowKind((*_STEPS, (RowLink(VARIANTS, "int"),), _TEXT))
_UNBOUND = RowKind((*_STEPS, ("none",), _TEXT))
_LINKED_VARIANT = RowKind((_CODE, _TO_PROGRAM, _TEXT))
_LINKED_NICHE = RowKind((_CODE, _CODE, _TO_VARIANT, _TEXT))
_VARIANT = RowKind((_CODE, (Field("code"), Field("text")), _TEXT))
_NICHE = RowKind((_CODE, _CODE, (Field("code"), Field("text")), _TEXT))
_GUARDIAN = RowKind((_CODE, _TEXT))
_POLICY = RowKind((_CODE, _CODE, _TEXT, _TEXT))

_OURS = frozenset({"id", "kind", "original"})
_KINDS_LISTED = 8


class Entry(NamedTuple):
    """A definition: its number, its id, its node, and how often it was stored; ``json`` is its row as JSON."""

    number: int
    name: str
    node: Tree
    stored: int
    steps: Sequence[object]
    json: bytes


class Kind(NamedTuple):
    """A kind of definition: its ledger, where its list is, the columns of it, and what a row says."""

    ledger: str
    collection: Collection
    columns: tuple[str, ...]
    row: Callable[[Defined, Entry], Row]


class Defined:
    """What was defined in a flow when its journal ended; things are numbered by their first definition."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.known = Knowledge(flow.rules, flow.state.ledgers["policy"])
        self._numbers = {
            ledger: {name: number for number, name in enumerate(flow.state.ledgers[ledger])}
            for ledger in ("program", "variant")
        }
        self.variants = list(flow.state.ledgers["variant"])
        self.bound: dict[str, list[int]] = {}
        for number, entry in enumerate(flow.state.ledgers["variant"].values()):
            program = entry.get("program")
            if isinstance(program, Link):
                self.bound.setdefault(program.path[-1], []).append(number)

    def entries(self, ledger: str) -> Iterator[Entry]:
        """Give each entry of a ledger."""
        flow, state = self.flow, self.flow.state
        for number, (name, node) in enumerate(state.ledgers[ledger].items()):
            stored, shown = state.eras[ledger][name], flow.render(node)
            part = DefinitionRow(number, name, stored, shown)
            inner = children(node, "steps")
            steps = [inner[key] for key in children(shown, "steps")]  # a dump has names in the engine's order
            yield Entry(number, name, node, stored, steps, encode_inline(part))

    def program(self, entry: Entry) -> Row:
        """Return the row of a program, which leads to the first variant that runs it."""
        steps = entry.steps
        kinds = ", ".join(map(kind_of, steps[:_KINDS_LISTED])) or "no steps"
        more = f" and {len(steps) - _KINDS_LISTED:,} more" if len(steps) > _KINDS_LISTED else ""
        times = "once" if entry.stored == 1 else f"{entry.stored:,} times; shown as it stood at the end"
        bound = self.bound.get(entry.name)
        said = (entry.name, len(steps), f"{kinds}{more}")
        if bound is None:
            return Row(_UNBOUND, entry.number, (*said, times))
        return Row(_BOUND, entry.number, (*said, bound[0] // VARIANTS.size, bound[0], len(bound), times))

    def variant(self, entry: Entry) -> Row:
        """Return the row of a variant; a program that was not there when it was defined is not found later either."""
        kind, values = self._referring(entry, "program", (_LINKED_VARIANT, _VARIANT), PROGRAMS)
        return Row(kind, entry.number, (entry.name, *values, _rest(entry, "program")))

    def niche(self, entry: Entry) -> Row:
        """Return the row of a niche."""
        kind, values = self._referring(entry, "variant", (_LINKED_NICHE, _NICHE), VARIANTS)
        context = text(entry.node, "ctx_type") or "none"
        return Row(kind, entry.number, (entry.name, context, *values, _rest(entry, "variant", "ctx_type")))

    def guardian(self, entry: Entry) -> Row:
        """Return the row of a guardian."""
        return Row(_GUARDIAN, entry.number, (entry.name, _rest(entry)))

    def policy(self, entry: Entry) -> Row:
        """Return the row of a policy: how decisions by it are kept unless their step says otherwise."""
        kept = planned({}, entry.node, self.known.rules).directive
        telemetry = fields_in_words(children(entry.node, "telemetry")) or "derived"
        return Row(_POLICY, entry.number, (entry.name, kept, telemetry, _rest(entry, "telemetry")))

    def _referring(
        self, entry: Entry, ledger: str, kinds: tuple[RowKind, RowKind], place: Collection
    ) -> tuple[RowKind, tuple[Value, ...]]:
        """Return the kind of a row whose entry refers to another ledger, and the values that say to what."""
        value = entry.node.get(ledger)
        linked, unlinked = kinds
        if isinstance(value, Link):
            number = self._numbers[ledger][value.path[-1]]
            return linked, (number // place.size, number, value.path[-1])
        if isinstance(value, str):
            return unlinked, (value, ", which did not exist then")
        return unlinked, ("none", "")


def _rest(entry: Entry, *shown: str) -> str:
    """Return the fields of an entry that its row does not say otherwise."""
    return fields_in_words(entry.node, _OURS.union(shown))


KINDS = (
    Kind("variant", VARIANTS, ("#", "variant", "program", "further fields"), Defined.variant),
    Kind("niche", NICHES, ("#", "niche", "context type", "variant", "further fields"), Defined.niche),
    Kind("guardian", GUARDIANS, ("#", "guardian", "fields"), Defined.guardian),
    Kind("policy", POLICIES, ("#", "policy", "keeps decisions", "telemetry", "further fields"), Defined.policy),
)
"""The kinds of definitions that are listed; programs have pages of their own."""
