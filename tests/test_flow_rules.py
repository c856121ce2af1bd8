"""What each correction of rules 2 changes: the same run with one flag on and off (flow-vm, section 19)."""

from __future__ import annotations

import msgspec

from flowruns import Player, Tree, step
from replayglass.domains.flow.rules import RULES_1, RULES_2, Rules

FLAGS = [name for name in Rules.__struct_fields__ if name != "version"]
GO = step("wait", signal_path="a/go")


def with_flag(flag: str) -> tuple[Player, Player]:
    """Return a player under rules 1, and one under rules 1 with ``flag``."""
    return Player(RULES_1), Player(msgspec.structs.replace(RULES_1, **{flag: True}))


def test_every_flag_is_tested() -> None:
    """Rules 1 has no correction, rules 2 all of them, and each has a test of its own below."""
    assert not any(getattr(RULES_1, flag) for flag in FLAGS)
    assert all(getattr(RULES_2, flag) for flag in FLAGS)
    assert {f"test_{flag}" for flag in FLAGS} <= set(globals())


def test_timeout_history() -> None:
    """Row 2: a wait that timed out leaves an event with status timeout, and the next decision is flagged."""
    flags = []
    for player in with_flag("timeout_history"):
        player.program(step("wait", signal_path="a/go", timeout="3"), step("decide", policy="pol.p"))
        player.start(context="ctx.a")
        player.beat(4)
        assert player.do("fl_upsert", kind="guardian", id="grd.a") == "ok"
        flags.append(player.cells()["default"]["evidence"]["telemetry"]["error_flag"])
    assert flags == ["0", "1"]
    (record,) = player.node()["events"].values()
    assert (record["status"], record["origin"], record["signal"]) == ("timeout", "timeout", "a/go")
    assert record["context"] == "ctx.a"


def test_timeout_history_without_room() -> None:
    """Row 2: where the record cannot be stored, the wait goes on without it."""
    player = with_flag("timeout_history")[1]
    player.program(step("wait", timeout="2"))
    assert player.start(events="text") == "events"
    player.beat(9)
    assert player.do("fl_upsert", kind="guardian", id="grd.a") == "ok"
    player.beat(2)
    assert player.do("fl_upsert", kind="guardian", id="grd.a") == "ok"
    assert player.node()["state"] == "done"


def test_idle_sweeps() -> None:
    """Row 3: a deadline that comes in an idle beat is noticed in that beat."""
    states = []
    for player in with_flag("idle_sweeps"):
        player.program(step("wait", signal_path="a/go", timeout="3"))
        player.start()
        player.beat(9)
        states.append(player.node()["state"])
    assert states == ["waiting", "done"]


def test_failures_continue() -> None:
    """Row 5: a failed start leaves the instance as it was, and the beat goes on."""
    for player, goes_on in zip(with_flag("failures_continue"), (False, True), strict=True):
        player.program(GO)
        player.start(note="old")
        assert player.start(variant="var.none") == "unknown-variant"
        assert player.flow.state.ok is goes_on
        assert ("note" in player.node()) is goes_on
        assert player.do("inst_ctrl", id="inst.a") == "missing-action"
        assert player.flow.state.ok is goes_on


def test_controls_need_instance() -> None:
    """Row 6: a control of an unknown instance creates nothing."""
    outcomes = [player.do("inst_ctrl", id="inst.z", action="pause") for player in with_flag("controls_need_instance")]
    assert outcomes == ["ok", "unknown-instance"]


def test_keep_last_good() -> None:
    """Row 7: a failed upsert leaves the good entry."""
    kept = []
    for player in with_flag("keep_last_good"):
        player.program(GO)
        assert player.do("fl_upsert", kind="variant", id="var.a") == "variant-program"
        assert player.do("ni_upsert", id="ni.a") == "niche-context"
        kept.append(("program" in player.dump["variant"]["var.a"], "ni.a" in player.dump["niche"]))
    assert kept == [(False, True), (True, False)]


def test_wake_waiting_only() -> None:
    """Row 8: an event does not revive a paused instance."""
    outcomes = []
    for player in with_flag("wake_waiting_only"):
        player.program(GO)
        player.start()
        player.do("inst_ctrl", id="inst.a", action="pause")
        outcomes.append(player.do("inst_event", id="inst.a", signal_path="a/go"))
        assert player.node()["state"] == ("done" if outcomes[-1] == "ok" else "paused")
    assert outcomes == ["ok", "no-match"]


def test_cancel_unsubscribes() -> None:
    """Row 9: a cancelled instance has no subscriptions, so that no event finds it."""
    outcomes = []
    for player in with_flag("cancel_unsubscribes"):
        player.program(GO, GO)
        player.start()
        player.do("inst_ctrl", id="inst.a", action="cancel")
        outcomes.append(player.do("inst_event", signal_path="a/go"))
    assert outcomes == ["ok", "no-match"]


def test_real_globs() -> None:
    """Row 10: ``*go`` matches what ends in go, not only ``go`` itself."""
    outcomes = []
    for player in with_flag("real_globs"):
        player.program(step("wait", signal_path="*go"))
        player.start()
        outcomes.append(player.do("inst_event", signal_path="a/go"))
    assert outcomes == ["no-match", "ok"]


