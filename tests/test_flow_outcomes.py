"""Every outcome code that an intent can get, and what it leaves behind."""

from __future__ import annotations

import pytest

from flowruns import Player, Tree, step
from replayglass.domains.flow.rules import RULES_1, RULES_2

CODES = """
    ok pending missing-kind unknown-kind missing-id ledger-lock upsert-failed entry-lock copy-failed original-copy
    kind-store canon-failed program-entry program-id program-steps step-input step-schema step-key step-entry step-kind
    step-spec step-copy decide-spec decide-policy decide-policy-link policy-canon guardian-canon variant-entry
    variant-id variant-program variant-program-link missing-ledger niche-entry niche-id niche-context niche-variant
    niche-variant-link inst-start-input missing-variant variant-ledger unknown-variant variant-store inst-start-canon
    state pc events budget missing-action unknown-action no-request request-lock missing-signal signal-format
    signal-store payload-type payload-create event-canon unknown-instance no-match
"""
STORAGE_CODES = """
    ledger-lock upsert-failed entry-lock copy-failed original-copy kind-store canon-failed program-entry step-input
    step-key step-entry step-copy decide-spec variant-entry missing-ledger niche-entry inst-start-input variant-ledger
    variant-store inst-start-canon state pc no-request request-lock signal-store payload-create event-canon
"""
LONG = "x" * 257

DEFINITIONS: list[tuple[str, Tree]] = [
    ("missing-kind", {"id": "a.b"}),
    ("missing-kind", {"id": "a.b", "kind": {}}),
    ("unknown-kind", {"id": "a.b", "kind": "plan"}),
    ("unknown-kind", {"id": "a.b", "kind": "program         "}),
    ("unknown-kind", {"id": "a.b", "kind": ""}),
    ("missing-id", {"kind": "policy"}),
    ("missing-id", {"kind": "policy", "id": ""}),
    ("missing-id", {"kind": "policy", "id": LONG}),
    ("ok", {"kind": "PROGRAM", "id": "prog.empty"}),
    ("ok", {"kind": "program", "id": "prog.b", "steps": {"1": step("WAIT"), "x": {"kind": "Xform", "note": "kept"}}}),
    ("program-id", {"kind": "program", "id": "0042"}),
    ("program-steps", {"kind": "program", "id": "prog.c", "steps": "text"}),
    ("step-schema", {"kind": "program", "id": "prog.d", "steps": {"0": "text"}}),
    ("step-kind", {"kind": "program", "id": "prog.e", "steps": {"0": step("jump")}}),
    ("step-kind", {"kind": "program", "id": "prog.e", "steps": {"0": {"spec": {}}}}),
    ("step-spec", {"kind": "program", "id": "prog.f", "steps": {"0": {"kind": "guard", "spec": "text"}}}),
    ("decide-policy", {"kind": "program", "id": "prog.g", "steps": {"0": {"kind": "decide"}}}),
    ("decide-policy-link", {"kind": "program", "id": "prog.h", "steps": {"0": step("decide", policy="7")}}),
    ("ok", {"kind": "program", "id": "prog.i", "steps": {"0": step("decide", policy="pol.later")}}),
    ("policy-canon", {"kind": "policy", "id": "42"}),
    ("guardian-canon", {"kind": "guardian", "id": "42"}),
    ("ok", {"kind": "guardian", "id": "grd.a"}),
    ("variant-id", {"kind": "variant", "id": "42", "program": "prog.b"}),
    ("variant-program", {"kind": "variant", "id": "var.b"}),
    ("variant-program-link", {"kind": "variant", "id": "var.c", "program": "43"}),
    ("ok", {"kind": "variant", "id": "var.d", "program": "prog.unknown"}),
]
NICHES: list[tuple[str, Tree]] = [
    ("missing-id", {"ctx_type": "c.c", "variant": "v.v"}),
    ("niche-id", {"id": "42", "ctx_type": "c.c", "variant": "v.v"}),
    ("niche-context", {"id": "ni.a", "variant": "v.v"}),
    ("niche-context", {"id": "ni.a", "ctx_type": "42", "variant": "v.v"}),
    ("niche-variant", {"id": "ni.b", "ctx_type": "c.c"}),
    ("niche-variant-link", {"id": "ni.c", "ctx_type": "c.c", "variant": "42"}),
    ("ok", {"id": "ni.d", "ctx_type": "c.c", "variant": "v.v"}),
]
STARTS: list[tuple[str, Tree]] = [
    ("missing-id", {"variant": "var.a"}),
    ("missing-variant", {"id": "inst.b"}),
    ("missing-variant", {"id": "inst.b", "variant": {}}),
    ("unknown-variant", {"id": "inst.b", "variant": "var.none"}),
    ("events", {"id": "inst.b", "variant": "var.a", "events": "text"}),
    ("budget", {"id": "inst.b", "variant": "var.a", "budget": "text"}),
    ("ok", {"id": "inst.b", "variant": "var.a"}),
]
CONTROLS: list[tuple[str, Tree]] = [
    ("missing-id", {"action": "pause"}),
    ("missing-action", {"id": "inst.a"}),
    ("unknown-action", {"inst_id": "inst.a", "action": "Pause"}),
    ("ok", {"inst_id": {}, "id": "inst.a", "action": "pause"}),
]
EVENTS: list[tuple[str, Tree]] = [
    ("missing-signal", {"inst_id": "inst.a"}),
    ("missing-signal", {"inst_id": "inst.a", "signal_path": "", "signal": "a/go"}),
    ("missing-signal", {"inst_id": "inst.a", "signal": ""}),
    ("signal-format", {"inst_id": "inst.a", "signal_path": "a//b"}),
    ("payload-type", {"inst_id": "inst.a", "signal_path": "a/go", "payload": "text"}),
    ("unknown-instance", {"inst_id": "inst.z", "signal_path": "a/go"}),
    ("unknown-instance", {"id": "inst.z", "signal_path": "a/go"}),
    ("no-match", {"inst_id": "inst.a", "signal_path": "a/stop"}),
    ("no-match", {"signal_path": "a/go", "context": "ctx.else"}),
    ("ok", {"inst_id": "inst.a", "signal": "a/go", "signal_path": {}}),
]
ALL = [
    (bucket, code, fields)
    for bucket, cases in (
        ("fl_upsert", DEFINITIONS),
        ("ni_upsert", NICHES),
        ("inst_start", STARTS),
        ("inst_ctrl", CONTROLS),
        ("inst_event", EVENTS),
    )
    for code, fields in cases
]


