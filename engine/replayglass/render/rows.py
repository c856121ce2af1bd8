"""Rows to HTML: one compiled template for each kind of row, because a site has millions of them.

A page whose texts are all visible ASCII without markup, which is nearly every page, is filled in as it stands; any
other page is escaped value by value. Both ways give the same HTML for the same row.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from replayglass.render.escape import escape, is_plain, is_plain_record, show
from replayglass.render.rawtext import CLOSE_RECORD, OPEN_RECORD, place_of_rest, write_absent, write_raw
from replayglass.row import DocumentLink, Field, Raw

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from replayglass.row import Part, Row, RowKind, Value

MAX_KINDS = 1024
"""Compiled kinds that one `RowWriter` remembers; a domain has a few dozen."""

_TORN = " data-torn"


class Detail(NamedTuple):
    """How much of the log's content a page shows: characters of a text, bytes of a raw record."""

    text: int
    raw: int


class Form(NamedTuple):
    """The elements a row is made of; its parts are formats that take the row's attributes."""

    opening: str
    number: str
    cell: str
    cell_end: str
    end: str


TABLE_ROW = Form("<tr{id}{tone}>", "<td><a href=#{mark}%d>%d</a>", "<td{attributes}>", "", "")
"""A table row; its end tags are optional in HTML."""

HEAD = Form("<summary>", "<span>%d</span>", "<span>", "</span>", "</summary>")
"""The head of a story; its anchor is further inside the story, so that a link to it opens the story. The link is there
too: a head is a control itself, and controls must not stand in each other (HTML, the summary element)."""


class Compiled(NamedTuple):
    """A kind of row: its two templates, which values are texts and how each value is escaped.

    ``plain`` takes values that need no escaping, ``careful`` those that were escaped; the row's number comes first,
    ``numbers`` times.
    """

    kind: RowKind
    plain: str
    careful: str
    texts: Callable[[Sequence[Value]], tuple[str, ...]]
    escapes: tuple[tuple[int, str], ...]
    numbers: int
    ends_in_raw: bool


class RowWriter:
    """Writes the rows of one collection, for pages at one depth.

    ``root`` leads from the page to the site's root, ``mark`` begins the anchors, ``form`` says what a row is made of.
    """

    def __init__(self, root: str, mark: str, form: Form = TABLE_ROW) -> None:
        self._root = root
        self._mark = mark
        self._form = form
        self._known: dict[int, Compiled] = {}

    def write(
        self, rows: Sequence[Row], detail: Detail, json: str | None, limit: int, leaves: Mapping[str, str]
    ) -> str:
        """Return the rows as HTML, one a line; stops once more than ``limit`` characters are written.

        ``json`` is the address of the page's JSON form, for what is not shown whole; ``leaves`` as in `page.Page`.
        """
        plain = self._write_plain(rows, detail)
        if plain is not None:
            return plain
        out: list[str] = []
        size = 0
        for row in rows:
            out.append(self._write_careful(row, detail, json, leaves))
            size += len(out[-1])
            if size > limit:
                break
        return "\n".join(out)

    def write_within(
        self, rows: Sequence[Row], detail: Detail, json: str | None, budget: int, leaves: Mapping[str, str]
    ) -> str:
        """Return the rows as HTML, one a line; once ``budget`` bytes are used up, only the numbers of the rows."""
        out: list[str] = []
        for row in rows:
            html = self._write_careful(row, detail, json, leaves) if budget >= 0 else ""
            budget -= len(html.encode())
            out.append(html if budget >= 0 else self._write_number(row, json, leaves))
        return "\n".join(out)

    def _write_plain(self, rows: Sequence[Row], detail: Detail) -> str | None:
        """Fill in the rows as they stand; None if any value needs more than that.

        All rows are filled in by one ``%``: for a page of 256 rows that takes two thirds of the time of 256 of them.
        """
        templates: list[str] = []
        fills: list[Value] = []
        texts: list[str] = [""]
        records: list[bytes] = []
        known = self._known
        try:
            for row in rows:
                values = row.values
                compiled = known.get(id(row.kind)) or self._compile(row.kind)
                templates.append(compiled.plain)
                texts += compiled.texts(values)
                fills += (row.number,) * compiled.numbers
                fills += values
                if compiled.ends_in_raw:
                    record: bytes = values[-1]  # type: ignore[assignment]
                    if len(record) > detail.raw:
                        return None
                    fills[-1] = str(record, "ascii")  # the path of a blob is a TypeError
                    records.append(record)
            is_short = max(map(len, texts)) <= detail.text
            if is_short and is_plain("".join(texts)) and is_plain_record(b"".join(records)):
                return "\n".join(templates) % tuple(fills)
        except (TypeError, UnicodeDecodeError):
            pass
        return None

    def _write_careful(self, row: Row, detail: Detail, json: str | None, leaves: Mapping[str, str]) -> str:
        compiled = self._known.get(id(row.kind)) or self._compile(row.kind)
        values = list(row.values)
        for index, style in compiled.escapes:
            value = values[index]
            if style == "raw":
                values[index] = write_raw(value, self._root, detail.raw, json, leaves)
            else:
                values[index] = show(str(value), detail.text)
        return compiled.careful % (*(row.number,) * compiled.numbers, *values)

    def _write_number(self, row: Row, json: str | None, leaves: Mapping[str, str]) -> str:
        form, number = self._form, row.number
        if not row.kind.anchored:
            return ""
        opening = form.opening.format(id=f" id={self._mark}{number}", tone=_TORN if row.kind.torn else "")
        cell, anchor = form.cell.format(attributes=""), form.number.format(mark=self._mark).replace("%d", str(number))
        compiled = self._known.get(id(row.kind)) or self._compile(row.kind)
        raws = [row.values[index] for index, style in compiled.escapes if style == "raw"]
        words = write_absent(raws[0], json, leaves) if raws else place_of_rest(json)
        return f"{opening}{anchor}{cell}{words}{form.cell_end}{form.end}"

    def _compile(self, kind: RowKind) -> Compiled:
        """Compile ``kind`` and remember it by its id(), which stays its own while the compiled form holds the kind."""
        if len(self._known) >= MAX_KINDS:
            self._known.clear()
        compiled = self._known[id(kind)] = compile_kind(kind, self._root, self._mark, self._form)
        return compiled


