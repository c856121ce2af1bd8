"""Names of nodes: which key a text becomes, and the one order in which keys are iterated (flow-vm, section 1.3)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replayglass.domains.flow.rules import Rules

MAX_NAME = 256
"""Bytes of the longest name."""

_WORD, _ACRONYM, _REFERENCE, _NUMERIC = range(4)
_NUMERIC_LIMIT = 2**56 - 1
_NUMERIC_DIGITS = 17
_WORD_FORM = re.compile(r"(?=.*[a-z])[a-z :_\-.*]{1,11}")
_ACRONYM_FORM = re.compile(r"[ -_]{1,9}")
_WORD_ORDER = str.maketrans({sign: chr(code) for code, sign in enumerate(" abcdefghijklmnopqrstuvwxyz:_-.*")})

Order = tuple[int, "int | str", str]
"""What names are sorted by: the class, the place in the class, the name."""


@lru_cache(maxsize=65536)
def _classify(text: str) -> Order:
    """Return the class of ``text``, its place in the class, and the name that it stands for."""
    digits = text.lstrip("0") or "0"
    if text.isascii() and text.isdigit() and len(digits) <= _NUMERIC_DIGITS and int(digits) < _NUMERIC_LIMIT:
        return _NUMERIC, int(digits), digits
    trimmed = text.strip(" ")
    if _WORD_FORM.fullmatch(text):
        return _WORD, trimmed.translate(_WORD_ORDER), trimmed
    if trimmed and _ACRONYM_FORM.fullmatch(text):
        return _ACRONYM, trimmed, trimmed
    return _REFERENCE, text, text


def size(text: str) -> int:
    """Return the length of ``text`` in bytes of UTF-8; a lone surrogate counts as it would be written."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def is_name(text: str) -> bool:
    """Say whether ``text`` can name a node: 1 to 256 bytes."""
    return 0 < size(text) <= MAX_NAME


class Names:
    """The names of one machine.

    ``pool`` numbers the names of the reference class by first use, which is their order unless the rules say
    `Rules.lexical_references`; it is part of the machine's state.
    """

    def __init__(self, rules: Rules, pool: dict[str, int]) -> None:
        self._pool = None if rules.lexical_references else pool
        self._digits_have_text = rules.digit_names

    def key(self, text: str) -> str:
        """Return the key that ``text`` becomes: digits without leading zeros, words without outer spaces."""
        rank, _, name = _classify(text)
        if rank == _REFERENCE and self._pool is not None:
            self._pool.setdefault(name, len(self._pool))
        return name

    def text(self, name: str) -> str | None:
        """Return the text of a key; one of digits has none, unless the rules say `Rules.digit_names`."""
        if self._digits_have_text or _classify(name)[0] != _NUMERIC:
            return name
        return None

    def order(self, name: str) -> Order:
        """Return what ``name`` is sorted by."""
        order = _classify(name)
        if order[0] == _REFERENCE and self._pool is not None:
            return _REFERENCE, self._pool.get(name, len(self._pool)), name
        return order

    def sort(self, names: Iterable[str]) -> list[str]:
        """Return ``names`` in the engine's order."""
        return sorted(names, key=self.order)
