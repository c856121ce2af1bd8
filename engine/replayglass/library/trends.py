"""Trends over the publications of a library: charts of what the catalogue counts, each with its table."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from replayglass.cell import Link
from replayglass.drawings import Chart, Series
from replayglass.library.lists import ROWS, Place, full_pages, list_of_pages
from replayglass.library.words import labels_of
from replayglass.page import Page, Prose
from replayglass.record import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from replayglass.library.catalogue import Publication
    from replayglass.page import Block

PATH = "trends/index.html"
_PLACE = Place("trends", "Trends", "trends", PATH)
_KINDS = 7
"""Kinds of something that a chart tells apart; a colour is left for all others."""

_X = "publication, in order of addition"
_INTRO = "What the publications of this library count, in order of addition. A point leads to its publication."


def trend_pages(publications: Sequence[Publication]) -> Iterator[Page]:
    """Give the page of the newest publications, and where they are more than it shows, those of all of them."""
    newest = publications[-ROWS:]
    yield Page(PATH, "Trends", "trends", [*charts_of(newest), *list_of_pages(_PLACE, len(publications))], _INTRO)
    yield from full_pages(_PLACE, publications, charts_of)


def charts_of(publications: Sequence[Publication]) -> list[Block]:
    """Return the charts of these publications; what none of them has has no chart, but is named."""
    paper = [one for one in publications if one.domain == "paper"]
    timed = [one for one in publications if one.latency]
    charts = {
        "events": size_chart(publications),
        "findings": _findings(publications),
        "skip reasons": _skipped(paper),
        "deviations": _deviations(publications),
        "latency windows of flow runs": _latency(timed),
    }
    blocks: list[Block] = [chart for chart in charts.values() if chart is not None]
    missing = [name for name, chart in charts.items() if chart is None]
    if missing:
        blocks.append(Prose("", [(f"Nothing to draw: {', '.join(missing)}.",)]))
    return blocks


def size_chart(publications: Sequence[Publication]) -> Chart | None:
    """Return the events and decisions of each publication."""
    series = [
        Series("events", [one.events for one in publications]),
        Series("decisions", [one.decisions for one in publications]),
    ]
    return _chart("events", "Events and decisions", "lines", publications, series)


def _findings(publications: Sequence[Publication]) -> Chart | None:
    series = [
        Series(severity.value, [one.findings.get(severity.value, 0) for one in publications]) for severity in Severity
    ]
    is_any = any(any(one.y) for one in series)
    return _chart("findings", "Findings by severity", "bars", publications, series) if is_any else None


def _skipped(publications: Sequence[Publication]) -> Chart | None:
    counts = [{**one.skipped, **({"others": one.skipped_others} if one.skipped_others else {})} for one in publications]
    return _stacked("skipped", "Why nothing was ordered: logged reasons", publications, counts)


def _deviations(publications: Sequence[Publication]) -> Chart | None:
    note = "Failed executions of PAPER runs; of flow runs, where the recorded ledger and the journal part."
    return _stacked("deviations", "Deviations", publications, [one.deviations for one in publications], note)


def _latency(publications: Sequence[Publication]) -> Chart | None:
    totals = [sum(window.total for window in one.latency) for one in publications]
    samples = [sum(window.samples for window in one.latency) for one in publications]
    series = [
        Series("mean", [total / count for total, count in zip(totals, samples, strict=True)]),
        Series("highest", [max(window.highest for window in one.latency) for one in publications]),
    ]
    note = "In beats, over the latency windows of the first policies of each run."
    return _chart("latency", "Latency windows", "lines", publications, series, note)


def _stacked(
    name: str, title: str, publications: Sequence[Publication], counts: Sequence[Mapping[str, int]], note: str = ""
) -> Chart | None:
    totals: Counter[str] = Counter()
    for one in counts:
        totals.update(one)
    found = [kind for kind, count in totals.items() if count]
    kept = sorted(found, key=lambda kind: -totals[kind])[:_KINDS]
    shown = [kind for kind in found if kind in kept]
    series = [Series(kind, [one.get(kind, 0) for one in counts]) for kind in shown]
    if len(found) > len(shown):
        rest = [sum(one.values()) - sum(one.get(kind, 0) for kind in shown) for one in counts]
        series.append(Series("all others", rest))
    if len(series) == 1:  # a single series has no legend
        title = f"{title}: {series[0].name}"
    return _chart(name, title, "bars", publications, series, note) if series else None


def _chart(  # noqa: PLR0913, PLR0917 - what a chart is made of
    name: str,
    title: str,
    kind: Literal["bars", "lines"],
    publications: Sequence[Publication],
    series: Sequence[Series],
    note: str = "",
) -> Chart | None:
    if not publications:
        return None
    links = [Link("this publication", f"{one.address}/index.html") for one in publications]
    return Chart(name, title, kind, _X, labels_of(publications), series, note, links)
