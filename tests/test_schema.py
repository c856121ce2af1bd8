"""The schema of a record: every flaw has its code, and nothing sound is called flawed."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperlog import BTC, DATA, Tick, changed, snapshot, uid
from replayglass.domains.paper import schema
from replayglass.domains.paper.documents import TYPES
from replayglass.domains.paper.events import EVENT_TYPES, MAX_TIME, Event
from replayglass.domains.paper.schema import check_event, check_snapshot, fields_of, is_decision_class, read_time, show
from replayglass.pageschema import schemas

VECTORS = json.loads((DATA / "validator_vectors.json").read_bytes())
TICK = Tick(1, 5)
LINES = {
    "DECISION_EVALUATED": TICK.d(),
    "ORDER_INTENT_CREATED": TICK.c(),
    "ORDER_INTENT_SKIPPED": TICK.k(),
    "SAFETY_EVALUATED": TICK.s(),
    "EXECUTION_ATTEMPTED": TICK.a(),
    "EXECUTION_OUTCOME_RECORDED": TICK.o(),
    "LEDGER_UPDATED": TICK.u(),
    "USER_FEEDBACK_RECORDED": TICK.f(),
}
SNAPSHOT = snapshot(5, (BTC, "1", True, TICK.execution))
POSITION = {"marketId": BTC, "quantity": "1", "isOpen": True, "lastExecutionId": TICK.execution}


@pytest.mark.parametrize(
    ("name", "accepts"),
    [
        ("createUuid", lambda value: schema.UUID.fullmatch(value) is not None),
        ("createDecimalString", lambda value: schema.DECIMAL.fullmatch(value) is not None),
        ("createDecisionClass", is_decision_class),
        ("createLogicalTime", lambda value: read_time(value) is not None),
    ],
)
def test_values_are_accepted_as_the_runtime_accepts_them(name: str, accepts: Any) -> None:  # noqa: ANN401 - any predicate
    """UUIDs, decimals, decision classes and logical times: the answers are those of the runtime's constructors."""
    for vector in VECTORS[name]:
        value = vector["value"]
        if name == "createLogicalTime" and (isinstance(value, str) or "." in json.dumps(value)):
            continue  # text is the contract's form of a time; a JSON number with a point is not how times are written
        assert accepts(value) == vector["accepted"], vector


def naive_class(text: str) -> bool:
    """Say whether a text is a decision class, trying every place for both dots."""
    body, at, version = text.rpartition("@v")
    if not at or not version.isascii() or not version.isdigit() or any(end in text for end in "\n\r\u2028\u2029"):
        return False
    dots = [place for place, letter in enumerate(body) if letter == "."]
    return any(0 < first < second - 1 < len(body) - 2 for first in dots for second in dots)


@given(text=st.text("a.@v1\n", max_size=12) | st.text("a.", max_size=8).map(lambda body: body + "@v1"))
def test_decision_classes_are_found_without_going_back(text: str) -> None:
    """Three non-empty parts apart by dots, wherever the dots are, then @v and digits."""
    assert is_decision_class(text) == naive_class(text)


@pytest.mark.parametrize(
    ("value", "time"),
    [
        (0, 0),
        (MAX_TIME, MAX_TIME),
        ("007", 7),
        (str(MAX_TIME), MAX_TIME),
        (MAX_TIME + 1, None),
        (str(MAX_TIME + 1), None),
        ("0" * 17, None),
        (-1, None),
        ("-1", None),
        ("", None),
        ("\u0661", None),
        ("\u00b2", None),
        (True, None),
        (1.0, None),
        (None, None),
    ],
)
def test_times_are_whole_numbers_or_their_text(value: object, time: int | None) -> None:
    """A logical time is an integer within 2^53-1 or its decimal text; a boolean is no number."""
    assert read_time(value) == time


def codes(raw: bytes) -> list[str]:
    """Return the codes of an event's flaws without their common prefix."""
    return [flaw.code.removeprefix("schema.") for flaw in check_event(json.loads(raw))]


