"""Drawings as data: charts, which a script draws, and what is drawn when the site is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.cell import Link


class Series(NamedTuple):
    """One named line or set of bars; ``y`` is parallel to the chart's ``x``, finite and shown with six decimals."""

    name: str
    y: Sequence[int | float]


class Chart(NamedTuple):
    """Numbers: stacked ``bars``, ``steps`` that hold until the next, ``lines`` from point to point, ``counts``.

    ``x_title`` says of what the counts are. ``links`` are parallel to ``x``, or empty: where the numbers come from.
    """

    name: str
    title: str
    kind: Literal["bars", "steps", "lines", "counts"]
    x_title: str
    x: Sequence[str | int]
    series: Sequence[Series]
    note: str = ""
    links: Sequence[Link | None] = ()


class Exit(NamedTuple):
    """A way out of a step other than to the next one: when it is taken, and what the state is then."""

    when: str
    state: str


class Step(NamedTuple):
    """One box of a flow chart: its number, the kind of the step, what it does, and the ways out of it."""

    number: int
    kind: str
    words: str
    exits: Sequence[Exit] = ()


class Flowchart(NamedTuple):
    """Steps one after the other, the last one followed by the end; drawn when the site is built, without a script.

    A chart without steps leads from start to end; ``note`` may say why.
    """

    title: str
    steps: Sequence[Step]
    note: str = ""


class Segment(NamedTuple):
    """A part of a lane, from ``first`` to before ``last``: a word, and a tone as in `Badge`."""

    first: int
    last: int
    word: str
    tone: str


class Lane(NamedTuple):
    """A named line of segments in order, which do not overlap; ``href`` is where its story is."""

    name: str
    segments: Sequence[Segment]
    href: str = ""


class Lanes(NamedTuple):
    """What state each of a few things was in over ``first`` to before ``last``; drawn without a script.

    ``empty`` says why there are no lanes.
    """

    title: str
    x_title: str
    first: int
    last: int
    lanes: Sequence[Lane]
    note: str = ""
    empty: str = ""
