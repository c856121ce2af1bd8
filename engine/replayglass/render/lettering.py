"""Words inside a drawing: cut and broken into lines by a careful guess of their width, because SVG wraps nothing."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from replayglass.render.escape import escape_attribute, escape_label, name_hidden

_THIN = frozenset(" ijlI.,:;'|!")
_NARROW = frozenset('frt()[]/`-"')
_WIDE = frozenset("mwMW@%")
_MORE = "\u2026"
_BEYOND_LATIN = 0x1100


class Face(NamedTuple):
    """A size of letters in pixels, and how wide a line of them may be."""

    size: int
    width: int


def width_of(words: str, size: int) -> int:
    """Return how many pixels ``words`` may take at letters of ``size`` pixels, in the widest of the usual fonts."""
    return -(-sum(map(_hundredths, words)) * size // 100)


def _hundredths(sign: str) -> int:
    if sign in _THIN:
        return 35
    if sign in _NARROW:
        return 43
    if sign in _WIDE:
        return 100
    if sign.isascii():
        return 72 if sign.isupper() else 65
    return 80 if ord(sign) < _BEYOND_LATIN else 130


def lines_of(words: str, face: Face, most: int) -> list[str]:
    """Return ``words`` in at most ``most`` lines, broken at blanks where that is possible; a cut text ends in dots."""
    lines: list[str] = []
    rest = name_hidden(words).strip()
    while rest and len(lines) < most:
        line = _fitting(rest, face)
        lines.append(line)
        rest = rest[len(line) :].lstrip()
    if rest:
        last, dots = lines[-1], width_of(_MORE, face.size)
        lines[-1] = _prefix(last, face._replace(width=face.width - dots)).rstrip() + _MORE
    return lines


def _fitting(words: str, face: Face) -> str:
    """Return the begin of ``words`` that one line takes: up to a blank, or what fits of a long word."""
    begin = _prefix(words, face) or words[0]
    if len(begin) == len(words) or words[len(begin)] == " ":
        return begin
    return begin[: begin.rfind(" ")] if " " in begin else begin


def _prefix(words: str, face: Face) -> str:
    left = face.width * 100
    for place, sign in enumerate(words):
        left -= _hundredths(sign) * face.size
        if left < 0:
            return words[:place]
    return words


@lru_cache(maxsize=4096)
def shortened(words: str, face: Face) -> str:
    """Return ``words``, which are short or say little, as one line."""
    return "".join(lines_of(words, face, 1))


def lettered(x: int, y: int, words: str, kind: str = "") -> str:
    """Return ``words`` as SVG text whose base line begins at ``x``, ``y``; ``kind`` are classes of the style sheet."""
    shape = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{shape}>{escape_attribute(words)}</text>'


def picture(width: int, height: int, title: str, kind: str, parts: list[str]) -> str:
    """Return an SVG picture that a screen reader reads as its title and what ``kind`` of picture it is."""
    named = f"{escape_label(title)}: {escape_attribute(kind)}"
    shape = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return "\n".join([f'<svg {shape} role="img" aria-label="{named}">', *parts, "</svg>"])
