"""The tick against logs of the original runtime: same inputs, same bytes."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from replayglass.domains.paper import lifecycle as states
from replayglass.domains.paper import lines
from replayglass.domains.paper.ids import Salt, derive_each, derive_many
from replayglass.domains.paper.lifecycle import Held, Lifecycle, Tag
from replayglass.domains.paper.rules import Feedback, Gates, Intent, Ledger, NoIntent, Safety, Tick, decide, judge
from replayglass.domains.paper.scenario import follow
from replayglass.domains.paper.tick import Derive, run_tick

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parent / "data/paper"
RUNS = [
    "small",
    "extra/integer_market_ids",
    "extra/duplicate_ticks",
    "extra/odd_feedback",
    "extra/no_snapshots",
    "extra/one_tick",
]


def read_lines(path: Path) -> bytes:
    """Return a stream's bytes, empty when the runtime never wrote it."""
    return path.read_bytes() if path.exists() else b""


def longest_wait(ticks: list[dict[str, Any]], reason: str, side: str) -> dict[str, int]:
    """Return by instance how long after its last filled ``side`` a tick was refused for ``reason``, plus one.

    The hidden inputs leave hold time and cooldown out; this is the shortest duration that explains the refusals.
    """
    since: dict[str, int] = {}
    waits: dict[str, int] = defaultdict(int)
    for given, came in ((tick["input"], tick["output"]) for tick in ticks):
        instance = given["instance"]
        if came["orderIntent"].get("reason") == reason:
            waits[instance] = max(waits[instance], given["logicalTime"] - since[instance] + 1)
        if (came["executionOutcome"] or {}).get("side") == side:
            since[instance] = given["logicalTime"]
    return waits


def tick_of(given: dict[str, Any], known: Lifecycle) -> Tick:
    """Return the input of one recorded tick; ``known`` is its instance's lifecycle but for the tag."""
    tag = Tag(given["lifecycleBefore"])
    gates, said = given["safetyGates"], given["userFeedback"]
    held = known.held if tag in (Tag.HOLDING, Tag.EXIT) else None
    return Tick(
        given["logicalTime"],
        given["strategyInstanceId"],
        Gates(gates["haltAll"], gates["blockBuy"], gates["forceSell"]),
        given["decisionClass"],
        tuple(given["reasonCodes"]),
        Lifecycle(tag, held, known.cooldown_until),
        given["attention"] == "TARGET_MARKET_BETTER",
        given["allocation"],
        given["targetMarketId"],
        Feedback(said["category"], said["target"]) if said else None,
    )


def replay(run: str, derive: Derive, ledger_of: Callable[[str], str]) -> tuple[bytes, bytes]:
    """Return both streams as our tick writes them from a run's hidden inputs; ``ledger_of`` names a caller's ledger.

    Every decision, and the lifecycle that follows from it, is compared with the recorded one on the way.
    """
    ticks = json.loads((DATA / run / "expected/truth.ticks.json").read_bytes())
    holds = longest_wait(ticks, "HOLD_TIME_ACTIVE", "BUY")
    cooldowns = longest_wait(ticks, "COOLDOWN_ACTIVE", "SELL")
    lifecycles: dict[str, Lifecycle] = defaultdict(Lifecycle)
    ledgers: dict[str, Ledger] = defaultdict(Ledger)
    audit, snapshots = b"", b""
    for given, came in ((tick["input"], tick["output"]) for tick in ticks):
        instance = given["instance"]
        tick = tick_of(given, lifecycles[instance])
        verdict = decide(tick, is_open=ledgers[ledger_of(instance)].is_open)
        interim, final = follow(tick, verdict, holds[instance], cooldowns[instance])
        assert came["lifecycleAfter"] in (interim.tag, final.tag)
        lifecycles[instance] = final
        written, ledgers[ledger_of(instance)] = run_tick(tick, ledgers[ledger_of(instance)], derive)
        audit += written.audit
        snapshots += written.snapshot or b""
    return audit, snapshots


@pytest.mark.parametrize("derive", [derive_each, derive_many])
@pytest.mark.parametrize("run", RUNS)
def test_same_bytes_as_the_original(run: str, derive: Derive) -> None:
    """From the same hidden inputs the tick writes the very bytes that the original runtime wrote."""
    audit, snapshots = replay(run, derive, lambda _: "one ledger for all")
    assert audit == read_lines(DATA / run / "audit-events/data/audit_events.ndjson")
    is_kept = run != "extra/no_snapshots"
    assert (snapshots if is_kept else b"") == read_lines(DATA / run / "snapshots/data/snapshots.ndjson")
    assert snapshots.count(b"\n") == audit.count(b'"type":"LEDGER_UPDATED"')


