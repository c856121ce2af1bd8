"""The overview: verdict, completeness account, numbers, charts, the newest events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.cell import Link
from replayglass.findings import BY_CODE, verdict
from replayglass.page import Notice, Page, Prose, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from replayglass.account import Line
    from replayglass.page import Block
    from replayglass.record import Severity
    from replayglass.replay import Overview
    from replayglass.run import Run


def overview_page(
    run: Run, overview: Overview, account: Sequence[Line], by_severity: Mapping[Severity, int], integrity: Table
) -> Page:
    """Return the first page of the site; ``integrity`` says in short what is proven."""
    text, tone = verdict(by_severity)
    blocks: list[Block] = [
        Notice(text, tone),
        overview.facts,
        _account(run, account),
        integrity,
        *overview.charts,
        overview.latest,
        Prose(
            "What this site is",
            [
                (
                    "An offline replay of the runtime's append-only logs. Nothing was added to the runtime.",
                    " Every document is there as JSON too: ",
                    Link("API", "api/index.html"),
                    "; everything that is wrong or odd is listed: ",
                    Link("findings", "findings/index.html"),
                    ".",
                )
            ],
        ),
    ]
    when = "No event has been written yet." if overview.as_of is None else f"As of logical time {overview.as_of}."
    return Page("index.html", run.config.title, "overview", blocks, when)


def _account(run: Run, account: Sequence[Line]) -> Table:
    columns = ("stream", "records read", "= events shown", "+ unreadable shown", "+ torn tail", "pages checked")
    places = run.domain.places
    rows = [
        (Link(stream, f"{places[stream].folder}/index.html"), records, events, _wrong(unreadable), _wrong(torn), pages)
        for stream, records, events, unreadable, torn, pages in account
    ]
    return Table("Completeness account", columns, rows)


def _wrong(count: int) -> Link | int:
    """Return how many records are damaged, with what is said of them."""
    return Link(f"{count:,}", BY_CODE) if count else count
