"""Whether ids are what they claim to be: a block's ids are collected, then derived again all at once."""

from __future__ import annotations

from enum import IntEnum
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from replayglass.domains.paper.fnvector import forward, pack_texts
from replayglass.domains.paper.idforms import read_ids, write_id
from replayglass.domains.paper.ids import Salt, begin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from replayglass.domains.paper.fnvector import Words

    Claim = tuple[int, int, str, str]


class Start(IntEnum):
    """What kind of id is claimed, hence its salt and what every input of that kind begins with.

    The audit events have the names of their types; their input goes on with the decisionId. Order intent, execution
    and feedback inputs begin with nothing, so their text is all of `ids.order_intent_input` and so on.
    """

    DECISION_EVALUATED = 0
    ORDER_INTENT_CREATED = 1
    ORDER_INTENT_SKIPPED = 2
    SAFETY_EVALUATED = 3
    EXECUTION_ATTEMPTED = 4
    EXECUTION_OUTCOME_RECORDED = 5
    LEDGER_UPDATED = 6
    DECISION = 7
    SNAPSHOT = 8
    ORDER_INTENT = 9
    EXECUTION = 10
    FEEDBACK = 11

    @property
    def salt(self) -> Salt:
        """The salt of the second hash."""
        return _SALTS.get(self, Salt.META)

    @property
    def prefix(self) -> str:
        """What is in front of every claim's text."""
        if self in _SALTS:
            return ""
        return _NAMESPACES.get(self, f"AUDIT_EVENT_V1|{self.name}|")


_SALTS = {
    Start.ORDER_INTENT: Salt.ORDER_INTENT,
    Start.EXECUTION: Salt.EXECUTION,
    Start.FEEDBACK: Salt.FEEDBACK,
}
_NAMESPACES = {Start.DECISION: "DECISION_ID_V1|", Start.SNAPSHOT: "SHADOW_LEDGER_SNAPSHOT_V1|"}
STATES: Words = np.array([begin(start.salt).feed(start.prefix) for start in Start], np.uint64).T
"""The two hashes after the prefix of each start: shape (2, starts)."""


class Mismatch(NamedTuple):
    """A claimed id that its record does not derive."""

    key: int
    expected: str
    found: str
    start: Start


class Claims:
    """The ids of one block: what each is claimed to be and what it is derived from; ``claims`` as `add` takes them."""

    __slots__ = ("_claims",)

    def __init__(self, claims: Iterable[Claim] = ()) -> None:
        self._claims = list(claims)

    def add(self, key: int, start: Start, text: str, claimed: str) -> None:
        """Claim that ``claimed`` is derived from the prefix of ``start`` and ``text``.

        ``key`` is the caller's own name for the claim; several may share one.
        """
        self._claims.append((key, int(start), text, claimed))

    def __len__(self) -> int:
        return len(self._claims)

    def counts(self) -> dict[Start, int]:
        """Return how many claims there are of each kind."""
        return {Start(number): int(count) for number, count in enumerate(np.bincount(self._starts())) if count}

    def check(self) -> list[int]:
        """Return the keys of the claims that do not hold, in the order in which they were added."""
        return [mismatch.key for mismatch in self.mismatches()]

    def mismatches(self) -> list[Mismatch]:
        """Return the claims that do not hold, in the order in which they were added, with what they should say."""
        if not self._claims:
            return []
        keys, kinds, texts, claimed = zip(*self._claims, strict=True)
        starts = self._starts()
        derived = forward(STATES[:, starts], pack_texts(texts))
        bare = starts == Start.ORDER_INTENT
        wrong = np.flatnonzero(~_agree(derived, claimed, bare))
        return [
            Mismatch(keys[at], write_id(*words, dashed=not bare[at]), claimed[at], Start(kinds[at]))
            for at, words in zip(wrong.tolist(), derived[:, wrong].T.tolist(), strict=True)
        ]

    def _starts(self) -> NDArray[np.intp]:
        return np.fromiter([start for _, start, _, _ in self._claims], np.intp, len(self._claims))


def _agree(derived: Words, claimed: Sequence[str], bare: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say for each derived id (2, ids) whether the claimed text is exactly that."""
    agreed = np.zeros(len(claimed), np.bool_)
    for dashed in (True, False):
        chosen = bare != dashed
        words, formed = read_ids(list(compress(claimed, chosen.tolist())), dashed=dashed)
        agreed[chosen] = formed & (words == derived[:, chosen]).all(axis=0)
    return agreed
