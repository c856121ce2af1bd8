"""What the log hides but its ids betray: NoIntentReasons and the reason codes of decisions (paper-runtime, section 11).

Both are searches through closed sets. An answer depends on nothing but its own question: not on the block, not on
what was found before.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from replayglass.domains.paper.claims import STATES, Start
from replayglass.domains.paper.codelists import REASON_CODES, Codes, find_lists
from replayglass.domains.paper.fnvector import Moves, back, forward, moves, pack_texts
from replayglass.domains.paper.idforms import read_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LOGGED: Mapping[str, str] = MappingProxyType(
    {
        "LIFECYCLE_BLOCKED": "UNKNOWN",
        "ATTENTION_NEGATIVE": "ATTENTION_INSUFFICIENT",
        "HOLD_TIME_ACTIVE": "HOLD_TIME_ACTIVE",
        "COOLDOWN_ACTIVE": "COOLDOWN_ACTIVE",
        "SAFETY_BLOCKED": "SAFETY_TRIGGERED",
        "MISSING_TARGET_MARKET": "UNKNOWN",
        "PRECONDITIONS_NOT_MET": "UNKNOWN",
    }
)
"""The ReasonCode that is logged for each NoIntentReason (section 7)."""

_NUMBERS = {code: number for number, code in enumerate(REASON_CODES)}
_MAPPED = np.array([_NUMBERS[code] for code in LOGGED.values()])

DEFAULT_LIMIT = 3
"""How many codes a list has at most, unless the caller says otherwise."""


class Skip(Struct, frozen=True, gc=False):
    """An ORDER_INTENT_SKIPPED, with the decisionId of its tick."""

    decision_id: str
    logged: str
    time: int
    claimed: str


class DecisionClaim(Struct, frozen=True, gc=False):
    """A DECISION_EVALUATED without its event id."""

    strategy_instance_id: str
    decision_class: str
    time: int
    claimed: str


def recover_no_intents(skips: Sequence[Skip]) -> list[str | None]:
    """Return for each skip the NoIntentReason that its id is derived from, None if it is none of the seven.

    Were there several, the first that `LOGGED` maps to the logged code is taken, else the first. A reason that maps
    to another code than the logged one contradicts the record.
    """
    starts = np.repeat(STATES[:, [Start.ORDER_INTENT_SKIPPED]], len(skips), axis=1)
    before = forward(starts, pack_texts([f"{skip.decision_id}|" for skip in skips]))
    words, formed = read_ids([skip.claimed for skip in skips])
    after = back(words, pack_texts([f"|t={skip.time}" for skip in skips]))
    reasons = _no_intents()
    fits = np.repeat(formed[:, None], len(LOGGED), axis=1)
    for half in range(2):
        fits &= reasons.of_all(before[half]) == after[half][:, None]
    logged = np.array([_NUMBERS.get(skip.logged, -1) for skip in skips], np.int64)
    rank = fits * (1 + (logged[:, None] == _MAPPED))
    names = (None, *LOGGED)
    return [names[number] for number in np.where(fits.any(axis=1), 1 + rank.argmax(axis=1), 0).tolist()]


@cache
def _no_intents() -> Moves:
    return moves([reason.encode() for reason in LOGGED])


def recover_reason_codes(decisions: Sequence[DecisionClaim], limit: int = DEFAULT_LIMIT) -> list[Codes | None]:
    """Return for each decision the list of reason codes that its id is derived from, None if no list is found.

    Looked through are the lists without repeats of up to ``limit`` of the eight codes, in the order of `find_lists`.
    """
    starts = np.repeat(STATES[:, [Start.DECISION]], len(decisions), axis=1)
    texts = [f"{own.strategy_instance_id}|{own.decision_class}|{own.time}|" for own in decisions]
    before = forward(starts, pack_texts(texts))
    after = read_ids([own.claimed for own in decisions])
    found: list[Codes | None] = [None] * len(decisions)
    formed = np.flatnonzero(after.formed)
    lists = find_lists(before[:, formed], after.words[:, formed], limit)
    for number, codes in zip(formed.tolist(), lists, strict=True):
        found[number] = codes
    return found
