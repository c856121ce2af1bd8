"""What ids betray: NoIntentReasons and reason codes, against the hidden truth and the plain recipes."""

from __future__ import annotations

import json
from itertools import combinations, islice, permutations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from idwalk import AUDIT, DATA, read_log, walk_events
from replayglass.domains.paper.codelists import REASON_CODES, find_lists
from replayglass.domains.paper.fnvector import PRIME
from replayglass.domains.paper.ids import Salt, as_uuid, decision_input, derive, event_input, fnv
from replayglass.domains.paper.reasons import LOGGED, DecisionClaim, Skip, recover_no_intents, recover_reason_codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

RECORDED = sorted(path.parent.parent for path in DATA.glob("*/**/expected/truth.ticks.json"))
MOST = len(REASON_CODES)

any_text = st.text(st.characters(exclude_categories=()))
times = st.integers(0, 2**53 - 1)
code_lists = st.lists(st.sampled_from(REASON_CODES), unique=True).map(tuple)


def skip(decision: str, reason: str, time: int, logged: str | None = None) -> Skip:
    """Return a skip whose id says ``reason``."""
    own = as_uuid(derive(Salt.META, event_input("ORDER_INTENT_SKIPPED", decision, (reason,), time)))
    return Skip(decision, LOGGED[reason] if logged is None else logged, time, own)


def decision(codes: Sequence[str], instance: str = "i", name: str = "a.b.c@v1", time: int = 5) -> DecisionClaim:
    """Return a decision whose id says ``codes``."""
    return DecisionClaim(instance, name, time, as_uuid(derive(Salt.META, decision_input(instance, name, time, codes))))


def hidden(run: Path) -> list[dict[str, Any]]:
    """Return what the runtime was given and answered, tick by tick."""
    ticks: list[dict[str, Any]] = json.loads((run / "expected/truth.ticks.json").read_bytes())
    return ticks


@pytest.mark.parametrize("run", RECORDED, ids=lambda run: run.name)
def test_the_hidden_reasons_of_the_recorded_logs_are_found(run: Path) -> None:
    """NoIntentReasons and reason codes recovered from ids are those that the original runtime was given."""
    walked, ticks = walk_events(read_log(run / AUDIT)), hidden(run)
    codes = [tuple(tick["input"]["reasonCodes"]) for tick in ticks]
    outputs = [tick["output"]["orderIntent"] for tick in ticks]
    reasons = [output["reason"] for output in outputs if output.get("type") == "NO_INTENT"]
    assert recover_reason_codes([own for _, own in walked.decisions]) == codes
    assert recover_no_intents([own for _, own in walked.skips]) == reasons


@given(st.lists(st.tuples(any_text, st.sampled_from([*LOGGED]), times, st.sampled_from(REASON_CODES))))
def test_every_reason_is_found_whatever_was_logged(drawn: list[tuple[str, str, int, str]]) -> None:
    """The reason is found for any decision and time, beside the code that belongs to it and beside any other."""
    reasons = [reason for _, reason, _, _ in drawn]
    assert recover_no_intents([skip(name, reason, time) for name, reason, time, _ in drawn]) == reasons
    assert recover_no_intents([skip(*own) for own in drawn]) == reasons


def test_no_reason_is_found_for_an_id_of_something_else() -> None:
    """A changed id, decision or time, an id in upper case or of no form, and an unknown logged code: none, no error."""
    good = skip("d", "SAFETY_BLOCKED", 3)
    odd = [
        replace(good, claimed=good.claimed[:-1] + "z"),
        replace(good, claimed=good.claimed.upper()),
        replace(good, claimed=""),
        replace(good, claimed=as_uuid("0" * 32)),
        replace(good, claimed=good.claimed[:19] + as_uuid("0" * 32)[19:]),
        replace(good, decision_id="e"),
        replace(good, time=4),
    ]
    assert recover_no_intents([*odd, replace(good, logged="NEVER")]) == [None] * len(odd) + ["SAFETY_BLOCKED"]
    assert recover_no_intents([]) == []


@given(st.lists(st.tuples(code_lists, any_text, any_text, times), max_size=20))
def test_every_list_without_repeats_is_found(drawn: list[tuple[tuple[str, ...], str, str, int]]) -> None:
    """Lists of 0 to 8 codes in any order are found, in any company, for any instance, class and time."""
    decisions = [decision(*own) for own in drawn]
    lists = [own[0] for own in drawn]
    assert recover_reason_codes(decisions, MOST) == lists
    assert recover_reason_codes(decisions[::-1], MOST) == lists[::-1]
    assert [recover_reason_codes([own], MOST)[0] for own in decisions[:2]] == lists[:2]


