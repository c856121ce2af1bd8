"""Measures how many ids a second are derived again and compared, and how fast hidden reasons are found."""

from __future__ import annotations

import json
import sys
import time
from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace

from idwalk import walk_events
from replayglass.domains.paper.claims import Claims
from replayglass.domains.paper.reasons import recover_no_intents, recover_reason_codes
from replayglass.domains.paper.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from idwalk import Walked

    T = TypeVar("T")

EVENTS = 100_000
BLOCK = 4096


def simulated(events: int = EVENTS) -> Walked:
    """Return what the ids of a simulated log are derived from."""
    lines = chain.from_iterable(tick.audit.splitlines() for tick in simulate(events, 1))
    return walk_events(map(json.loads, lines))


def measure(walked: Walked | None = None) -> tuple[int, float]:
    """Return how many ids of a simulated log were claimed and checked in blocks, and in how many processor seconds."""
    claims = (walked or simulated()).claims
    return len(claims), spent(claims, check)


def check(claims: Sequence[tuple[int, int, str, str]]) -> None:
    """Claim and check one block, all of whose ids hold."""
    block = Claims()
    for claim in claims:
        block.add(*claim)  # type: ignore[arg-type]  # a start is a number
    if block.mismatches():
        message = "a simulated log has wrong ids"
        raise AssertionError(message)


def spent(items: Sequence[T], work: Callable[[Sequence[T]], object]) -> float:
    """Return the processor seconds that ``work`` takes on all blocks of ``items``."""
    begun = time.process_time()
    for first in range(0, len(items), BLOCK):
        work(items[first : first + BLOCK])
    return time.process_time() - begun


def report(what: str, count: int, seconds: float) -> None:
    """Print one figure."""
    sys.stdout.write(f"{what}: {count / seconds:,.0f}/s ({count:,} in {seconds:.2f} s of processor time)\n")


def main() -> None:
    """Measure everything and print it."""
    walked = simulated()
    report("ids", *measure(walked))
    skips = [skip for _, skip in walked.skips]
    report("NoIntentReasons", len(skips), spent(skips, recover_no_intents))
    decisions = [decision for _, decision in walked.decisions]
    report("reason codes", len(decisions), spent(decisions, recover_reason_codes))
    wrong = [replace(decision, decision_class="") for decision in decisions]
    report("reason codes, none fitting", len(wrong), spent(wrong, recover_reason_codes))
    few = wrong[:2000]
    report("the same, of up to 8", len(few), spent(few, lambda block: recover_reason_codes(block, 8)))


if __name__ == "__main__":
    main()
