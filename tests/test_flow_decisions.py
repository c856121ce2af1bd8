"""Decisions: what a cell says, when it is replayed or vetoed, its telemetry, and how it leaves (flow-vm, 9, 10, 13)."""

from __future__ import annotations

import pytest

from flowruns import Player, Tree, step
from replayglass.domains.flow.beat import Fate, Veto
from replayglass.domains.flow.rules import RULES_1, RULES_2, Rules


def decided(spec: Tree, policy: Tree | None = None, **fields: object) -> Player:
    """Return a player whose instance decided under ``pol.t`` in beat 9."""
    player = Player()
    assert player.do("fl_upsert", kind="policy", id="pol.t", **(policy or {})) == "ok"
    player.program(step("decide", **{"policy": "pol.t", **spec}))
    assert player.start(**fields) == "ok"
    return player


@pytest.mark.parametrize(
    ("spec", "policy", "retain"),
    [
        ({}, {}, "permanent"),
        ({}, {"retain": "TTL:7"}, "ttl:7"),
        ({}, {"retain": "ttl:7 beats"}, "ttl:7"),
        ({}, {"retain": "ttl:"}, "permanent"),
        ({}, {"retain": "ttl"}, "permanent"),
        ({}, {"retain": "ttl:x"}, "permanent"),
        ({}, {"retain": "archive"}, "permanent"),
        ({}, {"retain": "permanent:5"}, "permanent"),
        ({}, {"retain": "archive:9"}, "archive:9"),
        ({}, {"retain": {"retain_mode": "archive", "retain_ttl": "5"}}, "archive:5"),
        ({}, {"retain": {"retain_mode": "ttl:4"}}, "ttl:4"),
        ({}, {"retain": {"retain_mode": "permanent", "retain_ttl": "5"}}, "permanent"),
        ({}, {"retain": {"retain_ttl": "5"}}, "ttl:5"),
        ({}, {"retain": {}}, "permanent"),
        ({"retain": "permanent"}, {"retain": "ttl:7"}, "permanent"),
        ({"retain": "none"}, {"retain": "ttl:7"}, "ttl:7"),
        ({"retain": "ttl:0"}, {"retain": "ttl:7"}, "permanent"),
    ],
)
def test_retention(spec: Tree, policy: Tree, retain: str) -> None:
    """The plan is that of the step, else that of the policy, else permanent; no beats are for ever (13.1, 13.2)."""
    cell = decided(spec, policy).cells()["default"]
    mode, _, span = retain.partition(":")
    assert (cell["retain"], cell["retain_mode"], cell.get("retain_ttl")) == (retain, mode, span or None)
    assert cell.get("retain_upto") == (str(9 + int(span)) if span else None)


@pytest.mark.parametrize("directive", ["ttl:6", "archive:6"])
def test_departure(directive: str) -> None:
    """A decision leaves in the first sweep after its last beat, in order; an archived one is kept as it is (13.3)."""
    player = decided({"retain": directive})
    player.start("inst.b")
    cell = player.cells()["default"]
    player.beat(8)
    assert player.cells() == {"default": cell}
    player.send("fl_upsert", kind="guardian", id="grd.a")
    player.beat()
    verdicts = player.flow.beat().verdicts
    assert [(verdict.fate, verdict.instance) for verdict in verdicts] == [
        (Fate.ARCHIVED if directive == "archive:6" else Fate.EXPIRED, name) for name in ("inst.a", "inst.b")
    ]
    assert player.dump["decision"] == {"inst.a": {}, "inst.b": {}}
    assert player.dump["dec_archive"]["inst.a"] == ({"default": cell} if directive == "archive:6" else {})
    assert player.dump["index"]["dec_by_pol"] == {}


