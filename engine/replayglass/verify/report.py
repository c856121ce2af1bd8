"""What a verification came to: checks by name, each with its status, and the verdict over all of them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_FAILURES = 20
"""Failures that one check lists; a check that could go on for ever stops at the last of them."""


class Status(StrEnum):
    """How a check ended.

    ``unauthenticated``: what was looked at agrees with itself, but nothing says who published it. ``inconsistent``:
    the log is not an extension of a checkpoint that the reader kept.
    """

    OK = "ok"
    FAILED = "failed"
    UNAUTHENTICATED = "unauthenticated"
    INCONSISTENT = "inconsistent"
    NOT_DONE = "not done"


class Check(NamedTuple):
    """One check: what was looked at, how that ended, in words; the first failures, and how many there are.

    ``evidence`` are lines to keep when the check did not end well.
    """

    name: str
    status: Status
    says: str
    counts: Mapping[str, int] = {}
    failures: tuple[str, ...] = ()
    failed: int = 0
    evidence: tuple[str, ...] = ()


class Failures:
    """Failures of a check while it runs: the first are kept, all are counted."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.count = 0

    def add(self, failure: object) -> None:
        """Take note of a failure: a sentence, or the error that says it."""
        self.count += 1
        if self.count <= MAX_FAILURES:
            self.kept.append(str(failure))

    def lead(self, failure: object) -> None:
        """Take note of the failure that explains the others: it is listed first."""
        self.count += 1
        self.kept = [str(failure), *self.kept][:MAX_FAILURES]

    @property
    def enough(self) -> bool:
        """Say whether there are as many as are listed."""
        return self.count >= MAX_FAILURES

    def check(self, name: str, says: str, counts: Mapping[str, int] | None = None, good: Status = Status.OK) -> Check:
        """Return the check ``name``: failed with these failures, or with the status ``good`` if there are none."""
        status = Status.FAILED if self.count else good
        return Check(name, status, says, counts or {}, tuple(self.kept), self.count)


class Commitment(NamedTuple):
    """A checkpoint that was read strictly: the one source of origin, size and root for every check.

    ``authenticated``: a key that the reader pinned signed it. ``data`` are the bytes of its file.
    """

    origin: str
    size: int
    root: bytes
    authenticated: bool
    signed: bool
    data: bytes


class Report(NamedTuple):
    """All checks, and the checkpoint of each log by stream."""

    checks: tuple[Check, ...]
    logs: Mapping[str, Commitment]

    @property
    def verdict(self) -> Status:
        """Return the worst of what was found; ``ok`` only if nothing is unauthenticated."""
        found = {check.status for check in self.checks}
        for status in (Status.INCONSISTENT, Status.FAILED, Status.UNAUTHENTICATED):
            if status in found:
                return status
        return Status.OK

    @property
    def exit_code(self) -> int:
        """Return 0, 1 if something failed, 3 if a log contradicts a checkpoint that the reader kept."""
        return {Status.INCONSISTENT: 3, Status.FAILED: 1}.get(self.verdict, 0)
