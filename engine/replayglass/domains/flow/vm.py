"""The flow VM: intents go in, beats run, and what happened comes out as data (flow-vm, section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from replayglass.domains.flow import dump, ledger, views
from replayglass.domains.flow.beat import Fate, Log, Verdict
from replayglass.domains.flow.decision import as_tree
from replayglass.domains.flow.inbox import INBOX, MAIL, ingest, route
from replayglass.domains.flow.machine import Machine
from replayglass.domains.flow.names import is_name
from replayglass.domains.flow.rules import RULES_2, Rules
from replayglass.domains.flow.standing import standings
from replayglass.domains.flow.state import BUCKETS, Impulse, Request, State, freeze, thaw
from replayglass.domains.flow.sweep import sweep
from replayglass.domains.flow.tree import Link, plant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.domains.flow.beat import Beat
    from replayglass.domains.flow.decision import Decision
    from replayglass.domains.flow.standing import Standing
    from replayglass.domains.flow.tree import Tree


class Flow:
    """A flow runtime.

    Intents that are submitted before a beat are executed in the beat after it, in the order of their submission.
    """

    def __init__(self, rules: Rules = RULES_2, state: State | None = None) -> None:
        self._machine = Machine(rules, State() if state is None else state)

    @property
    def rules(self) -> Rules:
        """The rules that the machine follows."""
        return self._machine.rules

    @property
    def state(self) -> State:
        """The state between two beats; it is the machine's own and must not be changed."""
        return self._machine.state

    def submit(self, bucket: str, txn: str, fields: Mapping[str, object]) -> None:
        """Place an intent in the inbox; one of the same name in the same bucket is replaced.

        Raises:
            ValueError: no such bucket, a ``txn`` that is no name, or fields that are no tree of texts.
        """
        txn, tree = self._accept(bucket, txn, fields)
        self.state.inbox[bucket][txn] = Request(tree)
        self._machine.send(Impulse((INBOX, bucket, txn)))

    def post(self, bucket: str, txn: str, fields: Mapping[str, object]) -> None:
        """Place an intent in the mailroom, which moves it to the inbox in the next beat but has nobody ingest it (3.5).

        Raises:
            ValueError: as `submit`.
        """
        txn, tree = self._accept(bucket, txn, fields)
        self._machine.send(Impulse((MAIL, bucket, txn), mail=tree))

    def beat(self) -> Beat:
        """Execute the next beat and return what happened in it."""
        machine, state = self._machine, self.state
        log = machine.log = Log()
        impulses, state.current = state.current, []
        state.last, state.ok = state.beat, self._execute(impulses)
        if state.ok:
            if machine.rules.idle_sweeps and not log.chains:
                self._pass()
            state.current, state.later = state.later, []
            state.beat += 1
        return log.beat(state.last, ok=state.ok)

    def dump(self) -> Tree:
        """Return the whole state after the last beat in the form of the recorded runs: ``beat, ok, flow, adj``."""
        return dump.dump(self._machine)

    def index(self) -> object:
        """Return the index as the last sweep left it, in the form of a dump."""
        return dump.render(self._machine, views.index(self._machine))

    def adjacency(self) -> object:
        """Return the adjacency as the last sweep left it, in the form of a dump."""
        return dump.render(self._machine, views.adjacency(self._machine))

    def render(self, node: Tree) -> Tree:
        """Return a tree of the state as it stands in a dump now."""
        return cast("Tree", dump.render(self._machine, node))

    def instance(self, name: str) -> Tree:
        """Return one instance as it stands in a dump now."""
        return self.render(self.state.instances[name].node)

    def summary(self, name: str) -> Tree | None:
        """Return what the adjacency has of one instance, in the form of a dump; None if no sweep saw it."""
        return cast("Tree | None", dump.render(self._machine, views.summary(self._machine, name)))

    def standings(self) -> dict[str, Standing]:
        """Return what the index says of each policy's live decisions; the time it takes is that of all live cells."""
        return standings(self._machine)

    def cell(self, decision: Decision) -> Tree:
        """Return a decision as it stands in a dump now."""
        return self.render(as_tree(decision))

    def save(self) -> bytes:
        """Return the state as bytes, to be continued by `load`."""
        return freeze(self.state)

    @classmethod
    def load(cls, rules: Rules, data: bytes) -> Flow:
        """Return the machine that `save` wrote, to be continued under the same rules.

        Raises:
            ValueError: the bytes are no saved state.
        """
        return cls(rules, thaw(data))

    def _accept(self, bucket: str, txn: str, fields: Mapping[str, object]) -> tuple[str, Tree]:
        if bucket not in BUCKETS:
            message = f"{bucket!r} is no bucket: intents go to {', '.join(BUCKETS)}"
            raise ValueError(message)
        if not is_name(txn):
            message = "the name of an intent has 1 to 256 bytes"
            raise ValueError(message)
        return self._machine.names.key(txn), plant(fields, self._machine.names)

    def _execute(self, impulses: list[Impulse]) -> bool:
        """Run the chain of each impulse, equal ones once; a fatal error loses the rest (sections 3.2 and 3.4)."""
        distinct: dict[tuple[str, tuple[str, ...]], Impulse] = {}
        for impulse in impulses:
            distinct.setdefault((impulse.signal, impulse.target), impulse)
        ordered = list(distinct.values())
        for at, impulse in enumerate(ordered):
            if not self._chain(impulse):
                rest = (later.target for later in ordered[at + 1 :])
                self._machine.log.lost.extend((path[1], path[2]) for path in rest if path[:1] in ((INBOX,), (MAIL,)))
                return False
        return True

    def _chain(self, impulse: Impulse) -> bool:
        """Run the pipeline for one impulse; say whether nothing fatal stopped it."""
        kind = impulse.target[0] if impulse.target else None
        if kind == MAIL:
            _, bucket, txn = impulse.target
            route(self._machine, bucket, txn, impulse.mail)
            return True
        if kind == INBOX:
            _, bucket, txn = impulse.target
            if not ingest(self._machine, bucket, txn):
                return False
        elif kind and self._machine.follow(Link(impulse.target, impulse.era)) is None:
            return True
        self._pass()
        return True

    def _pass(self) -> None:
        """Sweep, enforce retention, and note that index and adjacency are to be those of now."""
        machine, state = self._machine, self.state
        machine.log.chains += 1
        sweep(machine)
        order = machine.names.order
        gone = ledger.enforce(state, machine.now)
        for instance, site, decision, is_archived in sorted(gone, key=lambda cell: (order(cell[0]), order(cell[1]))):
            fate = Fate.ARCHIVED if is_archived else Fate.EXPIRED
            machine.log.verdicts.append(Verdict(fate, instance, site, decision, None, is_archived))
        state.swept = machine.now
        state.stale.clear()