def test_retention_that_wraps() -> None:
    """A span beyond 64 bits wraps: at 0 the decision is kept, below now it leaves at once."""
    assert decided({"retain": f"ttl:{2**64 - 9}"}).cells()["default"]["retain_upto"] == "0"
    assert decided({"retain": f"ttl:{2**64 - 5}"}).cells() == {}


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({}, {"confidence": "0.000000"}),
        ({"score": "0.5", "confidence": "0.5"}, {"confidence": "0.000000"}),
        ({"score": "-1e2x", "confidence": "7"}, {"score": "-100.000000", "confidence": "7.000000"}),
        ({"rng_seed": "16777216"}, {"rng_seed": "16777216", "score": "0.000000", "rng_seq": str(16777216 ^ 9 << 32)}),
        ({"rng_seed": "junk", "rng_seq": "7"}, {"rng_seq": str(7 ^ 9 << 32)}),
    ],
)
def test_telemetry(own: Tree, told: Tree) -> None:
    """A policy's telemetry takes the place of what is derived from the seed; the sequence has the beat (10)."""
    cell = decided({}, {"telemetry": own}).cells()["default"]
    assert cell["validation"]["telemetry"] == cell["evidence"]["telemetry"]
    assert told.items() <= cell["evidence"]["telemetry"].items()


def test_latency_and_error() -> None:
    """Latency counts from the latest event, never below 0; a cancelled event flags an error."""
    events = {"a": {"beat": "5", "signal_path": "a/b", "history": {"x": {"status": "cancelled"}, "y": "text"}}}
    evidence = decided({}, events=events).cells()["default"]["evidence"]
    assert (evidence["telemetry"]["latency"], evidence["telemetry"]["error_flag"]) == ("4", "1")
    assert (evidence["signal"], evidence["beat"], "payload" in evidence) == ("a/b", "5", False)
    evidence = decided({}, events={"a": {"beat": "x"}}).cells()["default"]["evidence"]
    assert (evidence["telemetry"]["latency"], "beat" in evidence) == ("0", False)
    assert decided({}, events={"a": {"beat": "99"}}).cells()["default"]["evidence"]["telemetry"]["latency"] == "0"


@pytest.mark.parametrize(
    ("change", "again", "veto"),
    [
        ({}, {"context": "ctx.a"}, None),
        ({}, {}, None),
        ({}, {"context": "ctx.b"}, ("validation/context", "ctx.a", "ctx.b")),
        ({"choice": "other"}, {"context": "ctx.a"}, ("choice", "default", "other")),
        ({"policy": "pol.p"}, {"context": "ctx.a"}, ("policy", "pol.t", "pol.p")),
        ({"site": "default", "retain": "ttl:9"}, {"context": "ctx.a"}, None),
    ],
)
def test_replay(change: Tree, again: Tree, veto: Veto | None) -> None:
    """The same decision is replayed and nothing of it is written again; another is vetoed and says why (9.5)."""
    player = decided({}, context="ctx.a")
    cell = player.cells()["default"]
    player.program(step("decide", **{"policy": "pol.t", **change}))
    player.send("inst_start", id="inst.a", variant="var.a", **again)
    player.beat()
    (verdict,) = player.flow.beat().verdicts
    assert (verdict.fate, verdict.veto) == (Fate.VETOED if veto else Fate.REPLAYED, veto)
    assert player.cells() == {"default": cell}
    assert player.node()["state"] == ("error" if veto else "done")


def test_variant_and_pc_are_vetoed() -> None:
    """Another variant and another pc contradict a decision (9.5)."""
    player = decided({})
    player.program(step("decide", policy="pol.t"), name="b")
    player.start(variant="var.b")
    assert player.node()["state"] == "error"
    player.program(step("guard"), step("decide", policy="pol.t"))
    player.send("inst_start", id="inst.a", variant="var.a")
    player.beat()
    (verdict,) = player.flow.beat().verdicts
    assert verdict.veto == ("validation/fingerprint", "inst.a|default|pol.t|var.a|0", "inst.a|default|pol.t|var.a|1")


def test_without_fingerprint() -> None:
    """A fingerprint of 256 bytes is none: no validation, no veto, no part in the seed (9.3)."""
    name = "x" * 200
    player = Player()
    player.program(step("decide", policy="pol.p", site="y" * 100))
    player.start(name, context="ctx.a")
    cell = player.cells(name)["y" * 63]
    assert ("validation" in cell, cell["site"]) == (False, "y" * 100)
    assert cell["evidence"]["telemetry"]["latency"] == "0"
    player.start(name, context="ctx.b")
    assert player.node(name)["state"] == "done"
    assert player.dump["index"]["dec_by_pol"]["pol.p"]["meta"]["context"] == "ctx.a"


