"""FNV-1a 64 over many inputs side by side: onward from a state for each, and back again (paper-runtime, section 11).

States are words of 64 bits, in arrays whose last axis is the items'. Arithmetic wraps, as it is meant to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from replayglass.domains.paper.ids import utf8

if TYPE_CHECKING:
    from collections.abc import Sequence

Words: TypeAlias = NDArray[np.uint64]
Bytes: TypeAlias = NDArray[np.uint8]
Whole: TypeAlias = NDArray[np.int64]

PRIME = 0x100000001B3
INVERSE = pow(PRIME, -1, 2**64)
"""What undoes a multiplication by the prime: the prime is odd, hence a unit modulo 2^64."""

_CHUNK = 1 << 14
"""Bytes of a long item that are hashed at once; any number gives the same hash."""

_ROUND, _ALONE, _EACH = 3000, 85_000, 18
"""Nanoseconds, roughly, of one byte of all items side by side, of one item on its own, and of each byte of that."""


class Packed(NamedTuple):
    """Byte strings one after the other in ``data``; ``lengths`` of shape (items,)."""

    data: Bytes
    lengths: Whole


def pack(items: Sequence[bytes]) -> Packed:
    """Return ``items`` in the form in which they are hashed."""
    return Packed(np.frombuffer(b"".join(items), np.uint8), np.fromiter(map(len, items), np.int64, len(items)))


def pack_texts(texts: Sequence[str]) -> Packed:
    """Return ``texts`` in UTF-8 as Node encodes them (`ids.utf8`)."""
    if not all(map(str.isascii, texts)):
        return pack([utf8(text) for text in texts])
    data = "".join(texts).encode()
    return Packed(np.frombuffer(data, np.uint8), np.fromiter(map(len, texts), np.int64, len(texts)))


def forward(states: Words, items: Packed) -> Words:
    """Return the states after each item, given those before it: shape (items,) or (rows, items), the result likewise.

    Takes time and memory in proportion to the bytes given, also where a few items are far longer than the others.
    """
    data, lengths = items
    ends = np.cumsum(lengths)
    order = np.argsort(-lengths, kind="stable")
    alone, together = np.split(order, [_longest(lengths[order])])
    rows = np.atleast_2d(states)
    result = np.empty_like(rows)
    hashes = np.take(rows, together, axis=1)
    at = (ends - lengths)[together]
    for count in _unfinished(lengths[together]):
        live = hashes[:, :count]
        live ^= data[at[:count]]
        live *= np.uint64(PRIME)
        at[:count] += 1
    result[:, together] = hashes
    for item in alone.tolist():
        result[:, item] = hash_long(rows[:, item], data[ends[item] - lengths[item] : ends[item]])
    return result.reshape(states.shape)


def back(states: Words, items: Packed) -> Words:
    """Return the states before each item, given those after it: the inverse of `forward`, meant for short items."""
    data, lengths = items
    order = np.argsort(-lengths, kind="stable")
    rows = np.atleast_2d(states)
    result = np.empty_like(rows)
    hashes = np.take(rows, order, axis=1)
    at = np.cumsum(lengths)[order]
    for count in _unfinished(lengths[order]):
        at[:count] -= 1
        live = hashes[:, :count]
        live *= np.uint64(INVERSE)
        live ^= data[at[:count]]
    result[:, order] = hashes
    return result.reshape(states.shape)


def _unfinished(lengths: Whole) -> list[int]:
    """Return for each byte position how many items reach it, given lengths in falling order."""
    positions = np.arange(lengths.max(initial=0))
    counts: list[int] = (len(lengths) - np.searchsorted(lengths[::-1], positions, side="right")).tolist()
    return counts


def _longest(lengths: Whole) -> int:
    """Return how many of the items, given their lengths in falling order, are hashed sooner one by one."""
    apart = np.concatenate(([0], np.cumsum(_ALONE + _EACH * lengths)))
    rounds = _ROUND * np.concatenate((lengths, [0]))
    return int(np.argmin(apart + rounds))


def hash_long(states: Words, data: Bytes) -> Words:
    """Return the states (states,) after one long item, many times sooner than byte by byte."""
    for first in range(0, len(data), _CHUNK):
        states = _hash_chunk(states, data[first : first + _CHUNK])
    return states


def _hash_chunk(states: Words, data: Bytes) -> Words:
    """Return the states after ``data``, without a step for each byte.

    Only the low byte of a state meets the data's next byte. Once the low bytes are known, what each exclusive or adds
    to its state is known too, and the hash is a sum of these differences times powers of the prime.
    """
    low = _low_bytes((states & np.uint64(255)).astype(np.uint8), data)
    added = (low ^ data).astype(np.int64) - low
    powers = _powers(len(data))
    result: Words = states * powers[-1] + (added.view(np.uint64) * powers[::-1]).sum(axis=1, dtype=np.uint64)
    return result


def _low_bytes(first: Bytes, data: Bytes) -> Bytes:
    """Return the low byte of every state before each byte of ``data``, of shape (states, bytes).

    Bit by bit, the lowest first: a bit of a product by an odd number is the factor's own bit, changed or not by what
    the lower bits carry; so each bit is a running exclusive or of things that are known already.
    """
    low = np.zeros((len(first), len(data)), np.uint8)
    change = np.empty_like(low)
    for bit in range(8):
        met = (low ^ data) & np.uint8((1 << bit) - 1)
        change[:, 0] = first
        change[:, 1:] = (met * np.uint8(PRIME & 255) ^ data)[:, :-1]
        low |= np.bitwise_xor.accumulate(change, axis=1) & np.uint8(1 << bit)
    return low


def _powers(count: int) -> Words:
    """Return the prime to the power of 1 up to ``count``."""
    return np.multiply.accumulate(np.full(count, PRIME, np.uint64))


class Moves(NamedTuple):
    """What some byte strings do to any state: times ``factors`` (strings,), plus ``offsets`` (256, strings).

    Which offset it is depends on the state's low byte alone, whatever the string and whether it is hashed or undone.
    """

    factors: Words
    offsets: Words

    def of_all(self, states: Words) -> Words:
        """Return every state moved by every string: shape (states, strings)."""
        moved: Words = self.offsets[states & np.uint64(255)]
        moved += states[:, None] * self.factors
        return moved

    def of_each(self, states: Words, strings: Whole) -> Words:
        """Return each state moved by the string whose number stands beside it: shape (states,)."""
        moved: Words = states * self.factors[strings] + self.offsets[states & np.uint64(255), strings]
        return moved


def moves(strings: Sequence[bytes], *, undone: bool = False) -> Moves:
    """Return what hashing, or undoing, each of a fixed set of short strings does to any state."""
    items = pack(strings)
    low = np.arange(256, dtype=np.uint64)[:, None]
    step, base = (back, INVERSE) if undone else (forward, PRIME)
    factors = np.array([pow(base, length, 2**64) for length in items.lengths.tolist()], np.uint64)
    return Moves(factors, step(np.repeat(low, len(strings), axis=1), items) - low * factors)
