"""Records taken out, written twice or swapped; ids that occur again; whole ticks that come and go."""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperlog import changed, replay, simulated
from replayglass.record import Severity
from rulelogs import NEXT, ONE
from sites import AUDIT, EXTRA, SNAPSHOTS, records

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.no_cover

LOGS = [simulated(250, seed) for seed in (0, 1, 8)]
PLACES = st.tuples(st.integers(0, len(LOGS) - 1), st.integers(0, 10_000))


def serious(audit: Sequence[bytes], snapshots: Sequence[bytes]) -> list[tuple[str, int | None]]:
    """Return the findings of a log that are errors or warnings."""
    return [(own.code, own.seq) for own in replay(audit, snapshots).findings if own.severity is not Severity.INFO]


def is_kind(raw: bytes, *kinds: str) -> bool:
    """Say whether an event is of one of these types."""
    return json.loads(raw)["type"] in kinds


@settings(max_examples=60, deadline=None)
@given(PLACES)
def test_a_deleted_record_is_found(where: tuple[int, int]) -> None:
    """A record taken out is found unless it is feedback: ticks may have none, and nothing counts them."""
    audit, snapshots = LOGS[where[0]]
    seq = where[1] % len(audit)
    found = serious([*audit[:seq], *audit[seq + 1 :]], snapshots)
    assert bool(found) != is_kind(audit[seq], "USER_FEEDBACK_RECORDED")


@settings(max_examples=60, deadline=None)
@given(PLACES)
def test_a_repeated_record_is_found(where: tuple[int, int]) -> None:
    """A record written twice stands where none is due, and is said to repeat the one before."""
    audit, snapshots = LOGS[where[0]]
    seq = where[1] % len(audit)
    findings = replay([*audit[: seq + 1], *audit[seq:]], snapshots).findings
    assert ("duplicate.identical", seq + 1) in [(own.code, own.seq) for own in findings]
    assert [own for own in findings if own.severity is Severity.ERROR]


@settings(max_examples=60, deadline=None)
@given(PLACES)
def test_a_swapped_record_is_found(where: tuple[int, int]) -> None:
    """Two neighbours in the wrong order are found, at one of the two."""
    audit, snapshots = LOGS[where[0]]
    seq = where[1] % (len(audit) - 1)
    swapped = [*audit[:seq], audit[seq + 1], audit[seq], *audit[seq + 2 :]]
    assert {seq, seq + 1} & {number for _, number in serious(swapped, snapshots)}


def ticks_of(audit: Sequence[bytes]) -> list[list[bytes]]:
    """Return a log tick by tick."""
    starts = [seq for seq, raw in enumerate(audit) if is_kind(raw, "DECISION_EVALUATED")]
    return [[*audit[first:last]] for first, last in zip(starts, [*starts[1:], len(audit)], strict=True)]


@settings(max_examples=40, deadline=None)
@given(PLACES)
def test_a_deleted_tick_is_found_only_if_it_executed(where: tuple[int, int]) -> None:
    """A whole tick that executed nothing leaves no trace unless feedback points at it (section 17.16)."""
    audit, snapshots = LOGS[where[0]]
    ticks = ticks_of(audit)
    gone = ticks.pop(where[1] % len(ticks))
    found = serious(list(chain.from_iterable(ticks)), snapshots)
    named = {json.loads(gone[0])["decisionId"].encode()}
    told = any(own in raw for own in named for raw in chain.from_iterable(ticks))
    assert bool(found) == (len(gone) >= 6 or told)


@pytest.mark.parametrize("name", ["duplicate_ticks", "two_decisions_same_time"])
def test_ids_that_the_runtime_repeats_are_only_remarked(name: str) -> None:
    """The same inputs give the same ids: repeated ticks and executions of the original are no contradiction."""
    (run,) = [path for path in EXTRA if path.name == name]
    findings = replay(records(run / AUDIT), records(run / SNAPSHOTS)).findings
    assert {own.severity for own in findings} == {Severity.INFO}
    assert {own.code for own in findings} <= {"duplicate.identical", "ledger.same-execution"}


@settings(max_examples=20, deadline=None)
@given(PLACES, st.integers(1, 40), st.sets(st.integers(1, 300), max_size=5))
def test_the_first_record_of_an_id_is_named(where: tuple[int, int], back: int, cuts: set[int]) -> None:
    """An id that occurs again names the event that had it first, whatever lies between and however it is batched."""
    audit, _ = LOGS[where[0]]
    first = where[1] % (len(audit) - back)
    other = changed(audit[first + back], id=json.loads(audit[first])["id"])
    log = [*audit[: first + back], other, *audit[first + back + 1 :], audit[first]]
    found = {own.seq: own for own in replay(log, cuts=sorted(cuts)).findings if own.code.startswith("duplicate.")}
    assert {seq: own.code for seq, own in found.items()} == {
        first + back: "duplicate.conflicting",
        len(log) - 1: "duplicate.identical",
    }
    assert all(f"event {first}" in own.message for own in found.values())


def test_a_repeat_of_what_could_not_be_read_is_none() -> None:
    """Damaged records have no id: writing one twice repeats nothing; the records around them keep their numbers."""
    bad = changed(ONE.k(), version=2)
    found = replay([ONE.d(), bad, bad, b"{", b"{", ONE.s(), *NEXT.skipped(), ONE.s()]).codes()
    assert [own for own in found if own[0].startswith("duplicate.")] == [("duplicate.identical", 9)]
    messages = [own.message for own in replay([b"{", *ONE.skipped(), ONE.s()]).findings if own.seq == 4]
    assert any("found event 3 again" in message for message in messages)
