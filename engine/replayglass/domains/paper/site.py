"""What the site says of a whole PAPER run: its documents, the first page of each section, the overview's part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.canon import encode
from replayglass.cell import Code, Link
from replayglass.domains.paper import documents as doc
from replayglass.domains.paper.charts import events_chart, open_chart, outcomes_chart, safety_chart
from replayglass.domains.paper.environment import read_environment
from replayglass.domains.paper.ledgerview import changes_page, ledger_documents, ledger_page
from replayglass.domains.paper.outcomes import OUTCOMES
from replayglass.domains.paper.places import DECISIONS, EVENTS, SNAPSHOTS
from replayglass.domains.paper.runtimeview import runtime_artifacts
from replayglass.facet import OVER_TIME, over_time
from replayglass.findings import BY_CODE
from replayglass.page import Document, Facts, Page, Prose, Table
from replayglass.replay import Overview
from replayglass.row import page_path, row_href

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from replayglass.cell import Cell
    from replayglass.collection import Ranges
    from replayglass.domains.paper.fold import Fold
    from replayglass.domains.paper.listings import Listings
    from replayglass.facet import Facet
    from replayglass.page import Artifact, Block
    from replayglass.replay import Context

SECTIONS = (
    ("events", "Events"),
    ("decisions", "Decisions"),
    ("feedback", "Feedback"),
    ("ledger", "Ledger"),
    ("snapshots", "Snapshots"),
    ("runtime", "Runtime"),
)

_NEWEST = 10


class Site:
    """The documents and pages that are known only when the whole run was read."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._environment = read_environment(context.files["runtime.env"])
        for problem in self._environment.problems:
            context.report(problem)

    def artifacts(self, fold: Fold, events: Ranges) -> Iterator[Artifact]:
        """Give them all."""
        yield from fold.tally.documents()
        yield from ledger_documents(fold)
        yield from runtime_artifacts(self._context, self._environment)
        yield _memory_document(fold)
        yield _events_page(fold, events)
        yield _decisions_page(fold)
        yield _later_page(fold)
        yield _feedback_page(fold)
        yield ledger_page(fold)
        yield changes_page(fold)
        yield _snapshots_page(fold)

    def overview(self, fold: Fold) -> Overview:
        """Return the overview's part."""
        tally, outcomes, filled = fold.tally, fold.telling.listings.outcomes, fold.stories.outcomes["filled"]
        facts = Facts(
            "In numbers",
            [
                ("events", Link(f"{tally.total:,}", "events/index.html")),
                ("decisions", Link(f"{fold.decisions.count:,}", "decisions/index.html")),
                ("executions filled", outcomes.cell(OUTCOMES["filled"], f"{filled:,}")),
                ("snapshots", Link(f"{fold.snapshots.valid:,}", "snapshots/index.html")),
                ("open positions", Link(_open_positions(fold), "ledger/index.html")),
                ("feedback", Link(f"{fold.feedback.shelf.count:,}", "feedback/index.html")),
            ],
        )
        charts = (events_chart(tally), outcomes_chart(fold), safety_chart(fold), open_chart(tally))
        return Overview(tally.last_time, facts, charts, _newest(fold))


def _open_positions(fold: Fold) -> str:
    held = [f"{count} on {plane}" for plane, count in sorted(fold.ledger.open.items()) if count]
    return ", ".join(held) or "none"


def _newest(fold: Fold) -> Table:
    newest = list(fold.tally.latest)[-_NEWEST:][::-1]
    rows = [
        (Link(str(seq), row_href(EVENTS, seq)), item.logical_time, Code((item.type or "no type")[:64]))
        for seq, _, item in newest
    ]
    return Table("Newest events", ("event", "time", "type"), rows, "The log holds no event yet.")


def _memory_document(fold: Fold) -> Document:
    stories, later = fold.stories.ranges, fold.later.shelf
    index = doc.DecisionMemoryIndex(
        1,
        doc.PageCount(stories.rows, stories.pages, DECISIONS.size),
        doc.PageCount(later.count, later.ranges.pages, later.collection.size),
        {name: fold.stories.outcomes[name] for name in OUTCOMES},
        dict(sorted(fold.tally.safety.items())),
    )
    path = "v1/observe/derived/decision-memory/index.json"
    return Document(path, encode(index), "decision-memory-index", "The decision memory in numbers")


