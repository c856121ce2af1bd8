"""Single edits of a log: every field that an id or another record protects; and those that nothing protects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperlog import DATA, SNAPSHOTS, changed, records, replay, simulated, uid
from replayglass.domains.paper import events as ev
from replayglass.domains.paper.ids import Salt, as_uuid, derive, snapshot_input
from replayglass.domains.paper.proven import LIMITS
from replayglass.record import Severity
from sites import AUDIT, SMALL

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.no_cover

SAYS = st.text("abcXYZ.<|", min_size=1, max_size=8)
UUIDS = st.integers(0, 2**64).map(lambda number: uid("edited", number))
TIMES = st.integers(0, ev.MAX_TIME)
CLASSES = st.integers(0, 10**6).map(lambda number: f"edited.by.hand@v{number}")
INTENTS = UUIDS.map(lambda text: text.replace("-", ""))

Protected = dict[str, tuple["st.SearchStrategy[Any]", set[str]]]


def one_of(alias: object) -> st.SearchStrategy[str]:
    """Return the values of a closed set."""
    return st.sampled_from(get_args(alias))


ID = {"identity.event-id"}
LOST = {*ID, "replay.unknown-decision"}
COMMON: Protected = {
    "type": (st.sampled_from([kind.type for kind in ev.EVENT_TYPES]), {"schema.missing-field"}),
    "id": (UUIDS, ID),
    "version": (st.integers(2, 9), {"schema.version"}),
    "logicalTime": (TIMES, {"schema.created-at-mismatch"}),
    "createdAtLogical": (TIMES, {"schema.created-at-mismatch"}),
}
FIELDS: dict[str, Protected] = {
    "DECISION_EVALUATED": {
        **COMMON,
        "decisionId": (UUIDS, {*ID, "identity.decision-unexplained"}),
        "strategyInstanceId": (UUIDS, {"identity.decision-unexplained"}),
        "decisionClass": (CLASSES, {"identity.decision-unexplained"}),
    },
    "ORDER_INTENT_CREATED": {
        **COMMON,
        "orderIntentId": (INTENTS, {*ID, "identity.order-intent-id"}),
        "side": (one_of(ev.Side), {"identity.order-intent-id"}),
        "marketId": (SAYS, {"identity.order-intent-id"}),
    },
    "ORDER_INTENT_SKIPPED": {
        **COMMON,
        "id": (UUIDS, {"identity.skip-reason"}),
        "reason": (one_of(ev.ReasonCode), {"identity.skip-reason"}),
    },
    "SAFETY_EVALUATED": {
        **COMMON,
        "decisionId": (UUIDS, LOST),
        "result.type": (one_of(ev.SafetyType), ID),
        "result.reason": (one_of(ev.SafetyReason), {"safety.reason"}),
    },
    "EXECUTION_ATTEMPTED": {
        **COMMON,
        "decisionId": (UUIDS, LOST),
        "executionId": (UUIDS, {*ID, "identity.execution-id"}),
        "plane": (st.just("LIVE"), {"identity.execution-id", "plane.live"}),
    },
    "EXECUTION_OUTCOME_RECORDED": {
        **COMMON,
        "decisionId": (UUIDS, LOST),
        "executionId": (UUIDS, {*ID, "tick.execution-id"}),
        "status": (one_of(ev.Status), ID),
    },
    "LEDGER_UPDATED": {
        **COMMON,
        "plane": (st.just("LIVE"), {"tick.plane"}),
        "marketId": (SAYS, {"tick.market"}),
    },
    "USER_FEEDBACK_RECORDED": {
        **COMMON,
        "id": (UUIDS, {*ID, "schema.feedback-id"}),
        "feedbackId": (UUIDS, {"schema.feedback-id"}),
        "category": (one_of(ev.Category), ID),
        "target.decisionId": (UUIDS, ID),
        "target.executionId": (UUIDS, ID),
        "target.from": (TIMES, ID),
        "target.to": (TIMES, ID),
    },
}
"""What each field can be edited to, and the codes of the findings that the edited record has then (section 11)."""

COMPARED = {
    "version": "version",
    "createdAtLogical": "createdAtLogical",
    "result.reason": "the reason of a safety result",
    "plane": "plane and market of a ledger update",
    "marketId": "plane and market of a ledger update",
}
"""Fields that no id covers, and how the integrity page calls them: of LEDGER_UPDATED where a type has others too."""

LOGS = [(records(SMALL / AUDIT), records(DATA / "small" / SNAPSHOTS)), *(simulated(250, seed) for seed in (1, 3, 8))]


def value_of(raw: bytes, field: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the value at a path in a record, None if there is none."""
    value = json.loads(raw)
    for name in field.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def edited(raw: bytes, field: str, value: object) -> bytes:
    """Return a record with the value at a path set."""
    outer, _, inner = field.partition(".")
    return changed(raw, **{outer: {**json.loads(raw)[outer], inner: value} if inner else value})