@pytest.mark.parametrize("kind", LINES)
def test_each_field_is_checked(kind: str) -> None:
    """Each of the eight types is sound as written; every field may be neither missing nor of another type."""
    raw = LINES[kind]
    assert check_event(json.loads(raw)) == []
    assert list(json.loads(raw)) == sorted(json.loads(raw), key=("id", *fields_of(kind)).index)
    wrong: object
    for name in fields_of(kind):
        assert codes(changed(raw, **{name: None})) == ["missing-field"], name
        for wrong in ([], 1.5, {"type": 1}):
            found = check_event(json.loads(raw) | {name: wrong})
            assert found, name
            assert all(flaw.fatal for flaw in found)
    assert codes(changed(raw, surplus={"a": 1})) == ["surplus-field"]


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (changed(TICK.d(), id="x"), ["uuid"]),
        (changed(TICK.d(), decisionId=7), ["field-type"]),
        (changed(TICK.d(), version="1"), ["version"]),
        (changed(TICK.d(), version=2), ["version"]),
        (changed(TICK.d(), version=True), ["version"]),
        (changed(TICK.d(), logicalTime=True), ["field-type"]),
        (changed(TICK.d(), logicalTime=-1), ["logical-time"]),
        (changed(TICK.d(), logicalTime="5", createdAtLogical="5"), []),
        (changed(TICK.d(), type="NEW"), ["unknown-type"]),
        (changed(TICK.d(), type=7), ["field-type"]),
        (changed(TICK.c(), side="buy"), ["enum"]),
        (changed(TICK.c(), side=None, marketId=3), ["missing-field", "field-type"]),
        (changed(TICK.a(), plane=["PAPER"]), ["field-type"]),
        (changed(TICK.s(), result={"type": "MAYBE"}), ["enum"]),
        (changed(TICK.s(), result={"type": "HALT", "reason": "BUY_BLOCKED", "more": 1}), ["surplus-field"]),
        (changed(TICK.s(), result={"type": "HALT", "reason": 1}), ["field-type"]),
        (changed(TICK.s(), result={"reason": "BUY_BLOCKED"}), ["missing-field"]),
        (changed(TICK.f(), target={"type": "STRATEGY"}), ["enum"]),
        (changed(TICK.f(), target={"type": "DECISION", "decisionId": "x"}), ["uuid"]),
        (changed(TICK.f(), target={"type": "EXECUTION", "executionId": uid(1), "more": 1}), ["surplus-field"]),
        (changed(TICK.f(), target={"type": "TIME_WINDOW", "from": "1", "to": 2}), []),
        (changed(TICK.f(), target={"type": "TIME_WINDOW", "from": 1}), ["missing-field"]),
    ],
)
def test_events_have_the_flaws_they_have(raw: bytes, wanted: list[str]) -> None:
    """Every flaw of an event is told, each with its own code; texts of times and surplus fields are not fatal."""
    assert codes(raw) == wanted


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, []),
        ({"type": "OTHER"}, ["unknown-type"]),
        ({"positions": []}, ["field-type"]),
        ({"positions": None}, ["missing-field"]),
        ({"positions": {BTC: 1}}, ["field-type"]),
        ({"positions": {BTC: POSITION | {"quantity": 1}}}, ["field-type"]),
        ({"positions": {BTC: POSITION | {"quantity": "1e3"}}}, ["decimal"]),
        ({"positions": {BTC: POSITION | {"isOpen": 1, "more": 2}}}, ["field-type", "surplus-field"]),
        ({"positions": {BTC: {}}}, ["missing-field"] * 4),
        ({"snapshotId": "x", "plane": "paper", "more": 1}, ["uuid", "enum", "surplus-field"]),
    ],
)
def test_snapshots_have_the_flaws_they_have(fields: dict[str, object], wanted: list[str]) -> None:
    """Every flaw of a snapshot and of each of its positions is told."""
    flaws = check_snapshot(json.loads(changed(SNAPSHOT, **fields)))
    assert [flaw.code.removeprefix("schema.") for flaw in flaws] == wanted


@given(text=st.text())
def test_what_a_log_says_is_shown_in_ascii(text: str) -> None:
    """A quotation in a message is printable ASCII and short, whatever the log holds."""
    shown = show(text)
    assert shown.isascii()
    assert shown.isprintable()
    assert len(shown) <= 10 * 40 + 5


def test_the_number_of_quotation_marks_is_that_of_the_written_form() -> None:
    """For every type the fast reading counts on the quotation marks that its own line has."""
    for kind in EVENT_TYPES:
        assert LINES[kind.type].count(b'"') == kind.quotes
        event = msgspec.json.decode(LINES[kind.type], type=Event)
        assert type(event) is kind
        assert msgspec.json.Decoder(Event).decode(msgspec.json.encode(event)) == event


def test_every_document_type_has_a_json_schema() -> None:
    """Each type gives a schema of draft 2020-12 under its own name, in bytes that depend on nothing else."""
    made = schemas(TYPES)
    assert list(made) == list(TYPES)
    for name, data in made.items():
        value = json.loads(data)
        assert value["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert value["$id"] == f"{name}.schema.json"
        assert data.endswith(b"}\n")
    assert schemas(TYPES) == made
