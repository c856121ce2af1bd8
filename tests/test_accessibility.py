"""What a program can tell of accessibility, for every kind of page: no violation of any rule of axe-core."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from browser import kinds, visiting
from sites import FLOW, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    from sites import Site

pytestmark = pytest.mark.no_cover

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
DIVERGED = FLOW.with_name("flow-diverged")
CHANGED = frozenset({"flow", "findings", "integrity"})
RUNS = (SAMPLE, FLOW, DIVERGED)
SCREENS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((1280, "light"), (360, "dark"))
SAY = """axe.run({ resultTypes: ["violations"] })
  .then((all) => all.violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`))"""


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the page as it is now."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return list(page.evaluate(SAY))


def _looked_at(run: Path, site_of: Callable[[Path], Site]) -> list[Path]:
    """Return a page of each kind; where a flow diverged, of those which that changes."""
    pages = kinds(site_of(run))
    if run != DIVERGED:
        return pages
    folder, usual = site_of(run).folder, site_of(FLOW).folder
    return [
        path
        for path in pages
        if path.parent.name in CHANGED
        or not (usual / path.relative_to(folder).parent).is_dir()
        or path.parent == folder
    ]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_every_kind_of_page(run: Path, browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """No page of any kind breaks a rule, in light on a wide and in dark on a narrow screen."""
    wrong = {}
    with visiting(browser, is_strict=False) as visit:
        for path in _looked_at(run, site_of):
            visit.page.goto(path.as_uri())
            for width, scheme in SCREENS:
                visit.page.set_viewport_size({"width": width, "height": 900})
                visit.page.emulate_media(color_scheme=scheme)
                wrong[str(path), scheme] = violations(visit.page)
    assert {where: found for where, found in wrong.items() if found} == {}


def test_what_scripts_add(browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """Tools of a row, the help and unfolded stories break no rule either, in the theme that the reader chose."""
    folder = site_of(SAMPLE).folder
    with visiting(browser, is_strict=False) as visit:
        visit.page.goto((folder / "events/000000.html").as_uri() + "#e3")
        visit.page.get_by_label("Theme").select_option("dark")
        visit.page.locator("tr#e3 .rowtools").wait_for()
        assert violations(visit.page) == []
        visit.page.locator("h1").click()
        visit.page.keyboard.press("?")
        visit.page.locator("dialog[open]").wait_for()
        assert violations(visit.page) == []
        visit.page.goto((folder / "decisions/000000.html").as_uri() + "#d6")
        visit.page.get_by_role("button", name="Unfold all").click()
        assert violations(visit.page) == []
