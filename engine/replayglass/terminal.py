"""Answers on standard output: every text safe for a line of a terminal, and a full disk or closed pipe is an error."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import click

from replayglass.errors import OutputError


def say(text: str | bytes) -> None:
    """Print a line, or bytes as they are.

    Raises:
        OutputError: standard output takes nothing: a full disk, a closed pipe.
    """
    try:
        click.echo(text, nl=isinstance(text, str))
    except OSError as error:
        # What waits in Python's buffer would be tried again at the end, and fail with a traceback.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        message = f"the answer cannot be printed: {error.strerror}"
        raise OutputError(message) from error


def plain(text: str) -> str:
    """Return a text of somebody else as one visible line: escape sequences and line ends are shown by their number."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
