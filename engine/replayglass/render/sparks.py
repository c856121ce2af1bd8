"""Counts as a small line in a cell: SVG made with the page, without a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.render.escape import escape_label

if TYPE_CHECKING:
    from replayglass.cell import Spark

_WIDTH, _HEIGHT = 96, 18


def draw_spark(spark: Spark) -> str:
    """Return the line of at least two points: from 0 at the bottom to the largest at the top."""
    last, most = len(spark.points) - 1, max(1, *spark.points)
    places = [
        f"{_WIDTH * number // last} {_HEIGHT - _HEIGHT * count // most}" for number, count in enumerate(spark.points)
    ]
    box = f'viewBox="0 -1 {_WIDTH} {_HEIGHT + 2}" width={_WIDTH} height={_HEIGHT + 2}'
    words = escape_label(spark.words)
    return f'<svg class=spark role=img aria-label="{words}" {box}><path d="M{"L".join(places)}"/></svg>'
