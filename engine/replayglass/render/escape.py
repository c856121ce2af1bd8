"""The one escaper: text of the log becomes HTML that shows it and can do nothing else.

Characters that a reader would not see, or that reorder what stands beside them, are shown by name (``U+202E``) in an
element that text cannot forge. What counts as such is a table here, not `unicodedata`, whose answers change with the
version of Python. Raw records lose nothing on the way: bytes that are no UTF-8 are elements too, and `rawtext` reads
the exact bytes back.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    Escaper = Callable[[str], str]

_CONTROLS = ((0x00, 0x1F), (0x7F, 0x9F))
_BIDI = ((0x061C, 0x061C), (0x200E, 0x200F), (0x202A, 0x202E), (0x2066, 0x2069))
_INVISIBLE = (
    (0xAD, 0xAD),
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200D),
    (0x2028, 0x2029),
    (0x2060, 0x2065),
    (0x206A, 0x206F),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0D),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
_SURROGATES = ((0xD800, 0xDFFF),)
_NONCHARACTERS = ((0xFDD0, 0xFDEF), *((plane * 0x10000 + 0xFFFE, plane * 0x10000 + 0xFFFF) for plane in range(17)))

HIDDEN = tuple(
    chain.from_iterable(
        range(first, last + 1) for first, last in (*_CONTROLS, *_BIDI, *_INVISIBLE, *_SURROGATES, *_NONCHARACTERS)
    )
)
"""The code points that are shown by name."""

_MARKUP = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&#34;", ord("'"): "&#39;"}
_NAMES = {code: f"U+{code:04X}" for code in HIDDEN}
_ELEMENTS = {code: f"<b class=u>{name}</b>" for code, name in _NAMES.items()}

_LONE_BYTES = {0xDC00 + byte: f"<b class=x>{byte:02X}</b>" for byte in range(0x80, 0x100)}
"""What 'surrogateescape' makes of a byte that is no UTF-8; decoding gives these code points for nothing else."""

_LABEL = 200
"""Characters of a text that is a label, or the title of the page, and is said elsewhere too."""

_MEMO = 200
"""Characters above which a text is not remembered."""

_PLAIN = bytes(code for code in range(0x20, 0x7F) if code not in _MARKUP)
_MARKED = (b"&", b"<", b">", b"\x7f")
_FIRST_VISIBLE = 0x20


def is_plain(text: str) -> bool:
    """Say whether ``text`` is visible ASCII without any of ``& < > " '``: it is its own escaped form."""
    return text.isascii() and not text.encode().translate(None, _PLAIN)


def is_plain_record(data: bytes) -> bool:
    """Say whether ``data`` is its own form as a raw record; unlike other text it may hold quotes.

    A page of records is looked at as a whole: searches for single bytes cost a tenth of a table look-up for each.
    """
    if not data.isascii() or any(sign in data for sign in _MARKED):
        return False
    return bool((np.frombuffer(data, np.uint8) >= _FIRST_VISIBLE).all())


def _substitution(usual: str, table: dict[int, str]) -> Escaper:
    """Return a function that replaces by ``table``, and looks only at runs of what is not in the class ``usual``."""
    unusual = re.compile(f"[^{usual}]+")
    return lambda text: unusual.sub(lambda run: run[0].translate(table), text)


_LETTERS = " !#-%(-;=?-~"
_RECORD_LETTERS = " -%'-;=?-~"

escape = _substitution(_LETTERS, _ELEMENTS | _MARKUP)
"""Return a text as content of an element; hidden characters are shown as ``<b class=u>U+202E</b>``."""

escape_attribute = _substitution(_LETTERS, _NAMES | _MARKUP)
"""Return a text as value of a quoted attribute or content of ``title``; hidden characters as ``U+202E``."""


def escape_label(text: str) -> str:
    """Return the begin of a text as `escape_attribute` does: for a label, whose text is said elsewhere too."""
    return escape_attribute(text[:_LABEL])


escape_record = _substitution(
    _RECORD_LETTERS, _ELEMENTS | _LONE_BYTES | {code: _MARKUP[code] for code in map(ord, "&<>")}
)
"""Return a record, decoded with 'surrogateescape', as content of ``pre``: as `escape` does, but quotes stay, of which
JSON is full, and a byte that is no UTF-8 is shown as ``<b class=x>C3</b>``."""

escape_layout = _substitution(rf"\t\n{_LETTERS}", _ELEMENTS | _MARKUP)
"""Return a text as `escape` does, but tabs and line ends stay: for what a person laid out."""

name_hidden = _substitution(" -~", _NAMES)
"""Return a text with hidden characters as ``U+202E`` and nothing else escaped: for JSON, never for HTML."""


def isolate(text: str) -> str:
    """Return ``text`` escaped; in ``bdi`` if it may hold right-to-left letters, which would reorder our words."""
    shown = escape(text)
    return shown if text.isascii() else f"<bdi>{shown}</bdi>"


def show(text: str, limit: int) -> str:
    """Return ``text`` as `isolate` does, cut after ``limit`` characters; a cut text ends in its whole length."""
    return _show_short(text, limit) if len(text) <= _MEMO else _show(text, limit)


def _show(text: str, limit: int) -> str:
    if len(text) <= limit:
        return isolate(text)
    return f"{isolate(text[:limit])}<i class=cut>\u2026 ({len(text)} characters)</i>"


_show_short = lru_cache(maxsize=8192)(_show)
