"""FNV-1a over many inputs side by side: against the plain loop, onward and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass.domains.paper import ids
from replayglass.domains.paper.fnvector import Words, back, forward, hash_long, moves, pack, pack_texts

any_text = st.text(st.characters(exclude_categories=()))
words = st.integers(0, 2**64 - 1)
items_with_states = st.lists(st.tuples(st.binary(max_size=80), words, words))


def split(given_items: list[tuple[bytes, int, int]]) -> tuple[list[bytes], Words]:
    """Return the items and their two rows of states."""
    items = [item for item, _, _ in given_items]
    return items, np.array([[own[row] for own in given_items] for row in (1, 2)], np.uint64)


def plain(states: Words, items: list[bytes]) -> list[list[int]]:
    """Return what the plain loop makes of each item from each row's state."""
    return [[ids.fnv(item, state) for item, state in zip(items, row, strict=True)] for row in states.tolist()]


@given(items_with_states)
def test_forward_is_the_plain_hash_from_each_state(given_items: list[tuple[bytes, int, int]]) -> None:
    """Every item is hashed from its own state, in each row; nothing, one item or many."""
    items, states = split(given_items)
    assert forward(states, pack(items)).tolist() == plain(states, items)
    assert forward(states[0], pack(items)).tolist() == plain(states[:1], items)[0]


@given(items_with_states)
def test_back_is_the_inverse_of_forward(given_items: list[tuple[bytes, int, int]]) -> None:
    """From the states after the items one comes back to those before, and the other way round."""
    items, states = split(given_items)
    packed = pack(items)
    assert np.array_equal(back(forward(states, packed), packed), states)
    assert np.array_equal(forward(back(states, packed), packed), states)
    assert np.array_equal(back(states[1], packed), back(states, packed)[1])


@given(st.lists(any_text))
def test_texts_are_packed_as_node_encodes_them(texts: list[str]) -> None:
    """Texts become UTF-8, a lone surrogate EF BF BD, and surrogates of neighbouring texts never pair up."""
    data, lengths = pack_texts(texts)
    each = [ids.utf8(text) for text in texts]
    assert (data.tobytes(), lengths.tolist()) == (b"".join(each), [len(item) for item in each])


@pytest.mark.parametrize("size", [1, 4095, 2**14 - 1, 2**14, 2**14 + 1, 200_001])
def test_a_long_item_among_short_ones_gets_its_own_hash(size: int) -> None:
    """Items far longer than the others, hashed apart and in chunks, have the plain hash too; so have the others."""
    noise = np.random.default_rng(size).bytes(size)
    items = [b"", noise, b"short", bytes(size), b"\xff" * 70]
    states = np.arange(10, dtype=np.uint64).reshape(2, 5) * np.uint64(ids.FNV_OFFSET)
    before = states.copy()
    assert forward(states, pack(items)).tolist() == plain(states, items)
    assert np.array_equal(states, before)


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=40), words)
def test_long_items_are_hashed_together(sizes: list[int], state: int) -> None:
    """Many long items of any lengths, among them equal ones and empty ones, each have the plain hash."""
    noise = np.random.default_rng(state).bytes(max(sizes))
    items = [noise[:size] for size in sizes]
    states = np.arange(2 * len(sizes), dtype=np.uint64).reshape(2, len(sizes)) + np.uint64(state)
    assert forward(states, pack(items)).tolist() == plain(states, items)


@given(words, st.binary(min_size=1, max_size=300), st.integers(1, 50))
def test_hashing_without_a_step_for_each_byte(state: int, data: bytes, cut: int) -> None:
    """The sum of differences times powers is the hash, for any state and data, however it is cut."""
    octets = np.frombuffer(data, np.uint8)
    states = np.array([[state], [~state & 2**64 - 1]], np.uint64)
    for part in np.split(octets, [min(cut, len(octets) - 1)]) if len(octets) > 1 else [octets]:
        states = hash_long(states, [part])
    assert states.tolist() == [[ids.fnv(data, state)], [ids.fnv(data, ~state & 2**64 - 1)]]


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=8), st.lists(words))
def test_moves_are_hashing_and_undoing(strings: list[bytes], starts: list[int]) -> None:
    """What a string does to a state is a product and a sum that depends on the low byte, in both directions."""
    onward, undone = moves(strings), moves(strings, undone=True)
    states = np.array(starts, np.uint64)
    after = onward.of_all(states)
    assert after.tolist() == [[ids.fnv(string, state) for string in strings] for state in starts]
    for number in range(len(strings)):
        numbers = np.full(len(starts), number)
        assert np.array_equal(onward.of_each(states, numbers), after[:, number])
        assert np.array_equal(undone.of_each(after[:, number], numbers), states)
        assert np.array_equal(undone.of_all(after[:, number])[:, number], states)
