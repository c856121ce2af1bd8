r"""Reads a line as its reader will: escapes undone (also those of JSON inside JSON), and where each byte came from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MAX_DEPTH = 4
"""How often escapes are undone: JSON in JSON in JSON, and once more."""

Span = tuple[int, int]

# NUL is skipped: between the bytes of UTF-16 text it would hide everything. A run of the same escape counts as one.
_ESCAPE = re.compile(rb"\\u([0-9A-Fa-f]{4})|\\([^\r\n])(?:\\(?!u)\2){0,4096}|\x00++")
_SIGNS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


class View:
    """A text read at some depth; the outermost one (depth 0) is the source itself."""

    def __init__(self, text: bytes, outer: View | None = None) -> None:
        self.text = text
        self._outer = outer

    def inner(self) -> View | None:
        """Return the text with its escapes undone, None if it has none."""
        text = _ESCAPE.sub(_meant, self.text) if is_escaped(self.text) else self.text
        return None if text == self.text else View(text, self)

    def source_spans(self, spans: Iterable[Span]) -> list[Span]:
        """Return where in the source ``spans`` of this text come from, in their order; no escape is cut in two."""
        if self._outer is None:
            return _mapped(spans, lambda: _escapes(self.text, undone=False))
        outer = self._outer
        return outer.source_spans(_mapped(spans, lambda: _escapes(outer.text, undone=True)))


def is_escaped(text: bytes) -> bool:
    """Tell whether ``text`` can be read in more than one way."""
    return b"\\" in text or b"\0" in text


def views(text: bytes) -> Iterator[View]:
    """Give ``text`` as it stands, then with its escapes undone once, twice and so on."""
    view: View | None = View(text)
    for _ in range(MAX_DEPTH + 1):
        if view is None:
            return
        yield view
        view = view.inner()


class _Escape(NamedTuple):
    """The escape from ``start`` to ``end`` is read as the bytes from ``shown`` to ``after``."""

    start: int
    end: int
    shown: int
    after: int


def _escapes(text: bytes, *, undone: bool) -> Iterator[_Escape]:
    """Give the escapes of ``text`` one by one (a hostile line has millions)."""
    lost = 0
    for found in _ESCAPE.finditer(text):
        start, end = found.span()
        after = start - lost + len(_meant(found)) if undone else end
        yield _Escape(start, end, start - lost, after)
        lost = end - after


def _meant(escape: re.Match[bytes]) -> bytes:
    if escape[1]:
        return chr(int(escape[1], 16)).encode("utf-8", "surrogatepass")
    if escape[2] is None:
        return b""
    return _SIGNS.get(escape[2], escape[2]) * (len(escape[0]) // 2)


def _mapped(spans: Iterable[Span], escapes: Callable[[], Iterator[_Escape]]) -> list[Span]:
    listed = list(spans)
    starts = _origins({start for start, _ in listed}, escapes(), 0)
    ends = _origins({end for _, end in listed}, escapes(), 1)
    return [(starts[start], ends[end]) for start, end in listed]


def _origins(places: Iterable[int], escapes: Iterator[_Escape], end: Literal[0, 1]) -> dict[int, int]:
    """Return where ``places`` come from; one inside of what an escape is read as: its start, or (``end``) its end.

    An escape that is read as nothing belongs to no place beside it.
    """
    origins = {}
    last, following = _Escape(0, 0, 0, 0), next(escapes, None)
    for place in sorted(places):
        while following is not None and following.shown + end <= place:
            last, following = following, next(escapes, None)
        inside = place < last.after + end and last.end > 0
        origins[place] = (last.end if end else last.start) if inside else place - last.after + last.end
    return origins
