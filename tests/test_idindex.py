"""The index of ids is a dict that needs less memory."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise
from typing import cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass import coldrows, idindex
from replayglass.continuing.freezer import freeze, thaw
from replayglass.idindex import IdIndex

SMALL = st.integers(0, 40).map(lambda number: str(UUID(int=number * (2**64 + 1))))
SAME_HEAD = st.integers(0, 20).map(lambda number: str(UUID(int=(7 << 64) + number)))
UPPER = st.integers(10, 60).map(lambda number: str(UUID(int=number * (2**60 + 1))).upper())
ODD = 0x9E3779B97F4A7C15
SAME_DIGEST = st.integers(0, 20).map(lambda number: str(UUID(int=number << 64 | (99 - number * ODD) % 2**64)))
BATCHES = st.lists(st.lists(SMALL | SAME_HEAD | SAME_DIGEST | UPPER | st.uuids().map(str), max_size=12), max_size=20)


@pytest.fixture(autouse=True)
def few_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Freeze after a few ids, so that short lists make many runs, merged in many parts, and rows on disk."""
    monkeypatch.setattr(idindex, "_FRESH", 5)
    monkeypatch.setattr(idindex, "_PART", 4)
    monkeypatch.setattr(coldrows, "_WARM", 100)


@given(batches=BATCHES, wanted=st.lists(SMALL | SAME_HEAD | SAME_DIGEST | UPPER, max_size=30))
def test_it_answers_as_a_dict_does(batches: list[list[str]], wanted: list[str]) -> None:
    """Over many freezes the first number of each id stays, repeats tell it, unknown ids are unknown."""
    index, plain = IdIndex(), dict[str, int]()
    number = 0
    for batch in batches:
        numbers = list(range(number, number + len(batch)))
        number += len(batch)
        known = {}
        for place, text in enumerate(batch):
            if text in plain:
                known[place] = plain[text]
            else:
                plain[text] = numbers[place]
        assert index.add(batch, numbers) == known
    asked = [*wanted, *plain]
    assert index.find_many(asked) == {place: plain[text] for place, text in enumerate(asked) if text in plain}
    assert [index.find(text) for text in asked] == [plain.get(text) for text in asked]


def test_equal_numbers_are_repeats_too() -> None:
    """Two ids may share a number, and an id that comes again with its own number was known."""
    first, second = str(UUID(int=1)), str(UUID(int=2))
    index = IdIndex()
    assert index.add([first, second, first], [7, 7, 7]) == {2: 7}


def test_case_tells_ids_apart() -> None:
    """Ids that differ only in the case of their letters are different, before and after freezing."""
    low = [str(UUID(int=number << 100 | 0xABC)) for number in range(16)]
    index = IdIndex()
    assert index.add(low, range(16)) == {}
    assert index.find_many([text.upper() for text in low]) == {}
    assert index.add([text.upper() for text in low], range(16, 32)) == {}
    assert index.find_many([low[3].upper(), low[3], "0" * 8 + str(UUID(int=0))[8:]]) == {0: 19, 1: 3}


def test_nothing_is_kept_outside_the_runs_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches with upper-case ids freeze as well, and runs are merged: each is at least four times the next."""
    monkeypatch.setattr(idindex, "_FRESH", 8)
    index = IdIndex()
    for start in range(0, 600, 6):
        odd = str(UUID(int=(start << 64) + 0xF)).upper()
        index.add([str(UUID(int=number << 32)) for number in range(start, start + 6)] + [odd], range(7))
        assert len(index._fresh) <= 8  # noqa: SLF001 - the bound on memory is the rule
    sizes = [len(run) for run in index._runs]  # noqa: SLF001 - as above
    assert all(longer >= 4 * shorter for longer, shorter in pairwise(sizes))


def test_ids_of_one_digest_are_told_apart() -> None:
    """Whoever makes ids that look alike to the index gets the answers of a dict: all of one digest, in any order."""
    ids = [str(UUID(int=number << 64 | (5 - number * ODD) % 2**64)) for number in range(400)]
    index = IdIndex()
    for start in range(0, 200, 20):
        assert index.add(ids[start : start + 20], range(start, start + 20)) == {}
    assert index.find_many(ids) == {place: place for place in range(200)}
    assert [index.find(text) for text in ids[::50]] == [0, 50, 100, 150, None, None, None, None]


@pytest.mark.parametrize("part", [1, 3, 1000])
def test_it_goes_on_after_it_was_written_and_read(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that was put aside grows as the one that was not, wherever runs and parts of runs meet."""
    monkeypatch.setattr(idindex, "_PART", part)
    ids = [str(UUID(int=number * ODD**2 % 2**128)) for number in range(500)]
    index, file = IdIndex(), BytesIO()
    index.add(ids[:200], range(200))
    freeze(index, {}, file)
    file.seek(0)
    again = cast("IdIndex", thaw(file, {}))
    for start in range(200, 500, 10):
        for one in (index, again):
            assert one.add(ids[start - 5 : start + 10], range(start - 5, start + 10)) == {
                place: start - 5 + place for place in range(5)
            }
    assert index.find_many(ids) == again.find_many(ids) == dict(enumerate(range(500)))
