"""Pagination: what fits a page stays on it, what does not is moved, largest first, and said to be."""

from __future__ import annotations

import json
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from replayglass.cell import Link
from replayglass.collection import (
    RANGE,
    Ranges,
    array_field,
    fit,
    json_page,
    json_path,
    moved_rows,
    neighbours,
    value_field,
)
from replayglass.page import Page, Paged
from replayglass.row import Collection

ROWS = Collection("rows", "r", 4, "row", "rows", "v1/rows")
SIZES = st.lists(st.integers(2, 3000), max_size=40)


@given(sizes=SIZES, limit=st.integers(8_000, 20_000))
def test_a_page_never_exceeds_the_limit(sizes: list[int], limit: int) -> None:
    """What stays, with all that a page says of what moved, fits; nothing moves that need not, the largest first."""
    parts = [b'"' + b"x" * (size - 2) + b'"' for size in sizes]
    numbers = range(10**15, 10**15 + len(parts))
    fitted = fit(numbers, parts, limit)
    fields = array_field("rows", fitted.parts) + b"," + value_field("moved", moved_rows(fitted.moved, "row"))
    page = json_page(ROWS, 10**9, len(parts), fields, "rows-page")
    assert len(page.data) <= limit
    moved = {number - 10**15 for number, _ in fitted.moved}
    stayed = [index for index in range(len(parts)) if index not in moved]
    assert fitted.parts == [parts[index] for index in stayed]
    assert [blob.data for _, blob in fitted.moved] == [parts[index] for index in sorted(moved)]
    assert all((sizes[gone], gone) > (sizes[kept], kept) for gone in moved for kept in stayed)
    if sum(sizes) + len(sizes) + 512 <= limit:
        assert not moved


def test_a_moved_row_is_a_file_named_by_its_digest() -> None:
    """A blob's path is the SHA-256 of its bytes, and the page says number, path and size."""
    fitted = fit([7, 8], [b"1", b"2" * 9000], 8192)
    path = f"blob/{sha256(b'2' * 9000).hexdigest()}"
    assert [(number, blob.path) for number, blob in fitted.moved] == [(8, path)]
    assert moved_rows(fitted.moved, "seq") == [{"seq": 8, "blob": path, "size": 9000}]


def test_a_json_page_says_where_it_begins_and_nothing_that_can_change() -> None:
    """A page is one object with version, page, first, count and rows; it knows of no other page."""
    page = json_page(ROWS, 3, 2, array_field("rows", [b'{"a":1}', b"2"]), "rows-page")
    assert page.data == b'{"version":1,"page":3,"first":12,"count":2,"rows":[{"a":1},2]}\n'
    assert page.path == json_path(ROWS, 3) == "v1/rows/pages/000003.json"
    assert page.paged == Paged("rows", 2, 4)


def test_only_a_full_page_has_a_next_one() -> None:
    """Neighbours are site-relative paths; the first page has none before it, an open one none after it."""
    assert neighbours(ROWS, 0, full=False) == (None, None, "rows/index.html")
    assert neighbours(ROWS, 9, full=True) == ("rows/000008.html", "rows/000010.html", "rows/index.html")


def listed(pages: int) -> tuple[list[Page], Ranges]:
    """Return the range pages of a collection of so many pages, and its ranges."""
    ranges = Ranges(ROWS, ("time",), "rows")
    made = [page for number in range(pages) for page in ranges.add(4, (number * 10,))]
    made += ranges.finish()
    return made, ranges


def test_few_pages_are_listed_on_the_index_alone() -> None:
    """Up to 255 pages need no range page: the index lists each with its rows and what is said of it."""
    made, ranges = listed(3)
    assert made == []
    assert (ranges.pages, ranges.rows) == (3, 12)
    assert ranges.table().columns == ("page", "rows", "time")
    assert ranges.table().rows[2] == (Link("page 2", "rows/000002.html"), 4, 20)


def test_many_pages_are_listed_by_ranges() -> None:
    """Every page stands in exactly one range page; the index lists the ranges with where they begin."""
    made, ranges = listed(2 * RANGE + 3)
    assert [page.path for page in made] == [f"rows/range-00000{number}.html" for number in range(3)]
    lines = [line for page in made for block in page.blocks for line in getattr(block, "rows", ())]
    assert [line[0] for line in lines] == [
        Link(f"page {number}", f"rows/{number:06d}.html") for number in range(2 * RANGE + 3)
    ]
    assert ranges.table().rows == [
        (Link("pages 0 to 255", "rows/range-000000.html"), 0),
        (Link("pages 256 to 511", "rows/range-000001.html"), 2560),
        (Link("pages 512 to 514", "rows/range-000002.html"), 5120),
    ]
    assert listed(2 * RANGE)[0] == made[:2]


def test_fields_are_spliced_as_json() -> None:
    """Encoded parts and values become fields of the page as they are."""
    whole = b"{" + array_field("a", []) + b"," + value_field("b", {"c": [1, None, True]}) + b"}"
    assert json.loads(whole) == {"a": [], "b": {"c": [1, None, True]}}
