"""What docs/l2-flow.md states of decisions, telemetry and retention and no other test shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from flowruns import SCENARIOS, Player, Scenario, Tree, step
from replayglass.domains.flow.rules import RULES_1, RULES_2, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

BOTH = pytest.mark.parametrize("rules", [RULES_1, RULES_2], ids=["rules1", "rules2"])


def fnv(text: str) -> int:
    """Return the hash that the reference describes."""
    value = 1469598103934665603
    for byte in text.encode():
        value = (value ^ byte) * 1099511628211 % 2**64
    return value if text else 0


def formulas(cell: Tree, own: Tree) -> Iterator[tuple[str, str]]:
    """Give the telemetry of a cell as the table of the reference says, but for the error flag."""
    validation, beat = cell["validation"], int(cell["beat"])
    seed = fnv(validation["fingerprint"]) ^ fnv(validation.get("context", "")) ^ fnv(cell["choice"])
    seed ^= fnv(cell["inst_id"])
    rng_seed = int(own.get("rng_seed", seed))
    score, confidence = rng_seed or seed, (rng_seed ^ seed) >> 24
    yield "rng_seed", str(rng_seed)
    yield "rng_seq", str(int(own.get("rng_seq", rng_seed)) ^ beat * 2**32 % 2**64)
    yield "score", f"{float(own.get('score', (score % 2**24 or 1) / 16777215)):.6f}"
    yield "confidence", f"{float(own.get('confidence', (confidence % 2**24 or 1) / 16777215)):.6f}"
    yield "latency", str(max(0, beat - int(cell["evidence"].get("beat", beat))))


@pytest.mark.parametrize("name", SCENARIOS)
def test_telemetry_formulas(name: str) -> None:
    """The formulas give the telemetry of every new decision of the recorded runs."""
    seen: set[tuple[str, str, str]] = set()
    for dump in map(json.loads, Scenario(name).dumps):
        for instance, cells in dump["flow"]["decision"].items():
            for site, cell in cells.items():
                key = (instance, site, cell["beat"])
                if key not in seen and cell["beat"] == str(dump["beat"]):
                    seen.add(key)
                    link = cell["policy"]["$link"] if isinstance(cell["policy"], dict) else ""
                    policy = dump["flow"]["policy"].get(link.rsplit("/")[-1], {})
                    told = dict(formulas(cell, policy.get("telemetry", {})))
                    flag = cell["evidence"]["telemetry"]["error_flag"]
                    assert cell["evidence"]["telemetry"] == {**told, "error_flag": flag}, key
    assert seen or name in {"clamp", "events"}


@BOTH
def test_one_site_has_one_decision(rules: Rules) -> None:
    """Two steps of an instance with one site claim one cell: the second has another pc and is vetoed."""
    player = Player(rules)
    player.program(step("decide", policy="pol.p", site="s"), step("decide", policy="pol.p", site="s"))
    player.start()
    assert (list(player.cells()), player.node()["state"], player.node()["pc"]) == (["s"], "error", "1")


@BOTH
def test_fingerprint(rules: Rules) -> None:
    """A fingerprint is instance, site, policy, variant and pc between bars, of 255 bytes at most."""
    player = Player(rules)
    player.program(step("guard"), step("decide", policy="pol.p", site="main"))
    for length in (236, 237):
        name = "x" * length
        player.start(name)
        told = player.cells(name)["main"].get("validation", {}).get("fingerprint")
        assert told == (f"{name}|main|pol.p|var.a|1" if length == 236 else None)
    assert len(f"{'x' * 236}|main|pol.p|var.a|1") == 255


@BOTH
def test_context_signature(rules: Rules) -> None:
    """A context is a text of at most 127 bytes, or a dictionary with such an ``id``; else there is none."""
    for context, signature in (("c" * 127, "c" * 127), ({"id": "c"}, "c"), ("c" * 128, None), ({"x": "c"}, None)):
        player = Player(rules)
        player.program(step("decide", policy="pol.p"))
        player.start(context=context)
        assert player.cells()["default"]["evidence"].get("context") == signature


@BOTH
def test_when_a_decision_leaves(rules: Rules) -> None:
    """Under rules 2 a decision leaves in the beat ``retain_upto``; under rules 1 in the first sweep from then on."""
    player = Player(rules)
    player.program(step("decide", policy="pol.p", retain="ttl:6"))
    player.start()
    last = int(player.cells()["default"]["retain_upto"])
    while player.flow.beat().number < last - 1:
        assert player.cells()
    assert player.cells()
    player.beat()
    assert bool(player.cells()) is (rules is RULES_1)
    assert player.do("fl_upsert", kind="guardian", id="grd.a") == "ok"
    assert player.cells() == {}


@BOTH
def test_no_beats_are_for_ever(rules: Rules) -> None:
    """Zero beats to live or until the archive are no limit, wherever the directive stands."""
    for directive in ("ttl:0", "archive:0", "archive"):
        player = Player(rules)
        player.do("fl_upsert", kind="policy", id="pol.t", retain=directive)
        player.program(step("decide", policy="pol.t"), step("decide", policy="pol.p", site="s", retain=directive))
        player.start()
        assert [cell["retain"] for cell in player.cells().values()] == ["permanent", "permanent"]


@BOTH
def test_an_expired_decision_is_made_anew(rules: Rules) -> None:
    """After a decision expired, the next run makes a new one, with another choice if it has one."""
    player = Player(rules)
    player.program(step("decide", policy="pol.p", retain="ttl:2", choice="left"))
    player.start()
    assert player.do("fl_upsert", kind="guardian", id="grd.a") == "ok"
    assert player.cells() == {}
    player.program(step("decide", policy="pol.p", choice="right"))
    player.start()
    assert player.cells()["default"]["choice"] == "right"


@BOTH
def test_error_is_flagged(rules: Rules) -> None:
    """A decision that is made in the state ``error`` is flagged."""
    player = Player(rules)
    player.program(step("transform", state="error"), step("decide", policy="pol.p"))
    player.send("inst_start", id="inst.a", variant="var.a")
    player.beat(2)
    assert player.cells()["default"]["evidence"]["telemetry"]["error_flag"] == "1"
