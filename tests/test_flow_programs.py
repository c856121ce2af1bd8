"""Which program an instance runs, how far in one sweep, and what happens to one that has none (flow-vm, section 6)."""

from __future__ import annotations

from flowruns import Player, Tree, step
from replayglass.domains.flow.rules import RULES_2

GO = step("wait", signal_path="a/go")


def test_sixty_four_steps() -> None:
    """A sweep runs 64 steps of an instance and goes on in the next."""
    player = _run(*[step("guard")] * 130)
    for pc, state in (("64", "ready"), ("128", "ready"), ("130", "done")):
        assert (player.node()["pc"], player.node()["state"]) == (pc, state)
        player.beat()
    assert player.flow.beat().changes == ()


def test_own_steps() -> None:
    """An instance without a program runs its own steps in their order, spelled as they are (section 6)."""
    player = Player()
    steps = {"x": step("WAIT"), "2": step("transform", payload={}), "10": "text", "3": {"kind": "clamp", "spec": "x"}}
    assert player.start("inst.own", steps=steps) == "unknown-variant"
    assert player.do("fl_upsert", kind="guardian", id="grd.a") == "ok"
    node = player.node("inst.own")
    assert (node["state"], node["pc"], node["events"]) == ("done", "4", {"1": {"beat": "2"}})


def test_program_by_name() -> None:
    """Without a program of its own an instance runs that of the variant, or the program, of its own name."""
    for ledger, fields in (("variant", {"program": "prog.a"}), ("program", {"steps": {"0": GO}})):
        player = Player()
        player.program(GO)
        assert player.do("fl_upsert", kind=ledger, id="inst.b", **fields) == "ok"
        assert player.start("inst.b", variant="var.none") == "unknown-variant"
        assert player.do("fl_upsert", kind="guardian", id="grd.a") == "ok"
        assert player.node("inst.b")["state"] == "waiting"


def test_program_that_is_none() -> None:
    """An instance whose variant names no program, or whose program is a text, finishes; digits have no fallback."""
    player = Player()
    player.do("fl_upsert", kind="variant", id="var.b", program="prog.none")
    player.start(variant="var.b")
    assert player.node()["program"] == {"$link": "/data/flow/variant/var.b/program"}
    assert player.node()["state"] == "done"
    player.do("fl_upsert", kind="variant", id="var.b", program="prog.none")
    assert player.node()["program"] == {"$link": None}
    player.do("fl_upsert", kind="variant", id="var.c")
    player.start(variant="var.c")
    assert "program" not in player.node()
    assert player.start("42", variant="var.none") == "unknown-variant"
    player.start("inst.t", variant="var.none", program="text", steps={"0": GO})
    player.do("fl_upsert", kind="guardian", id="grd.a")
    assert (player.node("42")["state"], player.node("inst.t")["state"]) == ("done", "done")


def test_definitions_are_live() -> None:
    """A program that is defined again changes its running instances at once; the pc is kept (4.1)."""
    player = _run(GO)
    player.program(step("guard"), step("guard"), GO)
    player.do("inst_ctrl", id="inst.a", action="resume")
    assert (player.node()["state"], player.node()["pc"]) == ("waiting", "2")


def test_guard_over_a_triggered_wait() -> None:
    """An instance that a guard holds where an event came for a wait that is no more is polled (6)."""
    player = _run(GO)
    player.program(step("guard", context="ctx.b"))
    player.do("inst_event", signal_path="a/go")
    for _ in range(3):
        player.beat()
        assert (player.flow.beat().chains, player.node()["state"]) == (1, "waiting")


def test_state_that_is_no_text() -> None:
    """A failed start may leave an instance without a readable state: it runs as it is and is ready or done (6)."""
    player = Player()
    player.start("inst.s", variant="var.none", state={}, pc="x", steps={str(at): step("guard") for at in range(70)})
    player.send("fl_upsert", kind="guardian", id="grd.a")
    player.beat(2)
    assert (player.node("inst.s")["state"], player.node("inst.s")["pc"]) == ("ready", "64")


def test_custom_states_stand_only_when_blocked() -> None:
    """Row 15: a state of its own that a transform wrote does not stop an instance that did its 64 steps."""
    player = Player(RULES_2)
    player.program(step("transform", state="busy"), *[step("guard")] * 70)
    player.send("inst_start", id="inst.a", variant="var.a")
    player.beat(2)
    assert (player.node()["state"], player.node()["pc"]) == ("busy", "64")
    player.beat()
    assert (player.node()["state"], player.node()["pc"]) == ("done", "71")


def _run(*steps: Tree) -> Player:
    player = Player()
    player.program(*steps)
    assert player.start() == "ok"
    return player
