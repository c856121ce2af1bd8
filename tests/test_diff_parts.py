"""The parts of a comparison on their own: common beginnings of logs, first fields, rows of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass.compare.fields import CUT, MAX_PARSED, FieldDifference, first_difference
from replayglass.compare.prefix import common_prefix, common_start
from replayglass.proof.checkpoint import Checkpoint
from replayglass.proof.growth import Growth
from replayglass.proof.reader import LogReader

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = st.one_of(st.integers(0, 5), st.integers(250, 260), st.integers(510, 800))


class Log(LogReader):
    """A log of these entries in memory, which counts the files that are read of it."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        growth = Growth()
        self.files = {blob.path: blob.data for blob in [*growth.add(entries), *growth.finish()]}
        self.reads = 0
        super().__init__(self.count, Checkpoint("log.example", len(entries), growth.root()))

    def count(self, path: str) -> bytes | None:
        """Return a file."""
        self.reads += 1
        return self.files.get(path)


@given(SIZES, SIZES, st.one_of(st.none(), st.integers(0, 800)))
def test_the_common_beginning_is_what_a_comparison_of_all_records_finds(a: int, b: int, changed: int | None) -> None:
    """Whatever the sizes, and wherever a record differs, the tiles give the same answer as the records one by one."""
    mine = [b"%d" % number for number in range(a)]
    other = [b"changed" if number == changed else b"%d" % number for number in range(b)]
    naive = next((n for n, (x, y) in enumerate(zip(mine, other, strict=False)) if x != y), min(a, b))
    assert common_prefix(Log(mine), Log(other)) == common_prefix(Log(other), Log(mine)) == naive


def test_few_tiles_are_read_of_a_long_log() -> None:
    """Where logs of 70,000 records part is found from a handful of the hundreds of tiles."""
    entries = [b"%d" % number for number in range(70_000)]
    mine, other = Log(entries), Log([*entries[:43_210], b"another", *entries[43_211:]])
    assert common_prefix(mine, other) == 43_210
    assert max(mine.reads, other.reads) <= 8
    assert len(mine.files) > 500


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_the_first_byte_is_what_a_comparison_of_all_bytes_finds(a: bytes, b: bytes) -> None:
    """The number of first bytes that are the same."""
    naive = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    assert common_start(a, b) == naive


@pytest.mark.parametrize(
    ("a", "b", "found"),
    [
        (b'{"a":1,"b":2}', b'{"b":2, "a":1}', None),
        (b'{"a":1,"b":[1,{"c":"x"}]}', b'{"a":1,"b":[1,{"c":"y"}]}', ("/b/1/c", '"x"', '"y"')),
        (b'{"a":1}', b'{"a":1,"b":null}', ("/b", None, "null")),
        (b'{"a":[1]}', b'{"a":[]}', ("/a/0", "1", None)),
        (b'{"a/b":{"~":1}}', b'{"a/b":{"~":1.0}}', ("/a~1b/~0", "1", "1.0")),
        (b'{"a":[1],"b":2}', b'{"a":[1],"b":3}', ("/b", "2", "3")),
        (b'{"a":true}', b'{"a":1}', ("/a", "true", "1")),
        (b'{"a":1,"a":2}', b'{"a":1,"a":3}', ("", '{"a":1,"a":2}', '{"a":1,"a":3}')),
        (b'{"a":1' + b"0" * 5000 + b"}", b'{"a":[1]}', ("/a", "1" + "0" * (CUT - 2) + "\u2026", "[1]")),
        (b'{"a":1}', b'{"a":', None),
        (b'{"a":1}', b'{"a":NaN}', None),
        (b'{"a":"\xff"}', b'{"a":"b"}', None),
        (b"[" * 100_000, b"[]", None),
    ],
)
def test_the_first_field_that_differs(a: bytes, b: bytes, found: tuple[str, str | None, str | None] | None) -> None:
    """Path and both values as they are written; None where it is no JSON, too deep, or only written differently."""
    assert first_difference(a, b) == (None if found is None else FieldDifference(*found))


def test_large_texts_are_not_read_into_fields() -> None:
    """A text that would take much memory as fields is compared byte by byte alone."""
    assert first_difference(b"1" * MAX_PARSED, b"2") is not None
    assert first_difference(b"1" * (MAX_PARSED + 1), b"2") is None
