"""The pages that are known when a flow run has ended: definitions, instances, and the first page of each list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.cell import Code, Link
from replayglass.domains.flow import pages
from replayglass.domains.flow.definitionpages import definition_pages
from replayglass.domains.flow.divergencepages import PATH as DIVERGENCE
from replayglass.domains.flow.facets import facet_artifacts, facet_table
from replayglass.domains.flow.instancepages import instance_artifacts
from replayglass.domains.flow.policypages import policy_artifacts
from replayglass.domains.flow.retentionpages import retention_artifacts
from replayglass.page import Page, Prose, Table
from replayglass.row import row_href

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.cell import Cell
    from replayglass.collection import Ranges
    from replayglass.domains.flow.finished import Finished
    from replayglass.facet import Facet
    from replayglass.page import Artifact, Block


def end_pages(run: Finished, journal: Ranges) -> Iterator[Artifact]:
    """Give these pages and their documents; ``journal`` is the list of the journal's pages."""
    yield from definition_pages(run.replay.flow, run.limit, run.shelves.listings.programs)
    yield from instance_artifacts(run)
    yield from facet_artifacts(run)
    yield from policy_artifacts(run)
    yield from retention_artifacts(run)
    yield from _list_pages(run, journal)


def _list_pages(run: Finished, journal: Ranges) -> Iterator[Page]:
    shelves = run.shelves
    blocks: list[Block] = [facet_table(shelves.columns), shelves.decisions.ranges.table()]
    yield _list_page("flow/decisions", "Decisions", "What happened to decisions, in order.", blocks)
    yield _list_page("flow/recorded", "Recorded ledger", *_recorded_words(run))
    yield _list_page("flow/intents", "Intents", "Every executed intent with its outcome.", _intent_blocks(run))
    states = shelves.listings.states
    listed = Table("Listed by what they have in common", ("changes", "keys"), [_facet_row(states)])
    blocks = [listed, shelves.lifecycle.ranges.table()]
    yield _list_page("flow/lifecycle", "Lifecycle", "Every change of an instance.", blocks)
    yield _list_page("flow/events", "Events", "Every status that an event got.", [shelves.events.ranges.table()])
    yield _list_page("flow/beats", "Beats", "Every executed beat in numbers.", [shelves.beats.ranges.table()])
    yield _list_page("flow/journal", "Journal", "Every line of the journal, exactly as written.", [journal.table()])


def _recorded_words(run: Finished) -> tuple[str, list[Block]]:
    if run.comparison.is_rederived:
        words = "The run recorded no ledger: what is shown as decided is re-derived from the journal."
        return words, [Prose("Nothing recorded", [("There is no flow/decisions.ndjson.",)])]
    compared = Prose("Compared", [("What it comes to, cell by cell: ", Link("the divergence", DIVERGENCE), ".")])
    return "Every line of the ledger that the runtime recorded.", [compared, run.recorded.shelf.ranges.table()]


def _intent_blocks(run: Finished) -> list[Block]:
    rows: list[tuple[Cell, ...]] = [
        (
            Link(str(one.row), row_href(pages.INTENTS, one.row)),
            pages.beat_link(one.beat),
            Code(one.outcome.bucket),
            Code(one.outcome.txn),
            Code(one.outcome.code),
        )
        for one in run.shelves.failures
    ]
    facet = run.shelves.listings.outcomes
    counts: list[tuple[Cell, ...]] = [(facet.cell(code), count) for code, count in sorted(run.shelves.outcomes.items())]
    return [
        Table("The first that failed", ("intent", "beat", "bucket", "name", "outcome"), rows, "None failed."),
        Table("Outcomes", ("outcome", "count"), counts, "No intent was executed."),
        run.shelves.intents.ranges.table(),
    ]


def _facet_row(facet: Facet) -> tuple[Cell, ...]:
    return Link(f"by {facet.one}", facet.home), len(facet.keys)


def _list_page(folder: str, title: str, intro: str, blocks: list[Block]) -> Page:
    return Page(f"{folder}/index.html", title, folder, blocks, intro)
