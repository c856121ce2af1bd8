"""The pages of reviewers' notes: one each, and the list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.cell import Link
from replayglass.collection import NOTES, neighbours
from replayglass.page import MarkdownNote, Page, Table
from replayglass.record import Finding, Severity
from replayglass.row import page_path, row_href

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from replayglass.cell import Cell
    from replayglass.notes import Note
    from replayglass.page import Artifact
    from replayglass.replay import Projection


def note_pages(notes: Sequence[Note], projection: Projection, report: Callable[[Finding], None]) -> Iterator[Artifact]:
    """Give a page for each note and the list of notes; report those whose target the run does not have."""
    rows: list[tuple[Cell, ...]] = []
    for number, note in enumerate(notes):
        about = _about(note, projection, report)
        rows.append((Link(note.title, row_href(NOTES, number)), about))
        block = MarkdownNote(f"{NOTES.mark}{number}", note.title, about, note.body)
        around = neighbours(NOTES, number, full=number + 1 < len(notes))
        yield Page(page_path(NOTES, number), f"Note: {note.title}", "notes", [block], neighbours=around)
    empty = "The run holds no notes (notes/*.md)."
    table = Table("Notes", ("note", "about"), rows, empty)
    intro = "What reviewers wrote about this run. Notes are shown here and at what they annotate."
    yield Page("notes/index.html", "Notes", "notes", [table], intro)


def _about(note: Note, projection: Projection, report: Callable[[Finding], None]) -> Cell:
    if note.target is None or note.target_kind is None:
        return "the whole run"
    place = projection.locate(note.target_kind, note.target)
    if place is not None:
        return place
    message = f"The note {note.name} is about {note.target_kind} {note.target}, which the run does not have."
    report(Finding("note.unknown-target", Severity.WARNING, message, "notes", f"notes/{note.name}.md"))
    return f"{note.target_kind} {note.target}, which the run does not have"
