"""The charts of a PAPER run, each a bounded number of points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.paper.events import EVENT_TYPES
from replayglass.domains.paper.outcomes import OUTCOMES
from replayglass.drawings import Chart, Series

if TYPE_CHECKING:
    from replayglass.domains.paper.fold import Fold
    from replayglass.domains.paper.tally import Tally

SAFETY_RESULTS = ("ALLOW", "BLOCK_BUY", "FORCE_SELL", "HALT")


def events_chart(tally: Tally) -> Chart:
    """Return valid events over logical time, by type."""
    kinds = [kind.type for kind in EVENT_TYPES]
    times, counts = tally.timeline.series(kinds)
    series = [Series(kind, counts[kind]) for kind in kinds if any(counts[kind])]
    width = tally.timeline.width
    note = "" if width == 1 else f"Each bar holds {width} steps of logical time, from the time below it."
    return Chart("events", "Events over logical time", "bars", "logical time", times, series, note)


def outcomes_chart(fold: Fold) -> Chart:
    """Return what the decisions came to."""
    names = [name for name in OUTCOMES if fold.stories.outcomes[name]]
    counts = Series("decisions", [fold.stories.outcomes[name] for name in names])
    return Chart("outcomes", "Decision outcomes", "counts", "decisions", [OUTCOMES[name] for name in names], [counts])


def safety_chart(tally: Tally) -> Chart:
    """Return what safety answered."""
    names = [name for name in SAFETY_RESULTS if tally.safety[name]]
    counts = Series("answers", [tally.safety[name] for name in names])
    return Chart("safety", "Safety results", "counts", "answers", names, [counts])


def open_chart(tally: Tally) -> Chart:
    """Return the number of open positions over logical time, by plane, as events tell it."""
    planes = sorted(tally.open)
    by_plane = {plane: dict(zip(*tally.open[plane].series(), strict=True)) for plane in planes}
    times = sorted({time for levels in by_plane.values() for time in levels})
    series = []
    for plane in planes:
        level, levels = 0, []
        for time in times:
            level = by_plane[plane].get(time, level)
            levels.append(level)
        series.append(Series(plane, levels))
    return Chart("open", "Open positions over logical time", "steps", "logical time", times, series)
