"""What the gallery shows: pages of the samples' sites, and the screens and sheets on which they are looked at."""

from __future__ import annotations

from typing import Literal, NamedTuple


class View(NamedTuple):
    """A page: its name in the gallery, where it is below the folder of the sites, and whether it has charts."""

    name: str
    address: str
    charts: str = ""


class Medium(NamedTuple):
    """A way to look at a page; sizes in CSS pixels, ``margin`` of white paper included."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"
    media: Literal["screen", "print"] = "screen"
    margin: int = 0


VIEWS = (
    View("overview", "site/index.html", charts=".js-plotly-plot svg.main-svg"),
    View("events", "site/events/000000.html"),
    View("decision", "site/decisions/000000.html#d6"),
    View("ledger", "site/ledger/index.html", charts=".js-plotly-plot svg.main-svg"),
    View("instance", "flow/flow/instances/000000.html#n1"),
    View("integrity", "site/integrity/index.html"),
)
MEDIA = (
    Medium("light", 1280, 800),
    Medium("dark", 1280, 800, scheme="dark"),
    Medium("phone", 360, 740),
    Medium("print", 794, 1123, media="print", margin=48),  # A4 at 96 dpi
)
