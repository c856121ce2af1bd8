"""Flow charts to SVG: boxes from top to bottom, arrows between them, ways out to the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.render.lettering import Face, lettered, lines_of, picture, shortened, width_of

if TYPE_CHECKING:
    from replayglass.drawings import Exit, Flowchart, Step
    from replayglass.render.level import Level

MOST = 256
"""Steps that are drawn at most: a longer chart is no picture any more."""

_WIDTH = 860
_BOX = 340
"""The width of a box: that of a narrow screen, so that what the steps do is read there without scrolling."""

_MIDDLE = _BOX // 2
_GAP = 26
_LINE = 18
_PAD = 9
_WORDS = Face(13, _BOX - 2 * _PAD)
_MOST_LINES, _MOST_CONDITIONS = 5, 2
_TIP = 610
"""Where the arrow of a way out ends; its state stands behind it."""
_CONDITION, _STATE = Face(12, _TIP - _BOX - 24), Face(12, _WIDTH - _TIP - 26)


class _Way(NamedTuple):
    """A way out, laid out: the lines of its condition, its state, and how high both are."""

    condition: list[str]
    state: str

    @property
    def height(self) -> int:
        """The pixels that it takes."""
        return _LINE * len(self.condition) + 20


def draw_flowchart(chart: Flowchart, level: Level) -> str:
    """Return the chart as HTML: a picture, and a sentence on the steps that are left out of it."""
    drawn = chart.steps[: min(MOST, level.lines)]
    parts = [_mark("start", 0)]
    top = 24
    for step in drawn:
        parts.append(_arrow_down(top))
        top += _GAP
        part, height = _box(step, level.detail.text, top)
        parts.append(part)
        top += height
    more = len(chart.steps) - len(drawn)
    parts += [_arrow_down(top), _mark("and more" if more else "done", top + _GAP)]
    drawing = picture(_WIDTH, top + _GAP + 26, chart.title, "a drawing of the steps, from the first to the last", parts)
    rest = f"<p class=cut>\u2026 {more:,} more steps are not drawn.</p>" if more else ""
    return f"<div class=drawn>{drawing}</div>{rest}"


def _mark(word: str, top: int) -> str:
    half = (width_of(word, _WORDS.size) + 24) // 2
    shape = f'<rect class="mark" x="{_MIDDLE - half}" y="{top + 1}" width="{2 * half}" height="24" rx="12"/>'
    return shape + lettered(_MIDDLE, top + 17, word, "middle")


def _arrow_down(top: int) -> str:
    tip = top + _GAP
    return f'<path d="M{_MIDDLE} {top + 1}V{tip}M{_MIDDLE - 4} {tip - 6}L{_MIDDLE} {tip}L{_MIDDLE + 4} {tip - 6}"/>'


def _box(step: Step, limit: int, top: int) -> tuple[str, int]:
    """Return a step with its ways out, drawn from ``top`` on, and how high it is; words are cut after ``limit``."""
    words = lines_of(step.words[:limit], _WORDS, _MOST_LINES)
    ways = [_way(one, limit) for one in step.exits]
    height = max(2 * _PAD + _LINE * (1 + len(words)), _PAD + sum(way.height for way in ways))
    parts = [
        f'<rect x="1" y="{top}" width="{_BOX - 1}" height="{height}" rx="4"/>',
        lettered(1 + _PAD, top + _PAD + 13, shortened(f"{step.number} {step.kind[:limit]}", _WORDS), "strong"),
    ]
    parts += [lettered(1 + _PAD, top + _PAD + 13 + _LINE * line, text) for line, text in enumerate(words, 1)]
    place = top + 4
    for way in ways:
        parts.append(_draw_way(way, place))
        place += way.height
    return "\n".join(parts), height


def _way(one: Exit, limit: int) -> _Way:
    condition = lines_of(one.when[:limit], _CONDITION, _MOST_CONDITIONS)
    return _Way(condition, shortened(one.state[:limit], _STATE))


def _draw_way(way: _Way, top: int) -> str:
    line = top + _LINE * len(way.condition) + 4
    parts = [
        lettered(_BOX + 12, top + 12 + _LINE * place, text, "small quiet") for place, text in enumerate(way.condition)
    ]
    parts.append(f'<path d="M{_BOX} {line}H{_TIP}M{_TIP - 6} {line - 4}L{_TIP} {line}L{_TIP - 6} {line + 4}"/>')
    wide = width_of(way.state, _STATE.size) + 20
    parts.append(f'<rect class="mark" x="{_TIP + 1}" y="{line - 11}" width="{wide}" height="22" rx="11"/>')
    parts.append(lettered(_TIP + 11, line + 4, way.state, "small strong"))
    return "".join(parts)