@pytest.mark.parametrize(("bucket", "code", "fields"), ALL)
def test_outcome(bucket: str, code: str, fields: Tree) -> None:
    """An intent that cannot be done says why, in the order of checks of section 4; a fatal one aborts its beat."""
    player = Player()
    player.program(step("wait", signal_path="a/go"))
    player.start()
    assert player.do(bucket, **fields) == code
    is_fatal = bucket in ("inst_start", "inst_ctrl") and code not in ("ok", "missing-id")
    assert player.flow.state.ok is not is_fatal


def test_all_codes() -> None:
    """Every code of section 4.6 is reached above, or is about locks, memory or missing ledgers of the original."""
    known = set(CODES.split())
    reached = {code for _, code, _ in ALL} | {"pending"}
    assert reached <= known
    assert known - reached == set(STORAGE_CODES.split())


def test_mailroom() -> None:
    """A mailroom request is moved to the inbox and stays pending; one whose name is taken is dropped (3.5)."""
    player = Player()
    player.flow.post("fl_upsert", "t.one", {"kind": "policy", "id": "pol.a"})
    player.beat(1)
    assert player.dump["inbox"]["fl_upsert"] == {}
    player.flow.post("fl_upsert", "t.one", {"kind": "policy", "id": "pol.b"})
    player.beat(3)
    assert player.dump["policy"] == {}
    assert player.dump["inbox"]["fl_upsert"]["t.one"] == {
        "id": "pol.a",
        "kind": "policy",
        "meta": {"parents": [{"$link": "/data/inbox/flow/fl_upsert/t.one"}]},
        "original": {},
        "outcome": "pending",
    }