def test_site_is_cut_between_characters() -> None:
    """The key of a site is its first 63 bytes, without a half character."""
    assert list(decided({"site": "é" * 40}).cells()) == ["é" * 31]


def test_without_policy() -> None:
    """A step of an instance's own may lack a policy: it fills that of a later run in, and is vetoed by it (9.2)."""
    player = Player()
    for spec in ({}, {"policy": "pol.q"}, {"policy": "pol.q"}):
        player.start("inst.o", variant="no", steps={"0": step("decide", retain="ttl:9", **spec)})
        player.do("fl_upsert", kind="guardian", id="grd.a")
    cell = player.cells("inst.o")["default"]
    assert (cell["policy"], cell["validation"]["fingerprint"]) == ("pol.q", "inst.o|default|none|no|0")
    assert player.node("inst.o")["state"] == "error"
    player.beat(9)
    player.do("fl_upsert", kind="guardian", id="grd.a")
    assert player.cells("inst.o") == {}


def test_evidence_follows_the_run() -> None:
    """A decision after a transform or an event of the same sweep is made from that one (8.6, 9.4)."""
    player = Player()
    transform = step("transform", payload={"payload": {"n": "two"}})
    first, again, after = (step("decide", policy="pol.p", site=site) for site in ("a", "b", "c"))
    player.program(step("wait", signal_path="a/go"), first, again, transform, after)
    player.start(events={"x": {"beat": "1"}}, subs={"0": {"status": "triggered"}})
    events = {site: cell["evidence"]["event"]["$link"] for site, cell in player.cells().items()}
    path = "/data/flow/instance/inst.a/events"
    assert events == {"a": f"{path}/x", "b": f"{path}/x", "c": f"{path}/3"}
    assert player.cells()["c"]["evidence"]["payload"] == {"n": "two"}


def test_half_written() -> None:
    """A decision whose policy has no text stays half-written, and is vetoed again in the next run (9.2)."""
    player = Player()
    for _ in range(2):
        player.start("inst.o", variant="var.none", steps={"0": step("decide", policy="42")})
        player.do("fl_upsert", kind="guardian", id="grd.a")
        assert player.cells("inst.o") == {
            "default": {"beat": "2", "choice": "default", "inst_id": "inst.o", "pc": "0", "site": "default"}
        }
        assert player.node("inst.o")["state"] == "error"
    assert player.dump["index"]["dec_by_pol"] == {}


def test_half_written_variant() -> None:
    """A half-written decision has a policy but no telemetry: the index counts it without a sample (14)."""
    player = Player()
    player.do("fl_upsert", kind="policy", id="pol.p")
    player.start("inst.o", variant="42", steps={"0": step("decide", policy="pol.p")})
    player.do("fl_upsert", kind="guardian", id="grd.a")
    assert player.dump["index"]["dec_by_pol"]["pol.p"]["meta"] == {
        "beat": "4",
        "choice": "default",
        "dec_count": "1",
        "inst_count": "1",
        "site_count": "1",
    }


def test_evidence_link_dies() -> None:
    """A restart empties an instance's events: links to them are dead, and the index no longer tells them."""
    player = Player()
    player.program(step("wait", signal_path="a/go"), step("decide", policy="pol.p"))
    player.start()
    player.do("inst_event", signal_path="a/go")
    assert player.cells()["default"]["evidence"]["event"] == {"$link": "/data/flow/instance/inst.a/events/9_0"}
    player.start()
    assert player.cells()["default"]["evidence"]["event"] == {"$link": None}
    assert "event" not in player.dump["index"]["dec_by_pol"]["pol.p"]["meta"]


@pytest.mark.parametrize("rules", [RULES_1, RULES_2])
def test_recommended_run(rules: Rules) -> None:
    """A run with nothing odd in it comes to the same decisions under both rules."""
    player = Player(rules)
    player.program(step("wait", signal_path="a/go"), step("decide", policy="pol.p", site="main", choice="left"))
    player.start()
    player.do("inst_event", signal_path="a/go", payload={"n": "one"})
    cell = player.cells()["main"]
    assert (cell["choice"], cell["evidence"]["payload"], cell["evidence"]["beat"]) == ("left", {"n": "one"}, "9")
