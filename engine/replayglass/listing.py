"""Words that lead to places of the site, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Kind(NamedTuple):
    """What a word is (``event``, ``market``) and the collection where its places are.

    Those are rows: row r is on page r // ``size`` of ``folder``, its anchor is ``mark`` followed by r, or none where
    ``mark`` is empty. Where ``size`` is 0 each row has a folder of its own in ``folder``.
    """

    words: str
    folder: str
    mark: str
    size: int


class Listing(NamedTuple):
    """A list of links: ``texts[i]`` is a word of ``kinds[which[i]]`` and leads to row ``rows[i]`` there."""

    kinds: tuple[Kind, ...]
    texts: Sequence[str]
    which: Sequence[int]
    rows: Sequence[int]
