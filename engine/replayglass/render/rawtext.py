"""Raw records in HTML: how they are written, and how their exact bytes are read back from a page.

What is read is what our templates write and nothing else, so that a browser sees the same rows; reading takes time
proportional to the page, whatever the page holds.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, NamedTuple

from replayglass.proof.leaf import entry_of
from replayglass.proof.merkle import leaf_hash
from replayglass.render.escape import escape_attribute, escape_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from replayglass.row import Value

OPEN_RECORD = "<details><summary>raw</summary><pre>"
CLOSE_RECORD = "</pre></details>"


def place_of_rest(json: str | None) -> str:
    """Return the words on where all of it is; ``json`` is the address of the page's JSON form."""
    return "not shown" if json is None else "see the JSON page"


def write_absent(value: Value, json: str | None, leaves: Mapping[str, str]) -> str:
    """Return the words that stand for a raw record (or the path of its blob) of which nothing is shown."""
    leaf = _leaf_of(value, leaves)
    return f"<i class=cut{leaf}>{place_of_rest(json)}</i>" if leaf else place_of_rest(json)


def _leaf_of(value: Value, leaves: Mapping[str, str]) -> str:
    """Return the attribute that names the leaf of a record; what was never read (an empty record) has none here."""
    if isinstance(value, bytes):
        return f" data-leaf={leaf_hash(entry_of(value).data).hex()}" if value else ""
    path = str(value)
    return f" data-leaf={leaves[path]}" if path in leaves else ""


def write_raw(value: Value, root: str, limit: int, json: str | None, leaves: Mapping[str, str]) -> str:
    """Return a raw record whole if it has at most ``limit`` bytes, else its begin, the hash of its leaf and a link.

    A str is the path of the record's blob; ``leaves`` as in `page.Page`.
    """
    if not isinstance(value, bytes):
        return f'<a href="{root}{escape_attribute(str(value))}"{_leaf_of(value, leaves)}>raw record, own file</a>'
    if len(value) <= limit:
        return f"{OPEN_RECORD}{escape_record(value.decode('utf-8', 'surrogateescape'))}{CLOSE_RECORD}"
    cut = f"<i class=cut{_leaf_of(value, leaves)}>"
    where = place_of_rest(json)
    if not limit:
        return f"{cut}{len(value)} bytes, {where}</i>"
    # The incremental decoder keeps back a character that the cut would break.
    begin = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(value[:limit])
    link = where if json is None else f'<a href="{escape_attribute(json)}">{where}</a>'
    return f"{OPEN_RECORD}{escape_record(begin)}{CLOSE_RECORD}{cut}\u2026 ({len(value)} bytes, {link})</i>"


class RawPageError(ValueError):
    """A page is not of the form in which pages of records are written."""


class RawRow(NamedTuple):
    """What a page holds of the record in one of its rows.

    ``raw`` is the record's exact bytes, None if the page does not hold it whole: it is shortened, is in the file
    ``blob`` (a path from the site's root), or was too long to be read (the row then shows an empty record, which no
    record is). ``leaf`` is the hash (hex) that the page itself names in place of the bytes, if it does. A ``torn``
    row is no record: it shows a torn tail, and ``number`` is that of the next record.
    """

    number: int
    raw: bytes | None
    blob: str | None = None
    leaf: str | None = None
    torn: bool = False


# Groups are not possessive: before 3.11.5 Python matches those wrongly. Their alternatives begin with different signs,
# so there is one way to match, and a mismatch is found in linear time.
_ATTRIBUTES = rb"(?: [a-z-]++(?:=(?:\"[^\"<>]*+\"|[^\s\"'<>=`]++))?)*"
_SCRIPT = rb"<script(?: defer)? src=\"[^\"<>]*+\"></script>"
_INLINE = rb"a|b|bdi|code|details|i|pre|strong|summary"
_BLOCK = (
    rb"aside|body|br|dd|div|dl|dt|em|footer|form|h[1-6]|header|hr|html|img|input|li|link|main|meta|nav|ol|p|section"
)
_BLOCK += rb"|small|span|ul"
_FRAME = re.compile(
    rb"(?:[^<]++|<title>[^<]*+</title>|<template data-stream=\"[^\"<>]*+\">(?:%b)+</template>|%b|</?(?:%b|%b)%b>)*"
    % (_SCRIPT, _SCRIPT, _BLOCK, _INLINE, _ATTRIBUTES)
)
"""What may stand around the rows: elements that a browser neither hides nor reads in another way than this does."""

