"""Counts as small lines in cells: how they are summed up, drawn, and told to who cannot see them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperlog import Tick, replay, simulated
from replayglass.cell import Spark, spark
from replayglass.page import Table
from replayglass.render.sparks import draw_spark
from replayglass.timeline import STEPS, Timeline, steps


@given(counts=st.dictionaries(st.integers(0, 10**6), st.integers(1, 9), min_size=1))
def test_steps_hold_every_count(counts: dict[int, int]) -> None:
    """There are at most 32 steps, and their sum is that of the counts, each in the step that its place is in."""
    begin, end = min(counts), max(counts) + 1
    points = steps(counts, begin, end)
    assert 1 <= len(points) <= STEPS
    assert sum(points) == sum(counts.values())
    width = -(-(end - begin) // STEPS)
    assert points == [
        sum(count for place, count in counts.items() if (place - begin) // width == step) for step in range(len(points))
    ]


def test_all_kinds_have_the_same_steps() -> None:
    """Lines of one table begin and end at the same times and have as many points; without counts there is none."""
    assert Timeline().trends() == {}
    timeline = Timeline()
    timeline.add(range(1000), ["ab"[number % 7 == 0] for number in range(1000)], range(1000))
    trends = timeline.trends()
    assert len(trends["a"]) == len(trends["b"]) <= STEPS
    assert sum(trends["b"]) == 143


@given(points=st.lists(st.integers(0, 10**12), min_size=2, max_size=STEPS))
def test_a_line_stays_in_its_box(points: list[int]) -> None:
    """Each point is a place of the drawing, from left to right, the largest one on top, 0 at the bottom."""
    drawn = draw_spark(Spark(points, "words"))
    path = re.search(r'<path d="M([0-9 L]+)"/>', drawn)
    assert path
    places = [tuple(map(int, place.split(" "))) for place in path[1].split("L")]
    assert [x for x, _ in places] == sorted({x for x, _ in places})
    assert (places[0][0], places[-1][0]) == (0, 96)
    assert all(0 <= y <= 18 for _, y in places)
    assert [y for _, y in places][points.index(max(points))] == (0 if max(points) else 18)


def test_a_line_says_its_numbers() -> None:
    """It has a label, escaped; where there are not two points to compare there is no line."""
    made = spark([1200, 3, 40], "time")
    assert made == Spark([1200, 3, 40], "3 steps of time: 1,200 in the first, 40 in the last, 3 to 1,200 in each")
    assert 'role=img aria-label="3 steps of time: 1,200 in the first' in draw_spark(made)
    assert 'aria-label="&lt;b&gt; &#34;"' in draw_spark(Spark([1, 2], '<b> "')).replace("&quot;", "&#34;")
    assert spark([1], "time") is spark([], "time") is None


LINES = {
    "events/index.html": ("Events by type",),
    "decisions/index.html": ("Why nothing was proposed, as logged",),
    "decisions/by-outcome/index.html": ("",),
    "decisions/by-answer/index.html": ("",),
    "findings/index.html": ("Findings by code",),
}


@pytest.mark.parametrize("path", LINES)
def test_tables_have_lines_where_counts_have_times(path: str) -> None:
    """What is counted over time has a line, and its counts are those of the table."""
    audit, _ = simulated(600, 5)
    replayed = replay([*audit, *(Tick(number, 10**6).u() for number in range(3))])
    (title,) = LINES[path]
    (table,) = [one for one in replayed.pages[path].blocks if isinstance(one, Table) and one.title == title]
    for row in table.rows:
        (line,) = [cell for cell in row if isinstance(cell, Spark)]
        numbers = [int(getattr(cell, "text", str(cell))) for cell in row if getattr(cell, "text", str(cell)).isdigit()]
        assert sum(line.points) == numbers[0]
