"""Rows that are kept in a file are those that were appended, and the file is nobody else's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass import coldrows
from replayglass.coldrows import ColdRows
from replayglass.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a few rows in memory only."""
    monkeypatch.setattr(coldrows, "_WARM", 20)
    monkeypatch.setattr(coldrows, "_CHUNK", 16)


@given(counts=st.lists(st.integers(0, 9), max_size=12), width=st.integers(1, 7))
def test_rows_are_those_that_were_appended(counts: list[int], width: int) -> None:
    """In memory or on disk, one by one or all in order: rows are what they were."""
    rows, plain = ColdRows(width), list[bytes]()
    for count in counts:
        more = [(len(plain) + place).to_bytes(width) for place in range(count)]
        rows.append(b"".join(more))
        plain += more
    assert (len(rows), rows.size) == (len(plain), len(plain) * width)
    assert [rows[number] for number in range(len(rows))] == plain
    assert b"".join(rows.chunks()) == b"".join(plain)


def test_the_file_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left in the folder for temporary files, not even while the rows are there."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    rows = ColdRows(4)
    rows.append(bytes(400))
    assert (os.listdir(tmp_path), rows[99]) == ([], bytes(4))  # noqa: PTH208 - names


def test_a_file_that_cannot_be_made_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder for temporary files the run stops with a sentence and a hint."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(OutputError, match="No such file") as stopped:
        ColdRows(4).append(bytes(400))
    assert "TMPDIR" in stopped.value.hint
