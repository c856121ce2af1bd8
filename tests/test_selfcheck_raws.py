"""The exact bytes of every record can be read back from the page that shows it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htmltree import End, Tag, parse
from replayglass.page import Neighbours, Page, Rows, Shown
from replayglass.render.frame import Frame
from replayglass.render.html import Theme
from replayglass.render.level import levels
from replayglass.render.rawtext import RawPageError, RawRow, read_raws
from replayglass.render.rows import RowWriter
from replayglass.row import Collection, Field, Raw, Row, RowKind
from sites import AUDIT, EXTRA, PAPER, SAMPLE, SNAPSHOTS, make_run, records

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sites import Site

EVENTS = Collection("events", "e", 256, "event", "events")
KIND = RowKind(((Field("text"),), (Field("code"), " says ", Raw())), "good")
REMARK = RowKind((("no record",),), anchored=False)
THEME = Theme(Frame("A run", (), "1"), 512 * 1024)
FULL = levels(512 * 1024)[0].detail
NO_LIMIT = 1 << 30
RECORDS = st.one_of(
    st.binary(min_size=1, max_size=40),
    st.text(min_size=1, max_size=40).map(lambda words: words.encode("utf-8", "surrogatepass")),
    st.text('{"a":1}<>&;bux=/ \\', min_size=1, max_size=40).map(str.encode),
    st.sampled_from(
        [b"<b class=x>C3</b>", b"&lt;", b"\\xff", b"\xff\xc3", b"U+202E", b"\r\n\0", "\ufeff\u202e".encode()]
    ),
)


def _row(number: int, raw: bytes | str, kind: RowKind = KIND) -> Row:
    return Row(kind, number, ("words", "more", raw))


def _page(rows: Sequence[Row], **others: object) -> Page:
    around = Neighbours("events/000000.html", None, "events/index.html")
    page = Page("events/000001.html", "Events", "events", [Rows(EVENTS, ("#", "a", "record"), rows)], neighbours=around)
    shown = Shown("audit-events", 1, len(rows), 0, 0)
    return page._replace(json="v1/x.json", shown=shown)._replace(**others)  # type: ignore[arg-type]


def _html(*rows: Row, **others: object) -> bytes:
    return THEME.render(_page(rows, **others))


def _by_parser(html: bytes) -> list[bytes]:
    """Return the content of every ``pre`` as a parser of HTML sees it."""
    found: list[bytes] = []
    is_inside, named = False, ""
    for node in parse(html.decode()):
        if isinstance(node, Tag):
            is_inside |= node.name == "pre"
            found += [b""] * (node.name == "pre")
            named = dict(node.attributes).get("class") or "" if node.name == "b" else ""
        elif isinstance(node, End):
            is_inside &= node.name != "pre"
            named = ""
        elif is_inside and named == "u":
            found[-1] += chr(int(node.removeprefix("U+"), 16)).encode()
        elif is_inside:
            found[-1] += bytes.fromhex(node) if named == "x" else node.encode()
    return found


@given(st.lists(RECORDS, min_size=1, max_size=5))
def test_what_was_written_is_read(raws: list[bytes]) -> None:
    """For any bytes, what is read from a page is what was written, and what another parser sees."""
    html = _html(*[_row(256 + place, raw) for place, raw in enumerate(raws)])
    assert read_raws(html) == tuple(RawRow(256 + place, raw) for place, raw in enumerate(raws))
    assert _by_parser(html) == raws


@given(RECORDS)
def test_both_ways_of_writing_read_alike(raw: bytes) -> None:
    """A record is written alike on a page that is filled in as it stands, and on one that is escaped value by value."""
    writer = RowWriter("../", "e")
    plain = writer.write([_row(7, raw)], FULL, None, NO_LIMIT, {})
    assert writer.write_within([_row(7, raw)], FULL, None, NO_LIMIT, {}) == plain
    alone = _html(_row(7, raw))
    beside = _html(_row(7, raw), Row(REMARK, -1, ()), _row(8, b"\xff", KIND._replace(torn=True)))
    assert read_raws(beside) == (*read_raws(alone), RawRow(8, b"\xff", torn=True))


def _leaf(raw: bytes) -> str:
    """Return the hash of a record's leaf: of its bytes, or of its digest entry if it is too long for a leaf."""
    if len(raw) > 65_535:
        digest = sha256(raw).hexdigest()
        raw = f'{{"replayglass":"digest-leaf@1","sha256":"{digest}","length":{len(raw)},"type":"text/plain"}}'.encode()
    return sha256(b"\0" + raw).hexdigest()


