"""From which severity on findings are a failure: what a command's exit code says of a run."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from replayglass.record import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping


class FailOn(StrEnum):
    """The least severity that fails; a remark never does."""

    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"

    def fails(self, severity: Severity) -> bool:
        """Say whether a finding of this severity is a failure."""
        return severity in _FAILING[self]


_FAILING: dict[FailOn, tuple[Severity, ...]] = {
    FailOn.ERROR: (Severity.ERROR,),
    FailOn.WARNING: (Severity.ERROR, Severity.WARNING),
    FailOn.NEVER: (),
}


def exit_code(by_severity: Mapping[Severity, int], fail_on: FailOn) -> int:
    """Return 1 if there are findings that fail, else 0 (DESIGN section 5 for the default, `FailOn.ERROR`)."""
    return 1 if any(count and fail_on.fails(severity) for severity, count in by_severity.items()) else 0