_DOCTYPE = b"<!doctype html>\n"
_OPEN_TABLE = b"<table class=rows>\n"
_TABLE_HEAD = re.compile(rb"<thead><tr>(?:<th scope=col>[^<]++)+<tbody>\n")
_ROW = re.compile(
    rb"<tr(?: id=[a-z](0|[1-9][0-9]{0,17}))?(?: class=[a-z]++)?( data-torn)?>"
    rb"(?:<td%b>(?:[^<]++|</?(?:%b)%b>)*)+" % (_ATTRIBUTES, _INLINE, _ATTRIBUTES)
)
_OPEN, _CLOSE = OPEN_RECORD.encode(), CLOSE_RECORD.encode()
_BLOB = re.compile(rb'<a href="(?:\.\./)*(blob/[0-9a-f]{64})"(?: data-leaf=([0-9a-f]{64}))?>raw record, own file</a>')
_CUT = re.compile(rb"<i class=cut data-leaf=([0-9a-f]{64})>")
_WRITTEN = re.compile(rb"&(amp|lt|gt);|<b class=u>U\+([0-9A-F]{4,6})</b>|<b class=x>([89A-F][0-9A-F])</b>")
_BLOB_WORDS, _CUT_BEGIN = b">raw record, own file<", b"<i class=cut data-leaf="
_OWN_FORM = bytes(code for code in range(0x20, 0x7F) if code not in b"&<>")
"""Bytes that a record shows as themselves; for one short record a table is faster than `escape.is_plain_record`."""
_SIGNS = {b"amp": b"&", b"lt": b"<", b"gt": b">"}


def read_raws(html: bytes) -> tuple[RawRow, ...]:
    """Return the rows of a page of records, in the order of the page; every number stands there once.

    Raises:
        RawPageError: the page is not one of ours, or a record on it is not written as it is written here.
    """
    before, table, rest = html.partition(_OPEN_TABLE)
    rows, end, after = rest.partition(b"\n</table>")
    frame = before.removeprefix(_DOCTYPE)
    if len(frame) == len(before) or not _FRAME.fullmatch(frame) or not _FRAME.fullmatch(after):
        message = "the page has another frame than our pages have"
        raise RawPageError(message)
    if not table:
        return ()
    head = _TABLE_HEAD.match(rows)
    if not end or head is None:
        message = "the page's table has another form than our tables have"
        raise RawPageError(message)
    found = tuple(_read_rows(rows[head.end() :]))
    if len({row.number for row in found}) < len(found):
        message = "a number stands at two rows"
        raise RawPageError(message)
    return found


def check_shell(html: bytes, *, has_rows: bool) -> None:
    """Accept ``html`` as a page of records in which only the rows are missing, where it ``has_rows``.

    Raises:
        RawPageError: with its rows it could not be read.
    """
    read_raws(html)
    if has_rows and _OPEN_TABLE not in html:
        message = "the page's rows stand in another table than our rows do"
        raise RawPageError(message)


def _read_rows(rows: bytes) -> Iterator[RawRow]:
    """Read the rows, one a line: no text of a row has a line end in it."""
    for line in rows.split(b"\n"):
        row = _ROW.fullmatch(line)
        if row is None:
            if line:
                message = "a row has another form than our rows have"
                raise RawPageError(message)
        elif row[1] is not None:
            yield _read_row(int(row[1]), line, torn=row[2] is not None)
        elif b"<pre" in line:
            message = "a row without a number has a record"
            raise RawPageError(message)


def _read_row(number: int, line: bytes, *, torn: bool) -> RawRow:
    # Two searches for a word cost less than two regular expressions, and most rows hold neither.
    blobs = _BLOB.findall(line) if _BLOB_WORDS in line else []
    cuts = _CUT.findall(line) if _CUT_BEGIN in line else []
    shown = line.count(b"<pre")
    if max(shown, len(cuts)) + len(blobs) > 1:
        message = f"row {number} has more than one record"
        raise RawPageError(message)
    if blobs:
        path, leaf = blobs[0]
        return RawRow(number, None, path.decode(), leaf.decode() or None, torn)
    _, _, begun = line.partition(_OPEN)
    written, end, _ = begun.partition(_CLOSE)
    raw = _bytes_of(number, written if end or not shown else b"<")
    if cuts:
        return RawRow(number, None, None, cuts[0].decode(), torn)
    return RawRow(number, raw or None, None, None, torn)


def _bytes_of(number: int, written: bytes) -> bytes:
    """Return the bytes of a record as they are written in ``pre``."""
    if not written.translate(None, _OWN_FORM):
        return written
    try:
        raw = _WRITTEN.sub(_read, written) if b"<" in written or b"&" in written else written
    except ValueError:  # a surrogate, or more than the last code point
        raw = b""
    if escape_record(raw.decode("utf-8", "surrogateescape")).encode() != written:
        message = f"the record in row {number} is not written as our records are"
        raise RawPageError(message)
    return raw


def _read(found: re.Match[bytes]) -> bytes:
    sign, code, byte = found.groups()
    if sign:
        return _SIGNS[sign]
    return chr(int(code, 16)).encode() if code else bytes.fromhex(byte.decode())
