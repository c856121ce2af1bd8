"""Snapshots against events: each joined to its update, compared where it can differ, and blamed once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperlog import BTC, Tick, changed, replay, simulated, snapshot, uid
from replayglass.record import Severity
from rulelogs import BOUGHT, ETH, HELD, NEXT, ONE, ROUND, SHOWN, SOLD
from snapshotcases import FAILED, FAILURE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.record import Finding

MISSING, EXTRA, STATE = "snapshot.missing-market", "snapshot.extra-market", "snapshot.state"


def found(audit: Sequence[bytes], snapshots: Sequence[bytes]) -> list[Finding]:
    """Return the findings of the snapshot rules."""
    return [own for own in replay(audit, snapshots).findings if own.code.startswith(("snapshot.", "plane."))]


def places(audit: Sequence[bytes], snapshots: Sequence[bytes]) -> list[tuple[str, int | None]]:
    """Return code and number of each finding of the snapshot rules."""
    return [(own.code, own.seq) for own in found(audit, snapshots)]


def later(time: int, market: str, number: int) -> Tick:
    """Return one more tick."""
    return Tick(number, time, market)


AGAIN, LAST = later(8, ETH, 11), later(9, BTC, 12)
MORE = [*ROUND, *AGAIN.filled("SELL"), *LAST.filled()]
SHUT, REOPENED = (ETH, "0", False, AGAIN.execution), (BTC, "1", True, LAST.execution)
ALL = [*SHOWN, snapshot(8, SOLD, SHUT), snapshot(9, REOPENED, SHUT)]


def test_what_agrees_has_no_finding() -> None:
    """Snapshots of open, closed and opened again markets agree with the events that led to them."""
    assert places(MORE, ALL) == []


def test_snapshots_of_repeated_ticks_are_joined() -> None:
    """A tick written twice has two snapshots of the same ledger; each belongs to one of its updates."""
    twice = [*ONE.filled(), *ONE.filled(), *NEXT.filled("SELL")]
    assert places(twice, [SHOWN[0], SHOWN[0], SHOWN[1]]) == []
    assert places(twice, [SHOWN[0], SHOWN[1]]) == [("snapshot.missing", 11)]


def test_a_failed_execution_has_a_snapshot_that_shows_no_change() -> None:
    """After FAILED the ledger is as before, and may lack the market that was tried."""
    assert places([*ONE.filled(), *FAILURE], [SHOWN[0], snapshot(6, BOUGHT)]) == []
    assert places(FAILURE, [snapshot(6)]) == []
    extra = (ETH, "0", False, FAILED.execution)
    assert places(FAILURE, [snapshot(6, extra)]) == [(EXTRA, 0)]


def test_a_disagreement_is_told_once() -> None:
    """What the plane's last snapshot got wrong already is not told again; something new is."""
    wrong = (BTC, "0", False, ONE.execution)
    snapshots = [*SHOWN[:2], snapshot(7, wrong, HELD), snapshot(8, wrong, SHUT)]
    assert places(MORE[:24], snapshots) == [("snapshot.last-execution", 2)]
    snapshots[3] = snapshot(8, (BTC, "0", False, uid(1)), SHUT, ("X", "0", False, uid(2)))
    assert places(MORE[:24], snapshots) == [
        ("snapshot.last-execution", 2),
        ("snapshot.last-execution", 3),
        (EXTRA, 3),
    ]


def test_a_snapshot_that_is_right_again_has_no_finding() -> None:
    """After a wrong snapshot a right one is not blamed for the difference between the two."""
    snapshots = [*SHOWN[:2], snapshot(7, (BTC, "1", True, NEXT.execution), HELD), *ALL[3:]]
    assert places(MORE, snapshots) == [(STATE, 2)]
    gone = [*SHOWN[:2], snapshot(7, HELD), *ALL[3:]]
    assert places(MORE, gone) == [(MISSING, 2)]


def test_what_follows_a_snapshot_that_was_not_compared_is_compared_as_a_whole() -> None:
    """An update that the log lost leaves its snapshot alone; what the next one shows of it is found too."""
    lost = [*MORE[:18], *MORE[24:]]
    assert places(lost, ALL) == [("snapshot.no-update", 3), (STATE, 4), ("snapshot.last-execution", 4)]
    assert places(ROUND[:6] + ROUND[12:], SHOWN)[0] == ("snapshot.no-update", 1)


