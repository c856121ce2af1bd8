"""Simulated runs: the rules that hold for every log of the runtime, and what makes a simulation useful."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replayglass.domains.paper import ids
from replayglass.domains.paper.ids import Salt, as_uuid, derive
from replayglass.domains.paper.lifecycle import Tag
from replayglass.domains.paper.rules import Feedback, Gates, Ledger, NoIntent, Position, Safety
from replayglass.domains.paper.scenario import MARKETS, Remark, scenario
from replayglass.domains.paper.simulate import simulate, write_run
from replayglass.domains.paper.tick import Written, run_tick
from replayglass.errors import InputError, OutputError

if TYPE_CHECKING:
    from pathlib import Path

LETTERS = {
    "DECISION_EVALUATED": "D",
    "ORDER_INTENT_CREATED": "C",
    "ORDER_INTENT_SKIPPED": "K",
    "SAFETY_EVALUATED": "S",
    "EXECUTION_ATTEMPTED": "A",
    "EXECUTION_OUTCOME_RECORDED": "O",
    "LEDGER_UPDATED": "L",
    "USER_FEEDBACK_RECORDED": "F",
}


@cache
def long_run() -> list[Written]:
    """Return a run of many blocks, the largest size among them."""
    return list(simulate(32_000, 11))


def events_of(tick: Written) -> list[dict[str, Any]]:
    """Return a tick's events."""
    return [json.loads(line) for line in tick.audit.splitlines()]


def target_of(remark: Remark, decisions: list[str], executions: list[str]) -> dict[str, str | int]:
    """Return the target that a remark means, given all ids of the run so far."""
    if remark.about == "DECISION":
        return {"type": "DECISION", "decisionId": decisions[remark.first]}
    if remark.about == "EXECUTION":
        return {"type": "EXECUTION", "executionId": executions[remark.first]}
    return {"type": "TIME_WINDOW", "from": remark.first, "to": remark.last}


def test_blocks_write_what_ticks_write_one_by_one() -> None:
    """Hashed in blocks, over a block's edge, a run has the bytes of plain ticks run one after the other."""
    ledger = Ledger()
    decisions: list[str] = []
    executions: list[str] = []
    for step, written in zip(scenario(11), islice(long_run(), 4_400), strict=False):
        bare, after = run_tick(step.tick, ledger)
        ends = json.loads(bare.audit.splitlines()[-1])
        decisions.append(json.loads(bare.audit.splitlines()[0])["decisionId"])
        if step.verdict.order:
            assert ends["type"] == "LEDGER_UPDATED"
            executions.append(after.positions[step.verdict.order.market_id].last_execution_id)
        if step.remark:
            said = Feedback(step.remark.category, target_of(step.remark, decisions, executions))
            bare, after = run_tick(step.tick._replace(feedback=said), ledger)
        assert bare == written
        ledger = after


@given(st.integers(0, 2**64), st.integers(1, 400), st.integers(0, 1500))
@settings(max_examples=25, deadline=None)
def test_longer_runs_begin_with_shorter_ones(seed: int, events: int, more: int) -> None:
    """The same seed gives the same bytes, however long; a run ends with the tick that reaches the number asked for."""
    short, long = list(simulate(events, seed)), list(simulate(events + more, seed))
    assert long[: len(short)] == short
    reached = sum(tick.audit.count(b"\n") for tick in short)
    assert reached - short[-1].audit.count(b"\n") < events <= reached


def test_other_seeds_give_other_runs() -> None:
    """A seed chooses the run."""
    assert list(simulate(50, 1)) != list(simulate(50, 2))


def test_ticks_have_the_runtimes_grammar() -> None:
    """Each tick is D K S, D C S or D C S A O L, and perhaps F; its events share a time that never goes back."""
    last = 0
    for tick in long_run():
        events = events_of(tick)
        assert re.fullmatch("(DKS|DCS|DCSAOL)F?", "".join(LETTERS[event["type"]] for event in events))
        assert {event["logicalTime"] for event in events} == {event["createdAtLogical"] for event in events}
        assert last <= events[0]["logicalTime"]
        last = events[0]["logicalTime"]
        assert (tick.snapshot is None) == all(event["type"] != "LEDGER_UPDATED" for event in events)


def test_never_two_open_positions() -> None:
    """With one ledger a BUY is executed only when nothing is open, and every snapshot shows it."""
    snapshots = [json.loads(tick.snapshot) for tick in long_run() if tick.snapshot]
    opened = [[key for key, value in own["positions"].items() if value["isOpen"]] for own in snapshots]
    assert [len(own) for own in opened] == [(index + 1) % 2 for index in range(len(opened))]
    assert {key for own in opened for key in own} == set(MARKETS)


def own_id(event: dict[str, Any], of: dict[str, str], time: int) -> list[str]:
    """Return the ids that ``event`` may have, given the decision, order intent and execution id ``of`` its tick."""
    kind = event["type"]
    if kind == "USER_FEEDBACK_RECORDED":
        return [as_uuid(derive(Salt.FEEDBACK, ids.feedback_input(event["category"], event["target"], time)))]
    details: dict[str, list[tuple[str, ...]]] = {
        "DECISION_EVALUATED": [()],
        "ORDER_INTENT_CREATED": [(of["orderIntentId"],)],
        "ORDER_INTENT_SKIPPED": [(why,) for why in NoIntent if why.logged == event.get("reason")],
        "SAFETY_EVALUATED": [(event.get("result", {}).get("type"),)],
        "EXECUTION_OUTCOME_RECORDED": [(of["executionId"], event.get("status", ""))],
    }
    inputs = [ids.event_input(kind, of["decisionId"], own, time) for own in details.get(kind, [(of["executionId"],)])]
    return [as_uuid(derive(Salt.META, text)) for text in inputs]