def test_a_record_that_is_not_whole_is_told_apart() -> None:
    """A blob, a shortened record and a line too long to be read hold no bytes; a leaf is named where it is known."""
    long, blob = b"\xc3\xa9" * 9000, "blob/" + "ab" * 32
    rows = [_row(0, long), _row(1, blob), _row(2, "blob/" + "cd" * 32), _row(3, b""), _row(4, b"x")]
    expected = (
        RawRow(0, None, leaf=_leaf(long)),
        RawRow(1, None, blob, "ef" * 32),
        RawRow(2, None, "blob/" + "cd" * 32),
        RawRow(3, None),
        RawRow(4, b"x"),
    )
    assert read_raws(_html(*rows, leaves={blob: "ef" * 32})) == expected


@pytest.mark.parametrize("size", [3000, 65_536])
def test_a_shortened_page_names_leaves_as_long_as_it_can(size: int) -> None:
    """What does not fit is cut, then left out, with the hash of its leaf; a digest leaf where the record has one."""
    raw = b"<" * size
    leaf = _leaf(raw)
    for limit in (512 * 1024, 128 * 1024):
        html = Theme(Frame("A run", (), "1"), limit).render(_page([_row(place, raw) for place in range(256)]))
        assert read_raws(html) == tuple(RawRow(place, None, leaf=leaf) for place in range(256))
    crowded = RowKind((*[(Field("text"),)] * 9, (Raw(),)))
    many = [Row(crowded, place, ("<" * 99,) * 9 + (raw,)) for place in range(256)]
    many.append(Row(REMARK, -1, ()))
    found = read_raws(Theme(Frame("A run", (), "1"), 64 * 1024).render(_page(many)))
    assert found == tuple(RawRow(place, None, leaf=leaf) for place in range(256))


def test_a_torn_tail_is_told_apart_on_every_page() -> None:
    """A torn tail is marked however little of it is shown."""
    torn = _row(256, "blob/" + "ab" * 32, KIND._replace(torn=True))
    assert read_raws(_html(torn))[0].torn
    html = RowWriter("../", "e").write_within([torn, _row(1, b"x"), _row(2, b"")], FULL, None, 0, {})
    assert html.split("\n") == [
        "<tr id=e256 data-torn><td><a href=#e256>256</a><td>not shown",
        f"<tr id=e1><td><a href=#e1>1</a><td><i class=cut data-leaf={_leaf(b'x')}>not shown</i>",
        "<tr id=e2><td><a href=#e2>2</a><td>not shown",
    ]


def test_a_page_without_rows_holds_nothing() -> None:
    """A page that waits for its first record has no rows."""
    assert read_raws(_html()) == ()


RUNS = (SAMPLE, *EXTRA, *(path for path in sorted((PAPER / "bad").iterdir()) if path.is_dir()))
STREAMS = (("events", AUDIT), ("snapshots", SNAPSHOTS))


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_pages_hold_the_log(run: Path, site_of: Callable[[Path], Site]) -> None:
    """The rows of all pages of a stream are its records, every number once: their bytes, or the hash of their leaf."""
    for folder, stream in STREAMS:
        pages = sorted((site_of(run).folder / folder).glob("0*.html"))
        rows = [row for page in pages for row in read_raws(page.read_bytes())]
        lines = records(run / stream)
        assert [row.number for row in rows] == list(range(len(lines)))
        assert [row.raw or row.leaf for row in rows] == [
            _leaf(line) if row.raw is None else line for row, line in zip(rows, lines, strict=True)
        ]
        assert not any(row.torn for row in rows[:-1])


@pytest.mark.parametrize("count", [0, 255, 256])
def test_the_torn_tail_has_the_next_place(count: int, tmp_path: Path, site_of: Callable[[Path], Site]) -> None:
    """A torn tail is the one row that is no record, on whichever page it comes to stand."""
    lines = [b"[%d]" % number for number in range(count)]
    run = make_run(tmp_path / "run", b"\n".join([*lines, b'{"id":"\xff']), b'{"version')
    for folder, torn in (("events", b'{"id":"\xff'), ("snapshots", b'{"version')):
        pages = sorted((site_of(run).folder / folder).glob("0*.html"))
        rows = [row for page in pages for row in read_raws(page.read_bytes())]
        number = count if folder == "events" else 0
        assert rows[-1] == RawRow(number, torn, torn=True)
        assert len(rows) == number + 1


