"""What a program can tell of accessibility, for every kind of page: no violation of any rule of axe-core."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser import visiting
from sites import FLOW, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    from sites import Site

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RUNS = (SAMPLE, FLOW.with_name("flow-diverged"))
SAY = "axe.run().then((all) => all.violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`))"


def kinds(site: Site) -> list[Path]:
    """Return one page of each kind: those whose paths differ in more than numbers."""
    found: dict[str, Path] = {}
    for path in sorted(site.folder.rglob("*.html")):
        found.setdefault(re.sub(r"\d+", "N", path.relative_to(site.folder).as_posix()), path)
    return list(found.values())


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the page as it is now."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return list(page.evaluate(SAY))


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)], ids=["wide-light", "narrow-dark"])
@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_every_kind_of_page(
    run: Path, width: int, *, dark: bool, browser: Browser, site_of: Callable[[Path], Site]
) -> None:
    """No page of any kind breaks a rule, in light on a wide and in dark on a narrow screen."""
    wrong = {}
    with visiting(browser, width=width, dark=dark, is_strict=False) as visit:
        for path in kinds(site_of(run)):
            visit.page.goto(path.as_uri())
            wrong[path.name] = violations(visit.page)
    assert {path: found for path, found in wrong.items() if found} == {}


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
