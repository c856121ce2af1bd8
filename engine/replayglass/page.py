"""What one file of the site says, before anyone knows HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.drawings import Chart, Flowchart, Lanes
from replayglass.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from replayglass.cell import Cell, Code, Link
    from replayglass.row import Collection, Row


class Rows(NamedTuple):
    """A page of a collection as a table; each row has an anchor."""

    collection: Collection
    columns: tuple[str, ...]
    rows: Sequence[Row]


class Story(NamedTuple):
    """One entry that unfolds: a head (a row) and the lines of its story."""

    head: Row
    lines: Sequence[Row]


class Stories(NamedTuple):
    """A page of a collection whose rows unfold; ``columns`` name the cells of the heads.

    ``beyond`` says where all is that a story which had to be cut leaves out.
    """

    collection: Collection
    columns: tuple[str, ...]
    stories: Sequence[Story]
    beyond: str = "the events themselves say all of it"


class Table(NamedTuple):
    """A small table; None is shown as a dash. ``empty`` says why there are no rows."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    empty: str = ""


class Facts(NamedTuple):
    """Names and values."""

    title: str
    facts: Sequence[tuple[str, Cell]]


class Prose(NamedTuple):
    """Paragraphs of our own words; an item of ``text`` is a paragraph, its parts texts, links and codes."""

    title: str
    paragraphs: Sequence[Sequence[str | Link | Code]]


class Notice(NamedTuple):
    """A sentence that must be seen; ``tone`` as in `Badge`."""

    text: str
    tone: str


class MarkdownNote(NamedTuple):
    """A reviewer's note: Markdown text, shown with raw HTML off."""

    anchor: str
    title: str
    about: Cell
    body: str


class Scrubber(NamedTuple):
    """All ``rows`` rows of ``collection`` one by one: what each changed, and what was open then.

    For that its folder has a script beside each page. Without scripts it is a link to the rows. There is at least one.
    ``event`` and ``decision`` are the collections of what changed something.
    """

    title: str
    collection: Collection
    rows: int
    event: Collection
    decision: Collection


Block = Rows | Stories | Table | Facts | Prose | Notice | Chart | Flowchart | Lanes | MarkdownNote | Listing | Scrubber


class Neighbours(NamedTuple):
    """The pages before and after, as site-relative paths; a page that can still grow has no next one."""

    previous: str | None
    next: str | None
    up: str


class Shown(NamedTuple):
    """The account of one page of a stream: how its records are shown."""

    stream: str
    page: int
    events: int
    unreadable: int
    torn: int


class Page(NamedTuple):
    """One HTML file: ``section`` of the navigation, ``json`` with the same facts, ``leaves``: leaf hash of a blob.

    ``stretch`` as in `share.Share`: a page that is of another share may be hollow, without ``blocks``.
    """

    path: str
    title: str
    section: str
    blocks: Sequence[Block]
    intro: str = ""
    neighbours: Neighbours | None = None
    json: str | None = None
    shown: Shown | None = None
    leaves: Mapping[str, str] = {}
    stretch: int | None = None


class Paged(NamedTuple):
    """What a document is a page of: the name of its collection, the rows on it, the rows of a full page.

    ``is_listed`` as in `Collection`.
    """

    collection: str
    rows: int
    size: int
    is_listed: bool = True


class Document(NamedTuple):
    """One JSON file, already encoded; ``schema`` names its JSON Schema, ``title`` says what it holds.

    ``stretch`` as in `share.Share`: a document that is of another share may be hollow, without ``data``.
    """

    path: str
    data: bytes
    schema: str
    title: str
    paged: Paged | None = None
    stretch: int | None = None


class Blob(NamedTuple):
    """A file of bytes as they are: a record too large for its page (named by its SHA-256), a part of a log."""

    path: str
    data: bytes


Artifact = Page | Document | Blob  # what a replay gives; findings go through `replay.Context`
