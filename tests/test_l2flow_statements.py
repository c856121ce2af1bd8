"""What docs/l2-flow.md states of beats, intents, instances and steps and no other test shows."""

from __future__ import annotations

import pytest

from flowruns import Player, step
from replayglass.domains.flow.rules import RULES_1, RULES_2, Rules

GO = step("wait", signal_path="a/go")
BOTH = pytest.mark.parametrize("rules", [RULES_1, RULES_2], ids=["rules1", "rules2"])


@BOTH
def test_each_intent_has_its_own_chain(rules: Rules) -> None:
    """Two events for consecutive waits in one beat both match, and a beat runs as many chains as it has impulses."""
    player = Player(rules)
    player.program(step("wait", signal_path="a/one"), step("wait", signal_path="a/two"))
    player.start()
    player.beat(2)
    for signal in ("a/one", "a/two"):
        player.send("inst_event", signal_path=signal)
    player.beat()
    beat = player.flow.beat()
    assert [outcome.code for outcome in beat.outcomes] == ["ok", "ok"]
    assert (beat.chains, player.node()["state"]) == (2, "done")


@BOTH
def test_controls(rules: Rules) -> None:
    """A pause holds, a resume makes ready from any state, a cancel ends; none of them moves the pc."""
    player = Player(rules)
    player.program(step("guard"), GO)
    player.start()
    for action, state in (("pause", "paused"), ("resume", "waiting"), ("cancel", "done"), ("resume", "waiting")):
        assert player.do("inst_ctrl", inst_id="inst.a", action=action) == "ok"
        assert (player.node()["state"], player.node()["pc"]) == (state, "1")
    player.flow.state.instances["inst.a"].node["state"] = "error"
    assert player.do("inst_ctrl", inst_id="inst.a", action="resume") == "ok"
    assert player.node()["state"] == "waiting"


@BOTH
def test_budget_control(rules: Rules) -> None:
    """A budget sets the limit and the steps used of this beat; one that is no number from 1 is ignored."""
    player = Player(rules)
    player.program(GO)
    player.start()
    for given, limit in (({"step_limit": "9"}, "9"), ({"step_limit": "0"}, "9"), ({"step_limit": "x"}, "9")):
        assert player.do("inst_ctrl", inst_id="inst.a", action="budget", **given) == "ok"
        assert player.node()["budget"]["step_limit"] == limit
    player.do("inst_ctrl", inst_id="inst.a", action="budget", budget={"step_limit": "7"}, step_limit="8")
    assert (player.node()["budget"]["step_limit"], player.node()["budget"]["steps_used"]) == ("7", "0")
    assert player.node()["state"] == "waiting"


@BOTH
def test_restart(rules: Rules) -> None:
    """A start under an existing id wipes events, subscriptions and budget, and leaves the decisions."""
    player = Player(rules)
    player.program(step("decide", policy="pol.p"), GO, GO)
    player.start(budget={"step_limit": "50"})
    player.do("inst_event", signal_path="a/go")
    cell = player.cells()
    assert (len(player.node()["events"]), player.node()["pc"]) == (1, "2")
    player.start()
    node = player.node()
    assert (node["events"], node["budget"], list(node["subs"]), node["pc"]) == ({}, {}, ["1"], "1")
    assert player.cells() == cell


@BOTH
def test_upserts_replace(rules: Rules) -> None:
    """An upsert replaces the whole entry and keeps the request as ``original``; steps are numbered from 0."""
    player = Player(rules)
    player.do("fl_upsert", kind="PROGRAM", id="prog.x", note="old")
    request = {"kind": "program", "id": "prog.x", "steps": {"b": step("TRANSFORM"), "a": {"kind": "wait"}}}
    assert player.do("fl_upsert", **request) == "ok"
    entry = player.dump["program"]["prog.x"]
    assert entry["original"] == request
    assert entry["steps"] == {"0": {"kind": "wait", "spec": {}}, "1": {"kind": "xform", "spec": {}}}
    assert (entry["kind"], "note" in entry) == ("program", False)


@BOTH
def test_a_later_program_is_not_linked(rules: Rules) -> None:
    """A variant links the program that exists when it is defined; else it keeps the text, and an instance ends."""
    player = Player(rules)
    player.do("fl_upsert", kind="variant", id="var.a", program="prog.a")
    player.do("fl_upsert", kind="program", id="prog.a", steps={"0": GO})
    assert player.dump["variant"]["var.a"]["program"] == "prog.a"
    player.start()
    assert player.node()["state"] == "done"
    player.do("fl_upsert", kind="variant", id="var.a", program="prog.a")
    assert player.dump["variant"]["var.a"]["program"] == {"$link": "/data/flow/program/prog.a"}
    player.start()
    assert player.node()["state"] == "waiting"


