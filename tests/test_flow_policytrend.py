"""What is measured of policies, in bins: bounded, exact, whatever the texts of the log are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass.domains.flow.beat import Fate, Verdict
from replayglass.domains.flow.decision import Decision, Telemetry
from replayglass.domains.flow.policycharts import charts, decimal
from replayglass.domains.flow.policytrend import BINS, CHOICES, MOST, PolicyTrends, Spread, Trend, millionths
from replayglass.domains.flow.retention import Plan

Json = dict[str, Any]


def cell_of(score: str = "0.500000", choice: str = "yes", policy: str = "pol.a", latency: int = 0) -> Decision:
    """Return a recorded decision."""
    told = Telemetry(score, score, 1, 1, latency, 0)
    return Decision(choice, "main", None, 0, 0, policy, telemetry=told, retain=Plan("permanent"))


@given(st.lists(st.tuples(st.integers(0, 2**40), st.integers(-(10**11), 10**11)), min_size=1, max_size=200))
def test_bins_are_bounded_and_exact(points: list[tuple[int, int]]) -> None:
    """Whatever the beats, there are at most 64 bins, a power of two wide; sums lose nothing, links neither."""
    trend = Trend()
    for row, (at, value) in enumerate(points):
        trend.add(at, row, cell_of(decimal(value) or ""))
    bins = list(trend.bins())
    assert len(bins) <= BINS
    assert trend.width & (trend.width - 1) == 0
    for first, held in bins:
        rows = [row for row, (at, _) in enumerate(points) if first <= at < first + trend.width]
        values = [points[row][1] for row in rows]
        assert held.row == rows[0]
        assert (held.decisions, held.score.total, held.score.low, held.score.high) == (
            len(values),
            sum(values),
            min(values),
            max(values),
        )
    assert sum(held.decisions for _, held in bins) == len(points)


def test_a_mean_is_rounded_to_the_nearest() -> None:
    """A mean is the exact quotient, rounded to the nearest millionth, halves up; without numbers there is none."""
    spread = Spread()
    assert (spread.mean(), decimal(spread.mean())) == (None, None)
    for value in (1, 2):
        spread.add(value)
    assert (spread.mean(), spread.mean(10), decimal(-1_500_000)) == (2, 15, "-1.500000")


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.750000", 750_000), ("-2.000001", -2_000_001), ("nan", None), ("-inf", None), (f"{1e300:.6f}", None)],
)
def test_a_score_may_be_any_text(text: str, value: int | None) -> None:
    """What is no number, or far beyond a score, is left out of the charts, which say so."""
    assert millionths(text) == value
    trend = Trend()
    trend.add(0, 0, cell_of(text))
    score = charts(trend)[0]
    assert (trend.odd_scores, "Left out" in score.note, len(score.x)) == (
        (0, False, 1) if value is not None else (1, True, 0)
    )


def test_rare_choices_are_counted_together() -> None:
    """A chart has the eight most frequent choices and all others; a choice too many is among these from the start."""
    trend = Trend()
    for number in range(CHOICES + 10):
        for _ in range(2 if number == CHOICES - 1 else 1):
            trend.add(number % 3, number, cell_of(choice=f"choice.{number}"))
    found = trend.choices(8)
    assert [one.choice for one in found] == [f"choice.{CHOICES - 1}", *(f"choice.{n}" for n in range(7)), None]
    assert sum(sum(one.counts) for one in found) == CHOICES + 11


def test_measured_policies_are_bounded() -> None:
    """Only so many policies are measured, the first; a half-written cell has nothing to measure but its choice."""
    trends = PolicyTrends()
    bare = Decision("yes", "main", None, 0, 0)
    for number in range(MOST + 5):
        trends.take(number, number, Verdict(Fate.RECORDED, "inst.a", "main", cell_of(policy=f"pol.{number}")))
        trends.take(number, number, Verdict(Fate.REPLAYED, "inst.a", "main", cell_of(policy="pol.replayed")))
    assert list(trends.trends) == [f"pol.{number}" for number in range(MOST)]
    trend = Trend()
    trend.add(0, 0, bare)
    ((_, held),) = trend.bins()
    assert (held.decisions, held.score.count, held.latency.count) == (1, 0, 0)
