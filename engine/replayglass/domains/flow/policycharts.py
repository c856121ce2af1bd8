"""What was measured of a policy, as charts and as the series of its JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.flow import facetdocs as doc
from replayglass.domains.flow.policytrend import MILLION
from replayglass.drawings import Chart, Series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.domains.flow.policytrend import Bin, Chosen, Spread, Trend

CHOICES = 8
"""Choices that are drawn one by one, the most frequent."""


def charts(trend: Trend) -> list[Chart]:
    """Return the charts of a policy: score, confidence, latency, errors and choices over beats."""
    note = "" if trend.width == 1 else f"Each place on the axis holds {trend.width} beats, from the one below it."
    bins = list(trend.bins())
    beats = [beat for beat, _ in bins]
    errors = [held.errors for _, held in bins]
    choices = [Series(_name(one), one.counts) for one in trend.choices(CHOICES)]
    return [
        _spread_chart("score", [(beat, held.score) for beat, held in bins], _joined(note, trend.odd_scores)),
        _spread_chart(
            "confidence", [(beat, held.confidence) for beat, held in bins], _joined(note, trend.odd_confidences)
        ),
        _latency_chart(bins, note),
        *[Chart("errors", "Errors over beats", "bars", "beat", beats, [Series("errors", errors)], note)] * any(errors),
        Chart("choices", "Choices over beats", "bars", "beat", beats, choices, note),
    ]


def series(trend: Trend) -> doc.TrendSeries:
    """Return the same numbers as data."""
    bins = [held for _, held in trend.bins()]
    latencies = [held.latency for held in bins]
    return doc.TrendSeries(
        trend.width,
        [beat for beat, _ in trend.bins()],
        [held.decisions for held in bins],
        _measures([held.score for held in bins], trend.odd_scores),
        _measures([held.confidence for held in bins], trend.odd_confidences),
        doc.LatencySeries([decimal(one.mean(MILLION)) for one in latencies], [one.high for one in latencies]),
        [held.errors for held in bins],
        [doc.ChoiceSeries(*one) for one in trend.choices(CHOICES)],
    )


def decimal(value: int | None) -> str | None:
    """Return a number of millionths as text with six decimals."""
    if value is None:
        return None
    whole, rest = divmod(abs(value), MILLION)
    return f"{'-' if value < 0 else ''}{whole}.{rest:06d}"


def _measures(spreads: Sequence[Spread], left_out: int) -> doc.MeasureSeries:
    return doc.MeasureSeries(
        [decimal(one.mean()) for one in spreads],
        [decimal(one.low) for one in spreads],
        [decimal(one.high) for one in spreads],
        left_out,
    )


def _spread_chart(name: str, spreads: Sequence[tuple[int, Spread]], note: str) -> Chart:
    """Draw mean, lowest and highest of the bins that have any."""
    found = [(beat, one.mean(), one.low, one.high) for beat, one in spreads if one.count]
    lines = [
        Series(words, [(line[at] or 0) / MILLION for line in found])
        for at, words in ((2, "lowest"), (3, "highest"), (1, "mean"))
    ]
    return Chart(name, f"{name.capitalize()} over beats", "lines", "beat", [line[0] for line in found], lines, note)


def _latency_chart(bins: Sequence[tuple[int, Bin]], note: str) -> Chart:
    found = [(beat, held.latency) for beat, held in bins if held.latency.count]
    lines = [
        Series("highest", [one.high or 0 for _, one in found]),
        Series("mean", [(one.mean(MILLION) or 0) / MILLION for _, one in found]),
    ]
    return Chart("latency", "Latency in beats", "lines", "beat", [beat for beat, _ in found], lines, note)


def _joined(note: str, left_out: int) -> str:
    if not left_out:
        return note
    words = f"Left out, because no such number can be drawn: {left_out:,}."
    return f"{note} {words}".lstrip()


def _name(chosen: Chosen) -> str:
    return "all others" if chosen.choice is None else chosen.choice
