"""The pages of a library, made from its catalogue alone: all runs, each run, differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.cell import Badge, Code, Link
from replayglass.findings import counted
from replayglass.library.catalogue import CATALOGUE, SCHEMAS, Difference
from replayglass.library.lists import ROWS, Place, full_pages, list_of_pages, newest
from replayglass.library.trends import size_chart, trend_pages
from replayglass.library.words import link_to, link_to_run, root_of, state_of, times_of, verdict_of
from replayglass.page import Facts, Page, Prose, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from replayglass.cell import Cell
    from replayglass.library.catalogue import Library, Publication, Side
    from replayglass.page import Block

SECTIONS = (
    ("runs", "All runs", "index.html"),
    ("trends", "Trends", "trends/index.html"),
    ("diffs", "Differences", "diffs/index.html"),
)
TITLE = "Library of runs"

_ALL = Place("all", "All runs", "runs", "index.html")
_COMPARED = Place("diffs", "Differences", "diffs", "diffs/index.html")
_RUNS = ("run", "newest publication", "verdict", "events", "decisions", "logical time", "checkpoint root", "version")
_OF_A_RUN = ("publication", "state", "events", "decisions", "logical time", "extends", "checkpoint root", "version")
_ABOUT = (
    "Each publication has a permanent address that names its run and how many records its log had. The log of a run"
    " only grows: every publication was found to begin with the records of the one before it."
)


def pages_of(library: Library) -> dict[str, Page]:
    """Return every page of a library by its path, but those that lead on to the latest publication of a run."""
    runs = runs_of(library)
    compared = [row for row in library.rows if isinstance(row, Difference)]
    made = [*_index_pages(runs, len(library.publications), compared), *trend_pages(library.publications)]
    made += (page for one in runs.values() for page in _run_pages(one))
    return {page.path: page for page in (*made, *_difference_pages(compared))}


def runs_of(library: Library) -> dict[str, list[Publication]]:
    """Return the publications of each run in order of addition, the runs in order of their first one."""
    runs: dict[str, list[Publication]] = {}
    for one in library.publications:
        runs.setdefault(one.run, []).append(one)
    return runs


def latest_of(publications: Sequence[Publication]) -> Publication:
    """Return the newest publication of a run that is still there, or else its newest one."""
    return next((one for one in reversed(publications) if one.removed is None), publications[-1])


def _index_pages(
    runs: Mapping[str, Sequence[Publication]], publications: int, compared: Sequence[Difference]
) -> Iterator[Page]:
    latest = [latest_of(one) for one in runs.values()]
    blocks: list[Block] = [
        *_runs(newest(latest)),
        *list_of_pages(_ALL, len(latest)),
        *([_differences(newest(compared))] if compared else []),
        Prose(
            "What this library is",
            [
                (_ABOUT,),
                (
                    "The same as JSON: ",
                    Link(CATALOGUE, CATALOGUE),
                    " names the parts of the catalogue; schemas: ",
                    Link("library", f"{SCHEMAS}/library.schema.json"),
                    ", ",
                    Link("part", f"{SCHEMAS}/library-part.schema.json"),
                    ".",
                ),
            ],
        ),
    ]
    said = f"{counted(len(runs), 'run')}, {counted(publications, 'publication')}."
    yield Page("index.html", "All runs", "runs", blocks, said)
    yield from full_pages(_ALL, latest, _runs)


def _runs(latest: Sequence[Publication]) -> list[Block]:
    rows = [
        (
            link_to_run(one.run),
            link_to(one),
            state_of(one),
            one.events,
            one.decisions,
            times_of(one),
            root_of(one),
            Code(one.version),
        )
        for one in latest
    ]
    return [Table("", _RUNS, rows, "No run was added yet.")]


def _run_pages(publications: Sequence[Publication]) -> Iterator[Page]:
    latest = latest_of(publications)
    home = f"runs/{latest.run}/index.html"
    place = Place(f"runs/{latest.run}", latest.run, "runs", home)
    facts: list[tuple[str, Cell]] = [
        ("latest", Link(f"{latest.size:,} records", f"runs/{latest.run}/latest/index.html")),
        ("verdict", verdict_of(latest)),
        ("title", latest.title),
        ("origin of its logs", None if latest.origin is None else Code(latest.origin)),
        ("kind of run", latest.domain),
        ("publications", len(publications)),
        *((f"root of {head.stream}, {head.size:,} records", Code(head.root)) for head in latest.heads),
    ]
    shown = [one for one in publications[-ROWS:] if one.removed is None]
    chart = size_chart(shown) if len(shown) > 1 else None
    blocks: list[Block] = [
        Facts("", facts),
        *_publications(newest(publications)),
        *([] if chart is None else [chart]),
        *list_of_pages(place, len(publications)),
    ]
    yield Page(home, latest.run, "runs", blocks)
    yield from full_pages(place, publications, _publications)


def _publications(publications: Sequence[Publication]) -> list[Block]:
    rows = [
        (
            link_to(one),
            state_of(one),
            one.events,
            one.decisions,
            times_of(one),
            "the first one" if one.extends is None else f"{one.extends:,} records",
            Code(one.heads[0].root),
            Code(one.version),
        )
        for one in publications
    ]
    return [Table("Publications", _OF_A_RUN, rows)]


def _difference_pages(compared: Sequence[Difference]) -> Iterator[Page]:
    blocks = [_differences(newest(compared)), *list_of_pages(_COMPARED, len(compared))]
    yield Page("diffs/index.html", "Differences", "diffs", blocks, "Publications of this library that were compared.")
    yield from full_pages(_COMPARED, compared, lambda rows: [_differences(rows)])


def _differences(compared: Sequence[Difference]) -> Table:
    rows = [
        (
            _side(one.a),
            _side(one.b),
            Badge("same", "good") if one.is_same else Badge("different", "warn"),
            Link(one.says, f"{one.address}/index.html"),
        )
        for one in compared
    ]
    return Table("Differences", ("A", "B", "verdict", "side by side"), rows, "Nothing was compared yet.")


def _side(side: Side) -> Link:
    return Link(f"{side.run}, {side.size:,} records", f"runs/{side.run}/{side.size}/index.html")
