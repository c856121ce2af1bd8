"""The index of ids is a dict that needs less memory."""

from __future__ import annotations

from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass import idindex
from replayglass.idindex import IdIndex

SMALL = st.integers(0, 40).map(lambda number: str(UUID(int=number * (2**64 + 1))))
SAME_HEAD = st.integers(0, 20).map(lambda number: str(UUID(int=(7 << 64) + number)))
UPPER = st.integers(10, 60).map(lambda number: str(UUID(int=number * (2**60 + 1))).upper())
BATCHES = st.lists(st.lists(SMALL | SAME_HEAD | UPPER | st.uuids().map(str), max_size=12), max_size=20)


@pytest.fixture(autouse=True)
def few_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Freeze after a few ids, so that short lists make many runs."""
    monkeypatch.setattr(idindex, "_FRESH", 5)


@given(batches=BATCHES, wanted=st.lists(SMALL | SAME_HEAD | UPPER, max_size=30))
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
    sizes = [len(run.numbers) for run in index._runs]  # noqa: SLF001 - as above
    assert all(longer >= 4 * shorter for longer, shorter in pairwise(sizes))
