"""The five kinds of step, and which program an instance runs (flow-vm, sections 6, 7, 8.1, 11 and 12)."""

from __future__ import annotations

import pytest

from flowruns import Player, Tree, step
from replayglass.domains.flow.beat import Change, Stand

GO = step("wait", signal_path="a/go")
PARENTS = [
    {"$link": "/data/flow/instance/inst.a"},
    {"$link": "/data/flow/program/prog.a/steps/0/spec/payload/out"},
    {"$link": "/data/flow/program/prog.a/steps/0"},
]


def run(*steps: Tree, **fields: object) -> Player:
    """Return a player with an instance of a program of ``steps``, started in beat 7."""
    player = Player()
    player.program(*steps)
    assert player.start(**fields) == "ok"
    return player


@pytest.mark.parametrize(
    ("spec", "state", "pc"),
    [
        ({}, "done", "1"),
        ({"state": "ready", "pc": "0", "context": "ctx.a", "beat": "7", "deadline": "7"}, "done", "1"),
        ({"beat": "", "deadline": "", "context": "", "action": ""}, "done", "1"),
        ({"state": ""}, "done", "0"),
        ({"state": "other", "action": "held"}, "held", "0"),
        ({"pc": "1"}, "done", "0"),
        ({"pc": ""}, "done", "0"),
        ({"context": "ctx.b"}, "waiting", "0"),
        ({"context": "ctx.b", "action": "held"}, "held", "0"),
        ({"beat": "9"}, "waiting", "0"),
        ({"beat": "9", "action": "held"}, "held", "0"),
        ({"beat": "soon"}, "error", "0"),
        ({"deadline": "6"}, "done", "0"),
        ({"deadline": "6", "action": "held"}, "held", "0"),
        ({"deadline": "soon"}, "error", "0"),
    ],
)
def test_guard(spec: Tree, state: str, pc: str) -> None:
    """A guard checks state, pc, context, beat and deadline in this order; the first that fails stops the instance."""
    node = run(step("guard", **spec), context={"id": "ctx.a"}).node()
    assert (node["state"], node["pc"]) == (state, pc)


@pytest.mark.parametrize(
    ("spec", "state", "used"),
    [
        ({"step_limit": "1"}, "paused", "1"),
        ({"step_limit": "2", "state": "held"}, "held", "2"),
        ({"step_limit": "3"}, "done", "2"),
        ({"step_limit": "none"}, "done", "2"),
        ({"timeout": "1"}, "done", "2"),
        ({"timeout": "0"}, "done", "2"),
        ({"pc": "1"}, "paused", "2"),
        ({"pc": "2", "state": "held"}, "done", "2"),
        ({"pc": "x"}, "done", "2"),
    ],
)
def test_clamp(spec: Tree, state: str, used: str) -> None:
    """A clamp stops an instance at its limit of steps, its deadline or its pc; a blocking step counts as one."""
    node = run(step("guard"), step("clamp", **spec)).node()
    assert node["state"] == state
    assert node["budget"]["steps_used"] == (used if state == "done" else min(used, node["budget"]["step_limit"]))


def test_clamps_of_one_sweep_share_a_budget() -> None:
    """The first clamp of a sweep sets the limit; a deadline that an earlier one set bites at one without a timeout."""
    player = run(step("clamp", step_limit="9"), step("clamp", step_limit="1", timeout="2"), GO, step("clamp"))
    assert player.node()["budget"] == {
        "beat": "7",
        "deadline": "9",
        "steps_used": "3",
        "step_limit": "9",
        "timeout": "2",
    }
    player.do("inst_event", signal_path="a/go")
    assert (player.node()["state"], player.node()["pc"]) == ("paused", "3")


def test_budget_is_text() -> None:
    """A step whose dictionary is a text in the instance ends in error: budget, subs, emits and events."""
    for field, one in (
        ("budget", step("clamp")),
        ("subs", GO),
        ("emits", step("transform", payload={"a": {}})),
        ("events", step("transform", payload={"a": {}})),
    ):
        player = Player()
        player.program(one)
        player.start(**{field: "text"})
        player.beat(1)
        assert player.do("fl_upsert", kind="guardian", id="grd.a") == "ok"
        assert player.node()["state"] == "error"
        assert player.do("inst_ctrl", id="inst.a", action="budget", step_limit="3") == "ok"


def test_wait_forms() -> None:
    """A wait takes signal_path before signal; without a pattern it can never be fired, with stars it is a glob."""
    player = run(step("wait", signal_path="a/?", signal="b"), step("wait", signal_path="", signal="b", timeout="x"))
    assert player.node()["subs"] == {
        "0": {"signal_glob": "a/?", "signal_path": "a/?", "status": "pending"},
    }
    assert player.do("inst_event", signal_path="a/b") == "ok"
    assert player.node()["subs"] == {"1": {"status": "pending"}}
    assert player.do("inst_event", signal_path="b") == "no-match"


