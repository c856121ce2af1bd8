"""Shelves: rows in, pages out; a page that is full never changes again, and no record is on none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from replayglass.collection import Layout
from replayglass.damage import Damage
from replayglass.page import Blob, Document, Page, Rows, Table
from replayglass.row import Collection, Field, Raw, Row, RowKind
from replayglass.shelf import Shelf
from replayglass.streamshelf import OVERSIZE, Piece, StreamShelf

if TYPE_CHECKING:
    from replayglass.page import Artifact

LIMIT = 4096
ROWS = Collection("rows", "r", 4, "row", "rows", "v1/rows")
LAYOUT = Layout("rows", ("#", "text"), "rows-page", about=("first",))
STREAM = Layout("events", ("#", "record"), "events-page", "events", ("first",))
KIND = RowKind(((Field("text"),),))
RECORD = RowKind(((Raw(),),))
PARTS = st.lists(st.sampled_from([1, 2, 30, 900, 3000, 5000]), max_size=23)


def files(artifacts: list[Artifact]) -> dict[str, Artifact]:
    """Return artifacts by path; a path that comes twice is the same blob twice."""
    found: dict[str, Artifact] = {}
    for artifact in artifacts:
        assert found.get(artifact.path, artifact) == artifact
        assert artifact.path not in found or isinstance(artifact, Blob)
        found[artifact.path] = artifact
    return found


def shelve(sizes: list[int]) -> dict[str, Artifact]:
    """Return what a shelf gives for rows of these sizes."""
    shelf = Shelf(ROWS, LAYOUT, LIMIT)
    made: list[Artifact] = []
    for number, size in enumerate(sizes):
        made += shelf.add(Row(KIND, number, (str(size),)), b'"' + b"%d" % (number % 10) * size + b'"', (number,))
    assert shelf.count == len(sizes)
    return files([*made, *shelf.finish()])


def documents(found: dict[str, Artifact]) -> list[Document]:
    """Return the pages' documents in order."""
    return [found[path] for path in sorted(found) if isinstance(found[path], Document)]  # type: ignore[misc]  # checked


@given(sizes=PARTS, more=PARTS)
def test_a_full_page_never_changes(sizes: list[int], more: list[int]) -> None:
    """Every full page of rows is equal, as page and byte for byte as JSON, when more rows come after it."""
    before, after = shelve(sizes), shelve(sizes + more)
    full = {f"{number:06d}" for number in range(len(sizes) // 4)}
    kept = [path for path in before if path.rpartition("/")[2].partition(".")[0] in full]
    assert len(kept) == 2 * len(full)
    assert all(before[path] == after[path] for path in kept)


@given(sizes=PARTS)
def test_every_row_is_on_its_page(sizes: list[int]) -> None:
    """Rows count from 0; each is in its page's rows or among the moved, whose blobs come along."""
    found = shelve(sizes)
    pages = documents(found)
    assert len(pages) == len(sizes) // 4 + 1
    for number, document in enumerate(pages):
        value = json.loads(document.data)
        moved = {row["row"]: row for row in value.get("moved", [])}
        own = sizes[4 * number : 4 * number + 4]
        assert (value["page"], value["first"], value["count"]) == (number, 4 * number, len(own))
        assert [len(text) for text in value["rows"]] == [
            size for row, size in enumerate(own, 4 * number) if row not in moved
        ]
        assert all(row["size"] == sizes[number] + 2 for number, row in moved.items())
        assert all(row["blob"] in found for row in moved.values())
        assert len(document.data) <= LIMIT
        page = found[f"rows/{number:06d}.html"]
        assert isinstance(page, Page)
        assert page.json == document.path
        assert isinstance(page.blocks[0], Rows)
        assert [row.values for row in page.blocks[0].rows] == [(str(size),) for size in own]


def piece(seq: int, kind: str, size: int) -> Piece:
    """Return one record: readable, invalid, unreadable or too large for any page."""
    row = Row(RECORD, seq, (f"{kind} {seq}",))
    raw = b'"' + str(seq % 10).encode() * size + b'"'
    damage = [Damage(seq, seq + 1, 9 * seq, f"test.{kind}")]
    if kind == "unreadable":
        return Piece([row], [], [], damage, [], torn=False)
    if kind == "large":
        return Piece([row], [], [(seq, Blob(f"blob/{seq}", raw))], [], [], torn=False)
    return Piece([row], [(seq, raw)], [], [], damage if kind == "invalid" else [], torn=False)


def joined(first: Piece, second: Piece) -> Piece:
    """Return the records of both pieces as one."""
    return Piece(
        [*first.rows, *second.rows],
        [*first.raws, *second.raws],
        [*first.moved, *second.moved],
        [*first.unreadable, *second.unreadable],
        [*first.invalid, *second.invalid],
        torn=False,
    )


def shelve_stream(kinds: list[tuple[str, int]], step: int = 1, *, torn: bool = False) -> dict[str, Artifact]:
    """Return what a stream shelf gives for these records, put on it some at a time, never over a page's end."""
    shelf = StreamShelf("audit", ROWS, STREAM, LIMIT)
    made: list[Artifact] = []
    open_piece, about = Piece([], [], [], [], [], torn=False), None
    for seq, (kind, size) in enumerate(kinds):
        own = piece(seq, kind, size)
        open_piece = joined(open_piece, own)
        about = seq if about is None and kind != "unreadable" else about
        if (seq + 1) % 4 == 0 or (seq + 1) % step == 0:
            made += shelf.add(open_piece, (about,))
            open_piece, about = Piece([], [], [], [], [], torn=False), None
    made += shelf.add(open_piece, (about,)) if open_piece.rows else []
    if torn:
        seq = len(kinds)
        made += shelf.add(
            Piece([Row(RECORD, seq, ("torn",))], [], [], [Damage(seq, 1, 1, "t")], [], torn=True), (None,)
        )
    return files([*made, *shelf.finish()])


RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["valid", "valid", "invalid", "unreadable", "large"]), st.sampled_from([1, 30, 900, 3000])
    ),
    max_size=19,
)


