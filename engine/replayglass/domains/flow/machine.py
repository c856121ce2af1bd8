"""What every handler is given: the state, the rules, the names, the log of the beat, and how links are followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.flow.beat import Change, Log, Stand, Wake
from replayglass.domains.flow.listeners import Listeners
from replayglass.domains.flow.names import Names
from replayglass.domains.flow.newest import Newest
from replayglass.domains.flow.signals import matches
from replayglass.domains.flow.state import Impulse, Instance
from replayglass.domains.flow.tree import INSTANCE, Link, children, text

if TYPE_CHECKING:
    from replayglass.domains.flow.rules import Rules
    from replayglass.domains.flow.run import Step
    from replayglass.domains.flow.state import State
    from replayglass.domains.flow.tree import Tree


class Machine:
    """The state and what is needed to change it; what is derived from the state is made anew from it.

    ``marked`` says which filling (`Instance.era`) of an instance had the slots marked that it began with.
    """

    def __init__(self, rules: Rules, state: State) -> None:
        self.rules = rules
        self.state = state
        self.names = Names(rules, state.pool)
        self.newest = Newest(self.names)
        self.listeners = Listeners(state.instances.values())
        self.log = Log()
        self._links: dict[tuple[str, str], Link] = {}
        self.marked: dict[str, int] = {}
        self.programs: dict[tuple[str, ...], tuple[Tree, tuple[Step, ...]]] = {}

    @property
    def now(self) -> int:
        """The number of the beat that is being executed."""
        return self.state.beat

    def send(self, impulse: Impulse) -> None:
        """Have ``impulse`` executed in the next beat."""
        self.state.later.append(impulse)

    def carry_on(self) -> None:
        """Have the pipeline run in the next beat (section 3.3)."""
        self.send(Impulse())

    def reference(self, ledger: str, name: str) -> Link | str | None:
        """Return a link to an entry if it exists now, else its name's text, None if that has no text."""
        if name not in self.state.ledgers[ledger]:
            return self.names.text(name)
        link = self._links.get((ledger, name))
        if link is None:
            link = self._links[ledger, name] = Link((ledger, name))
        return link

    def era(self, path: tuple[str, ...]) -> int:
        """Return how often the entry that ``path`` begins with was filled anew."""
        if path[0] == INSTANCE:
            instance = self.state.instances.get(path[1])
            return instance.era if instance else 0
        return self.state.eras[path[0]].get(path[1], 0)

    def store(self, ledger: str, name: str, entry: Tree) -> None:
        """Fill an entry of a ledger anew; links into it die."""
        self.state.ledgers[ledger][name] = entry
        self.state.eras[ledger][name] = self.era((ledger, name)) + 1

    def link(self, *path: str) -> Link:
        """Return a link to a node that exists now."""
        return Link(path, self.era(path))

    def follow(self, link: Link) -> Tree | str | None:
        """Return the node that ``link`` refers to, None if it is dead."""
        if len(link.path) > 2 and link.era != self.era(link.path):  # noqa: PLR2004 - ledger and name are the entry
            return None
        ledger, name, *inner = link.path
        instance = self.state.instances.get(name) if ledger == INSTANCE else None
        node = instance.node if instance else self.state.ledgers.get(ledger, {}).get(name)
        for step in inner:
            node = node.get(step) if isinstance(node, dict) else None
        return node if isinstance(node, dict | str) else None

    def matches(self, pattern: str, signal: str) -> bool:
        """Say whether ``pattern`` matches ``signal``."""
        return matches(pattern, signal, real=self.rules.real_globs)

    def moved(self, instance: Instance, cause: str, before: Stand | None) -> Stand:
        """Log where ``instance`` stands now, if that is elsewhere than ``before``; return it."""
        after = stand(instance.node)
        if after != before:
            self.log.changes.append(Change(instance.name, cause, before, after))
        return after

    def woke(self, instance: Instance, key: str, status: str, signal: str | None) -> None:
        """Log that the event ``key`` of ``instance`` was written with another status."""
        self.newest.wrote(instance, key)
        self.log.wakes.append(Wake(instance.name, key, status, signal))

    def settle(self, instance: Instance) -> None:
        """Have the next sweep look at ``instance``, and broadcasts know its patterns."""
        self.state.awake[instance.name] = None
        self.listen(instance)

    def listen(self, instance: Instance) -> None:
        """Have broadcasts know the patterns of ``instance``."""
        found = [pattern_of(sub) for sub in children(instance.node, "subs").values()]
        self.listeners.change(instance, tuple([pattern for pattern in found if pattern]))


def stand(node: Tree) -> Stand:
    """Return where the instance of ``node`` stands."""
    return Stand(text(node, "state"), text(node, "pc"))


def pattern_of(sub: object) -> str | None:
    """Return the pattern of a subscription (section 8.3)."""
    if not isinstance(sub, dict):
        return None
    return text(sub, "signal_path") or text(sub, "signal")
