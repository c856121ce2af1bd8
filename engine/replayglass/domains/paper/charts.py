"""The charts of a PAPER run, each a bounded number of points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.cell import Link
from replayglass.domains.paper.events import EVENT_TYPES
from replayglass.domains.paper.outcomes import OUTCOMES
from replayglass.domains.paper.places import EVENTS
from replayglass.drawings import Chart, Series
from replayglass.row import row_href

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.domains.paper.fold import Fold
    from replayglass.domains.paper.tally import Tally
    from replayglass.facet import Facet

SAFETY_RESULTS = ("ALLOW", "BLOCK_BUY", "FORCE_SELL", "HALT")


def events_chart(tally: Tally) -> Chart:
    """Return valid events over logical time, by type."""
    kinds = [kind.type for kind in EVENT_TYPES]
    times, counts = tally.timeline.series(kinds)
    series = [Series(kind, counts[kind]) for kind in kinds if any(counts[kind])]
    width = tally.timeline.width
    note = "" if width == 1 else f"Each bar holds {width} steps of logical time, from the time below it."
    links = [_event(seq, "from event {}") for seq in tally.timeline.rows()]
    return Chart("events", "Events over logical time", "bars", "logical time", times, series, note, links)


def outcomes_chart(fold: Fold) -> Chart:
    """Return what the decisions came to."""
    names = [name for name in OUTCOMES if fold.stories.outcomes[name]]
    words = [OUTCOMES[name] for name in names]
    counts = Series("decisions", [fold.stories.outcomes[name] for name in names])
    links = _listed(fold.telling.listings.outcomes, words)
    return Chart("outcomes", "Decision outcomes", "counts", "decisions", words, [counts], links=links)


def safety_chart(fold: Fold) -> Chart:
    """Return what safety answered."""
    names = [name for name in SAFETY_RESULTS if fold.tally.safety[name]]
    counts = Series("answers", [fold.tally.safety[name] for name in names])
    links = _listed(fold.telling.listings.answers, names)
    return Chart("safety", "Safety results", "counts", "answers", names, [counts], links=links)


def open_chart(tally: Tally) -> Chart:
    """Return the number of open positions over logical time, by plane, as events tell it."""
    planes = sorted(tally.open)
    by_plane = {plane: tally.open[plane].series() for plane in planes}
    rows = {time: seq for levels in by_plane.values() for time, (_, seq) in levels.items()}
    times = sorted(rows)
    series = []
    for plane in planes:
        level, levels = 0, []
        for time in times:
            level, _ = by_plane[plane].get(time, (level, 0))
            levels.append(level)
        series.append(Series(plane, levels))
    links = [_event(rows[time], "set by event {}") for time in times]
    return Chart("open", "Open positions over logical time", "steps", "logical time", times, series, links=links)


def _event(seq: int, words: str) -> Link:
    return Link(words.format(seq), row_href(EVENTS, seq))


def _listed(facet: Facet, keys: Sequence[str]) -> list[Link | None]:
    cells = [facet.cell(key) for key in keys]
    return [Link("these decisions", cell.href) if isinstance(cell, Link) else None for cell in cells]
