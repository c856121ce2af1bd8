"""Decoding: the fast reading and the exact one agree, and nothing gets through that either would miss."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paperlog import AUDIT, BTC, DATA, SNAPSHOTS, Tick, batches, changed, records, snapshot, uid
from replayglass import reread
from replayglass.damage import TOO_LONG, Unreadable
from replayglass.domains.paper.decode import Invalid, decode_events, decode_snapshots
from replayglass.domains.paper.events import AuditEvent, Snapshot
from replayglass.domains.paper.rules import Safety
from replayglass.domains.paper.schema import check_event, check_snapshot
from replayglass.log.strict import read_object
from replayglass.reread import MAX_FLAWS

if TYPE_CHECKING:
    from pathlib import Path

    from replayglass.record import Finding

TICK = Tick(1, 5)


WINDOW: dict[str, str | int] = {"type": "TIME_WINDOW", "from": 3, "to": 2}


EVENTS = [
    *TICK.filled(),
    TICK.k(),
    *(TICK.s(safety) for safety in Safety if safety is not Safety.ALLOW),
    TICK.f(),
    TICK.f(TICK.on_execution()),
    TICK.f(WINDOW),
    Tick(2, 2**53 - 1, 'a"\\\u2028\u00e9\U0001f600').c("SELL"),
]


SOME_SNAPSHOTS = [
    snapshot(0),
    snapshot(5, (BTC, "1", True, uid(1)), ("1INCH", "+007.10", False, uid(2))),
    snapshot(7, ("\u00e9", "0", False, uid(3)), plane="LIVE"),
]


def event_of(raw: bytes) -> tuple[AuditEvent | Invalid | Unreadable, list[Finding]]:
    """Decode one line."""
    items, findings = decode_events(batches("audit-events", [raw])[0])
    return items[0], findings


def snapshot_of(raw: bytes) -> tuple[Snapshot | Invalid | Unreadable, list[Finding]]:
    """Decode one snapshot."""
    items, findings = decode_snapshots(batches("snapshots", [raw])[0])
    return items[0], findings


TOKENS = [
    b'"',
    b"\\",
    b"\\n",
    b"{",
    b"}",
    b",",
    b":",
    b"1",
    b"e",
    b" ",
    b"null",
    b'"id":"x",',
    b'"version":1,',
    b"\xff",
]


@st.composite
def damaged(draw: st.DrawFn, lines: list[bytes]) -> bytes:
    """Return a line with some of its bytes replaced, doubled, or taken away."""
    raw = draw(st.sampled_from(lines))
    for _ in range(draw(st.integers(1, 3))):
        first = draw(st.integers(0, len(raw)))
        last = draw(st.integers(first, min(len(raw), first + draw(st.sampled_from([0, 1, 2, 10, 60])))))
        inside = draw(st.sampled_from([*TOKENS, b"", raw[first:last] * 2]) | st.binary(max_size=3))
        raw = raw[:first] + inside + raw[last:]
    return raw.replace(b"\n", b" ") or b" "


LINED = changed(TICK.d(), id=f"{uid(1)}\n{uid(2)}")


@given(raw=damaged(EVENTS))
@example(raw=LINED)
@example(raw=changed(TICK.a(), executionId=f"{uid(1)}\n"))
@example(raw=changed(TICK.f(), target={"type": "DECISION", "decisionId": f"{uid(1)}\n{uid(2)}"}))
@example(raw=TICK.s().replace(b'"ALLOW"', b'"HALT","reason":null,"reason":"BUY_BLOCKED"'))
@example(raw=TICK.s().replace(b'"ALLOW"', b'"ALLOW","type":"HALT"'))
@example(raw=TICK.k().replace(b'"version":1', b'"version":1,"version":1'))
@example(raw=TICK.k().replace(b'"version":1', b'"v\\u0065rsion":1,"version":1'))
def test_damage_is_found_or_changes_what_is_said(raw: bytes) -> None:
    """Any damage gives the exact reading's answer: never an exception, a doubled key or a surplus field in silence."""
    item, findings = event_of(raw)
    given = read_object(raw)
    if not isinstance(given, dict):
        assert isinstance(item, Unreadable)
        assert [finding.code for finding in findings] == [item.code] == [given.code]
        return
    flaws = check_event(given)
    assert [finding.code for finding in findings][: min(len(flaws), MAX_FLAWS)] == [flaw.code for flaw in flaws][
        :MAX_FLAWS
    ]
    assert isinstance(item, Invalid) == any(flaw.fatal for flaw in flaws)
    if isinstance(item, AuditEvent):
        assert (item.id, item.type) == (given["id"], given["type"])
        assert item.logical_time == int(str(given["logicalTime"]))
        assert item.created_at_logical == item.logical_time or findings


@given(raw=damaged(SOME_SNAPSHOTS))
@example(raw=changed(SOME_SNAPSHOTS[0], snapshotId=f"{uid(1)}\n{uid(2)}"))
@example(raw=SOME_SNAPSHOTS[1].replace(b'"quantity":"1"', b'"quantity":"1\\n2"'))
@example(raw=SOME_SNAPSHOTS[1].replace(b'"version":1', b'"version":1,"version":1'))
def test_damage_of_a_snapshot_is_found(raw: bytes) -> None:
    """Snapshots are held to the exact reading in the same way."""
    item, findings = snapshot_of(raw)
    given = read_object(raw)
    flaws = check_snapshot(given) if isinstance(given, dict) else []
    assert isinstance(item, Unreadable) == (not isinstance(given, dict))
    assert isinstance(item, Invalid) == any(flaw.fatal for flaw in flaws)
    assert len(findings) >= min(len(flaws), MAX_FLAWS) + isinstance(item, Unreadable)


