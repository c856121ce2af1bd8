"""What a store's failure is called: one sentence of ours, since what a library says may name keys and tokens."""

from __future__ import annotations

import errno
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from replayglass.errors import OutputError, ReplayglassError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_LOST = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
_UNKNOWN = {"NotImplemented", "501"}
_HINTS = {
    "there is no such place": "make the bucket or folder first, and look at how it is written",
    "access is denied": "check the credentials, and that they may list, read, write and delete there",
    "it cannot be reached": "check the address and the network, then publish again: it goes on where it was",
    "it is full": "make room, then publish again: it goes on where it was",
    "it is read-only": "choose a place that can be written",
    "it is no place that files can be written to": "choose another kind of place",
    "it does not answer as such a place does": "publish again: it goes on where it was",
}


class LostError(Exception):
    """A file was to be replaced only if nobody else had done so; somebody had."""


@contextmanager
def explained(doing: str, shown: str) -> Iterator[None]:
    """Have whatever fails in the context say what was being done (``doing``) with what (``shown``), and why not.

    Raises:
        OutputError: something failed.
    """
    try:
        yield
    except (ReplayglassError, LostError):
        raise
    except Exception as error:
        reason = _reason(error)
        message = f"cannot {doing} {shown}: {reason}"
        raise OutputError(message, _HINTS[reason]) from error


def is_lost(error: Exception) -> bool:
    """Tell whether a write failed because its condition did not hold."""
    return isinstance(error, FileExistsError) or _code(error) in _LOST


def is_unknown(error: Exception) -> bool:
    """Tell whether a write failed because the store knows no conditions."""
    return isinstance(error, NotImplementedError) or _code(error) in _UNKNOWN


def _code(error: Exception) -> object:
    """Return what an S3 server called the error, None if it did not."""
    response = getattr(error.__cause__, "response", None)
    return response.get("Error", {}).get("Code") if isinstance(response, dict) else None


def _reason(error: Exception) -> str:
    name = type(error).__name__
    if isinstance(error, NotImplementedError):
        return "it is no place that files can be written to"
    if isinstance(error, PermissionError) or re.search("Credential|Auth|Token|Forbidden", name):
        return "access is denied"
    if isinstance(error, TimeoutError | ConnectionError) or re.search("Connect|Timeout|Endpoint|gaierror", name):
        return "it cannot be reached"
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "there is no such place"
    number = getattr(error, "errno", None)
    if number == errno.EROFS:
        return "it is read-only"
    return "it is full" if number in _FULL else "it does not answer as such a place does"
