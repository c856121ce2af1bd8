"""The pages of decisions: each decision with its full story, and the same decisions as DecisionMemory entries."""

from __future__ import annotations

from collections import Counter
from itertools import starmap
from typing import TYPE_CHECKING

from replayglass.canon import encode_inline
from replayglass.collection import Ranges, blob_of, fit, json_page, json_path, moved_rows, neighbours, value_field
from replayglass.domains.paper import documents as doc
from replayglass.domains.paper.decisions import CATEGORIES
from replayglass.domains.paper.outcomes import OUTCOMES, TONES, outcome_of
from replayglass.domains.paper.places import DECISIONS
from replayglass.domains.paper.storylines import held_line, neighbour_lines, proof_line, remark_lines, told_line
from replayglass.page import Blob, Page, Stories, Story
from replayglass.row import Field, Row, RowKind, page_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.domains.paper.decisions import Decisions, Entry
    from replayglass.domains.paper.listings import Listings
    from replayglass.page import Artifact, Document
    from replayglass.replay import Context

COLUMNS = ("#", "time", "class", "instance", "proposed", "safety", "outcome")
_CELLS = ((Field("int"),), (Field("code"),), (Field("code"),), (Field("text"),), (Field("word"),), (Field("text"),))
_HEADS = {tone: RowKind(_CELLS, tone) for tone in ("", "good", "warn", "bad")}

_KEY = 40
"""Bytes that an entry's key takes: a UUID, its quotes, a colon."""

_RECOVERED = 320
"""Bytes that the recovered facts of an entry may take: its key and eight reason codes."""

_SEEN = 44
"""Bytes that the id of an input takes."""

_ENTRY = 1024
"""Bytes that an encoded entry may take, recovered facts among them, but for its class."""

_SCHEMA = "decision-memory-page"

_MOVED_IDS = 128
"""Bytes that it takes to say where the ids of a page are."""