@pytest.mark.parametrize("limit", range(MOST + 1))
def test_lists_are_found_up_to_the_limit(limit: int) -> None:
    """A list as long as the limit is found, one that is longer is not; nothing is longer than all eight codes."""
    lists = [REASON_CODES[:length] for length in range(MOST + 1)]
    found = recover_reason_codes([decision(codes) for codes in lists], limit)
    assert found == [codes if len(codes) <= limit else None for codes in lists]
    assert recover_reason_codes([decision(REASON_CODES)], 20) == [REASON_CODES]


def test_three_codes_are_the_default() -> None:
    """Unless more are asked for, four codes are not looked for."""
    assert recover_reason_codes([decision(REASON_CODES[:3]), decision(REASON_CODES[:4])]) == [REASON_CODES[:3], None]


def test_repeats_and_strangers_are_unexplained() -> None:
    """A list with a repeat, wherever it is cut in two, or with an unknown code is not found, nor is nonsense."""
    repeated = [
        [*codes[:first], codes[first], *codes[first:]]
        for codes in (REASON_CODES[:1], REASON_CODES[:4], REASON_CODES[:7])
        for first in range(len(codes))
    ]
    repeated += [[one, two, one] for one, two in combinations(REASON_CODES, 2)]
    odd = [decision(codes) for codes in [*repeated, ["unknown"], [""] * 2, ["UNKNOWN", "NEW"], ["UNKNOWN,"]]]
    good = decision(REASON_CODES[:2])
    odd += [replace(good, claimed=claimed) for claimed in (good.claimed.upper(), "", as_uuid("f" * 32))]
    odd += [replace(good, claimed=good.claimed[:19] + as_uuid("0" * 32)[19:]), replace(good, time=6)]
    assert recover_reason_codes(odd, MOST) == [None] * len(odd)
    assert recover_reason_codes([], MOST) == []


def test_thousands_of_decisions_are_searched_in_parts() -> None:
    """More decisions than are compared at once, some without a list between the others, keep their places."""
    lists = [REASON_CODES[number % 3 : number % 7] for number in range(3000)]
    decisions = [decision(codes, time=number) for number, codes in enumerate(lists)]
    decisions[::5] = [replace(own, decision_class="other") for own in decisions[::5]]
    lists[::5] = [None] * len(lists[::5])  # type: ignore[list-item]  # those are not found
    assert recover_reason_codes(decisions, 6) == lists


def meetings(longest: int) -> Iterator[tuple[int, tuple[str, ...], tuple[str, ...]]]:
    """Yield states from which two lists of up to ``longest`` codes lead to the same state, with both lists.

    A list takes state s to s * p^length + c, where c depends on the low byte of s alone; so two lists of different
    lengths in bytes give an equation for s, which may have a solution with that low byte.
    """
    lists = [codes for length in range(longest + 1) for codes in permutations(REASON_CODES, length)]
    inputs = [(codes, ",".join(codes).encode()) for codes in lists]
    for (one, first), (two, second) in combinations(inputs, 2):
        factor = pow(PRIME, len(first), 2**64) - pow(PRIME, len(second), 2**64)
        zeros = (factor & -factor).bit_length() - 1
        for low in range(256 if factor else 0):
            apart = fnv(second, low) - fnv(first, low) + low * factor
            state = (apart >> zeros) * pow(factor >> zeros, -1, 2**64) % 2 ** (64 - zeros)
            if state & 255 == low and fnv(first, state) == fnv(second, state):
                yield state, one, two


def test_of_several_lists_that_fit_the_first_is_taken() -> None:
    """Where both hashes are made to collide the answer is the list that comes first; where one is, the other tells."""
    crafted = list(islice(meetings(3), 30))
    assert len(crafted) == 30
    for state, first, second in crafted:
        target = fnv(",".join(first).encode(), state)
        salted = [fnv(",".join(codes).encode(), 1) for codes in (first, second)]
        before = np.array([[state] * 3, [state, 1, 1]], np.uint64)
        after = np.array([[target] * 3, [target, *salted]], np.uint64)
        assert find_lists(before, after, 3) == [first, first, second]
