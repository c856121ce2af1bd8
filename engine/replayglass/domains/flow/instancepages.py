"""The pages of the instances: where they stood over the beats, and the story of each when the journal has ended."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from replayglass.canon import encode_inline
from replayglass.cell import Badge, Code, Link
from replayglass.collection import Ranges, json_path, neighbours, row_document
from replayglass.domains.flow import instancedocs as doc
from replayglass.domains.flow.adjacencypages import SECTION, AdjacencyPages
from replayglass.domains.flow.facets import SIZE, row_pages, rows_alike
from replayglass.domains.flow.instances import each_instance
from replayglass.domains.flow.instancestory import COLUMNS, DECISIONS, TONES, Around, story_of
from replayglass.domains.flow.pages import ADJACENCY, INSTANCES, beat_link, stand_words
from replayglass.domains.flow.tree import text
from replayglass.drawings import Lane, Lanes, Segment
from replayglass.page import Facts, Page, Stories, Table
from replayglass.row import page_path, row_href

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.cell import Cell
    from replayglass.domains.flow.finished import Finished
    from replayglass.domains.flow.instances import Seen
    from replayglass.page import Artifact, Block
    from replayglass.row import Collection

LISTED = 100
"""Instances in error or paused that the first page lists, and states that it counts one by one."""

_BEYOND = "the JSON of this page says all of it"

_SEVERAL = "several states"
_LANE_TONES = {**TONES, "waiting": "", _SEVERAL: ""}
"""The tones of segments: what an instance does stands out from where it waits."""


def instance_artifacts(run: Finished) -> Iterator[Artifact]:
    """Give the pages and documents of the instances, of their adjacency, and of the decisions of each."""
    instances, adjacency = InstancePages(run), AdjacencyPages()
    for seen in each_instance(run):
        yield from instances.add(seen)
        yield from adjacency.add(seen)
    yield from instances.finish()
    yield from adjacency.finish()


class InstancePages:
    """Instances in, pages out."""

    def __init__(self, run: Finished) -> None:
        self._run = run
        self._ranges = Ranges(INSTANCES, ("first instance",), SECTION)
        self._open: list[Seen] = []
        self._programs = {name: number for number, name in enumerate(run.replay.flow.state.ledgers["program"])}
        self._stopped: dict[str, list[tuple[Cell, ...]]] = {"error": [], "paused": []}

    def add(self, seen: Seen) -> Iterator[Artifact]:
        """Take in the next instance; gives the pages of its decisions, and the page that it fills."""
        stopped = self._stopped.get(text(seen.node, "state") or "")
        if stopped is not None and len(stopped) < LISTED:
            stopped.append(_stopped_row(seen))
        yield from _decision_pages(self._run, seen)
        self._open.append(seen)
        if len(self._open) == INSTANCES.size:
            yield from self._close(full=True)

    def finish(self) -> Iterator[Artifact]:
        """Give the last page, which may be empty, and what leads to the pages."""
        yield from self._close(full=False)
        yield from self._ranges.finish()
        intro = "Every instance as it stood when the journal ended, in the order of the first start."
        blocks: list[Block] = [self._counts(), self._stopped_table(), self._ranges.table()]
        yield Page(f"{INSTANCES.folder}/index.html", "Instances", SECTION, blocks, intro)

    def _close(self, *, full: bool) -> Iterator[Artifact]:
        number, rows = self._ranges.pages, self._open
        parts = [encode_inline(_document(seen)) for seen in rows]
        yield from row_document(INSTANCES, number, parts, self._run.limit, "flow-instances-page")
        around = Around(self._run.shelves.columns, self._run.shelves.listings, self._programs)
        stories = Stories(INSTANCES, COLUMNS, [story_of(seen, around, _listed(seen)) for seen in rows], _BEYOND)
        yield Page(
            page_path(INSTANCES, number),
            f"Instances, page {number}",
            SECTION,
            [_lanes(rows, self._run.replay.steps), stories],
            neighbours=neighbours(INSTANCES, number, full=full),
            json=json_path(INSTANCES, number),
        )
        yield from self._ranges.add(len(rows), (Code(rows[0].name) if rows else None,))
        self._open = []

    def _counts(self) -> Facts:
        """Count the instances by state, the most frequent states first."""
        states = sorted(self._run.states.items(), key=lambda item: (-item[1], item[0]))
        facet = self._run.shelves.listings.states
        total = f"{sum(self._run.states.values()):,}"
        facts: list[tuple[str, Cell]] = [("instances", Link(total, page_path(INSTANCES, 0)))]
        for state, count in states[:LISTED]:
            words = stand_words(state, None)[0]
            key = facet.keys.get(words)
            facts.append((words, count if key is None else Link(f"{count:,}", key.home)))
        if len(states) > LISTED:
            others = sum(count for _, count in islice(states, LISTED, None))
            facts.append(("other states", Link(f"{others:,}", facet.home)))
        facts.append(("listed", Link("by program", self._run.shelves.listings.programs.home)))
        return Facts("In numbers", [*facts, ("in the last sweep", Link("adjacency", f"{ADJACENCY.folder}/index.html"))])

    def _stopped_table(self) -> Table:
        count = sum(self._run.states[state] for state in self._stopped)
        rows = [row for listed in self._stopped.values() for row in listed][:LISTED]
        title = "In error or paused" if count == len(rows) else f"In error or paused: {len(rows)} of {count:,}"
        empty = "No instance is." if self._run.states else "No instance was started."
        return Table(title, ("instance", "id", "state", "pc", "since beat"), rows, empty)


def _listed(seen: Seen) -> Collection | None:
    """Return the pages of an instance's decisions, if there are more than its story lists."""
    if len(seen.cells.rows) <= DECISIONS:
        return None
    return rows_alike(f"instances/{seen.number:06d}", f"decisions of instance {seen.number}")