class DecisionPages:
    """Gives the two pages of the decisions that were open together, hollow ones if they are not of the share.

    Each decision is taken into the ``listings`` when its page is closed.
    """

    def __init__(self, context: Context, listings: Listings) -> None:
        self.ranges = Ranges(DECISIONS, ("first time",), "decisions")
        self.outcomes: Counter[str] = Counter()
        self._limit = context.limit
        self._remarks = context.remarks
        self._share = context.share
        self._listings = listings
        self._stretch = 0

    @property
    def is_made(self) -> bool:
        """Say whether the open page is made here."""
        return self._share.makes(self._stretch)

    @property
    def are_told(self) -> bool:
        """Say whether stories of the open page are told here; the first share may have to put them aside."""
        return self._share.is_first or self.is_made

    def begin(self, stretch: int) -> None:
        """Begin a page, in this stretch of the log (`share.Share`)."""
        self._stretch = stretch

    def close(self, decisions: Decisions, *, full: bool) -> Iterator[Artifact]:
        """End the open page of ``decisions``."""
        entries, seen = decisions.close()
        outcomes = [outcome_of(entry) for entry in entries]
        self.outcomes.update(outcomes)
        number = self.ranges.pages
        for made in self._memory(number, entries, seen):
            yield made if isinstance(made, Blob) else made._replace(stretch=self._stretch)
        blocks = [Stories(DECISIONS, COLUMNS, self._told(entries, outcomes))] if self.is_made else []
        around, json = neighbours(DECISIONS, number, full=full), json_path(DECISIONS, number)
        page = Page(page_path(DECISIONS, number), f"Decisions, page {number}", "decisions", blocks, neighbours=around)
        yield page._replace(json=json, stretch=self._stretch)
        yield from self.ranges.add(len(entries), (entries[0].event.logical_time if entries else None,))
        self._listings.trend(entries, outcomes)
        for entry, outcome in zip(entries, outcomes, strict=True):
            yield from self._listings.decided(entry, outcome, self._stretch)

    def _told(self, entries: list[Entry], outcomes: list[str]) -> list[Story]:
        instances = [entry.event.strategy_instance_id for entry in entries]
        around = self._listings.neighbours(instances, [entry.number for entry in entries])
        return [self._story(*each) for each in zip(entries, outcomes, starmap(neighbour_lines, around), strict=True)]

    def _memory(self, number: int, entries: list[Entry], seen: list[str]) -> Iterator[Blob | Document]:
        """Give the page of the decision memory, after blobs with what does not fit it.

        A hollow one has blobs as well: they are the first share's, whoever makes the page.
        """
        if not self.is_made and sum(map(_most, entries)) + _SEEN * len(seen) < self._limit // 2:
            yield json_page(DECISIONS, number, len(entries), b"", _SCHEMA)
            return
        ids = b"{%s}" % ",".join([f'"{text}":true' for text in seen]).encode()
        moved_ids = blob_of(ids) if len(ids) > self._limit // 2 else None
        room = self._limit - (_KEY + _RECOVERED) * len(entries) - (_MOVED_IDS if moved_ids else len(ids))
        fitted = fit([entry.number for entry in entries], [_encode(entry) for entry in entries], room)
        gone = {row for row, _ in fitted.moved}
        keys = [entry.event.decision_id.encode() for entry in entries if entry.number not in gone]
        kept = b",".join([b'"%s":%s' % pair for pair in zip(keys, fitted.parts, strict=True)])
        fields = [b'"entries":{%s}' % kept, b'"seenInputIds":%s' % (b"{}" if moved_ids else ids)]
        if moved_ids is not None:
            yield moved_ids
            fields.append(value_field("seenInputIdsMoved", {"blob": moved_ids.path, "size": len(ids)}))
        if fitted.moved:
            yield from (blob for _, blob in fitted.moved)
            fields.append(value_field("moved", moved_rows(fitted.moved, "row")))
        fields.append(b'"recovered":{%s}' % b",".join(map(_recovered, entries)))
        yield json_page(DECISIONS, number, len(entries), b",".join(fields), _SCHEMA)

    def _story(self, entry: Entry, outcome: str, around: list[Row]) -> Story:
        event, result = entry.event, entry.last_result
        values = (
            event.logical_time,
            event.decision_class,
            event.strategy_instance_id,
            (entry.proposal or "not told") if entry.skip is None else f"nothing: {entry.skip} (recovered)",
            "none" if result is None else result.type,
            OUTCOMES[outcome],
        )
        ledger = [] if entry.held is None else [held_line(entry.held)]
        lines = entry.lines + ledger + around + remark_lines(self._remarks, event.decision_id)
        first, last = entry.lines[0].number, entry.lines[-1].number
        if last < first:
            last = max([line.number for line in entry.lines])
        lines.append(proof_line(entry.number, first, last))
        if entry.omitted:
            words = f"{entry.omitted} more events of this decision are on the event pages only"
            lines = [*lines, told_line("more", words)]
        return Story(Row(_HEADS[TONES.get(outcome, "")], entry.number, values), lines)


def _most(entry: Entry) -> int:
    """Return a size in bytes that no encoded entry exceeds."""
    return _ENTRY + 6 * len(entry.event.decision_class)


def _encode(entry: Entry) -> bytes:
    categories = dict(zip(CATEGORIES, entry.categories, strict=True))
    memory = doc.DecisionMemoryEntry(
        entry.event.decision_id,
        entry.event.decision_class,
        str(entry.event.logical_time),
        doc.Execution(entry.executions, entry.filled, entry.failed, entry.last_status),  # type: ignore[arg-type]
        doc.Safety(entry.evaluations, entry.blocked, entry.forced, entry.last_result),
        doc.Feedback(sum(entry.categories), categories),
    )
    return encode_inline(memory)


def _recovered(entry: Entry) -> bytes:
    """Return what ids reveal of a decision, as a member of an object."""
    facts = doc.RecoveredFacts(entry.codes, entry.skip)
    return b'"%s":%s' % (entry.event.decision_id.encode(), encode_inline(facts))
