"""Findings about a batch, handed out line by line: their order does not depend on how the lines were batched."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replayglass.record import Finding


class InOrder:
    """Findings in the order of their lines; those without a line come first."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._waiting = deque(sorted(findings, key=_line_of))

    def before(self, line: int) -> tuple[Finding, ...]:
        """Return those about lines before ``line`` that were not handed out yet."""
        waiting = self._waiting
        if not waiting:
            return ()
        taken = []
        while waiting and _line_of(waiting[0]) < line:
            taken.append(waiting.popleft())
        return tuple(taken)

    def rest(self) -> tuple[Finding, ...]:
        """Return those that are left, once."""
        left = tuple(self._waiting)
        self._waiting.clear()
        return left


def _line_of(finding: Finding) -> int:
    return -1 if finding.line is None else finding.line