@given(records=RECORDS, more=RECORDS, torn=st.booleans(), step=st.integers(1, 4))
def test_full_pages_of_a_stream_never_change(
    records: list[tuple[str, int]], more: list[tuple[str, int]], *, torn: bool, step: int
) -> None:
    """Full pages stay as they are when the stream grows, also over a torn tail, however the records came."""
    before, after = shelve_stream(records, torn=torn), shelve_stream(records + more, step)
    assert shelve_stream(records, step, torn=torn) == before
    full = {f"{number:06d}" for number in range(len(records) // 4)}
    for path, artifact in before.items():
        if path.rpartition("/")[2].partition(".")[0] in full:
            assert after[path] == artifact


@given(records=RECORDS, torn=st.booleans())
def test_every_sequence_number_is_accounted_for(records: list[tuple[str, int]], *, torn: bool) -> None:
    """Each record of a page is in its rows, unreadable or moved; invalid ones are listed besides; a torn tail too."""
    found = shelve_stream(records, torn=torn)
    last = len(records) // 4
    for number, document in enumerate(documents(found)):
        value = json.loads(document.data)
        own = dict(enumerate(records[4 * number : 4 * number + 4], 4 * number))
        moved = [row["seq"] for row in value.get("moved", [])]
        tail = [len(records)] if torn and number == last else []
        unreadable = [seq for seq, (kind, _) in own.items() if kind == "unreadable"]
        assert [row["seq"] for row in value["unreadable"]] == unreadable + tail
        assert [row["seq"] for row in value.get("invalid", [])] == [
            s for s, (kind, _) in own.items() if kind == "invalid"
        ]
        assert moved == sorted(moved)
        assert {seq for seq, (kind, _) in own.items() if kind == "large"} <= set(moved)
        shown = [seq for seq in own if seq not in moved and seq not in unreadable]
        assert [text[0] for text in value["events"]] == [str(seq % 10) for seq in shown]
        assert value["count"] == len(own) == len(shown) + len(moved) + len(unreadable)
        page = found[f"rows/{number:06d}.html"]
        assert isinstance(page, Page)
        assert page.shown == ("audit", number, len(shown) + len(moved), len(unreadable), len(tail))
        assert len(document.data) <= LIMIT


def test_a_list_of_pages_names_the_first_thing_known_of_each() -> None:
    """Where a page begins with records of which nothing is known, the list says what is known of the first other."""
    shelf = StreamShelf("audit", ROWS, STREAM, LIMIT)
    for seq, about in enumerate([None, None, 7, 8]):
        list(shelf.add(piece(seq, "valid", 1), (about,)))
    table = shelf.ranges.table()
    assert isinstance(table, Table)
    assert [row[2] for row in table.rows] == [7]


def test_a_record_larger_than_a_part_of_the_page_is_a_blob_at_once() -> None:
    """Above a quarter of the limit, and above 64 KiB whatever the limit is, a record is never held for its page."""
    for limit, largest in ((LIMIT, LIMIT // 4), (1 << 30, OVERSIZE)):
        shelf = StreamShelf("audit", ROWS, STREAM, limit)
        assert shelf.blob(b"x" * largest) is None
        blob = shelf.blob(b"x" * (largest + 1))
        assert blob is not None
        assert blob.data == b"x" * (largest + 1)