def _decision_pages(run: Finished, seen: Seen) -> Iterator[Artifact]:
    """Give the pages of an instance's decisions, and the page that leads to them."""
    collection, rows = _listed(seen), seen.cells.rows
    if collection is None:
        return
    parts = (rows[start : start + SIZE] for start in range(0, len(rows), SIZE))
    table = yield from row_pages(collection, run.shelves.columns, parts, run.limit)
    place = Link(f"instance {seen.number}", row_href(INSTANCES, seen.number))
    facts = Facts("In numbers", [("instance", Code(seen.name)), ("its story", place), ("rows", len(rows))])
    title = collection.many.capitalize()
    yield Page(f"{collection.folder}/index.html", title, SECTION, [facts, table])


def _document(seen: Seen) -> doc.InstanceRow:
    rows, live, archived = seen.cells
    listed = _listed(seen)
    pages = None if listed is None else listed.json_folder
    numbers = doc.DecisionNumbers(len(rows), list(rows[-DECISIONS:]), live, archived, pages)
    return doc.InstanceRow(seen.number, seen.name, seen.node, seen.summary, numbers)


def _stopped_row(seen: Seen) -> tuple[Cell, ...]:
    state, pc = stand_words(text(seen.node, "state"), text(seen.node, "pc"))
    place = Link(f"instance {seen.number}", row_href(INSTANCES, seen.number))
    return place, Code(seen.name), Badge(state, TONES[state]), Code(pc), beat_link(seen.stays[-1].beat)


def _lanes(rows: list[Seen], last: int) -> Lanes:
    """Draw in which states the instances were, from the first start of one of them on."""
    first = min((seen.stays[0].beat for seen in rows), default=0)
    lanes = [Lane(seen.name, _segments(seen, last), row_href(INSTANCES, seen.number)) for seen in rows]
    merged = any(segment.word == _SEVERAL for lane in lanes for segment in lane.segments)
    note = f"Where an instance changed very often, its oldest changes are drawn as “{_SEVERAL}”." if merged else ""
    return Lanes("Lifecycle", "beat", first, last, lanes, note, "No instance was started.")


def _segments(seen: Seen, last: int) -> list[Segment]:
    """Return the states of an instance; where only its step changed, the segment goes on."""
    segments: list[Segment] = []
    for stay, end in zip(seen.stays, [*(stay.beat for stay in seen.stays[1:]), last], strict=True):
        word = _SEVERAL if stay.stand is None else stand_words(*stay.stand)[0]
        if segments and segments[-1].word == word:
            segments[-1] = segments[-1]._replace(last=end)
        else:
            segments.append(Segment(stay.beat, end, word, _LANE_TONES.get(word, "note")))
    return segments