def test_same_bytes_with_a_ledger_for_each_caller() -> None:
    """Two decisions of one instance at one time share intent and execution ids when each has its own ledger."""
    run = "extra/two_decisions_same_time"
    audit, snapshots = replay(run, derive_each, lambda instance: instance)
    assert audit == read_lines(DATA / run / "audit-events/data/audit_events.ndjson")
    assert snapshots == read_lines(DATA / run / "snapshots/data/snapshots.ndjson")


def test_json_escapes_of_the_original() -> None:
    """Strings are escaped as JSON.stringify does, and a lone surrogate as an escape."""
    vectors = json.loads((DATA / "json_escaping_vectors.json").read_bytes())
    for name, expected in vectors.items():
        if name.startswith("U+"):
            said = lines.order_intent_created("", "BUY", chr(int(name.replace("U+", "0x"), 0)))
            assert lines.encode(said.rpartition('"marketId":')[2]).hex() == expected


def test_feedback_keys_stand_in_javascript_order() -> None:
    """Surplus keys of a target that look like array indexes come first, ascending."""
    line = lines.feedback_recorded("f", "RISK_COMFORT", {"type": "DECISION", "10": 1, "decisionId": "d", "9": 2})
    assert line.endswith('"target":{"9":2,"10":1,"type":"DECISION","decisionId":"d"}')


def test_safety_is_first_match_wins() -> None:
    """Section 8, over all gates, sides and ledgers: HALT spares sales, FORCE_SELL needs something open."""
    for halt, block, force, is_open in product((False, True), repeat=4):
        gates = Gates(halt, block, force)
        for side in ("BUY", "SELL", None):
            intent = Intent(side, "M", "1") if side else NoIntent.LIFECYCLE_BLOCKED
            forced = Safety.FORCE_SELL if force and is_open else None
            blocked = (
                (Safety.BUY_BLOCKED if block else Safety.ALREADY_OPEN if is_open else None) if side == "BUY" else None
            )
            halted = (Safety.ALLOW if side == "SELL" else Safety.HALT) if halt else None
            assert judge(intent, gates, is_open=is_open) is (halted or forced or blocked or Safety.ALLOW)


HOLDING = Lifecycle(Tag.HOLDING, Held("M", "1", 5))


def test_lifecycle_goes_round() -> None:
    """Section 9's table: entry, hold time, exit, cooldown, re-entry, with time moving only what is due."""
    evaluating = states.trigger(Lifecycle())
    entry = states.begin_entry(evaluating)
    assert states.abandon_entry(entry) == states.take_no_action(evaluating) == Lifecycle()
    assert states.complete_entry(entry, Held("M", "1", 5)) == HOLDING
    assert states.request_rotation_exit(HOLDING, 4) == HOLDING
    leaving = states.request_rotation_exit(HOLDING, 5)
    assert leaving == states.request_safety_exit(HOLDING) == states.request_safety_exit(leaving)
    assert leaving.tag is Tag.EXIT
    assert states.abandon_exit(leaving) == HOLDING
    cooling = states.complete_exit(leaving, 9)
    assert states.advance(cooling, 8) == cooling
    assert states.advance(HOLDING, 99) == HOLDING
    assert states.trigger(states.advance(cooling, 9)) == evaluating


@pytest.mark.parametrize(
    "move",
    [
        states.trigger,
        states.take_no_action,
        states.begin_entry,
        states.abandon_entry,
        states.abandon_exit,
        lambda state: states.complete_entry(state, Held("M", "1", 5)),
        lambda state: states.complete_exit(state, 9),
        lambda state: states.request_rotation_exit(state._replace(tag=Tag.ENTRY), 9),
    ],
)
def test_a_transition_that_does_not_exist_is_refused(move: Callable[[Lifecycle], Lifecycle]) -> None:
    """What section 9's table does not list raises."""
    with pytest.raises(ValueError, match="no such transition"):
        move(HOLDING)


def test_salts_are_distinct() -> None:
    """The second hash of an id keeps kinds apart that share an input."""
    assert len({derive_each(salt, ["x"])[0][16:] for salt in Salt}) == len(Salt)
