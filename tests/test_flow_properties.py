"""What holds of every run: nothing raises, nothing depends on how it is cut, and no shortcut of a sweep shows."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naiveflow
from replayglass.domains.flow.events import WINDOW, Sample, window
from replayglass.domains.flow.listeners import Listeners
from replayglass.domains.flow.rules import RULES_1, RULES_2
from replayglass.domains.flow.signals import matches
from replayglass.domains.flow.state import BUCKETS, Instance
from replayglass.domains.flow.vm import Flow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowruns import Tree
    from replayglass.domains.flow.rules import Rules

pytestmark = pytest.mark.no_cover

WORDS = ["x", "ready", "waiting", "done", "held", "default", "ttl:2", "archive:3"]
TEXTS = st.sampled_from(["", "0", "1", "3", "7", *WORDS])
SIGNALS = st.sampled_from(["a/go"] * 5 + ["a/next", "*", "*go", "a/??", "CEP:sig_cell/op_add", "a//b"])
CONTEXTS = st.sampled_from(["ctx.a", "ctx.b", "", {"id": "ctx.a"}])
IDS = {
    "program": st.sampled_from(["prog.a"] * 6 + ["prog.b", "inst.a", "42"]),
    "policy": st.sampled_from(["pol.a", "pol.b1"] * 3 + ["pol.c", "42"]),
    "variant": st.sampled_from(["var.a"] * 8 + ["var.b", "inst.a", "42"]),
    "instance": st.sampled_from(["inst.a", "inst.b", "inst.b1"] * 3 + ["42"]),
}
FIELDS = {
    "kind": st.sampled_from(["program", "policy", "variant", "guardian", "guard", "wait", "decide", "xform", "x"]),
    "id": IDS["instance"],
    "inst_id": IDS["instance"],
    "variant": IDS["variant"],
    "program": IDS["program"],
    "policy": IDS["policy"],
    "signal": SIGNALS,
    "signal_path": SIGNALS,
    "context": CONTEXTS,
    "action": st.sampled_from(["pause", "resume", "cancel", "budget", "withdraw", "hold"]),
    **dict.fromkeys(("state", "pc", "beat", "deadline", "timeout", "step_limit", "site", "choice", "retain"), TEXTS),
    **dict.fromkeys(("status", "outcome", "original", "ctx_type", "retain_mode", "retain_ttl", "score"), TEXTS),
}
NESTED = ("steps", "spec", "payload", "events", "subs", "emits", "budget", "telemetry", "history", "0", "1", "retain")
NAMES = st.sampled_from([*FIELDS, *NESTED])


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> Tree:
    """Return any tree of the engine's own names, with values that often mean something."""
    tree: Tree = {}
    for name in draw(st.lists(NAMES, max_size=5)):
        nests = name in NESTED and depth > 0 and draw(st.integers(0, 4)) > 0
        tree[name] = draw(trees(depth - 1)) if nests else draw(FIELDS.get(name, TEXTS))
    return tree


