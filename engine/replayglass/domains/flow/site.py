"""What the site says of a whole flow run: documents, first page, the overview's part, what was proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.canon import encode
from replayglass.cell import Link
from replayglass.domains.flow import documents as doc
from replayglass.domains.flow.beat import Fate
from replayglass.domains.flow.divergencepages import PATH as DIVERGENCE
from replayglass.domains.flow.divergencepages import divergence_artifacts, entry_of, first_facts
from replayglass.domains.flow.endpages import end_pages
from replayglass.domains.flow.facets import fates, rows_link
from replayglass.domains.flow.pages import RECORDED, bars_note, fates_links
from replayglass.domains.flow.policypages import policy_table
from replayglass.drawings import Chart, Series
from replayglass.page import Document, Facts, Notice, Page, Prose, Table
from replayglass.replay import Overview, Proven

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.cell import Cell
    from replayglass.collection import Ranges
    from replayglass.domains.flow.finished import Finished
    from replayglass.page import Artifact, Block

SECTIONS = (
    ("flow", "Flow"),
    ("flow/programs", "Programs"),
    ("flow/definitions", "Definitions"),
    ("flow/instances", "Instances"),
    ("flow/decisions", "Decisions"),
    ("flow/policies", "Policies"),
    ("flow/retention", "Retention"),
    ("flow/recorded", "Recorded ledger"),
    ("flow/intents", "Intents"),
    ("flow/lifecycle", "Lifecycle"),
    ("flow/events", "Events"),
    ("flow/beats", "Beats"),
    ("flow/journal", "Journal"),
)

LIMITS = (
    "Re-execution proves that the recorded ledger follows from the journal under the declared rules, cell by cell.",
    "It does not prove that the journal holds every intent that was submitted, or none that was not.",
)


def artifacts(run: Finished, journal: Ranges) -> Iterator[Artifact]:
    """Give the documents and pages that are known only at the end."""
    yield from _documents(run)
    yield _first_page(run)
    yield from divergence_artifacts(run, Notice(*_verdict(run)))
    yield from end_pages(run, journal)


def overview(run: Finished) -> Overview:
    """Return the overview's part."""
    steps, shelves = run.replay.steps, run.shelves
    facts = Facts(
        "In numbers",
        [
            ("ledger", Link(_verdict(run)[0], DIVERGENCE)),
            ("beats", Link(f"{steps:,}", "flow/beats/index.html")),
            ("intents executed", Link(f"{shelves.intents.count:,}", "flow/intents/index.html")),
            ("decisions recorded", Link(f"{shelves.fates[Fate.RECORDED]:,}", "flow/decisions/index.html")),
            ("instances", Link(f"{len(run.shelves.lifelines):,}", "flow/instances/index.html")),
        ],
    )
    facet = fates(shelves.columns)
    counts = [(rows_link(facet, fate, fate), count) for fate, count in sorted(shelves.fates.items())]
    newest = Table("Decisions by what happened", ("fate", "count"), counts, "Nothing was decided.")
    return Overview(steps - 1 if steps else None, facts, (_fates_chart(run),), newest)


def proven(run: Finished) -> Proven:
    """Return what was re-executed."""
    sentence, tone = _verdict(run)
    numbers = {
        "recorded lines": {
            "equal": run.comparison.equal,
            **{kind.value.removeprefix("flow."): count for kind, count in run.comparison.counts.items()},
        }
    }
    equal = f"{RECORDED.folder}/index.html"
    rows: list[tuple[Cell, ...]] = [
        (Link(name, equal if name == "equal" else DIVERGENCE), count)
        for name, count in numbers["recorded lines"].items()
    ]
    return Proven(sentence, tone, (Table("Recorded ledger, line by line", ("answer", "lines"), rows),), LIMITS, numbers)


def _verdict(run: Finished) -> tuple[str, str]:
    steps = f"{run.replay.steps:,} beats were executed again"
    if run.ledger == "re-derived":
        return f"{steps}; no ledger was recorded, so the decisions shown are re-derived.", "note"
    if run.ledger == "proven":
        return f"{steps}; the recorded ledger is what they come to, in all {run.comparison.equal:,} lines.", "good"
    count = sum(run.comparison.counts.values())
    places = "one place" if count == 1 else f"{count:,} places"
    return f"{steps}; the recorded ledger differs from what they come to in {places}.", "bad"


def _documents(run: Finished) -> Iterator[Document]:
    first = run.comparison.first
    header = run.replay.header
    index = doc.FlowIndex(
        1,
        run.replay.flow.rules.version,  # type: ignore[arg-type]
        header.name if header else "",
        run.replay.steps,
        run.ledger,  # type: ignore[arg-type]
        None if first is None else entry_of(first),
        dict(sorted(run.shelves.fates.items())),
        dict(sorted(run.shelves.outcomes.items())),
        dict(sorted(run.states.items())),
    )
    yield Document("v1/flow/index.json", encode(index), "flow-index", "The flow run in numbers")


def _first_page(run: Finished) -> Page:
    blocks: list[Block] = [Notice(*_verdict(run)), *_divergence(run), _fates_chart(run), policy_table(run)]
    header = run.replay.header
    name = header.name if header and header.name else "without a name"
    intro = f"The run {name}, executed again under rules {run.replay.flow.rules.version}."
    return Page("flow/index.html", "Flow", "flow", blocks, intro, json="v1/flow/index.json")


def _divergence(run: Finished) -> Iterator[Block]:
    """Say where the recorded ledger and the journal part, plainly, before anything else."""
    first = run.comparison.first
    if first is not None:
        yield first_facts(run, first)
        yield Prose("More about it", [("Both cells side by side: ", Link("the divergence", DIVERGENCE), ".")])


def _fates_chart(run: Finished) -> Chart:
    kinds = [fate.value for fate in Fate if run.shelves.fates[fate]]
    beats, counts = run.shelves.timeline.series(kinds)
    note = bars_note(run.shelves.timeline.width)
    series = [Series(kind, counts[kind]) for kind in kinds]
    links = fates_links(run.shelves.timeline)
    return Chart("fates", "Decisions over beats", "bars", "beat", beats, series, note, links)
