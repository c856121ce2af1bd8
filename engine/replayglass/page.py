"""What one file of the site says, before anyone knows HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from replayglass.drawings import Chart, Flowchart, Lanes, Spark
from replayglass.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Collection(NamedTuple):
    """A paged collection: rows in a fixed order, ``size`` to a page, page k at ``folder/NNNNNN.html``.

    A row's anchor is ``mark`` followed by its number. ``json_folder`` is where its JSON pages are, ``one`` and
    ``many`` what a row and the rows are called; a JSON page of records may have another name (``rows``) for them. The
    entry point of the JSON does not list a collection that rows of another one lead to. ``why_empty``: what that means.
    """

    folder: str
    mark: str
    size: int
    one: str
    many: str
    json_folder: str | None = None
    rows: str | None = None
    is_listed: bool = True
    why_empty: str = ""

    @property
    def field(self) -> str:
        """Return what the rows are called in a JSON page of records."""
        return self.rows or self.many


def page_path(collection: Collection, number: int) -> str:
    """Return the path of HTML page ``number`` of ``collection``."""
    return f"{collection.folder}/{number:06d}.html"


def row_href(collection: Collection, row: int) -> str:
    """Return the address of row ``row`` of ``collection``, relative to the site's root."""
    return f"{page_path(collection, row // collection.size)}#{collection.mark}{row}"


Style = Literal["text", "code", "strong", "id", "word", "int"]


class Field(NamedTuple):
    """A cell part that takes one value; ``int`` takes a number, ``id`` and ``word`` are letters, digits, - and _."""

    style: Style


class RowLink(NamedTuple):
    """A cell part that takes three values: page and number of a row in ``collection``, and the text of the link."""

    collection: Collection
    style: Style = "text"


class Raw(NamedTuple):
    """A cell part that takes one value: the raw bytes of a record, shown on demand, or the path of its blob."""


class DocumentLink(NamedTuple):
    """A cell part that takes one value: the number of a JSON page of ``collection``; ``text`` is that of the link."""

    collection: Collection
    text: str


Part = str | Field | RowLink | DocumentLink | Raw


class RowKind(NamedTuple):
    """The shape of a table row: cells of parts. Rows of one kind are rendered by one compiled function.

    An anchored row begins with its own number, linked to itself. ``tone`` marks the row (as in `Badge`), ``span`` is
    how many columns the last cell takes. A ``torn`` row is no record; it stands where the next one will.
    """

    cells: tuple[tuple[Part, ...], ...]
    tone: str = ""
    span: int = 1
    anchored: bool = True
    torn: bool = False


Value = str | int | bytes


class Row(Struct, frozen=True, gc=False):
    """A row: its kind, its number in the collection, and its parts' values in order. A struct: millions are made."""

    kind: RowKind
    number: int
    values: tuple[Value, ...]


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


class Link(NamedTuple):
    """A link inside the site; ``href`` is relative to the site's root and written by us."""

    text: str
    href: str


class Code(NamedTuple):
    """An identifier or path, set in monospace."""

    text: str


class Badge(NamedTuple):
    """A word with a tone: ``good``, ``warn``, ``bad`` or ``note``; the word alone says it too."""

    text: str
    tone: str


Cell = str | int | None | Link | Code | Badge | Spark


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
