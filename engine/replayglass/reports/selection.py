"""Which findings a report lists: all are counted, the first of each kind are kept, whatever a log holds."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from replayglass.proof.failure import ProofError
from replayglass.record import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from replayglass.findings import FindingRow

EACH = 500
"""Findings that are kept of each code and severity."""

MOST = 5_000
"""Findings that a report lists at most: so many are shown of one upload where results are uploaded."""

LONGEST = 400
"""Characters of a message that a report shows."""

BUDGET = 20 << 20
"""Bytes that the listed findings may take in any report: with all else it stays below 25 MB, the cap of many hosts."""

_KINDS = 512
"""Codes with a severity that are told apart; replayglass has half of that."""

_NAME, _PATH = 100, 1_024
"""Characters of a code or a stream, and of a file's path in the run: ours are shorter."""

_FRAME, _WIDEST, _TIMES = 1_500, 8, 3
"""Bytes of a finding without its texts, of one escaped character, and how often a name stands in a finding."""

ORDER = {severity.value: rank for rank, severity in enumerate(Severity)}
"""The severities, the worst first."""


class Kind(NamedTuple):
    """A code that comes with a severity."""

    severity: str
    code: str


class Selection(NamedTuple):
    """How many findings there are of each kind, and those that reports list: the worst first, then in their order."""

    counts: Mapping[Kind, int]
    listed: Sequence[FindingRow]

    def unlisted(self) -> Counter[Kind]:
        """Return how many of each kind are not listed."""
        left = Counter(self.counts)
        left.subtract(Kind(row.severity, row.code) for row in self.listed)
        return +left


def select(rows: Iterable[FindingRow]) -> Selection:
    """Count all findings and keep the first of each kind, each with no more text than is shown.

    Raises:
        ProofError: they are none of ours: of thousands of codes, or with endless names.
    """
    counts: Counter[Kind] = Counter()
    kept: list[FindingRow] = []
    for row in rows:
        kind = Kind(row.severity, row.code)
        counts[kind] += 1
        if counts[kind] <= EACH:
            _check(row, len(counts))
            row.message = row.message[: LONGEST + 1]
            kept.append(row)
    kept.sort(key=lambda row: (ORDER[row.severity], row.row))
    return Selection(counts, kept[: min(MOST, bisect_right(list(accumulate(map(_weight, kept))), BUDGET))])


def _weight(row: FindingRow) -> int:
    """Return the bytes that a finding may take in a report at most."""
    names = len(row.code) + len(row.stream) + len(row.segment or "")
    return _FRAME + _WIDEST * (len(row.message) + _TIMES * names)


def _check(row: FindingRow, kinds: int) -> None:
    if kinds > _KINDS or max(len(row.code), len(row.stream)) > _NAME or len(row.segment or "") > _PATH:
        message = f"finding {row.row} is not written as ours are"
        raise ProofError(message)
