"""FNV-1a 64 over many inputs side by side: onward from a state for each, and back again (paper-runtime, section 11).

States are words of 64 bits, in arrays whose last axis is the items'. Arithmetic wraps, as it is meant to.
"""

from __future__ import annotations

from functools import lru_cache
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

_CHUNK, _LEAST = 1 << 14, 16
"""Bytes of long items that are hashed at once, and at least of each; any numbers give the same hashes."""

_ROUND, _APART, _EACH = 3000, 120_000, 15
"""Nanoseconds, roughly, of one byte of all items side by side, of hashing long items apart, and of each byte of these.
"""


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
    apart, together = np.split(order, [_longest(lengths[order])])
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
    for group in _alike(apart, lengths):
        texts = [data[ends[item] - lengths[item] : ends[item]] for item in group.tolist()]
        result[:, group] = hash_long(rows[:, group], texts)
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
    """Return how many of the items, given their lengths in falling order, are hashed sooner apart from the others."""
    apart = np.concatenate(([0], _APART + np.cumsum(_EACH * lengths)))
    rounds = _ROUND * np.concatenate((lengths, [0]))
    return int(np.argmin(apart + rounds))


def _alike(items: Whole, lengths: Whole) -> list[Whole]:
    """Return ``items``, whose lengths are falling, in groups: the longest is at most twice as long as the shortest.

    So what fills up a group to one length is less than the group itself.
    """
    sizes = np.frexp(lengths[items])[1]
    return np.split(items, np.flatnonzero(np.diff(sizes)) + 1) if items.size else []


def hash_long(states: Words, items: Sequence[Bytes]) -> Words:
    """Return the states (rows, items) after long items of about one length, many times sooner than byte by byte."""
    lengths = [len(item) for item in items]
    longest = max(lengths)
    width = max(_LEAST, _CHUNK // len(items))
    for first in range(0, longest, width):
        parts = [item[first : first + width].tobytes() for item in items]
        size = min(width, longest - first)
        data = np.frombuffer(b"".join([part.ljust(size, b"\0") for part in parts]), np.uint8)
        states = _hash_chunk(states, data.reshape(len(items), size))
    # What was filled up are zeros, which a state does not notice but for the multiplication.
    surplus = np.array([pow(INVERSE, longest - length, 2**64) for length in lengths], np.uint64)
    undone: Words = states * surplus
    return undone


def _hash_chunk(states: Words, data: Bytes) -> Words:
    """Return the states (rows, items) after ``data`` (items, bytes), without a step for each byte.

    Only the low byte of a state meets the data's next byte. Once the low bytes are known, what each exclusive or adds
    to its state is known too, and the hash is a sum of these differences times powers of the prime.
    """
    low = _low_bytes((states & np.uint64(255)).astype(np.uint8), data)
    added = np.subtract(low ^ data, low, dtype=np.int64).view(np.uint64)
    powers = _powers(data.shape[1])
    result: Words = states * powers[0] + added @ powers
    return result


def _low_bytes(first: Bytes, data: Bytes) -> Bytes:
    """Return the low byte of every state before each byte of ``data``, of shape (rows, items, bytes).

    Bit by bit, the lowest first: a bit of a product by an odd number is the factor's own bit, changed or not by what
    the lower bits carry; so each bit is a running exclusive or of things that are known already.
    """
    low = np.zeros((*first.shape, data.shape[1]), np.uint8)
    change = np.empty_like(low)
    for bit in range(8):
        met = low ^ data
        met &= np.uint8((1 << bit) - 1)
        met *= np.uint8(PRIME & 255)
        met ^= data
        change[:, :, 0] = first
        change[:, :, 1:] = met[:, :, :-1]
        np.bitwise_xor.accumulate(change, axis=2, out=met)
        met &= np.uint8(1 << bit)
        low |= met
    return low


@lru_cache(maxsize=32)
def _powers(count: int) -> Words:
    """Return the prime to the power of ``count`` down to 1."""
    return np.ascontiguousarray(np.multiply.accumulate(np.full(count, PRIME, np.uint64))[::-1])


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