def compile_kind(kind: RowKind, root: str, mark: str, form: Form) -> Compiled:
    """Return the templates of ``kind``; arguments as in `RowWriter`."""
    anchor = f" id={mark}%d" if kind.anchored else ""
    tone = f" class={kind.tone}" if kind.tone else ""
    opening = form.opening.format(id=anchor, tone=f"{tone}{_TORN if kind.torn else ''}")
    if kind.anchored:
        opening += form.number.format(mark=mark)
    plain, careful = opening, opening
    styles: list[str] = []
    for place, cell in enumerate(kind.cells, 1):
        attributes = " class=w" if cell and all(isinstance(part, str) for part in cell) else ""
        if kind.span > 1 and place == len(kind.cells):
            attributes = f" colspan={kind.span}"
        start = form.cell.format(attributes=attributes)
        parts = [_compile_part(part, root) for part in cell]
        plain += start + "".join([part[0] for part in parts]) + form.cell_end
        careful += start + "".join([part[1] for part in parts]) + form.cell_end
        styles += [style for part in parts for style in part[2]]
    escapes = tuple((index, style) for index, style in enumerate(styles) if style != "int")
    texts = [index for index, style in escapes if style != "raw"]
    raws = [index for index, style in escapes if style == "raw"]
    ends_in_raw = raws == [len(styles) - 1]
    take_texts = _getter(texts) if ends_in_raw or not raws else _refuse
    numbers = opening.count("%d")
    return Compiled(kind, plain + form.end, careful + form.end, take_texts, escapes, numbers, ends_in_raw)


def _compile_part(part: Part, root: str) -> tuple[str, str, tuple[str, ...]]:
    """Return the plain and the careful template of ``part`` and the styles of the values it takes."""
    if isinstance(part, str):
        text = escape(part).replace("%", "%%")
        return text, text, ()
    if isinstance(part, Raw):
        return f"{OPEN_RECORD}%s{CLOSE_RECORD}", "%s", ("raw",)
    if isinstance(part, DocumentLink):
        words = escape(part.text).replace("%", "%%")
        link = f"<a href={root}{part.collection.json_folder}/pages/%06d.json>{words}</a>"
        return link, link, ("int",)
    value = _VALUES.get(part.style, "%s")
    if isinstance(part, Field):
        return value, value, (part.style,)
    target = part.collection
    link = f"<a href={root}{target.folder}/%06d.html#{target.mark}%d>{value}</a>"
    return link, link, ("int", "int", part.style)


_VALUES = {"int": "%d", "code": "<code>%s</code>", "id": "<code>%s</code>", "strong": "<strong>%s</strong>"}


def _getter(places: list[int]) -> Callable[[Sequence[Value]], tuple[str, ...]]:
    """Return a function that takes the values at ``places`` as a tuple, whatever their number."""
    if not places:
        return lambda _: ()
    # For a single place itemgetter would return the value itself, so that place is taken twice.
    return itemgetter(*places) if len(places) > 1 else itemgetter(*places, *places)


def _refuse(_: Sequence[Value]) -> tuple[str, ...]:
    """Leave a row to be written carefully: it has a raw record that is not its last value."""
    raise TypeError