def test_a_missing_snapshot_is_found_by_its_place() -> None:
    """Missing in the middle is an error of the update; before the first or after the last a warning that counts."""
    assert places(MORE, [*ALL[:2], *ALL[3:]]) == [("snapshot.missing", 17)]
    for kept, words in ((ALL[2:], "before the first"), (ALL[:3], "after the last")):
        (warning,) = found(MORE, kept)
        assert (warning.code, warning.severity, warning.seq) == ("snapshot.missing", Severity.WARNING, None)
        assert f"Ledger updates {words} snapshot: expected one of each, found none of 2." in warning.message
    assert places(MORE, []) == []


def test_a_damaged_snapshot_is_not_missing() -> None:
    """A damaged snapshot in the place of an update's explains why that update has none, and no later one."""
    for damaged in (b"{", changed(ALL[2], version=2)):
        assert places(MORE, [*ALL[:2], damaged, *ALL[3:]]) == []
        assert places(MORE, [ALL[0], damaged, ALL[2], ALL[4]]) == [("snapshot.missing", 23)]


def test_snapshots_ahead_of_the_log_are_found() -> None:
    """A snapshot later than the last event shows that events are missing at the end; with no event all are ahead."""
    assert places(MORE[:18], ALL) == [("snapshot.ahead", 3), ("snapshot.ahead", 4)]
    (ahead,) = found([], SHOWN[:1])
    assert ahead.code == "snapshot.ahead"
    assert "expected an event of time 5 or more, found no event." in ahead.message


def test_live_snapshots_are_found_and_compared_with_their_plane() -> None:
    """Each snapshot of another plane than PAPER is an error; its ledger is that plane's own."""
    live = later(8, ETH, 13)
    audit = [*ROUND, *live.filled(plane="LIVE")]
    right = snapshot(8, (ETH, "1", True, live.execution), plane="LIVE")
    assert places(audit, [*SHOWN, right]) == [("plane.live", 21), ("plane.live", 3)]
    both = snapshot(8, SOLD, (ETH, "1", True, live.execution), plane="LIVE")
    assert places(audit, [*SHOWN, both])[1:] == [("plane.live", 3), (EXTRA, 3)]


def test_what_a_lost_event_may_explain_is_a_warning() -> None:
    """After a damaged or missing event disagreements are warnings that say so, until a snapshot agrees again."""
    damaged = [*MORE[:4], b"{", *MORE[5:]]
    (warning,) = found(damaged, ALL)
    assert (warning.code, warning.severity, warning.seq) == (EXTRA, Severity.WARNING, 0)
    assert warning.message.endswith("A damaged record before it may be the cause.")
    missing = found([*MORE[:4], *MORE[5:]], ALL)
    assert [(own.code, own.severity) for own in missing] == [(EXTRA, Severity.WARNING)]
    broken = [*ALL[:4], snapshot(9, REOPENED)]
    codes = [(own.code, own.severity) for own in found(damaged, broken)]
    assert codes == [(EXTRA, Severity.WARNING), (MISSING, Severity.ERROR)]


@pytest.mark.parametrize("at", range(1, 5))
def test_a_missing_or_lone_snapshot_after_a_lost_event_is_a_warning(at: int) -> None:
    """A lost event makes what is missing, alone or ahead behind it uncertain."""
    audit = [*MORE[:6], *(raw if seq != at else b"{" for seq, raw in enumerate(MORE[6:12])), *MORE[12:]]
    serious = [own for own in found(audit, ALL) if own.severity is Severity.ERROR]
    assert serious == []
    torn = [*MORE[:24], b"{"]
    assert {own.severity for own in found(torn, ALL)} == {Severity.WARNING}
    middle = [*ROUND[:6], b"{", *ROUND[6:]]
    assert [own.severity for own in found(middle, [SHOWN[0], SHOWN[2]])] == [Severity.WARNING]


