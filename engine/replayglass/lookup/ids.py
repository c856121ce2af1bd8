"""Ids as 16 bytes each: many packed at once, put in order, and written out again as the log has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

DIGITS = 32
"""Hex digits of an id."""

BARE = 32
"""Is added to the kind of an id that the log writes without dashes."""

_DASHED = 36
_DASHES = [8, 13, 18, 23]
_PLACES = [place for place in range(_DASHED) if place not in _DASHES]
_NO_DIGIT = 16
_VALUES = np.full(256, _NO_DIGIT, np.uint8)
_NO_OTHERS = dict.fromkeys(b"0123456789abcdef")
_VALUES[list(b"0123456789abcdef")] = np.arange(16)


class Ids(NamedTuple):
    """Ids as two halves, and of each the kind (with `BARE` or without) and the row where it stands: 25 bytes an id."""

    heads: NDArray[np.uint64]
    tails: NDArray[np.uint64]
    kinds: NDArray[np.uint8]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        """Return how many ids there are."""
        return len(self.heads)

    def at(self, places: slice | NDArray[np.intp]) -> Ids:
        """Return the ids at these places."""
        return Ids(self.heads[places], self.tails[places], self.kinds[places], self.rows[places])

    def part(self, start: int, stop: int) -> Ids:
        """Return some of the ids."""
        return self.at(slice(start, stop))

    def digits(self) -> str:
        """Return the hex digits of all ids, one after the other."""
        return np.stack([self.heads, self.tails], axis=1).astype(">u8").tobytes().hex()

    def texts(self) -> list[str]:
        """Return the ids as the log writes them."""
        letters = np.frombuffer(self.digits().encode(), np.uint8).reshape(len(self), DIGITS)
        written = np.full((len(self), _DASHED), ord("-"), np.uint8)
        written[:, _PLACES] = letters
        bare = self.kinds >= BARE
        written[bare, :DIGITS], written[bare, DIGITS:] = letters[bare], 0
        return written.view(f"S{_DASHED}")[:, 0].astype(f"U{_DASHED}").tolist()  # type: ignore[no-any-return]


def pack(texts: Sequence[str], kind: int, rows: Sequence[int]) -> tuple[Ids, list[int]]:
    """Return those of ``texts`` that are ids, and where the others stand.

    An id is 32 hex digits in lower case, with dashes as in a UUID or without any.
    """
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    if not "".join(texts).isascii():
        lengths[[not text.isascii() for text in texts]] = 0
    found, places = [], []
    for length, own in ((_DASHED, kind), (DIGITS, kind + BARE)):
        chosen = np.flatnonzero(lengths == length)
        written = texts if len(chosen) == len(texts) else [texts[place] for place in chosen.tolist()]
        ids, is_id = _read("".join(written), length)
        places.append(chosen[is_id])
        numbers = np.array(rows, np.int64)[places[-1]]
        heads, tails = ids[is_id].T
        found.append(Ids(heads, tails, np.full(len(numbers), own, np.uint8), numbers))
    others = np.ones(len(texts), bool)
    others[np.concatenate(places)] = False
    return join(found), np.flatnonzero(others).tolist()


def _read(joined: str, length: int) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Return the halves of texts of the same ``length``, shape (ids, 2), and which of them are ids."""
    letters = np.frombuffer(joined.encode(), np.uint8).reshape(-1, length)
    digits = joined.replace("-", "")
    if len(digits) == DIGITS * len(letters) and not digits.translate(_NO_OTHERS) and _are_dashed(letters):
        return np.frombuffer(bytes.fromhex(digits), ">u8").astype(np.uint64).reshape(-1, 2), np.ones(len(letters), bool)
    values = _VALUES[letters[:, _PLACES] if length == _DASHED else letters]
    is_id: NDArray[np.bool_] = np.all(values < _NO_DIGIT, axis=1)
    if length == _DASHED:
        is_id &= np.all(letters[:, _DASHES] == ord("-"), axis=1)
    pairs = np.ascontiguousarray(values[:, 0::2] << 4 | values[:, 1::2])
    return pairs.view(">u8").astype(np.uint64), is_id


def _are_dashed(letters: NDArray[np.uint8]) -> bool:
    """Say whether dashes stand where a UUID has them, if these are as long as UUIDs."""
    return letters.shape[1] == DIGITS or bool((letters[:, _DASHES] == ord("-")).all())


def join(parts: Sequence[Ids]) -> Ids:
    """Return all ids of ``parts``, which are not in order."""
    return Ids(
        np.concatenate([part.heads for part in parts]),
        np.concatenate([part.tails for part in parts]),
        np.concatenate([part.kinds for part in parts]),
        np.concatenate([part.rows for part in parts]),
    )


def in_order(ids: Ids) -> Ids:
    """Return the ids from the smallest to the largest; of those that stand in several rows of a kind the first."""
    order = np.argsort(ids.heads)
    heads = ids.heads[order]
    if (heads[1:] == heads[:-1]).any():
        order = np.lexsort((ids.rows, ids.kinds, ids.tails, ids.heads))
        same = np.zeros(len(ids), bool)
        same[1:] = True
        for column in ids[:3]:
            same[1:] &= column[order[1:]] == column[order[:-1]]
        order = order[~same]
    return ids.at(order)
