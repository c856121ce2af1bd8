"""What was measured of a policy, as charts and as the series of its JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.cell import Link
from replayglass.domains.flow import facetdocs as doc
from replayglass.domains.flow.pages import DECISIONS
from replayglass.domains.flow.policytrend import MILLION
from replayglass.drawings import Chart, Series
from replayglass.row import row_href

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
    links = [_link(held) for _, held in bins]
    drawn = [
        _spread_chart("score", bins, [held.score for _, held in bins], _joined(note, trend.odd_scores)),
        _spread_chart("confidence", bins, [held.confidence for _, held in bins], _joined(note, trend.odd_confidences)),
        _latency_chart(bins, note),
    ]
    if any(errors):
        drawn.append(
            Chart("errors", "Errors over beats", "bars", "beat", beats, [Series("errors", errors)], note, links)
        )
    return [*drawn, Chart("choices", "Choices over beats", "bars", "beat", beats, choices, note, links)]


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


def _spread_chart(name: str, bins: Sequence[tuple[int, Bin]], spreads: Sequence[Spread], note: str) -> Chart:
    """Draw mean, lowest and highest of the bins that have any."""
    found = [(*one, spread) for one, spread in zip(bins, spreads, strict=True) if spread.count]
    measured = [(one.low, one.high, one.mean()) for _, _, one in found]
    lines = [
        Series(words, [(values[at] or 0) / MILLION for values in measured])
        for at, words in enumerate(("lowest", "highest", "mean"))
    ]
    beats, links = [beat for beat, _, _ in found], [_link(held) for _, held, _ in found]
    return Chart(name, f"{name.capitalize()} over beats", "lines", "beat", beats, lines, note, links)


def _link(held: Bin) -> Link:
    """Lead to the first decision of a bin."""
    return Link(f"from decision {held.row}", row_href(DECISIONS, held.row))


def _latency_chart(bins: Sequence[tuple[int, Bin]], note: str) -> Chart:
    found = [(beat, held) for beat, held in bins if held.latency.count]
    lines = [
        Series("highest", [held.latency.high or 0 for _, held in found]),
        Series("mean", [(held.latency.mean(MILLION) or 0) / MILLION for _, held in found]),
    ]
    beats, links = [beat for beat, _ in found], [_link(held) for _, held in found]
    return Chart("latency", "Latency in beats", "lines", "beat", beats, lines, note, links)


def _joined(note: str, left_out: int) -> str:
    if not left_out:
        return note
    words = f"Left out, because no such number can be drawn: {left_out:,}."
    return f"{note} {words}".lstrip()


def _name(chosen: Chosen) -> str:
    return "all others" if chosen.choice is None else chosen.choice