GOOD = _html(_row(5, b"a\xff<\n"), Row(REMARK, -1, ()), _row(6, "blob/" + "ab" * 32), _row(7, b"z"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<!doctype html>", b"<!doctype htm>"),
        (b"<main id=main ", b"<!-- <main id=main "),
        (b"<main id=main ", b"<style><main id=main "),
        (b"<main id=main ", b"<textarea><main id=main "),
        (b"<main id=main ", b"<template><main id=main "),
        (b"<main id=main ", b"<script>1</script><main id=main "),
        (b"<main id=main ", b"<<main id=main "),
        (b"<main id=main ", b"<main id=main <b> "),
        (b"</main>", b"</main><table class=rows>\n"),
        (b"\n</table>", b""),
        (b"<thead>", b"<caption>x<thead>"),
        (b"<tr id=e5 ", b"<tr id=e05 "),
        (b"<tr id=e5 ", b"<tr hidden id=e5 "),
        (b"<tr id=e5 ", b"x<tr id=e5 "),
        (b"<tr id=e5 ", b"<tr id=e6 "),
        (b"<tr id=e5 ", b"<tr "),
        (b"<tr id=e7 class=good>", b"<tr id=e7 class=good><pre>"),
        (b"<pre>z</pre></details>", b"<pre>z</pre></details><details><summary>raw</summary><pre>z</pre></details>"),
        (b"<pre>z</pre></details>", b"<pre>z</pre>"),
        (b"<pre>z</pre></details>", b"<pre class=w>z</pre></details>"),
        (b"<pre>z</pre>", b"<pre>z<i></i></pre>"),
        (b"<pre>z</pre>", b"<pre>&#122;</pre>"),
        (b"<pre>z</pre>", b"<pre>&</pre>"),
        (b"<pre>z</pre>", b"<pre>\r</pre>"),
        (b"<pre>z</pre>", b"<pre>\xff</pre>"),
        (b"<pre>z</pre>", b"<pre><b class=u>U+007A</b></pre>"),
        (b"<pre>z</pre>", b"<pre><b class=u>U+DC80</b></pre>"),
        (b"<pre>z</pre>", b"<pre><b class=u>U+110000</b></pre>"),
        (b"<pre>z</pre>", b"<pre><b class=x>7A</b></pre>"),
        (b"<pre>z</pre>", b"<pre><b class=x>C3</b><b class=x>A9</b></pre>"),
        (b"own file</a>", b'own file</a><a href="../blob/' + b"ab" * 32 + b'">raw record, own file</a>'),
    ],
)
def test_other_pages_are_refused(old: bytes, new: bytes) -> None:
    """What is not written as our pages are is an error, so that nobody is shown other rows than are read."""
    assert [row.number for row in read_raws(GOOD)] == [5, 6, 7]
    assert GOOD.count(old) == 1
    with pytest.raises(RawPageError):
        read_raws(GOOD.replace(old, new))


@given(st.binary(), st.integers(0, len(GOOD)), st.integers(0, 40))
def test_any_bytes_are_rows_or_an_error(patch: bytes, place: int, size: int) -> None:
    """Whatever a page holds, reading it ends in rows or in the one error."""
    try:
        rows = read_raws(GOOD[:place] + patch + GOOD[place + size :])
    except RawPageError:
        return
    assert len({row.number for row in rows}) == len(rows)


@pytest.mark.parametrize(
    "piece", [b"<", b"<!--", b"<a ", b'<a b="', b"<tr><td><details><summary>raw</summary><pre>", b"&"]
)
def test_hostile_pages_are_read_in_one_pass(piece: bytes) -> None:
    """A megabyte of beginnings without ends is refused, in the page and in its rows."""
    many = piece * (1 << 20 >> 1)
    for old in (b"<main id=main ", b"<tr id=e5", b"<pre>z"):
        with pytest.raises(RawPageError):
            read_raws(GOOD.replace(old, old + many + b"<"))
