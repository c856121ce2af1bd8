"""Counts over logical time: bounded, and the same however they were added."""

from __future__ import annotations

from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from replayglass.timeline import MAX_BINS, Levels, Timeline

TIMES = st.integers(0, 400) | st.integers(0, 2**53 - 1)
COUNTED = st.lists(st.tuples(TIMES, st.sampled_from("ABC")), max_size=400)


def timeline(added: list[list[tuple[int, str]]]) -> Timeline:
    """Return a timeline to which these were added, a list at a time."""
    made, row = Timeline(), 0
    for some in added:
        made.add([time for time, _ in some], [kind for _, kind in some], range(row, row + len(some)))
        row += len(some)
    return made


def fits(times: list[int], width: int) -> bool:
    """Say whether the times fall into no more bins than there may be."""
    return len({time // width for time in times}) <= MAX_BINS


@given(counted=COUNTED, step=st.integers(1, 100))
@example(counted=[(time, "A") for time in range(129)], step=10)
def test_counts_do_not_depend_on_the_order(counted: list[tuple[int, str]], step: int) -> None:
    """Bins are the narrowest powers of two of which there are few enough; split and order of adds do not matter."""
    whole = timeline([counted])
    times = [time for time, _ in counted]
    width = whole.width
    assert width & (width - 1) == 0
    assert fits(times, width)
    assert width == 1 or not fits(times, width // 2)
    starts, series = whole.series("ABCD")
    wanted = Counter((time // width * width, kind) for time, kind in counted)
    assert starts == sorted({start for start, _ in wanted})
    assert series == {kind: [wanted[(start, kind)] for start in starts] for kind in "ABCD"}
    placed = [time // width * width for time in times]
    assert whole.rows() == [placed.index(start) for start in starts]
    split = timeline([counted[at : at + step] for at in range(0, len(counted), step)])
    assert split.rows() == whole.rows()
    other = timeline([sorted(counted, reverse=True)])
    assert split.series("ABC") == other.series("ABC") == whole.series("ABC")


@given(given=st.lists(st.tuples(TIMES, st.integers(0, 9)), max_size=300))
@example(given=[(0, 1), (4, 2), *((1000 + 8 * number, 3) for number in range(128)), (1, 4), (5, 5), (3, 6)])
@example(given=[(0, 1), (2, 2), (1, 3), *((1000 * number, 4) for number in range(1, 300))])
def test_levels_keep_the_last_of_each_bin(given: list[tuple[int, int]]) -> None:
    """However often bins were made wider, each has the level that was set last in it, also when time goes back."""
    levels = Levels()
    for row, (time, level) in enumerate(given):
        levels.set(time, level, row)
    wanted = {time // levels.width * levels.width: (level, row) for row, (time, level) in enumerate(given)}
    assert list(levels.series().items()) == sorted(wanted.items())
    assert len(wanted) <= MAX_BINS
    assert levels.width == 1 or not fits([time for time, _ in given], levels.width // 2)