def test_every_id_recomputes_from_the_log() -> None:
    """Event, intent, execution, feedback and snapshot ids follow, in the plain form, from what their tick logged."""
    for tick in long_run()[:600]:
        events = events_of(tick)
        time = events[0]["logicalTime"]
        of: dict[str, str] = defaultdict(str)
        for event in reversed(events):
            of |= {key: value for key, value in event.items() if key != "target"}
        assert all(event["id"] in own_id(event, of, time) for event in events)
        if of["orderIntentId"]:
            text = ids.order_intent_input(of["strategyInstanceId"], of["marketId"], of["side"], time)
            assert of["orderIntentId"] == derive(Salt.ORDER_INTENT, text)
        if tick.snapshot:
            text = ids.execution_input(of["orderIntentId"], of["plane"], time)
            assert of["executionId"] == as_uuid(derive(Salt.EXECUTION, text))
            snapshot = json.loads(tick.snapshot)
            positions = {key: Position(*value.values()) for key, value in snapshot["positions"].items()}
            text = ids.snapshot_input(snapshot["plane"], time, positions)
            assert snapshot["snapshotId"] == as_uuid(derive(Salt.META, text))


def test_ids_are_unique() -> None:
    """A simulated log repeats no event id, so that nothing in it looks tampered with."""
    names = [event["id"] for tick in long_run() for event in events_of(tick)]
    assert len(names) == len(set(names))


def test_everything_reachable_happens() -> None:
    """All reasons, safety results, gates and feedback targets of section 6 occur; one tick in six or so executes."""
    steps = list(islice(scenario(11), len(long_run())))
    assert {why for step in steps if isinstance(why := step.verdict.intent, NoIntent)} == set(NoIntent)
    assert {step.verdict.safety for step in steps} == set(Safety) - {Safety.BUY_BLOCKED}
    assert {step.tick.lifecycle.tag for step in steps} == set(Tag)
    assert len({step.tick.gates for step in steps}) == len(Gates._fields) * 2 + 1
    assert 0.12 < sum(step.verdict.order is not None for step in steps) / len(steps) < 0.2
    said = [event for tick in long_run() for event in events_of(tick) if event["type"] == "USER_FEEDBACK_RECORDED"]
    assert set(Counter(event["target"]["type"] for event in said)) == {"DECISION", "EXECUTION", "TIME_WINDOW"}


def test_feedback_speaks_of_what_is_in_the_log() -> None:
    """Feedback names decisions and executions that were logged before it, and windows that have passed."""
    known: set[str] = set()
    for event in (event for tick in long_run() for event in events_of(tick)):
        known |= {event[key] for key in ("decisionId", "executionId") if key in event}
        if event["type"] == "USER_FEEDBACK_RECORDED":
            target = event["target"]
            if target["type"] == "TIME_WINDOW":
                assert 1 <= target["from"] <= target["to"] <= event["logicalTime"]
            else:
                assert list(target.values())[1] in known


def test_a_run_folder_holds_the_simulated_bytes(tmp_path: Path) -> None:
    """The folder has both streams where the runtime puts them and a configuration; an empty folder is accepted."""
    out = tmp_path / "run"
    out.mkdir()
    ticks = list(simulate(3_000, 5))
    made = write_run(3_000, 5, out)
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    environment = files.pop("runtime.env")
    assert files == {
        "audit-events/data/audit_events.ndjson": b"".join(tick.audit for tick in ticks),
        "snapshots/data/snapshots.ndjson": b"".join(tick.snapshot or b"" for tick in ticks),
    }
    assert sorted(data.count(b"\n") for data in files.values()) == [made.snapshots, made.events]
    assert made.ticks == len(ticks)
    pattern = rb"RUNTIME_INSTANCE_ID=[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n([A-Z_]+=[^\s=]+\n){10}"
    assert re.fullmatch(pattern, environment)
    assert b"DATABASE_URL=postgres://simulated:not-a-password@database.invalid:5432/simulated\n" in environment


def test_a_run_without_executions_has_no_snapshots_file(tmp_path: Path) -> None:
    """As at the runtime, the snapshots file does not exist before its first record."""
    seed = next(seed for seed in range(99) if all(tick.snapshot is None for tick in simulate(3, seed)))
    assert write_run(3, seed, tmp_path / "run").snapshots == 0
    assert list((tmp_path / "run/snapshots/data").iterdir()) == []


def test_unusable_arguments_are_refused(tmp_path: Path) -> None:
    """No events, a folder that is not empty, a file, a place that cannot be written: nothing is made."""
    used = tmp_path / "used"
    used.mkdir()
    (used / "file").write_bytes(b"kept")
    for events, out in ((0, tmp_path / "new"), (1, used), (1, used / "file")):
        with pytest.raises(InputError) as refused:
            write_run(events, 1, out)
        assert refused.value.hint
    with pytest.raises(OutputError):
        write_run(1, 1, used / "file/run")
    assert sorted(tmp_path.rglob("*")) == [used, used / "file"]
    assert (used / "file").read_bytes() == b"kept"
