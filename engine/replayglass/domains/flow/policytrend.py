"""What was measured when decisions were recorded, by policy, in a bounded number of bins over the beats.

Sums are exact: a score is a text with six decimals and is counted in millionths. Only what was recorded counts, since
a replay measures nothing new.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.flow.beat import Fate
from replayglass.domains.flow.columns import NONE, Interned
from replayglass.domains.flow.decision import referred
from replayglass.timeline import steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.domains.flow.beat import Verdict
    from replayglass.domains.flow.decision import Decision

BINS = 64
"""Bins of one policy: five charts of them fit a page of the smallest limit."""
MOST = 256
"""Policies that are measured: the first under which something was recorded."""
CHOICES = 64
"""Choices of a policy that are counted one by one."""
MILLION = 10**6

_OTHERS = CHOICES
_LONGEST = len("-999999.999999")


class Spread:
    """How many numbers there were, their sum, the lowest and the highest of them; a bin without any has no mean."""

    __slots__ = ("count", "high", "low", "total")

    def __init__(self) -> None:
        self.count = self.total = 0
        self.low: int | None = None
        self.high: int | None = None

    def add(self, value: int) -> None:
        """Take in a number."""
        self._take(1, value, value, value)

    def join(self, other: Spread) -> None:
        """Take in all numbers of another spread."""
        if other.low is not None and other.high is not None:
            self._take(other.count, other.total, other.low, other.high)

    def mean(self, scale: int = 1) -> int | None:
        """Return the mean times ``scale``, halves rounded up."""
        return (2 * scale * self.total + self.count) // (2 * self.count) if self.count else None

    def _take(self, count: int, total: int, low: int, high: int) -> None:
        self.count += count
        self.total += total
        self.low = low if self.low is None or low < self.low else self.low
        self.high = high if self.high is None or high > self.high else self.high


class Bin:
    """What was measured in one bin, from row ``row`` of the decisions on; scores and confidences are in millionths."""

    __slots__ = ("choices", "confidence", "decisions", "errors", "latency", "row", "score")

    def __init__(self, row: int) -> None:
        self.row = row
        self.decisions = self.errors = 0
        self.score, self.confidence, self.latency = Spread(), Spread(), Spread()
        self.choices: Counter[int] = Counter()

    def join(self, other: Bin) -> None:
        """Take in another bin."""
        self.row = min(self.row, other.row)
        self.decisions += other.decisions
        self.errors += other.errors
        self.score.join(other.score)
        self.confidence.join(other.confidence)
        self.latency.join(other.latency)
        self.choices.update(other.choices)


class Chosen(NamedTuple):
    """How often a choice was made in each bin; None stands for all other choices."""

    choice: str | None
    counts: list[int]


class Trend:
    """What was measured of one policy, in bins of equal width, a power of two, doubled when there are too many.

    ``odd_scores`` and ``odd_confidences`` are not drawn: no numbers, or far beyond what a score can be.
    """

    def __init__(self) -> None:
        self.width = 1
        self.odd_scores = self.odd_confidences = 0
        self._bins: dict[int, Bin] = {}
        self._choices = Interned[str]()

    def add(self, beat: int, row: int, decision: Decision) -> None:
        """Take in a decision that was recorded in ``beat``, as row ``row`` of the decisions says."""
        held = self._bins.get(beat // self.width)
        if held is None:
            held = self._bins[beat // self.width] = Bin(row)
        held.decisions += 1
        held.choices[self._choice(decision.choice)] += 1
        measured = decision.telemetry
        if measured is not None:
            held.errors += measured.error_flag
            held.latency.add(measured.latency)
            self.odd_scores += _measure(held.score, measured.score)
            self.odd_confidences += _measure(held.confidence, measured.confidence)
        while len(self._bins) > BINS:
            self._widen()

    def bins(self) -> Iterator[tuple[int, Bin]]:
        """Yield the bins that hold anything, with the first beat of each."""
        for place in sorted(self._bins):
            yield place * self.width, self._bins[place]

    def steps(self) -> list[int]:
        """Return how many decisions were recorded in steps of equal length, from the first beat to the last."""
        counts = {place: held.decisions for place, held in self._bins.items()}
        return steps(counts, min(counts), max(counts) + 1)

    def choices(self, most: int) -> list[Chosen]:
        """Return how often each of the ``most`` most frequent choices was made in each bin, and all others."""
        totals: Counter[int] = Counter()
        counted = [held.choices for _, held in self.bins()]
        for counts in counted:
            totals.update(counts)
        shown = sorted((number for number in totals if number != _OTHERS), key=lambda number: (-totals[number], number))
        found = [
            Chosen(self._choices.values[number], [counts[number] for counts in counted]) for number in shown[:most]
        ]
        if len(totals) > len(found):
            rest = [*shown[most:], _OTHERS]
            found.append(Chosen(None, [sum(counts[number] for number in rest) for counts in counted]))
        return found

    def _choice(self, choice: str) -> int:
        if len(self._choices.values) < CHOICES:
            return self._choices.number(choice)
        known = self._choices.find(choice)
        return _OTHERS if known is None else known

    def _widen(self) -> None:
        self.width *= 2
        bins, self._bins = self._bins, {}
        for place, held in bins.items():
            wider = self._bins.setdefault(place // 2, held)
            if wider is not held:
                wider.join(held)


class PolicyTrends:
    """The trends of the first policies under which a decision was recorded; `NONE` is those without a policy."""

    def __init__(self) -> None:
        self.trends: dict[str, Trend] = {}

    def take(self, number: int, row: int, verdict: Verdict) -> None:
        """Take in what happened in beat ``number``: row ``row`` of the decisions."""
        if verdict.fate is not Fate.RECORDED:
            return
        policy = referred(verdict.decision.policy) or NONE
        trend = self.trends.get(policy)
        if trend is None and len(self.trends) < MOST:
            trend = self.trends[policy] = Trend()
        if trend is not None:
            trend.add(number, row, verdict.decision)


def millionths(text: str) -> int | None:
    """Return a text with six decimals in millionths; None for no number or one of more than six digits."""
    if len(text) > _LONGEST:
        return None
    try:
        return int(text.replace(".", ""))
    except ValueError:
        return None


def _measure(spread: Spread, text: str) -> bool:
    """Take in a measurement; say whether it cannot be taken in."""
    value = millionths(text)
    if value is not None:
        spread.add(value)
    return value is None
