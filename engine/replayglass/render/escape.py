"""The one escaper: text of the log becomes HTML that shows it and can do nothing else.

Characters that a reader would not see, or that reorder what stands beside them, are shown by name (``U+202E``) in an
element that text cannot forge. What counts as such is a table here, not `unicodedata`, whose answers change with the
version of Python.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from re import Match

_CONTROLS = r"\x00-\x1f\x7f-\x9f"
_BIDI = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = (
    r"\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2028\u2029\u2060-\u2065\u206a-\u206f\u2800\u3164"
    r"\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_NO_CHARACTERS = r"\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff" + "".join(
    rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(1, 17)
)
_HIDDEN = _CONTROLS + _BIDI + _INVISIBLE + _NO_CHARACTERS

_TEXT = re.compile(rf"[&<>\"'{_HIDDEN}]")
_RECORD = re.compile(rf"[&<>{_HIDDEN}]")
_LAYOUT = re.compile(rf"(?![\t\n])[&<>\"'{_HIDDEN}]")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"}

_MEMO = 200
"""Characters above which a text is not remembered."""


def is_plain(text: str) -> bool:
    """Say whether ``text`` is visible ASCII without any of ``& < > " '``: it is its own escaped form."""
    return text.isascii() and text.isprintable() and _TEXT.search(text) is None


def is_plain_record(text: str) -> bool:
    """Say whether ``text`` is its own form as a raw record; unlike other text it may hold quotes."""
    return text.isascii() and text.isprintable() and not ("&" in text or "<" in text or ">" in text)


def escape(text: str) -> str:
    """Return ``text`` as content of an element; hidden characters are shown as ``<b class=u>U+202E</b>``."""
    return _TEXT.sub(_element, text)


def escape_attribute(text: str) -> str:
    """Return ``text`` as the value of a quoted attribute or content of ``title``; hidden characters as ``U+202E``."""
    return _TEXT.sub(_plain, text)


def escape_record(text: str) -> str:
    """Return ``text`` as content of ``pre``: as `escape` does, but quotes stay, of which JSON is full."""
    return _RECORD.sub(_element, text)


def escape_layout(text: str) -> str:
    """Return ``text`` as `escape` does, but tabs and line ends stay: for text that a person laid out."""
    return _LAYOUT.sub(_element, text)


def name_hidden(text: str) -> str:
    """Return ``text`` with hidden characters as ``U+202E``, and nothing escaped: for JSON, never for HTML."""
    return _RECORD.sub(_named, text)


def isolate(text: str) -> str:
    """Return ``text`` escaped; in ``bdi`` if it may hold right-to-left letters, which would reorder our words."""
    shown = escape(text)
    return shown if text.isascii() else f"<bdi>{shown}</bdi>"


def show(text: str, limit: int) -> str:
    """Return ``text`` as `isolate` does, cut after ``limit`` characters; a cut text ends in its whole length."""
    if len(text) <= _MEMO:
        return _show_short(text, limit)
    return _show(text, limit)


def _show(text: str, limit: int) -> str:
    if len(text) <= limit:
        return isolate(text)
    return f"{isolate(text[:limit])}<i class=cut>\u2026 ({len(text)} characters)</i>"


_show_short = lru_cache(maxsize=8192)(_show)


def _element(match: Match[str]) -> str:
    character = match[0]
    return _MARKUP.get(character) or f"<b class=u>U+{ord(character):04X}</b>"


def _plain(match: Match[str]) -> str:
    character = match[0]
    return _MARKUP.get(character) or f"U+{ord(character):04X}"


def _named(match: Match[str]) -> str:
    character = match[0]
    return character if character in _MARKUP else f"U+{ord(character):04X}"
