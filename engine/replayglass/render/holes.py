"""Holes that templates leave for rows: these do not pass through the templates, which would copy them several times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

HOLE = "\0"
"""Where the rows of a block go. The escapers let no such character through, and no theme has one."""


def numbered(shell: str, number: int) -> str:
    """Return the HTML of a block whose rows are those of hole ``number``."""
    return shell.replace(HOLE, f"{HOLE}{number}{HOLE}")


def filled(opening: str, html: str, holes: Sequence[str]) -> bytes:
    """Return a page: its opening, then ``html`` with the rows of each block in its hole.

    It is encoded part by part: the rows are ASCII nearly always, and one sign of ours that is not would widen them all.

    Raises:
        InputError: the templates of a theme leave out the rows of a block, or show them twice.
    """
    texts = html.split(HOLE)
    numbers = [int(number) for number in texts[1::2]]
    if sorted(numbers) != list(range(len(holes))):
        message = (
            "--theme: page.html, blocks/rows.html and blocks/stories.html must show the content of each block once"
        )
        raise InputError(message)
    texts[1::2] = [holes[number] for number in numbers]
    return b"".join([part.encode() for part in (opening, "\n", *texts, "\n")])
