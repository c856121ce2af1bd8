"""What the tests of whole builds share: each run of the conformance data is built once."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from browser import chromium, visiting
from sites import AUDIT, build, command, make_run, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from browser import Visit
    from sites import Site


LONGEST = (
    "test_continuing",
    "test_accessibility",
    "test_sharing",
    "test_lookup_browser",
    "test_browser",
    "test_shares",
    "test_determinism",
    "test_pageframe",
    "test_selfcheck",
    "test_cluster",
    "test_drawings",
    "test_continuing_state",
    "test_limits",
    "test_writer_crash",
    "test_verify_tampering",
)
"""The test files that take more than ten seconds, longest first."""

MEASURED = "COVERAGE_PROCESS_CONFIG"
"""Has coverage.py measure the Python processes that are started (``patch = subprocess``)."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that accepts what is built now as what is expected."""
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden from what is built now")


def pytest_configure(config: pytest.Config) -> None:
    """Have no test fail for being slow, and refuse to rewrite what is expected where nobody looks at the difference."""
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")
    if config.getoption("--update-golden") and os.environ.get("CI"):
        message = "--update-golden is for people: CI compares, it never accepts"
        raise pytest.UsageError(message)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no process is left alone with one of them at the end."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Measure the processes that a test starts no more than the test itself.

    Tests of whole builds are marked ``no_cover``: what they run is covered by others, and measuring makes them slow.
    """
    settings = os.environ.pop(MEASURED, None) if item.get_closest_marker("no_cover") else None
    try:
        yield
    finally:
        if settings is not None:
            os.environ[MEASURED] = settings


@pytest.fixture(scope="session")
def update_golden(pytestconfig: pytest.Config) -> bool:
    """Say whether the golden files are to be rewritten."""
    return bool(pytestconfig.getoption("--update-golden"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give one Chromium to all tests of a file."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Visit]:
    """Give one window to all tests of a file that need none of their own, since each takes as long as many pages."""
    with visiting(browser) as opened:
        opened.forget_files()
        yield opened


@pytest.fixture(scope="session")
def site_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Site]:
    """Return a function that builds the site of a run, once."""
    built: dict[Path, Site] = {}

    def once(run: Path) -> Site:
        if run not in built:
            built[run] = build(run, tmp_path_factory.mktemp(run.name) / "site")
        return built[run]

    return once


@pytest.fixture(scope="session")
def long_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of many pages, in which the first decisions are judged, and evaluated, again at the end."""
    run = tmp_path_factory.mktemp("long") / "run"
    assert command("simulate", "paper", "--events", "3000", "--seed", "7", "--out", run).exit_code == 0
    lines = records(run / AUDIT)
    first, last = json.loads(lines[0]), json.loads(lines[-1])
    late = {
        "id": "00000000-0000-4000-8000-00000000f00d",
        "type": "USER_FEEDBACK_RECORDED",
        "version": 1,
        "logicalTime": last["logicalTime"],
        "createdAtLogical": last["logicalTime"],
        "feedbackId": "00000000-0000-4000-8000-00000000f00d",
        "category": "RISK_COMFORT",
        "target": {"type": "DECISION", "decisionId": first["decisionId"]},
    }
    more = [json.dumps(late, separators=(",", ":")).encode(), *lines[:3]]
    return make_run(run, b"\n".join([*lines, *more, b""]))


@pytest.fixture(scope="session")
def flow_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a flow run whose lists have several pages."""
    run = tmp_path_factory.mktemp("flow") / "run"
    assert command("simulate", "flow", "--instances", "150", "--beats", "150", "--out", run).exit_code == 0
    return run
