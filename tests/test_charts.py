"""Charts are figures that Plotly accepts, in a form that a page can hold."""

from __future__ import annotations

import json
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass.cell import Link
from replayglass.drawings import Chart, Series
from replayglass.render.charts import figure, label, number, script_data

BARS = Chart("e", "Events", "bars", "time", [0, 8, 16], [Series("a", [1, 2, 3]), Series("b", [4, 0, 3])])
STEPS = Chart("o", "Open", "steps", "time", [1, 5, 9], [Series("PAPER", [0, 2, 1])])
COUNTS = Chart("s", "Safety", "counts", "answers", ["ALLOW", "HALT"], [Series("answers", [30, 2])])
LINES = Chart("l", "Score", "lines", "beat", [0, 8], [Series("mean", [0.1234567, 3]), Series("highest", [1e15, -0.5])])
EMPTY = Chart("n", "None", "bars", "time", [], [])


@pytest.mark.parametrize("chart", [BARS, STEPS, LINES, COUNTS, EMPTY])
def test_plotly_accepts_every_figure(chart: Chart) -> None:
    """Plotly's own validation finds no unknown property and no bad value in any kind of chart."""
    made = go.Figure(figure(chart, 100))
    assert len(made.data) == len(chart.series)


def test_numbers_stand_where_their_kind_puts_them() -> None:
    """Bars stand on x and are stacked, steps hold until the next, counts lie, first category on top."""
    bars, steps, counts = (figure(chart, 100) for chart in (BARS, STEPS, COUNTS))
    assert [(trace["x"], trace["y"]) for trace in bars["data"]] == [([0, 8, 16], [1, 2, 3]), ([0, 8, 16], [4, 0, 3])]
    assert bars["layout"]["barmode"] == "stack"
    assert steps["data"][0]["line"] == {"shape": "hv"}
    assert (counts["data"][0]["x"], counts["data"][0]["y"]) == ([30, 2], ["ALLOW", "HALT"])
    assert counts["layout"]["yaxis"]["autorange"] == "reversed"
    assert [chart["layout"]["showlegend"] for chart in (bars, steps, counts)] == [True, False, False]


def test_no_axis_counts_in_halves() -> None:
    """An axis of small numbers has a line for each whole number; stacked bars count together."""
    assert figure(STEPS, 100)["layout"]["yaxis"]["dtick"] == 1
    assert "dtick" not in figure(BARS, 100)["layout"]["yaxis"]
    assert "dtick" not in figure(COUNTS, 100)["layout"]["xaxis"]


def test_fractions_have_six_decimals() -> None:
    """Lines may have fractions: six decimals in figure and table, on an axis that is not for whole numbers."""
    made = figure(LINES, 100)
    assert [trace["y"] for trace in made["data"]] == [[0.123457, 3], [1e15, -0.5]]
    assert (made["layout"]["yaxis"]["tickformat"], "dtick" in made["layout"]["yaxis"]) == (",.6~f", False)
    assert [number(value) for value in (0.1234567, 3, 1e15, -0.5, 10.0)] == [
        "0.123457",
        "3",
        "1000000000000000",
        "-0.5",
        "10",
    ]


def test_words_are_never_taken_for_dates_or_numbers() -> None:
    """Categories that look like dates or numbers stay the words they are."""
    chart = COUNTS._replace(kind="bars", x=["2020-01-01", "7"])
    assert figure(chart, 100)["layout"]["xaxis"]["type"] == "category"
    assert figure(BARS, 100)["layout"]["xaxis"]["type"] == "linear"
    assert figure(COUNTS._replace(x=[1, 2]), 100)["layout"]["yaxis"]["type"] == "category"


@given(st.text(st.one_of(st.characters(), st.sampled_from("<>&\"'\u2028\u2029\u202e\ud800"))))
def test_chart_data_cannot_end_its_script(name: str) -> None:
    """No name can close the script element or open another; the numbers come through unchanged."""
    chart = Chart("x", name, "counts", name, [name, "b"], [Series(name, [1, 2])])
    data = script_data(chart, 1000, "")
    assert not set("<>&\u2028\u2029") & set(data)
    parsed = json.loads(data)
    assert parsed["data"][0]["name"] == label(name, 1000)
    assert parsed["data"][0]["x"] == [1, 2]


def test_points_lead_to_what_made_them() -> None:
    """The last series has, for each point, the address of what made the numbers, from the page, and what that is."""
    chart = BARS._replace(links=[Link("from event 1", "events/000000.html#e1"), None, Link("b", "b.html")])
    traces = figure(chart, 100, "../")["data"]
    assert traces[-1]["customdata"] == [["../events/000000.html#e1", "from event 1"], None, ["../b.html", "b"]]
    for name in ("customdata", "hovertemplate"):
        assert [name in trace for trace in traces] == [False, True]
    for bare in (BARS, BARS._replace(links=[None] * 3)):
        assert not any("customdata" in trace for trace in figure(bare, 100)["data"])


def test_labels_are_literal_text() -> None:
    """Plotly reads markup, links and entities in labels: they arrive as text, hidden characters by name."""
    assert label("<b>x</b> &lt; \u202e", 100) == "&lt;b&gt;x&lt;/b&gt; &amp;lt; U+202E"
    assert label("abcdef", 3) == "abc\u2026"


@given(st.integers(0, 2000))
def test_longer_limits_show_more(limit: int) -> None:
    """A label grows with its limit, up to the whole name."""
    sizes = [len(label("x" * 1000, size)) for size in (limit, limit + 1)]
    assert all(small <= large or large == 1000 for small, large in pairwise(sizes))