def _reasons(title: str, listings: Listings, facet: Facet, counts: Mapping[str, int]) -> Table:
    trends = listings.trend_of(facet) or {}
    lines = [(facet.cell(name), count, over_time(trends.get(name, ()))) for name, count in sorted(counts.items())]
    return Table(title, ("reason", "count", OVER_TIME), lines, "There is none.")


def _events_page(fold: Fold, ranges: Ranges) -> Page:
    tally = fold.tally
    types = fold.telling.listings.types
    trends = tally.timeline.trends()
    counts: list[tuple[Cell, ...]] = [
        (types.cell(name), count, over_time(trends.get(name, ()))) for name, count in tally.by_type.items()
    ]
    if tally.other_types:
        counts.append((Link("other types", BY_CODE), tally.other_types, None))
    blocks: list[Block] = [
        Table("Events by type", ("type", "count", OVER_TIME), counts, "The runtime has written no event yet."),
        events_chart(tally),
        ranges.table(),
    ]
    intro = "Every line of the audit log in file order, oldest first, with every field and the exact bytes."
    return Page("events/index.html", "Events", "events", blocks, intro)


def _decisions_page(fold: Fold) -> Page:
    outcomes = {words: fold.stories.outcomes[name] for name, words in OUTCOMES.items() if fold.stories.outcomes[name]}
    later = fold.later.shelf.count
    tally, listings = fold.tally, fold.telling.listings
    blocks: list[Block] = [
        outcomes_chart(fold),
        safety_chart(fold),
        _reasons("Why nothing was proposed, as logged", listings, listings.reasons, tally.reasons),
        _reasons("Why nothing was proposed, recovered from ids", listings, listings.recovered, tally.recovered),
        listings.table(),
        fold.stories.ranges.table(),
        Prose(
            "Later events",
            [
                (
                    (
                        "A page of decisions is closed when the first decision of the next one is evaluated. What "
                        "concerns its decisions after that, mostly feedback given late, is listed apart: "
                    ),
                    Link(f"{later:,} later events", "decisions-later/index.html"),
                    ".",
                )
            ],
        ),
    ]
    intro = f"{fold.decisions.count:,} decisions in the order of their first evaluation; {_listed(outcomes)}."
    return Page("decisions/index.html", "Decisions", "decisions", blocks, intro)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {words}" for words, count in counts.items()) or "none yet"


def _later_page(fold: Fold) -> Page:
    shelf = fold.later.shelf
    blocks = [shelf.ranges.table()]
    intro = "Events that concern a decision whose page was closed already; apply them in order to its entry."
    return Page("decisions-later/index.html", "Later events", "decisions", blocks, intro)


def _feedback_page(fold: Fold) -> Page:
    shelf = fold.feedback.shelf
    intro = (
        f"{shelf.count:,} records of users' feedback and what they point at. Feedback on a decision is counted there; "
        "feedback on an execution or on a window of time is listed here. What users wrote is not in the log."
    )
    return Page("feedback/index.html", "Feedback", "feedback", [shelf.ranges.table()], intro)


def _snapshots_page(fold: Fold) -> Page:
    snapshots = fold.snapshots
    facts = Facts(
        "In numbers",
        [
            ("valid snapshots", Link(f"{snapshots.valid:,}", page_path(SNAPSHOTS, 0))),
            ("joined to the tick that caused them", Link(f"{snapshots.joined:,}", page_path(SNAPSHOTS, 0))),
            *((f"latest of {plane}", _snapshot_link(latest.seq)) for plane, latest in sorted(snapshots.latest.items())),
        ],
    )
    intro = "Each snapshot is the whole ledger of one plane after a tick, shown with its difference to the one before."
    return Page("snapshots/index.html", "Snapshots", "snapshots", [facts, snapshots.shelf.ranges.table()], intro)


def _snapshot_link(seq: int) -> Link:
    return Link(f"snapshot {seq}", row_href(SNAPSHOTS, seq))
