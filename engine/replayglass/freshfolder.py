"""A folder that a simulator writes a run into: new or empty, and what the system says of it in our words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from replayglass.errors import InputError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def fresh_folder(out: Path) -> Iterator[None]:
    """Make sure that ``out`` does not exist or is an empty folder, before it is written into.

    Raises:
        InputError: it is neither.
        OutputError: it cannot be written, which any OSError inside the context says.
    """
    try:
        if out.exists() and not (out.is_dir() and next(out.iterdir(), None) is None):
            message = f"{out} exists and is not an empty folder."
            raise InputError(message, "Name a folder that does not exist yet.")
        yield
    except OSError as error:
        message = f"{out} cannot be written."
        raise OutputError(message, f"The system says: {error.strerror}.") from error