@BOTH
def test_a_guard_is_polled(rules: Rules) -> None:
    """An instance that a guard holds as waiting has no subscription: every beat tries it again, without an intent."""
    player = Player(rules)
    player.program(step("guard", beat="12"))
    player.start()
    assert (player.node()["state"], player.node().get("subs", {})) == ("waiting", {})
    while player.node()["state"] == "waiting":
        last = player.flow.beat().number
    assert (last, player.node()["state"]) == (12, "done")


@BOTH
def test_default_step_limit(rules: Rules) -> None:
    """Without any limit a clamp counts to 64: it is breached as the 64th step of a sweep, not as the 63rd."""
    for before, state in ((62, "done"), (63, "paused")):
        player = Player(rules)
        player.program(*[step("guard")] * before, step("clamp"))
        player.send("inst_start", id="inst.a", variant="var.a")
        player.beat(2)
        assert (player.node()["state"], player.node()["budget"]["step_limit"]) == (state, "64")


@BOTH
def test_a_breach_is_a_state(rules: Rules) -> None:
    """A breach leaves a state and the pc, and no event, outcome or other record; a later beat has a new budget."""
    player = Player(rules)
    player.program(step("guard"), step("clamp", step_limit="2"), GO)
    player.send("inst_start", id="inst.a", variant="var.a")
    player.beat()
    beat = player.flow.beat()
    assert [(one.bucket, one.code) for one in beat.outcomes] == [("inst_start", "ok")]
    assert (beat.wakes, beat.verdicts, player.node()["events"]) == ((), (), {})
    assert (player.node()["state"], player.node()["pc"]) == ("paused", "1")
    assert player.do("inst_ctrl", inst_id="inst.a", action="resume") == "ok"
    assert (player.node()["state"], player.node()["pc"]) == ("waiting", "2")


@BOTH
def test_what_is_stored_and_never_read(rules: Rules) -> None:
    """Niches, guardians and an instance's policy change neither instances nor decisions."""
    told = []
    for is_there in (True, False):
        player = Player(rules)
        player.program(GO, step("decide", policy="pol.p"))
        for bucket, fields in (
            ("ni_upsert", {"id": "ni.a", "ctx_type": "ctx.a", "variant": "var.other"}),
            ("fl_upsert", {"kind": "guardian", "id": "grd.a", "rule": "forbid", "policy": "pol.p"}),
        ):
            if is_there:
                assert player.do(bucket, **fields) == "ok"
            else:
                player.do("fl_upsert", kind="policy", id="pol.p")
        player.start(context="ctx.a", **({"policy": "pol.other"} if is_there else {}))
        player.do("inst_event", inst_id="inst.a", signal_path="a/go")
        node = {name: value for name, value in player.node().items() if name not in {"original", "policy"}}
        told.append((node, player.cells()))
    assert told[0] == told[1]
    assert told[0][0]["state"] == "done"


@BOTH
def test_extra_fields_are_kept(rules: Rules) -> None:
    """Fields that an intent has beyond the known ones are stored with the entry, the instance or the event."""
    player = Player(rules)
    player.program(GO)
    player.do("fl_upsert", kind="policy", id="pol.x", note="one")
    player.start(note="two")
    player.do("inst_event", inst_id="inst.a", signal_path="a/go", note="three")
    (record,) = player.node()["events"].values()
    assert (player.dump["policy"]["pol.x"]["note"], player.node()["note"], record["note"]) == ("one", "two", "three")


@BOTH
def test_only_rules_1_are_fatal(rules: Rules) -> None:
    """A failed start or control is fatal under rules 1, but for one without an id; under rules 2 none is."""
    for bucket, code, fields in (
        ("inst_start", "missing-id", {}),
        ("inst_start", "missing-variant", {"id": "inst.b"}),
        ("inst_start", "unknown-variant", {"id": "inst.b", "variant": "var.none"}),
        ("inst_start", "events", {"id": "inst.b", "variant": "var.a", "events": "text"}),
        ("inst_start", "budget", {"id": "inst.b", "variant": "var.a", "budget": "text"}),
        ("inst_ctrl", "missing-id", {"action": "pause"}),
        ("inst_ctrl", "missing-action", {"id": "inst.a"}),
        ("inst_ctrl", "unknown-action", {"id": "inst.a", "action": "Pause"}),
    ):
        player = Player(rules)
        player.program(GO)
        player.start()
        assert player.do(bucket, **fields) == code
        assert player.flow.state.ok is (rules is RULES_2 or code == "missing-id")
        assert ("inst.b" in player.dump["instance"]) is (
            rules is RULES_1 and "id" in fields and fields["id"] == "inst.b"
        )
