"""Takes the picture of a site's overview that the README shows."""

from __future__ import annotations

import argparse
from pathlib import Path

from browser import chromium, visiting


def main() -> None:
    """Open the overview and save what a reader sees first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path)
    parser.add_argument("picture", type=Path)
    chosen = parser.parse_args()
    with chromium() as browser, visiting(browser) as visit:
        visit.page.goto((chosen.site.resolve() / "index.html").as_uri())
        visit.page.wait_for_selector(".js-plotly-plot, .plotly")
        visit.page.screenshot(path=chosen.picture)


if __name__ == "__main__":
    main()