def test_archive_replays() -> None:
    """Row 13: a run that decides the same again replays the archived decision, one that decides otherwise is vetoed."""
    for player, replays in zip(with_flag("archive_replays"), (False, True), strict=True):
        player.program(step("decide", policy="pol.p", retain="archive:2"))
        player.start()
        assert player.do("fl_upsert", kind="guardian", id="grd.a") == "ok"
        assert player.cells() == {}
        player.start()
        assert (player.cells() == {}) is replays
        player.beat(3)
    player.program(step("decide", policy="pol.p", choice="other"))
    player.send("inst_start", id="inst.a", variant="var.a")
    player.beat()
    (verdict,) = player.flow.beat().verdicts
    assert (verdict.fate, verdict.is_archived, player.node()["state"]) == ("vetoed", True, "error")
    assert verdict.veto == ("choice", "default", "other")


def test_archived_policy_is_held_against() -> None:
    """Row 13: an archived decision is vetoed for another policy too, and stays as it is."""
    player = with_flag("archive_replays")[1]
    player.program(step("decide", policy="pol.p", retain="archive:2"))
    player.start()
    player.do("fl_upsert", kind="policy", id="pol.q")
    player.program(step("decide", policy="pol.q"))
    player.start()
    assert player.node()["state"] == "error"
    assert player.dump["dec_archive"]["inst.a"]["default"]["policy"] == {"$link": "/data/flow/policy/pol.p"}


def test_step_telemetry() -> None:
    """Row 14: a step's telemetry goes before the policy's."""
    scores = []
    for player in with_flag("step_telemetry"):
        player.do("fl_upsert", kind="policy", id="pol.t", telemetry={"score": "0.25", "confidence": "0.75"})
        player.program(step("decide", policy="pol.t", telemetry={"score": "2"}))
        player.start()
        told = player.cells()["default"]["evidence"]["telemetry"]
        scores.append((told["score"], told["confidence"]))
    assert scores == [("0.250000", "0.750000"), ("2.000000", "0.750000")]


def test_custom_states_stand() -> None:
    """Row 15: an instance that a guard holds in a state of its own stops until a control resumes it."""
    states = []
    for player in with_flag("custom_states_stand"):
        player.program(step("guard", beat="12", action="hold"))
        player.start()
        player.beat(9)
        states.append(player.node()["state"])
    assert states == ["done", "hold"]
    player.do("inst_ctrl", id="inst.a", action="budget", step_limit="9")
    assert player.node()["state"] == "hold"
    player.do("inst_ctrl", id="inst.a", action="resume")
    assert player.node()["state"] == "done"


def test_clamp_state_on_breach() -> None:
    """Row 16: a clamp that is not breached leaves the state alone."""
    states = []
    for player in with_flag("clamp_state_on_breach"):
        player.program(step("clamp", state="noted"), step("guard", state="ready"), GO)
        player.start()
        states.append(player.node()["state"])
    assert states == ["done", "waiting"]


def test_completion_latency() -> None:
    """Row 17: the window of a finished event does not grow with its age, that of a pending one does."""
    windows: list[Tree] = []
    for player in with_flag("completion_latency"):
        player.program(GO, GO)
        player.start()
        player.do("inst_event", signal_path="a/go")
        player.beat(4)
        player.do("fl_upsert", kind="guardian", id="grd.a")
        windows.append(player.flow.dump()["adj"]["by_inst"]["inst.a"]["lat_window"])
    assert windows == [{"0": "6"}, {"0": "0"}]
    player.start("inst.p", subs={"9": {"signal_path": "a/x"}})
    player.do("inst_event", signal_path="a/x")
    player.do("fl_upsert", kind="guardian", id="grd.a")
    assert player.flow.dump()["adj"]["by_inst"]["inst.p"]["lat_window"] == {"0": "2"}


def test_direct_retain() -> None:
    """Row 18: retain_mode and retain_ttl count directly on a policy."""
    kept = []
    for player in with_flag("direct_retain"):
        player.do("fl_upsert", kind="policy", id="pol.t", retain_mode="archive", retain_ttl="30")
        player.program(step("decide", policy="pol.t"))
        player.start()
        kept.append(player.cells()["default"]["retain"])
    assert kept == ["permanent", "archive:30"]


def test_digit_names() -> None:
    """Row 21: digits are an id like any other; without that, entries fail and an instance is ``unknown``."""
    prints = []
    for player, code in zip(with_flag("digit_names"), ("policy-canon", "ok"), strict=True):
        assert player.do("fl_upsert", kind="policy", id="0042") == code
        assert list(player.dump["policy"]) == ["42"]
        player.program(step("decide", policy="pol.p"))
        player.start("007")
        cell = player.cells("7")["default"]
        prints.append((cell["validation"]["fingerprint"], cell.get("inst_id")))
    assert prints == [("unknown|default|pol.p|var.a|0", None), ("7|default|pol.p|var.a|0", "7")]


def test_lexical_references() -> None:
    """Section 1.3: names of the reference class stand in the order of their first use, or in that of their letters."""
    orders = []
    for player in with_flag("lexical_references"):
        for name in ("pol.x9", "pol.x1", "42", "POL", "pol"):
            player.do("fl_upsert", kind="policy", id=name)
        orders.append(list(player.dump["policy"]))
    assert orders == [["pol", "POL", "pol.x9", "pol.x1", "42"], ["pol", "POL", "pol.x1", "pol.x9", "42"]]
