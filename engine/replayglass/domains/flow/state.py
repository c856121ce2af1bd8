"""The whole state of a machine, as data that can be written, read and continued (flow-vm, section 2)."""

from __future__ import annotations

from typing import Any

import msgspec

from replayglass.domains.flow.decision import Decision  # noqa: TC001 - msgspec reads it
from replayglass.domains.flow.tree import Tree, revive

BUCKETS = ("fl_upsert", "ni_upsert", "inst_start", "inst_event", "inst_ctrl")
"""Where intents are submitted to."""

LEDGERS = ("program", "policy", "variant", "niche", "guardian")
"""The ledgers whose entries are definitions."""


class Instance(msgspec.Struct, gc=False):
    """A running instance: its node, how often it was filled anew, and the patterns that it listens to."""

    name: str
    node: dict[str, Any]
    era: int = 0
    patterns: tuple[str, ...] = ()


class Request(msgspec.Struct, gc=False):
    """An intent in the inbox: its fields (an event's as canonicalised) and its outcome, None before it has one.

    The inbox keeps every request for ever and seldom reads one again: the fields of one that has its outcome are
    packed, so that the interpreter's collector has less to look through in a long run.
    """

    fields: dict[str, Any] | bytes
    outcome: str | None = None

    @property
    def tree(self) -> Tree:
        """The fields."""
        return msgspec.msgpack.decode(self.fields) if isinstance(self.fields, bytes) else self.fields

    def close(self, fields: Tree, outcome: str) -> None:
        """Write the outcome and pack the fields."""
        self.fields, self.outcome = msgspec.msgpack.encode(fields), outcome


OP_ADD = "CEP:sig_cell/op_add"
"""The signal of an impulse that runs the pipeline (section 3.2)."""


class Impulse(msgspec.Struct, frozen=True, gc=False):
    """What makes a chain run (section 3.2): a signal and the path of its target under ``/data/flow``.

    ``era`` is that of the target's entry, ``mail`` what a mailroom submission carries until it is routed.
    """

    target: tuple[str, ...] = ()
    signal: str = OP_ADD
    era: int = 0
    mail: dict[str, Any] | None = None


class State(msgspec.Struct):
    """Everything that later beats depend on.

    ``beat`` is the number of the next beat; ``last`` and ``ok`` are those of the beat before; ``swept`` is the beat of
    the last sweep. ``current`` is executed in the next beat, ``later`` in the one after it. ``due`` has, by the beat
    in which they are no longer kept, the cells of the ledger, ``due_beats`` is a heap of its keys; ``deadlines`` a
    heap of the beats in which a waiting instance times out. ``awake`` are the instances that the next sweep has to
    look at. ``stale`` are the summaries of instances that changed after the last sweep, as that sweep saw them.
    """

    beat: int = 0
    last: int = 0
    ok: bool = True
    swept: int | None = None
    current: list[Impulse] = msgspec.field(default_factory=list)
    later: list[Impulse] = msgspec.field(default_factory=list)
    inbox: dict[str, dict[str, Request]] = msgspec.field(default_factory=lambda: {name: {} for name in BUCKETS})
    ledgers: dict[str, dict[str, Any]] = msgspec.field(default_factory=lambda: {name: {} for name in LEDGERS})
    eras: dict[str, dict[str, int]] = msgspec.field(default_factory=lambda: {name: {} for name in LEDGERS})
    instances: dict[str, Instance] = msgspec.field(default_factory=dict)
    decisions: dict[str, dict[str, Decision]] = msgspec.field(default_factory=dict)
    archive: dict[str, dict[str, Decision]] = msgspec.field(default_factory=dict)
    due: dict[int, list[tuple[str, str]]] = msgspec.field(default_factory=dict)
    due_beats: list[int] = msgspec.field(default_factory=list)
    deadlines: list[tuple[int, str]] = msgspec.field(default_factory=list)
    awake: dict[str, None] = msgspec.field(default_factory=dict)
    stale: dict[str, Instance | None] = msgspec.field(default_factory=dict)
    pool: dict[str, int] = msgspec.field(default_factory=dict)


def freeze(state: State) -> bytes:
    """Return ``state`` as MessagePack."""
    return msgspec.msgpack.encode(state)


def thaw(data: bytes) -> State:
    """Return the state that `freeze` wrote.

    Raises:
        ValueError: the bytes are no such state.
    """
    try:
        state = msgspec.msgpack.decode(data, type=State)
    except msgspec.DecodeError as error:
        message = "the bytes are no saved state of a flow"
        raise ValueError(message) from error
    state.ledgers = revive(state.ledgers)
    stale = (instance for instance in state.stale.values() if instance is not None)
    for instance in (*state.instances.values(), *stale):
        instance.node = revive(instance.node)
    for requests in state.inbox.values():
        for request in requests.values():
            request.fields = revive(request.fields)  # bytes stay bytes
    return state
