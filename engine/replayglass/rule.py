"""A rule that a log keeps, as data: the code of its findings, what must hold, and where that comes from."""

from __future__ import annotations

from typing import NamedTuple

from replayglass.record import Severity

Problem = tuple[str, Severity, str]
"""A finding about a record: code, severity, message."""

_UNCERTAIN = " A damaged record before it may be the cause."


class Rule(NamedTuple):
    """One rule; ``holds`` says what must hold, ``source`` the sections of the semantics it follows from."""

    code: str
    severity: Severity
    holds: str
    source: str

    def broken(self, words: str, *, uncertain: bool = False) -> Problem:
        """Return the finding that the rule is broken; what a lost record may explain is a warning at most."""
        if uncertain and self.severity is Severity.ERROR:
            return self.code, Severity.WARNING, words + _UNCERTAIN
        return self.code, self.severity, words
