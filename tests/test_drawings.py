"""Drawings are pictures with words: safe, bounded, and readable without colours, scripts or eyes."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htmltree import Tag, tags, text
from replayglass.drawings import Exit, Flowchart, Lane, Lanes, Segment, Step
from replayglass.page import Block, Page
from replayglass.render.flowcharts import MOST, draw_flowchart
from replayglass.render.frame import Entry, Frame
from replayglass.render.html import Theme
from replayglass.render.lanes import draw_lanes, ticks
from replayglass.render.lettering import Face, lines_of, width_of
from replayglass.render.level import levels

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT, SMALL = 512 * 1024, 64 * 1024
FULL = levels(LIMIT)[0]
BIG = 2**63
FRAME = Frame("A run", (Entry("flow", "Flow", "flow/index.html"),), "1.2.3")
HOSTILE = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)></svg></text>",
    "\u202e\u2066\u200b\x00\n\ud800{{ 7*7 }}{% x %}",
    "\u05d0\u05d1 \U0001f600 \u4e2d\u6587",
)
NAMES = {"svg", "rect", "path", "text"}
SHAPES = set("width height viewBox role aria-label aria-hidden class x y rx d".lower().split())


def html(*blocks: Block, limit: int = LIMIT) -> str:
    """Return a page of these blocks."""
    return Theme(FRAME, limit).render(Page("flow/p.html", "Page", "flow", list(blocks))).decode()


def chart(words: str, steps: int = 2) -> Flowchart:
    """Return a chart in which everything says ``words``."""
    return Flowchart(words, [Step(n, words, words, [Exit(words, words)] * 2) for n in range(steps)], words)


def lanes(words: str, count: int = 2, parts: int = 3) -> Lanes:
    """Return lanes on which everything says ``words``."""
    tones = ("good", "warn", "bad", "note", "")
    segments = [Segment(n * 10, n * 10 + 10, words, tones[n % 5]) for n in range(parts)]
    return Lanes(words, words, 0, 10 * parts, [Lane(words, segments)] * count, words)


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("kind", [chart, lanes])
def test_hostile_words_stay_words(kind: Callable[[str], Flowchart | Lanes], words: str) -> None:
    """Any text gives the elements that a harmless one gives, but for names of hidden characters and isolation."""
    found, plain = tags(html(kind(words))), tags(html(kind("x")))
    names = {tag.name for tag in found}
    assert names - {tag.name for tag in plain} <= {"b", "bdi"}
    drawn = [tag for tag in found if tag.name in NAMES]
    assert {name for tag in drawn for name, _ in tag.attributes} <= SHAPES
    assert "img" not in names
    assert [tag for tag in found if tag.name == "script"] == [tag for tag in plain if tag.name == "script"]
    assert "style=" not in html(kind(words))


def test_a_flow_chart_says_every_step_and_every_way_out() -> None:
    """Boxes stand from start to done in order, with number, kind, words, and each way's condition and state."""
    ways = [Exit("before beat 8", "waiting"), Exit("otherwise", "done")]
    steps = [Step(0, "guard", "Goes on if beat >= 8.", ways), Step(1, "wait", "Waits for a*c.")]
    made = html(Flowchart("How it runs", steps, "A note."))
    said = [line.strip() for line in text(made).splitlines() if line.strip()]
    joined = " ".join(said)
    for words in ("start", "0 guard", "beat >= 8", "before beat 8", "otherwise", "1 wait", "a*c", "A note."):
        assert words in joined
    places = [joined.index(word) for word in ("start", "0 guard", "before beat 8", "waiting", "1 wait", "A note.")]
    assert places == sorted(places)
    [svg] = [dict(tag.attributes) for tag in tags(made) if tag.name == "svg"]
    assert (svg["role"], svg["aria-label"]) == (
        "img",
        "How it runs: a drawing of the steps, from the first to the last",
    )


def test_boxes_are_as_high_as_what_they_hold() -> None:
    """Boxes never overlap, whether their words or their ways out need more room."""
    steps = [
        Step(0, "k", "many words " * 99, ()),
        Step(1, "k", "few", [Exit("a condition of many words " * 9, "s")] * 5),
        Step(2, "k", "", [Exit("", "")]),
    ]
    drawn = draw_flowchart(Flowchart("t", steps), FULL)
    boxes = [(int(y), int(h)) for y, h in re.findall(r'y="(\d+)" width="339" height="(\d+)"', drawn)]
    assert len(boxes) == 3
    assert all(y + height < after for (y, height), (after, _) in pairwise(boxes))
    texts = [int(y) for y in re.findall(r'<text x="\d+" y="(\d+)"', drawn)]
    assert all(any(y < place < y + h for y, h in boxes) for place in texts[1:-1])
    assert "\u2026" in drawn


def test_a_chart_without_steps_leads_to_its_end() -> None:
    """No steps: start and done, and the note that says why; an unknown title is no problem."""
    words = text(html(Flowchart("", [], "It has no steps.")))
    assert [words.count(word) for word in ("start", "done", "It has no steps.")] == [1, 1, 1]