EVERY = [(kind, field) for kind, fields in FIELDS.items() for field in fields]


@pytest.mark.parametrize(("kind", "field"), EVERY)
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_an_edited_field_is_found(kind: str, field: str, data: st.DataObject) -> None:
    """Any other value of a protected field, in any event of its type, is found at that event."""
    values, codes = FIELDS[kind][field]
    audit, snapshots = data.draw(st.sampled_from(LOGS))
    marked = b'"%s"' % kind.encode()
    own = [seq for seq, raw in enumerate(audit) if marked in raw and value_of(raw, field) is not None]
    if not own:
        return
    seq = data.draw(st.sampled_from(own))
    value = data.draw(values.filter(lambda value: value != value_of(audit[seq], field)))
    raws = [*audit[:seq], edited(audit[seq], field, value), *audit[seq + 1 :]]
    found = {own.code for own in replay(raws, snapshots).findings if own.stream == "audit-events" and own.seq == seq}
    assert found >= codes


def test_the_table_has_every_field() -> None:
    """Each field of each type of event is in the table."""
    for kind in ev.EVENT_TYPES:
        names = {"type", *(field.encode_name for field in msgspec.structs.fields(kind))}
        assert {field.partition(".")[0] for field in FIELDS[kind.type]} == names


def test_what_no_id_covers_is_on_the_integrity_page() -> None:
    """Fields whose edit no identity finding shows are those that the page says are only compared."""
    codes = {(kind, field): FIELDS[kind][field][1] for kind, field in EVERY}
    uncovered = {field for (_, field), own in codes.items() if not any(code.startswith("identity.") for code in own)}
    assert uncovered == {*COMPARED, "type", "logicalTime", "feedbackId"}
    said = next(limit for limit in LIMITS if limit.startswith("No id covers"))
    assert all(words in said for words in COMPARED.values())


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_a_moved_time_is_found(data: st.DataObject) -> None:
    """An event moved in time as a whole, both fields alike, has a finding about its id or its tick."""
    audit, snapshots = data.draw(st.sampled_from(LOGS))
    seq = data.draw(st.integers(0, len(audit) - 1))
    time = data.draw(TIMES.filter(lambda time: time != value_of(audit[seq], "logicalTime")))
    moved = changed(audit[seq], logicalTime=time, createdAtLogical=time)
    found = replay([*audit[:seq], moved, *audit[seq + 1 :]], snapshots).findings
    assert {own.code for own in found if own.seq == seq} & {*ID, "replay.no-decision"}


def _spaced(raw: bytes) -> bytes:
    return json.dumps(json.loads(raw)).encode()


def _sorted(raw: bytes) -> bytes:
    return json.dumps(dict(sorted(json.loads(raw).items())), separators=(",", ":")).encode()


@pytest.mark.parametrize("edit", [_spaced, _sorted])
def test_what_nothing_protects(edit: Callable[[bytes], bytes]) -> None:
    """White space and the order of keys can be edited without any finding: the records say the same."""
    audit, snapshots = LOGS[1]
    assert replay([edit(raw) for raw in audit], snapshots).findings == []


@pytest.mark.parametrize("kind", FIELDS)
def test_a_field_too_many_is_only_remarked(kind: str) -> None:
    """A surplus field is covered by no id: it is kept, shown, and an info."""
    audit, snapshots = LOGS[0]
    seq = next(seq for seq, raw in enumerate(audit) if b'"%s"' % kind.encode() in raw)
    found = replay([*audit[:seq], changed(audit[seq], more=1), *audit[seq + 1 :]], snapshots).findings
    assert [(own.code, own.severity, own.seq) for own in found] == [("schema.surplus-field", Severity.INFO, seq)]


def test_a_forged_quantity_with_its_id_is_not_seen() -> None:
    """The quantity of an open position stands in snapshots only: with the id derived again nothing contradicts it."""
    audit, snapshots = LOGS[1]
    said = json.loads(snapshots[0])
    (position,) = said["positions"].values()
    forged = {**position, "quantity": "1000000"}
    values = {position["marketId"]: (position["marketId"], "1000000", True, position["lastExecutionId"])}
    own = as_uuid(derive(Salt.META, snapshot_input(said["plane"], said["logicalTime"], values)))
    first = changed(snapshots[0], snapshotId=own, positions={position["marketId"]: forged})
    assert replay(audit, [first, *snapshots[1:]]).findings == []
    naive = changed(snapshots[0], positions={position["marketId"]: forged})
    assert [own.code for own in replay(audit, [naive, *snapshots[1:]]).findings] == ["identity.snapshot-id"]
    assert any("Quantities of open positions" in limit for limit in LIMITS)