def test_fatal_loses_the_beat() -> None:
    """A fatal start keeps its partial entry, loses the later intents of its beat, and the beat number comes again."""
    player = Player()
    player.program(step("wait", signal_path="a/go"))
    player.send("inst_start", id="inst.a", variant="var.none", note="kept")
    lost = player.send("inst_start", id="inst.b", variant="var.a")
    player.beat(1)
    beat = player.flow.beat()
    assert (beat.ok, beat.lost) == (False, (("inst_start", lost),))
    assert player.outcome("inst_start", lost) == ""
    assert player.node()["note"] == "kept"
    assert player.flow.dump()["adj"]["by_inst"] == {}
    assert player.flow.beat().number == beat.number


def test_failed_restart_is_not_indexed() -> None:
    """Until the next sweep index and adjacency show what an instance was before a fatal start (sections 14, 15)."""
    player = Player()
    player.program(step("wait", signal_path="a/go"), step("decide", policy="pol.p"))
    player.start()
    assert player.do("inst_event", signal_path="a/go") == "ok"
    player.beat(2)
    before = player.flow.dump()
    assert player.start(variant="var.none") == "unknown-variant"
    after = player.flow.dump()
    assert after["adj"]["by_inst"]["inst.a"].pop("event") == {"$link": None}
    assert before["adj"]["by_inst"]["inst.a"].pop("event")
    assert after["adj"] == before["adj"]
    assert after["flow"]["index"]["dec_by_pol"]["pol.p"]["meta"].pop("event") == {"$link": None}
    assert before["flow"]["index"]["dec_by_pol"]["pol.p"]["meta"].pop("event")
    assert after["flow"]["index"] == before["flow"]["index"]
    assert player.do("inst_ctrl", id="inst.z", action="none") == "unknown-action"
    assert "inst.z" not in player.flow.dump()["adj"]["by_inst"]
    assert player.do("fl_upsert", kind="policy", id="pol.q") == "ok"
    assert player.flow.dump()["adj"]["by_inst"]["inst.z"]["state"] == "done"


@pytest.mark.parametrize(
    ("bucket", "txn", "fields"),
    [
        ("fl_delete", "t.a", {}),
        ("fl_upsert", "", {}),
        ("fl_upsert", LONG, {}),
        ("fl_upsert", "t.a", {"id": 7}),
        ("fl_upsert", "t.a", {7: "id"}),
    ],
)
def test_no_intent(bucket: str, txn: str, fields: Tree) -> None:
    """What is no tree of texts for one of the five buckets is refused before it is an intent."""
    with pytest.raises(ValueError, match=r"[a-z]"):
        Player().flow.submit(bucket, txn, fields)


def test_depth_is_bounded() -> None:
    """Dictionaries nested without end are refused."""
    fields: Tree = {}
    for _ in range(5000):
        fields = {"a": fields}
    with pytest.raises(ValueError, match="nest 32"):
        Player().flow.submit("fl_upsert", "t.a", fields)


def test_same_intent_twice() -> None:
    """Two intents of one name in one beat are one request, ingested once (3.2)."""
    player = Player(RULES_2)
    player.flow.submit("fl_upsert", "t.a", {"kind": "policy", "id": "pol.a"})
    player.flow.submit("fl_upsert", "t.a", {"kind": "policy", "id": "pol.b", "outcome": "mine"})
    player.beat(1)
    assert [outcome.target for outcome in player.flow.beat().outcomes] == ["pol.b"]
    assert list(player.dump["policy"]) == ["pol.b"]
    assert "outcome" not in player.dump["policy"]["pol.b"]


def test_rules_are_known() -> None:
    """The rules that a flow follows can be asked for, and rules 2 are the default."""
    assert Player(RULES_1).flow.rules.version == 1
    assert type(Player().flow)().rules is RULES_2
