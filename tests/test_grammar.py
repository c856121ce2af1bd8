"""The order of a tick's records: what is due next, what ends a tick early, and that one fault is told once."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from paperlog import BTC, Tick, changed, replay, uid
from replayglass.domains.paper.rules import Safety
from replayglass.record import Severity
from rulelogs import NEXT, ONE, TWO

if TYPE_CHECKING:
    from collections.abc import Sequence


def wrong(audit: Sequence[bytes]) -> list[tuple[str, int | None]]:
    """Return the findings of a log with made-up ids that are errors or warnings, but for those about ids."""
    findings = [own for own in replay(audit).findings if own.severity is not Severity.INFO]
    return [(own.code, own.seq) for own in findings if not own.code.startswith("identity.")]


KINDS = {
    "D": ONE.d(),
    "C": ONE.c(),
    "K": ONE.k(),
    "S": ONE.s(),
    "A": ONE.a(),
    "O": ONE.o(),
    "L": ONE.u(),
    "F": ONE.f(),
}
WHOLE = {"DKS", "DKSF", "DCSAOLF"}


@pytest.mark.no_cover
def test_no_other_order_is_a_tick() -> None:
    """Of all orders of few different records, and of those of whole ticks, only whole ticks are sound.

    Few are one or two; of three, those that begin as a tick does.
    """
    orders = {"".join(order) for length in (1, 2) for order in permutations(KINDS, length)}
    orders |= {f"D{''.join(order)}" for order in permutations(sorted(KINDS.keys() - {"D"}), 2)}
    orders |= {"".join(order) for order in permutations("DKSF")}
    orders |= {f"DC{''.join(order)}" for order in permutations("SAOLF")}
    orders |= {f"{''.join(order)}AOL" for order in permutations("DCSF")}
    sound = {order for order in orders if not wrong([KINDS[own] for own in order])}
    assert sound == WHOLE


@pytest.mark.parametrize("safety", [Safety.HALT, Safety.FORCE_SELL, Safety.ALREADY_OPEN])
def test_a_stopped_order_ends_its_tick(safety: Safety) -> None:
    """After another answer than ALLOW only feedback is due: what executes although stopped is found, once."""
    opened = Tick(9, 4).filled()
    stopped = [*opened, ONE.d(), ONE.c(), ONE.s(safety)]
    assert wrong([*stopped, ONE.f(), *NEXT.skipped()]) == []
    assert wrong([*stopped, ONE.a(), ONE.o("FAILED"), ONE.u()])[0] == ("tick.execution-not-allowed", 9)


def test_nothing_proposed_executes_nothing() -> None:
    """An execution in a tick that proposed nothing is found, and the message says why it is none."""
    (finding,) = [own for own in replay([*ONE.skipped(), ONE.a(), ONE.o(), ONE.u()]).findings if own.seq == 3][:1]
    assert finding.code == "tick.execution-not-allowed"
    assert "although nothing was proposed" in finding.message


@pytest.mark.parametrize(
    ("side", "safety", "fits"),
    [
        ("BUY", Safety.ALREADY_OPEN, True),
        ("BUY", Safety.HALT, True),
        ("BUY", Safety.FORCE_SELL, True),
        ("SELL", Safety.FORCE_SELL, True),
        ("SELL", Safety.HALT, False),
        ("SELL", Safety.ALREADY_OPEN, False),
        ("UNKNOWN", Safety.HALT, True),
        ("UNKNOWN", Safety.FORCE_SELL, True),
        ("UNKNOWN", Safety.ALREADY_OPEN, False),
        ("HOLD_TIME_ACTIVE", Safety.HALT, True),
        ("HOLD_TIME_ACTIVE", Safety.FORCE_SELL, False),
        ("ATTENTION_INSUFFICIENT", Safety.FORCE_SELL, True),
    ],
)
def test_safety_answers_as_its_rules_allow(side: str, safety: Safety, fits: bool) -> None:  # noqa: FBT001 - a column
    """Section 6: what safety can answer to a BUY, a SELL, and to nothing; a hold time means that forceSell was off."""
    proposed = ONE.c(side) if side in {"BUY", "SELL"} else ONE.k(side)
    found = wrong([*Tick(9, 4).filled(), ONE.d(), proposed, ONE.s(safety)])
    assert found == ([] if fits else [("safety.impossible", 8)])


@pytest.mark.parametrize("reason", ["HALT_ALL_ACTIVE", "BUY_BLOCKED", "FORCE_SELL_ACTIVE", "POSITION_ALREADY_OPEN"])
@pytest.mark.parametrize("answer", ["ALLOW", "HALT", "FORCE_SELL", "BLOCK_BUY"])
def test_a_result_has_the_reason_of_its_type(answer: str, reason: str) -> None:
    """Each type has one reason, ALLOW none; BUY_BLOCKED cannot occur within a tick (section 8)."""
    pairs = {"HALT": "HALT_ALL_ACTIVE", "FORCE_SELL": "FORCE_SELL_ACTIVE", "BLOCK_BUY": "POSITION_ALREADY_OPEN"}
    said = changed(ONE.s(), result={"type": answer, "reason": reason})
    found = wrong([*Tick(9, 4).filled(), ONE.d(), ONE.c(), said])
    assert (("safety.reason", 8) in found) == (pairs.get(answer) != reason)


def test_one_fault_of_order_is_told_once() -> None:
    """A tick that is out of order has one finding for that, however many of its records stand wrong after it."""
    audit = [ONE.d(), ONE.a(), ONE.o(), ONE.u(), ONE.f(), ONE.s(), *NEXT.skipped()]
    assert [own for own in wrong(audit) if own[0].startswith("tick.")] == [("tick.order", 1)]


@pytest.mark.parametrize("lost", range(1, 6))
def test_a_damaged_record_explains_what_its_tick_lacks(lost: int) -> None:
    """Where a record of a tick cannot be read nothing else is wrong with the tick's order, nor with its end."""
    tick = [*ONE.filled()[:lost], b"{", *ONE.filled()[lost + 1 :]]
    for audit in (tick, tick[: lost + 1], [*tick[: lost + 1], *NEXT.skipped()], [*tick, *NEXT.skipped()]):
        assert [own for own in wrong(audit) if own[0] != "json.incomplete"] == []