def test_positions_stand_in_the_order_of_the_runtime() -> None:
    """Array indexes first and ascending, then as they came; another order is remarked for the first market."""
    ticks = [later(5, "b", 20), later(6, "10", 21), later(7, "9", 22)]
    states = [(tick.market, "1", True, tick.execution) for tick in ticks]
    audit = [raw for tick in ticks for raw in tick.filled()]
    right = [snapshot(5, states[0]), snapshot(6, states[1], states[0]), snapshot(7, states[2], states[1], states[0])]
    assert places(audit, right) == []
    wrong = _ordered(right[2], ["10", "9", "b"])
    (info,) = found(audit, [*right[:2], wrong])
    assert (info.code, info.severity) == ("snapshot.position-order", Severity.INFO)
    assert "expected 9, found 10 as market 1" in info.message


def _ordered(raw: bytes, markets: list[str]) -> bytes:
    return changed(raw, positions={market: json.loads(raw)["positions"][market] for market in markets})


def test_no_more_than_sixteen_disagreements_are_told_one_by_one() -> None:
    """A snapshot that is wrong everywhere has sixteen findings and one that counts the others."""
    many = [(f"M{number:02}", "0", False, uid(number)) for number in range(30)]
    findings = found(ONE.filled(), [snapshot(5, BOUGHT, *many)])
    assert [own.code for own in findings] == [EXTRA] * 16 + [STATE]
    assert findings[-1].message == "14 more disagreements of this snapshot with the events."
    assert len(found(ONE.filled(), [snapshot(5, BOUGHT, *many[:16])])) == 16


def test_counts_say_how_many_snapshots_agree() -> None:
    """The page counts the snapshots that were compared, and those that agree in every market."""
    for snapshots, wanted in (
        (ALL, (5, 5)),
        ([*SHOWN[:2], snapshot(7, HELD), *ALL[3:]], (5, 4)),
        ([*ALL[:4], b"{"], (4, 4)),
        ([*ALL[:2], _ordered(ALL[2], [ETH, BTC]), *ALL[3:]], (5, 5)),
        ([*ALL[:4], snapshot(10, REOPENED, SHUT)], (4, 4)),
    ):
        rows = [
            row
            for block in replay(MORE, snapshots).pages["integrity/index.html"].blocks
            for row in getattr(block, "rows", ())
        ]
        counts = {getattr(row[0], "text", row[0]): row[1] for row in rows if len(row) == 2}
        assert (counts["compared with the events before them"], counts["agree in every market"]) == wanted


LOG, LEDGERS = simulated(600, 3)
VALUES = st.sampled_from(
    [
        {"isOpen": True, "quantity": "1"},
        {"isOpen": False, "quantity": "0"},
        {"quantity": "7"},
        {"lastExecutionId": uid("edited")},
        None,
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(LEDGERS) - 1), st.data())
def test_an_edited_position_is_found(seq: int, data: st.DataObject) -> None:
    """Any edit of a position that leaves the snapshotId is found, in that snapshot; most contradict the events too."""
    said = json.loads(LEDGERS[seq])["positions"]
    market = data.draw(st.sampled_from(sorted(said)))
    value = data.draw(VALUES)
    edited = {key: {**own, **value} if key == market and value else own for key, own in said.items()}
    if value is None:
        del edited[market]
    if edited == said:
        return
    findings = replay(LOG, [*LEDGERS[:seq], changed(LEDGERS[seq], positions=edited), *LEDGERS[seq + 1 :]]).findings
    codes = {own.code for own in findings if own.stream == "snapshots" and own.seq == seq}
    assert "identity.snapshot-id" in codes
    state = {name: own for name, own in edited.get(market, {}).items() if name != "quantity"}
    contradicts = state != {name: own for name, own in said[market].items() if name != "quantity"}
    closed = market in edited and not edited[market]["isOpen"]
    assert (len(codes) > 1) >= (contradicts or closed)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, len(LEDGERS) - 1), st.sampled_from(["deleted", "repeated", "swapped"]))
def test_a_snapshot_that_is_gone_or_misplaced_is_found(seq: int, what: str) -> None:
    """A snapshot taken out, written twice or swapped with the next has a finding that is an error or a warning."""
    before, own, after = LEDGERS[:seq], LEDGERS[seq], LEDGERS[seq + 1 :]
    snapshots = {
        "deleted": [*before, *after],
        "repeated": [*before, own, own, *after],
        "swapped": [*before, *after[:1], own, *after[1:]],
    }[what]
    findings = [own for own in replay(LOG, snapshots).findings if own.severity is not Severity.INFO]
    assert bool(findings) == (snapshots != LEDGERS)
