"""What stops a run: one sentence for the reader, a hint, and the exit code that belongs to it."""

from typing import ClassVar


class ReplayglassError(Exception):
    """A reason to stop that a user can act on.

    ``message`` is one sentence, ``hint`` says what to do about it (may be empty).
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(ReplayglassError):
    """The run folder, one of its files, or an argument cannot be used; nothing was written."""


class OutputError(ReplayglassError):
    """The output folder cannot be used or written; an older site in it is untouched."""


class AccountError(ReplayglassError):
    """The completeness account does not balance: a record was read but is shown nowhere."""
