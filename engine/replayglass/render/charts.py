"""Charts as Plotly figures: plain dictionaries, so that building a site imports no Plotly.

Colours are not said here: the script takes them from the style sheet, so that they fit light and dark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replayglass.logscript import script_json
from replayglass.render.escape import name_hidden

if TYPE_CHECKING:
    from replayglass.drawings import Chart, Series

_HEIGHT = 300
_BAR_HEIGHT = 30
_DECIMALS = 6
_LOOKS: dict[str, dict[str, Any]] = {
    "bars": {"type": "bar"},
    "counts": {"type": "bar", "orientation": "h"},
    "lines": {"type": "scatter", "mode": "lines+markers", "marker": {"size": 5}},
    "steps": {"type": "scatter", "mode": "lines", "line": {"shape": "hv"}, "cliponaxis": False},
}
"""What a trace is drawn as, by the kind of its chart."""

_HOVER = {False: "%{y} (%{customdata[1]})", True: "%{x} (%{customdata[1]})"}
"""What a point of the last series says, for all of them, by whether bars lie flat."""

_FEW = 5
"""Highest number up to which every whole number has its own line; Plotly would draw halves."""


def figure(chart: Chart, limit: int, root: str = "") -> dict[str, Any]:
    """Return ``chart`` as a Plotly figure; names longer than ``limit`` characters are cut.

    ``root`` leads from the page to the site's root. The points of the last series carry the addresses that a click
    opens, and say for all series what that is.
    """
    x = [value if isinstance(value, int) else label(value, limit) for value in chart.x]
    is_flat, is_whole = chart.kind == "counts", chart.kind != "lines"
    links = [None if link is None else [root + link.href, link.text] for link in chart.links]
    traces = [_trace(chart, series, x, limit) for series in chart.series]
    if any(links) and traces:
        traces[-1].update(customdata=links, hovertemplate=_HOVER[is_flat])
    form = ",d" if is_whole else f",.{_DECIMALS}~f"
    numbers: dict[str, Any] = {"rangemode": "tozero", "tickformat": form, "automargin": True, "fixedrange": True}
    if is_whole and _highest(chart) <= _FEW:
        numbers["dtick"] = 1
    title = {"text": label(chart.x_title, limit)}
    others = {
        "type": "linear" if all(isinstance(value, int) for value in x) and not is_flat else "category",
        "automargin": True,
        "fixedrange": True,
    }
    layout: dict[str, Any] = {
        "xaxis": {**(numbers if is_flat else others), "title": title},
        "yaxis": {**others, "autorange": "reversed"} if is_flat else numbers,
        "barmode": "stack",
        "bargap": 0.2,
        "dragmode": False,
        "hovermode": "closest" if is_flat else "x unified",
        "showlegend": len(traces) > 1,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "height": 48 + _BAR_HEIGHT * len(x) if is_flat else _HEIGHT,
        "autosize": True,
    }
    return {"data": traces, "layout": layout}


def script_data(chart: Chart, limit: int, root: str) -> str:
    """Return the figure of ``chart`` as JSON that may stand in a script element; ``root`` as in `figure`."""
    return script_json(figure(chart, limit, root)).decode()


def number(value: float) -> str:
    """Return a number as the table below a chart shows it: with six decimals at most."""
    return str(value) if isinstance(value, int) else f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")


def label(text: str, limit: int) -> str:
    """Return ``text`` as Plotly shows it literally: it takes ``<b>``, ``<a href>`` and entities for markup."""
    shown = text if len(text) <= limit else f"{text[:limit]}\u2026"
    return name_hidden(shown).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _highest(chart: Chart) -> float:
    columns = zip(*[series.y for series in chart.series], strict=True)
    return max([sum(column) if chart.kind == "bars" else max(column) for column in columns], default=0)


def _trace(chart: Chart, series: Series, x: list[str | int], limit: int) -> dict[str, Any]:
    y = [round(value, _DECIMALS) for value in series.y]
    places = {"x": y, "y": x} if chart.kind == "counts" else {"x": x, "y": y}
    return {**_LOOKS[chart.kind], "name": label(series.name, limit), **places}