@pytest.mark.no_cover
@pytest.mark.parametrize("words", ["<", "\u202e", "x", "\U0001f600", "w w"])
@pytest.mark.parametrize("limit", [SMALL, LIMIT])
def test_drawings_are_shortened_to_fit(limit: int, words: str) -> None:
    """Any number of steps, lanes and parts fits a page, and what is left out is said."""
    long = words * 20_000
    made = html(chart(long, 3000), limit=limit)
    assert len(made.encode()) <= limit
    [more] = re.findall(r"([\d,]+) more steps are not drawn", text(made))
    assert int(more.replace(",", "")) >= 3000 - MOST
    made = html(lanes(long, 20, 1100), limit=limit)
    assert len(made.encode()) <= limit
    assert "later parts of lanes are not drawn" in text(made)


@given(st.integers(0, BIG), st.integers(0, BIG))
def test_ticks_are_few_and_round(one: int, other: int) -> None:
    """An axis has up to 8 numbers in its range, at equal distances of 1, 2 or 5 times a power of ten."""
    first, last = sorted((one, other))
    found = ticks(first, last)
    assert len(found) <= 8
    assert all(first <= value <= last for value in found)
    distances = {after - before for before, after in pairwise(found)}
    assert len(distances) <= 1
    assert all(re.fullmatch("[125]0*", str(distance)) for distance in distances)
    assert found or last - first < 10 ** len(str(last))


@settings(max_examples=50)
@given(st.integers(0, BIG), st.integers(0, BIG), st.lists(st.tuples(st.integers(0, BIG), st.integers(0, BIG))))
def test_no_number_leaves_the_picture(first: int, last: int, places: list[tuple[int, int]]) -> None:
    """Whatever the numbers are, every line is inside of the picture and long enough to be seen."""
    parts = [Segment(*place, "word", "bad") for place in places]
    drawn = draw_lanes(Lanes("t", "beat", first, last, [Lane("a", parts)]), FULL)
    lines = [(int(x), int(wide)) for x, wide in re.findall(r"M(\d+) 22h(\d+)", drawn)]
    assert all(180 <= x <= 924 and wide >= 2 and x + wide <= 926 for x, wide in lines)


def test_lanes_are_told_in_words_too() -> None:
    """Each part is on its lane by tone, has its word where there is room, and stands in the legend and a table."""
    parts = [Segment(0, 60, "waiting", "note"), Segment(60, 61, "held", "<odd>"), Segment(61, 100, "done", "good")]
    made = html(Lanes("Lifecycle", "beat", 0, 100, [Lane("inst.a", parts), Lane("inst.b", [])], "A note."))
    found = tags(made)
    shapes = [dict(tag.attributes).get("class") for tag in found if tag.name == "path"]
    assert [shape for shape in shapes if shape and shape.startswith("lane")] == ["lane note", "lane", "lane good"] * 2
    told = text(made)
    assert [told.count(word) for word in ("waiting", "held", "done")] == [3, 2, 3]
    rows = made.partition("<tbody>")[2].split("<tr>")[1:]
    cells = [re.findall(r"<td[^>]*>([^<\n]*)", row) for row in rows]
    assert cells[:3] == [["waiting", "0", "59"], ["held", "60", "60"], ["done", "61", "99"]]
    assert re.findall(r"<th[^>]*>(inst[^<\n]*)", made) == ["inst.a", "inst.b"]
    assert [word for word in ("from beat", "to beat", "A note.") if word not in told] == []
    labels = [dict(tag.attributes).get("aria-label") for tag in found if tag.name == "svg"]
    assert labels == ["Lifecycle: a picture of the table below", None, None, None]


def test_lanes_say_why_there_are_none() -> None:
    """Without lanes there is no picture, only the reason; lanes without parts have no legend."""
    made = html(Lanes("Lifecycle", "beat", 0, 0, [], empty="No instance was started."))
    assert "No instance was started." in text(made)
    assert Tag("figure", (("class", "drawing"),)) in tags(made)
    assert not [tag for tag in tags(made) if tag.name == "svg"]
    assert "legend" not in draw_lanes(Lanes("t", "beat", 3, 3, [Lane("a", [])]), FULL)


def test_a_legend_is_short() -> None:
    """A hundred words, as a log may invent them, are not all explained."""
    parts = [Segment(n, n + 1, f"word {n}", "note") for n in range(100)]
    told = text(draw_lanes(Lanes("t", "beat", 0, 100, [Lane("a", parts)]), FULL))
    assert "word 15" in told
    assert "word 16" not in told
    assert "84 more words" in told


@given(st.text(), st.integers(20, 400), st.integers(1, 5))
def test_lines_fit_their_width(words: str, wide: int, most: int) -> None:
    """A text is broken into lines that fit, in order; what is not shown is shown to be missing."""
    face = Face(13, wide)
    lines = lines_of(words, face, most)
    assert len(lines) <= most
    assert all(width_of(line, 13) <= wide for line in lines)
    whole = "".join(lines_of(words, Face(13, 1 << 30), 1)).replace(" ", "")
    shown = "".join(lines).replace(" ", "")
    assert shown == whole or (shown.endswith("\u2026") and whole.startswith(shown[:-1]))