WRITTEN = [DATA / "small", *sorted(path.parent for path in (DATA / "extra").glob("*/audit-events"))]


@pytest.mark.parametrize("log", [log for log in WRITTEN if log.name != "odd_feedback"], ids=lambda log: log.name)
def test_what_the_runtime_wrote_is_read_the_fast_way(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the original's own logs (but the one with surplus fields) not one line needs the exact reading."""
    monkeypatch.delattr(reread, "_reread")
    for batch in batches("audit-events", records(log / AUDIT)):
        items, findings = decode_events(batch)
        assert findings == []
        assert all(isinstance(item, AuditEvent) for item in items)
    for batch in batches("snapshots", records(log / SNAPSHOTS)):
        assert decode_snapshots(batch)[1] == []


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (changed(TICK.k(), createdAtLogical=6), ["schema.created-at-mismatch"]),
        (TICK.d(decision_class="a.b@v1"), ["schema.decision-class"]),
        (changed(TICK.d(), strategyInstanceId="me"), ["schema.instance-id"]),
        (changed(TICK.c(), orderIntentId="X"), ["schema.order-intent-id"]),
        (changed(TICK.c(), orderIntentId=uid(5).upper()), []),
        (changed(TICK.s(), result={"type": "ALLOW", "reason": "BUY_BLOCKED"}), ["schema.safety-reason"]),
        (changed(TICK.s(), result={"type": "HALT"}), ["schema.safety-reason"]),
        (changed(TICK.f(), feedbackId=uid(5)), ["schema.feedback-id"]),
        (changed(TICK.k(), more=1), ["schema.surplus-field"]),
        (TICK.c().replace(b"BTC", b"\\ud800"), []),
    ],
)
def test_flaws_that_leave_an_event_what_it_is(raw: bytes, wanted: list[str]) -> None:
    """Flaws between fields, odd forms and surplus fields are findings; the event is still replayed."""
    item, findings = event_of(raw)
    assert isinstance(item, AuditEvent)
    assert [finding.code for finding in findings] == wanted


def test_a_snapshot_whose_key_differs_is_kept() -> None:
    """A position under another market's key is a finding; the snapshot is still used."""
    value = json.loads(SOME_SNAPSHOTS[1])
    value["positions"]["ETH"] = value["positions"].pop(BTC)
    item, findings = snapshot_of(json.dumps(value).encode())
    assert isinstance(item, Snapshot)
    assert [finding.code for finding in findings] == ["schema.position-key"]


def test_invalid_records_keep_what_is_well_formed() -> None:
    """Of a record that cannot be replayed the type, ids and time are known as far as they are texts and times."""
    item, _ = event_of(changed(TICK.s(), result=None, logicalTime="5"))
    assert item[:4] == ("SAFETY_EVALUATED", json.loads(TICK.s())["id"], 5, TICK.decision)  # type: ignore[index]  # invalid
    item, _ = event_of(b'{"type":1,"id":2,"logicalTime":-3,"decisionId":4}')
    assert item[:4] == (None, None, None, None)  # type: ignore[index]  # as above
    wrong, _ = snapshot_of(changed(SOME_SNAPSHOTS[0], plane="paper"))
    assert isinstance(wrong, Invalid)
    assert wrong.id == json.loads(SOME_SNAPSHOTS[0])["snapshotId"]


def test_many_flaws_of_one_record_are_summed_up() -> None:
    """Eight flaws are told one by one, the rest in one finding as severe as the worst of all."""
    more = {f"more{number}": 1 for number in range(20)}
    _, findings = event_of(changed(TICK.k(), **more))
    assert [finding.code for finding in findings] == ["schema.surplus-field"] * MAX_FLAWS + ["schema.more-flaws"]
    assert findings[-1].message == "The record has 12 more flaws like these."
    assert findings[-1].severity == "info"
    _, findings = event_of(changed(TICK.k(), reason="x", **more))
    assert findings[-1].severity == "error"


def test_a_line_that_was_too_long_has_its_finding_already() -> None:
    """What stands for a line that was not held is unreadable, and is not reported twice."""
    assert event_of(b"") == (TOO_LONG, [])
    assert snapshot_of(b"") == (TOO_LONG, [])


def test_findings_are_where_the_record_is() -> None:
    """Each line is decoded for itself: its findings carry its sequence number, line and offset."""
    raws = [TICK.d(), b"{", TICK.k(), changed(TICK.s(), version=2), b"null"]
    items, findings = decode_events(batches("audit-events", raws)[0])
    assert [type(item).__name__ for item in items] == [
        "DecisionEvaluated",
        "Unreadable",
        "OrderIntentSkipped",
        "Invalid",
        "Unreadable",
    ]
    assert [(finding.code, finding.seq, finding.line) for finding in findings] == [
        ("json.incomplete", 1, 2),
        ("schema.version", 3, 4),
        ("json.not-an-object", 4, 5),
    ]
