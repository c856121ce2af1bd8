"""What stops a publication that would contradict an earlier one."""

from typing import ClassVar

from replayglass.errors import ReplayglassError

HINT = "publish this log under a new origin and into a new folder, and keep the old site as evidence"


class RewrittenError(ReplayglassError):
    """The log is not an extension of what was published before; nothing was written."""

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str) -> None:
        super().__init__(message, HINT)
