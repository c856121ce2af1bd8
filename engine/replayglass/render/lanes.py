"""Lanes to SVG: one thin line for each thing over an axis of whole numbers, and what the kinds of line stand for."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from replayglass.render.escape import show
from replayglass.render.lettering import Face, lettered, picture, shortened, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.drawings import Lane, Lanes, Segment
    from replayglass.render.level import Level

_TONES = frozenset({"good", "warn", "bad", "note"})
_WIDTH = 940
_LEFT, _RIGHT = 180, 924
_PLOT = _RIGHT - _LEFT
_LANE = 26
_TOP = 4
_NAME, _WORD = Face(12, _LEFT - 14), Face(11, _PLOT)
_LEAST = 2
"""Pixels of the shortest segment: what happened is seen, however short it was."""
_LEAST_NAMED = 20
"""Pixels of the shortest segment that has room for a word."""

_FITTING = 200
"""Characters of a text that are looked at to make a line of it: more do not fit."""

_MOST_TICKS = 8
_MOST_WORDS = 16


def draw_lanes(drawing: Lanes, level: Level) -> str:
    """Return the lanes as HTML: a picture, its legend, and a sentence on what is left out of both."""
    lanes = [lane._replace(segments=lane.segments[: level.lines]) for lane in drawing.lanes[: level.lanes]]
    limit = min(level.detail.text, _FITTING)
    bottom = _TOP + _LANE * len(lanes)
    parts = _axis(drawing, bottom, limit)
    for number, lane in enumerate(lanes):
        parts.append(_lane(lane, drawing, _TOP + _LANE * number, limit))
    made = picture(_WIDTH, bottom + 42, drawing.title, "a picture of the table below", parts)
    return f"<div class=drawn>{made}</div>\n{_legend(lanes, level.detail.text)}{_rest(drawing, lanes)}"


def ticks(first: int, last: int) -> list[int]:
    """Return the round numbers from ``first`` to ``last`` that an axis shows: 8 at most, fewer if they are long."""
    wide = width_of(f"{last:,}", _WORD.size) + 16
    most = max(2, min(_MOST_TICKS, _PLOT // wide))
    steps = (digit * 10**zeros for zeros in count() for digit in (1, 2, 5))
    step = next(step for step in steps if (last - first) // step < most)
    return list(range(-(-first // step) * step, last + 1, step))


def _place(value: int, drawing: Lanes) -> int:
    """Return where ``value`` stands on the axis, in pixels; what lies outside of it stands at its end."""
    span = max(1, drawing.last - drawing.first)
    return _LEFT + min(max(value - drawing.first, 0), span) * _PLOT // span


def _axis(drawing: Lanes, bottom: int, limit: int) -> list[str]:
    parts = [f'<path d="M{_LEFT} {bottom}H{_RIGHT}"/>']
    for value in ticks(drawing.first, drawing.last):
        x = _place(value, drawing)
        parts.append(f'<path class="grid" d="M{x} {_TOP}V{bottom + 4}"/>')
        parts.append(lettered(x, bottom + 17, f"{value:,}", "tiny middle"))
    parts.append(lettered(_LEFT, bottom + 34, shortened(drawing.x_title[:limit], _NAME), "small quiet"))
    return parts


def _lane(lane: Lane, drawing: Lanes, top: int, limit: int) -> str:
    """Return the name of a lane and its line: one path for each tone, and the words that have room above it."""
    y = top + 18
    paths: dict[str, dict[str, None]] = {}
    words: list[str] = []
    for segment in lane.segments:
        x = _place(segment.first, drawing)
        wide = max(_LEAST, _place(segment.last, drawing) - x)
        paths.setdefault(segment.tone, {})[f"M{x} {y}h{wide}"] = None
        word = shortened(segment.word[:limit], _WORD) if wide >= _LEAST_NAMED else ""
        if word and width_of(word, _WORD.size) + 6 <= wide:
            words.append(lettered(x + 2, y - 5, word, "tiny quiet"))
    name = lettered(0, y + 2, shortened(lane.name[:limit], _NAME), "small")
    lines = [f'<path class="{_shape(tone)}" d="{"".join(found)}"/>' for tone, found in paths.items()]
    return "".join([name, *lines, *words])


def _shape(tone: str) -> str:
    return f"lane {tone}" if tone in _TONES else "lane"


def _legend(lanes: Sequence[Lane], limit: int) -> str:
    known: dict[tuple[str, str], None] = {}
    for lane in lanes:
        known.update(dict.fromkeys(map(_look, lane.segments)))
    if not known:
        return ""
    entries = [
        f'<li><svg width="28" height="10" aria-hidden="true"><path class="{shape}" d="M0 5h28"/></svg> '
        f"{show(word, limit)}</li>"
        for shape, word in list(known)[:_MOST_WORDS]
    ]
    if len(known) > _MOST_WORDS:
        entries.append(f"<li class=cut>\u2026 {len(known) - _MOST_WORDS:,} more words</li>")
    return "\n".join(["<ul class=legend>", *entries, "</ul>"])


def _look(segment: Segment) -> tuple[str, str]:
    return _shape(segment.tone), segment.word


def _rest(drawing: Lanes, lanes: Sequence[Lane]) -> str:
    """Say what is left out."""
    gone = len(drawing.lanes) - len(lanes)
    cut = sum(len(whole.segments) - len(lane.segments) for whole, lane in zip(drawing.lanes, lanes, strict=False))
    said = [f"{gone:,} more lanes"] * bool(gone) + [f"{cut:,} later parts of lanes"] * bool(cut)
    return f"\n<p class=cut>\u2026 {' and '.join(said)} are not drawn.</p>" if said else ""