def some(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[Tree]:
    """Return dictionaries with any of ``fields``."""
    return st.fixed_dictionaries({}, optional=fields)


SPECS = {
    "guard": some(state=st.sampled_from(["ready", "held"]), beat=TEXTS, deadline=TEXTS, action=TEXTS, context=CONTEXTS),
    "wait": st.fixed_dictionaries({"signal_path": SIGNALS}, optional={"timeout": TEXTS}),
    "decide": st.fixed_dictionaries(
        {"policy": IDS["policy"]}, optional={"site": TEXTS, "choice": TEXTS, "retain": TEXTS}
    ),
    "clamp": some(step_limit=TEXTS, timeout=TEXTS, pc=TEXTS, state=st.sampled_from(["held", "ready", "waiting"])),
    "transform": some(
        state=TEXTS, signal=SIGNALS, payload=some(note=TEXTS, out=trees(), signal=SIGNALS, payload=trees())
    ),
}
KINDS = st.sampled_from(["decide"] * 4 + ["wait"] * 3 + ["guard", "clamp", "transform"])
STEPS = KINDS.flatmap(lambda kind: st.fixed_dictionaries({"kind": st.just(kind), "spec": SPECS[kind]}))
PROGRAMS = st.lists(STEPS, min_size=1, max_size=6).map(lambda steps: {str(at): step for at, step in enumerate(steps)})


def definition(kind: str, **fields: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[str, Tree]]:
    """Return upserts of one kind."""
    entries = st.fixed_dictionaries({"kind": st.just(kind), "id": IDS[kind], **fields})
    return st.tuples(st.just("fl_upsert"), entries)


START = st.fixed_dictionaries({"id": IDS["instance"], "variant": IDS["variant"]}, optional={"context": CONTEXTS})
EVENT = st.fixed_dictionaries(
    {"signal_path": SIGNALS}, optional={"inst_id": IDS["instance"], "context": CONTEXTS, "payload": trees()}
)
CONTROL = st.fixed_dictionaries({"id": IDS["instance"], "action": FIELDS["action"]}, optional={"step_limit": TEXTS})
SENSIBLE = st.one_of(
    definition("program", steps=PROGRAMS) | definition("variant", program=IDS["program"]),
    st.tuples(st.just("inst_start"), START),
    st.tuples(st.just("inst_event"), EVENT),
    st.tuples(st.just("inst_event"), EVENT),
    st.tuples(st.just("inst_ctrl"), CONTROL),
)
ANY = st.tuples(st.sampled_from(BUCKETS), trees())
BASE: list[tuple[str, Tree]] = [
    ("fl_upsert", {"kind": "policy", "id": "pol.a", "retain": "ttl:4"}),
    ("fl_upsert", {"kind": "policy", "id": "pol.b1", "retain": "archive:3", "telemetry": {"rng_seed": "7"}}),
]


@st.composite
def runs(draw: st.DrawFn, intents: st.SearchStrategy[tuple[str, Tree]]) -> list[list[tuple[str, Tree]]]:
    """Return the intents of each beat: policies, a program with a variant, and two instances of it first."""
    return [_first(draw(PROGRAMS)), *draw(st.lists(st.lists(intents, max_size=4), min_size=3, max_size=12))]


def _first(steps: Tree) -> list[tuple[str, Tree]]:
    return [
        *BASE,
        ("fl_upsert", {"kind": "program", "id": "prog.a", "steps": steps}),
        ("fl_upsert", {"kind": "variant", "id": "var.a", "program": "prog.a"}),
        ("inst_start", {"id": "inst.a", "variant": "var.a", "context": "ctx.a"}),
        ("inst_start", {"id": "inst.b1", "variant": "var.a"}),
    ]


RULES = st.sampled_from([RULES_1, RULES_2])


def submit(flow: Flow, at: int, intents: Iterable[tuple[str, Tree]]) -> None:
    """Submit ``intents`` under names of their own; now and then one takes another's name."""
    for number, (bucket, fields) in enumerate(intents):
        flow.submit(bucket, f"t.{at % 7}.{number}", fields)


@given(rules=RULES, run=runs(st.one_of(ANY, SENSIBLE)), cut=st.integers(0, 12))
@settings(max_examples=150, deadline=None)
def test_any_run(rules: Rules, run: list[list[tuple[str, Tree]]], cut: int) -> None:
    """No intent raises; a run is the same each time, looked at or not, and when it is continued at any beat."""
    whole, again = Flow(rules), Flow(rules)
    for at, intents in enumerate(run):
        if at == cut:
            again = Flow.load(rules, again.save())
        for flow in (whole, again):
            submit(flow, at, intents)
        assert whole.beat() == again.beat()
        assert whole.dump()["beat"] == again.state.last
        assert whole.save() == again.save()
    assert json.dumps(whole.dump()) == json.dumps(again.dump())


@given(run=runs(st.one_of(ANY, SENSIBLE)))
@settings(max_examples=100, deadline=None)
def test_a_sweep_misses_nobody(run: list[list[tuple[str, Tree]]]) -> None:
    """Under rules 1 a sweep that looks at every instance comes to the same states as one that looks at few."""
    few, every = Flow(RULES_1), Flow(RULES_1)
    for at, intents in enumerate(run):
        submit(few, at, intents)
        submit(every, at, intents)
        every.state.awake = dict.fromkeys(every.state.instances)
        assert few.beat() == every.beat()
        assert few.dump() == every.dump()


@given(run=runs(SENSIBLE))
@settings(max_examples=100, deadline=None)
def test_views_are_full_passes(run: list[list[tuple[str, Tree]]]) -> None:
    """Index and adjacency are what a full pass over the ledger makes, and nothing stays that is due (13.3, 14, 15)."""
    flow = Flow(RULES_1)
    for at, intents in enumerate(run):
        submit(flow, at, intents)
        beat = flow.beat()
        if beat.ok and beat.chains:
            dump = flow.dump()
            assert dump["flow"]["index"] == naiveflow.index(dump["flow"])
            assert dump["adj"] == naiveflow.adjacency(dump["flow"], beat.number)
            cells = [cell for found in dump["flow"]["decision"].values() for cell in found.values()]
            assert all(int(cell.get("retain_upto", 2**64)) > beat.number for cell in cells)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99), st.sampled_from([0, 1])), max_size=30))
def test_window(samples: list[tuple[int, int, int]]) -> None:
    """The window is the newest 8 samples, newest first, equally new ones in their order (14.1)."""
    literal: list[naiveflow.Sample] = []
    for beat, latency, flag in samples:
        naiveflow.insert(literal, (beat, latency, str(flag)))
    found = window(Sample(*sample) for sample in samples)
    assert [(one.beat, one.latency, str(one.error_flag)) for one in found] == literal
    assert len(list(islice(found, WINDOW + 1))) <= WINDOW


@given(st.lists(st.tuples(st.sampled_from("abc"), st.lists(SIGNALS, max_size=3)), max_size=12), SIGNALS)
def test_listeners(changes: list[tuple[str, list[str]]], signal: str) -> None:
    """A broadcast finds exactly the instances of which a pattern matches, however their patterns changed."""
    instances = {name: Instance(name, {}) for name in "abc"}
    listeners = Listeners(instances.values())
    for name, patterns in changes:
        listeners.change(instances[name], tuple(patterns))

    def match(pattern: str, path: str) -> bool:
        return matches(pattern, path, real=True)

    naive = {name for name, one in instances.items() if any(match(pattern, signal) for pattern in one.patterns)}
    assert listeners.of(signal, match) == Listeners(instances.values()).of(signal, match) == naive