def test_a_tick_that_ends_early_is_told_by_what_was_due() -> None:
    """A half tick before the next decision is an error, at the log's end a warning; both say what was due."""
    due = ["ORDER_INTENT_CREATED or", "SAFETY_EVALUATED", "EXECUTION_ATTEMPTED", "EXECUTION_OUTCOME", "LEDGER_UPDATED"]
    for length, expected in enumerate(due, 1):
        begun = ONE.filled()[:length]
        (half,) = replay([*begun, *NEXT.skipped()]).findings[-1:]
        found = [own for own in replay([*begun, *NEXT.skipped()]).findings if own.code == "tick.half"]
        assert [(own.seq, f"expected {expected}" in own.message) for own in found] == [(length, True)]
        found = [own for own in replay(begun).findings if own.code == "tick.unfinished"]
        assert [(own.seq, f"expected {expected}" in own.message) for own in found] == [(length - 1, True)]
        assert half.severity is not Severity.INFO


def test_ticks_do_not_mix() -> None:
    """A record of another decision than the tick's is found; one of a decision whose tick is over, outside any, too."""
    mixed = [ONE.d(), ONE.k(), TWO.d(), TWO.k(), ONE.s(), TWO.s()]
    assert wrong(mixed) == [("tick.half", 2), ("tick.interleaved", 4)]
    invalid = changed(TWO.d(), version=2)
    found = [own for own in replay([*ONE.skipped(), invalid, ONE.s(key=2)]).findings if own.code == "tick.interleaved"]
    assert [(own.seq, "found it outside of any tick" in own.message) for own in found] == [(4, True)]


def test_the_texts_of_a_log_are_cut_in_messages() -> None:
    """A market of any length is quoted with 80 characters and its length."""
    other = changed(ONE.u(), marketId="M" * 500)
    (finding,) = [own for own in replay([*ONE.filled()[:5], other]).findings if own.code == "tick.market"]
    assert f"expected {BTC}, found {'M' * 80}\u2026 (500 characters)." in finding.message


def test_an_outcome_without_attempt_names_its_execution() -> None:
    """Where the attempt is lost the outcome's execution counts, and is compared with none."""
    audit = [*ONE.filled()[:3], changed(ONE.o(), executionId=uid("x")), ONE.u()]
    assert wrong(audit) == [("tick.order", 3)]


def test_an_open_position_counts_on_its_plane() -> None:
    """Safety does not say on which plane something is open, so any counts; a BUY is hindered on its own plane only."""
    live = Tick(9, 4).filled(plane="LIVE")
    assert wrong([*live, ONE.d(), ONE.c(), ONE.s(Safety.ALREADY_OPEN)]) == [("plane.live", 3)]
    assert wrong([*live, *ONE.filled()]) == [("plane.live", 3)]
    assert wrong([*live, *ONE.filled(), *NEXT.filled()]) == [("plane.live", 3), ("ledger.second-position", 15)]


def test_nothing_joins_a_tick_that_lost_its_decision() -> None:
    """After a record of an unknown decision nothing belongs to the tick before; a second ledger update to none."""
    strays = [*ONE.filled()[:5], TWO.s(), ONE.u()]
    assert wrong(strays) == [("replay.unknown-decision", 5), ("replay.no-decision", 6)]
    assert ("replay.no-decision", 6) in wrong([*ONE.filled(), ONE.u(key=2)])
