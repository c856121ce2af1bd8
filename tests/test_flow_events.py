"""Events: canonical requests, whom they reach, their history, and what is measured of them (flow-vm, 4.5, 8, 15)."""

from __future__ import annotations

from flowruns import Player, Tree, step

GO = step("wait", signal_path="a/go")
X: Tree = {"signal_path": "a/x", "status": "pending"}


def waiting(**fields: object) -> Player:
    """Return a player with an instance that waits for ``a/go``."""
    player = Player()
    player.program(GO, GO)
    assert player.start(**fields) == "ok"
    return player


def test_canonical_request() -> None:
    """A request is completed; its original holds a copy of itself as far as it was made (4.5)."""
    player = waiting()
    fields = {"original": "mine", "context": {"id": "c"}, "signal": "other", "signal_path": "CEP:a/go", "outcome": "x"}
    txn = player.send("inst_event", **fields)
    player.beat(2)
    assert player.dump["inbox"]["inst_event"][txn] == {
        "context": "c",
        "original": {
            "context": {"id": "c"},
            "original": {"context": {"id": "c"}},
            "signal": "other",
            "signal_path": "CEP:a/go",
        },
        "outcome": "no-match",
        "payload": {},
        "signal": "other",
        "signal_path": "CEP:a/go",
    }


def test_broadcast_contexts() -> None:
    """A broadcast needs equal contexts, or none on both sides; a targeted event does not (8.4)."""
    for context, event, outcome in (
        ("ctx.a", {"context": "ctx.a"}, "ok"),
        ("ctx.a", {}, "no-match"),
        ("ctx.a", {"id": "inst.a"}, "ok"),
        ("ctx.a", {"context": "ctx.b", "inst_id": "inst.a"}, "ok"),
        ("x" * 128, {}, "ok"),
    ):
        player = waiting(context=context)
        assert player.do("inst_event", signal_path="a/go", **event) == outcome


def test_seeded_subscription() -> None:
    """A client may seed subscriptions: one that its program does not wait for stays triggered, and can be withdrawn."""
    player = waiting(subs={"9": {**X, "deadline": "99"}, "8": "text", "7": {}})
    assert player.do("inst_event", signal_path="a/x", payload={"n": "one"}) == "ok"
    sub = player.node()["subs"]["9"]
    assert (sub["status"], sub["origin"], sub["signal"], sub["beat"]) == ("triggered", "broadcast", "a/x", "9")
    assert sub["event"] == {"$link": "/data/flow/instance/inst.a/events/9_0"}
    assert sub["payload"]["payload"] == {"n": "one"}
    assert player.do("inst_event", signal_path="a/x", action="again") == "no-match"
    assert player.do("inst_event", signal_path="a/x", action="withdraw") == "ok"
    assert player.do("inst_event", signal_path="a/x", action="cancel") == "no-match"
    assert player.node()["subs"]["9"] == {"signal": "a/x", "signal_path": "a/x", "status": "pending"}
    history = player.node()["events"]["9_0"]["history"]
    assert [entry["status"] for entry in history.values()] == ["duplicate", "cancelled", "queued", "triggered"]
    assert player.node()["events"]["9_0"]["beat"] == "13"
    assert player.flow.dump()["adj"]["by_inst"]["inst.a"]["err_window"] == {"0": "1"}


def test_withdrawal_makes_ready_instances_wait() -> None:
    """A withdrawal leaves a paused instance paused, and makes a ready one wait (8.5)."""
    for control, state in (("pause", "paused"), ("budget", "waiting")):
        player = waiting(subs={"9": {**X, "status": "triggered"}})
        player.do("inst_ctrl", id="inst.a", action=control)
        assert player.do("inst_event", signal_path="a/x", action="cancel") == "ok"
        assert player.node()["state"] == state


def test_triggered_without_event() -> None:
    """A subscription that was seeded as triggered is consumed without a record."""
    player = Player()
    player.program(GO, GO)
    player.start(subs={"0": {"status": "triggered", "event": "none"}})
    assert (player.node()["pc"], player.node()["events"]) == ("1", {})


def test_event_keys_are_free() -> None:
    """A record takes the first free key of 32; without one the event does not match (8.4)."""
    taken = {f"9_{number}": "text" for number in range(40)}
    player = waiting(events={**taken, "x": {"beat": "1"}, "y": {"history": "none"}})
    assert player.do("inst_event", id="inst.a", signal_path="a/go") == "ok"
    player = waiting(events={f"9_{number}": {} for number in range(40, 120)})
    assert player.do("inst_event", id="inst.a", signal_path="a/go") == "no-match"
    player = waiting()
    player.flow.state.instances["inst.a"].node["events"] = "text"
    assert player.do("inst_event", id="inst.a", signal_path="a/go") == "no-match"


def test_client_history_is_continued() -> None:
    """A history that a client sends is copied and goes on; the request keeps what was sent."""
    player = waiting()
    txn = player.send("inst_event", signal_path="a/go", history={"mine": "text"})
    player.beat(2)
    assert player.dump["inbox"]["inst_event"][txn]["history"] == {"mine": "text"}
    assert list(player.node()["events"]["9_0"]["history"]) == ["mine", "9_1", "9_2", "9_3"]


def test_latest_event() -> None:
    """The latest event has the greatest beat that can be read, the first of equal ones, else the first of all (8.6)."""
    for events, key, beat in (
        ({"a": {"beat": "5"}, "b": {"beat": "6"}, "c": {"beat": "6"}}, "b", "6"),
        ({"b": {"beat": "x"}, "a": {}}, "a", None),
        ({"a": {}, "b": {"beat": "0"}}, "b", None),
        ({"a": {"beat": "5"}, "b": {"beat": "x"}}, "a", "5"),
        ({"b": {"beat": "99"}, "a": "text"}, "b", "99"),
    ):
        told = waiting(events=events).flow.dump()["adj"]["by_inst"]["inst.a"]
        assert told["event"]["$link"].endswith(f"/events/{key}")
        assert told.get("beat") == beat


def test_broadcast_in_order() -> None:
    """A broadcast reaches every instance that listens, in the order of their names (4.5)."""
    player = Player()
    player.program(GO)
    player.program(step("wait", signal_path="a/*"), name="glob")
    for name, variant in (("inst.b", "var.a"), ("inst.a", "var.glob"), ("inst", "var.a"), ("INST", "var.glob")):
        player.start(name, variant=variant)
    player.send("inst_event", signal_path="a/go")
    player.beat(1)
    beat = player.flow.beat()
    assert [wake.instance for wake in beat.wakes[::2]][:4] == ["inst", "inst.a", "inst.b", "INST"]
    assert {instance["state"] for instance in player.dump["instance"].values()} == {"done"}