def test_rearming_for_another_pattern() -> None:
    """A wait that is armed again for a signal no longer has the glob that it was armed for before (8.1)."""
    player = run(step("wait", signal_path="b/*", timeout="9"))
    player.program(GO)
    player.do("inst_ctrl", id="inst.a", action="resume")
    assert player.node()["subs"]["0"] == {"signal": "a/go", "signal_path": "a/go", "status": "pending"}


def test_rearming() -> None:
    """A resumed wait is armed again with a new deadline; one resumed after its deadline goes on (8.2)."""
    player = run(step("wait", signal_path="a/go", timeout="3"))
    assert player.node()["subs"]["0"]["deadline"] == "10"
    player.do("inst_ctrl", id="inst.a", action="resume")
    assert player.node()["subs"]["0"]["deadline"] == "12"
    player.beat(3)
    player.do("inst_ctrl", id="inst.a", action="resume")
    assert (player.node()["state"], player.node()["subs"]) == ("done", {})


def test_transform() -> None:
    """A transform sets the state, stages a slot per child, and records the payload; the slot lacks its target."""
    player = run(step("transform", state="busy", signal="a/out", payload={"out": {"k": "v", "pc": "x"}, "say": "hi"}))
    node = player.node()
    assert node["events"]["0"] == {"beat": "7", "out": {"k": "v", "pc": "x"}, "say": "hi"}
    assert node["emits"]["0_0"] == {
        "beat": "7",
        "k": "v",
        "meta": {"parents": PARENTS},
        "outcome": "error",
        "pc": "0",
        "signal": "a/out",
        "signal_path": "a/out",
        "status": "missing-target",
    }
    assert (node["emits"]["0_2"]["say"], node["state"]) == ("hi", "done")
    player.program(step("guard"))
    assert player.node()["emits"]["0_0"]["meta"]["parents"] == [PARENTS[0], {"$link": None}, {"$link": None}]


def test_slot_runs_a_chain() -> None:
    """A slot with the default signal runs the pipeline once more in the next beat, unless it is gone by then (12.2)."""
    player = Player()
    payload = {"a": {}, "b": {"signal": "x:y"}, "c": {"signal": "own", "signal_path": "CEP:sig_cell/op_add/z"}}
    player.program(step("transform", payload=payload))
    player.send("inst_start", id="inst.a", variant="var.a")
    player.beat()
    first = player.flow.beat()
    assert [(emit.slot, emit.signal) for emit in first.emits] == [
        ("0_0", "CEP:sig_cell/op_add"),
        ("0_2", "x:y"),
        ("0_4", "CEP:sig_cell/op_add/z"),
    ]
    assert player.flow.beat().chains == 3
    assert player.node()["emits"]["0_4"]["signal"] == "own"
    player.send("inst_start", id="inst.a", variant="var.a")
    player.beat(1)
    player.send("inst_start", id="inst.a", variant="var.a", emits={"seed": "text", "dict": {"status": {}}})
    player.flow.beat()
    assert player.flow.beat().chains == 2
    assert player.node()["emits"]["dict"]["status"] == "missing-target"


def test_slots_that_are_taken() -> None:
    """A transform that finds no free key for a slot in 64 tries ends in error."""
    taken: Tree = {f"0_{number}": {} for number in range(200)}
    assert run(step("transform", payload={"a": {}}), emits=taken).node()["state"] == "done"
    taken = {f"0_{number}": {} for number in range(100, 200)}
    assert run(step("transform", payload={"a": {}}), emits=taken).node()["state"] == "error"


def test_lifecycle_is_told() -> None:
    """A beat tells each move of an instance: where it stood, where it stands, and why."""
    player = Player()
    player.program(GO)
    player.send("inst_start", id="inst.a", variant="var.a")
    player.beat(1)
    ready, waiting, done = Stand("ready", "0"), Stand("waiting", "0"), Stand("done", "1")
    assert player.flow.beat().changes == (
        Change("inst.a", "start", None, ready),
        Change("inst.a", "sweep", ready, waiting),
    )
    player.send("inst_event", signal_path="a/go")
    player.beat(1)
    beat = player.flow.beat()
    assert beat.changes == (Change("inst.a", "event", waiting, ready), Change("inst.a", "sweep", ready, done))
    assert [wake.status for wake in beat.wakes] == ["queued", "triggered", "consumed"]
    assert {(wake.event, wake.signal) for wake in beat.wakes} == {("9_0", "a/go")}
