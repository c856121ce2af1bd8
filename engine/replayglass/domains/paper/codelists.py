"""The search for the list of reason codes that leads from one state of a hash to another (paper-runtime, section 11).

A list is cut in two. The states that its first codes lead to are met with those that its last codes come from, since
FNV-1a can be undone; so eight codes take 2 x 1,680 states instead of 40,320.
"""

from __future__ import annotations

from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, get_args

import numpy as np

from replayglass.domains.paper.events import ReasonCode
from replayglass.domains.paper.fnvector import Moves, Whole, Words, moves

if TYPE_CHECKING:
    from numpy.typing import NDArray

Codes: TypeAlias = tuple[str, ...]

REASON_CODES: Codes = get_args(ReasonCode)
_BITS = {code: 1 << number for number, code in enumerate(REASON_CODES)}
_TABLE = 1 << 16
"""States that are compared at once; any number gives the same answers."""


def find_lists(before: Words, after: Words, limit: int) -> list[Codes | None]:
    """Return for each column the list whose codes, joined by commas, lead from the states before to those after.

    Both are of shape (2, columns): the two hashes of an id. Looked through are the lists without repeats of up to
    ``limit`` of the eight codes, shorter ones first, those of one length in the order of `REASON_CODES`; the first
    that fits is taken. It depends on the column alone, whatever the others are.
    """
    found: list[Codes | None] = [None] * before.shape[1]
    is_open = np.ones(before.shape[1], np.bool_)
    for length in range(min(limit, len(REASON_CODES)) + 1):
        still = np.flatnonzero(is_open)
        if not still.size:
            break
        lists = _lists(length)
        size = max(1, _TABLE // (len(lists.heads) + len(lists.tails)))
        for chunk in np.split(still, range(size, len(still), size)):
            columns, heads, tails = _fits(lists, before[:, chunk], after[:, chunk])
            is_open[chunk[columns]] = False
            for column, head, tail in zip(chunk[columns].tolist(), heads.tolist(), tails.tolist(), strict=True):
                found[column] = lists.heads[head] + lists.tails[tail]
    return found


class _Lists(NamedTuple):
    """All lists of one length: every list is a head and a tail that share no code."""

    heads: tuple[Codes, ...]
    tails: tuple[Codes, ...]
    onward: Moves
    undone: Moves
    disjoint: NDArray[np.bool_]


@cache
def _lists(length: int) -> _Lists:
    heads = tuple(permutations(REASON_CODES, (length + 1) // 2))
    tails = tuple(permutations(REASON_CODES, length // 2))
    return _Lists(
        heads,
        tails,
        moves([",".join(head).encode() for head in heads]),
        moves(["".join(f",{code}" for code in tail).encode() for tail in tails], undone=True),
        _members(heads)[:, None] & _members(tails) == 0,
    )


def _members(lists: tuple[Codes, ...]) -> NDArray[np.uint8]:
    """Return the codes of each list as bits."""
    return np.array([sum(map(_BITS.__getitem__, codes)) for codes in lists], np.uint8)


def _fits(lists: _Lists, before: Words, after: Words) -> tuple[Whole, Whole, Whole]:
    """Return column, head and tail of every list that fits, the first list of a column last."""
    columns, heads, tails = _meet(lists.onward.of_all(before[0]), lists.undone.of_all(after[0]))
    salted = lists.onward.of_each(before[1, columns], heads) == lists.undone.of_each(after[1, columns], tails)
    fitting = np.flatnonzero(salted & lists.disjoint[heads, tails])
    order = fitting[np.lexsort((tails[fitting], heads[fitting]))[::-1]]
    return columns[order], heads[order], tails[order]


def _meet(onward: Words, undone: Words) -> tuple[Whole, Whole, Whole]:
    """Return row, head and tail wherever, in a row, a head's state is a tail's: what stands twice in the sorted row."""
    both = np.sort(np.concatenate((onward, undone), axis=1), axis=1)
    rows, places = np.nonzero(both[:, 1:] == both[:, :-1])
    twice = both[rows, places][:, None]
    is_head, is_tail = onward[rows] == twice, undone[rows] == twice
    hits, heads = np.nonzero(is_head)
    pairs, tails = np.nonzero(is_tail[hits])
    return rows[hits[pairs]], heads[pairs], tails
