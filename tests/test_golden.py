"""Whole sites, byte by byte, as they were when somebody last looked at them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sites import PAPER, REPO, SAMPLE, tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sites import Site, Tree

GOLDEN = REPO / "tests" / "golden"
DAMAGED = ("torn_last_line", "invalid_utf8", "html_script_payload")
FLOW = REPO / "samples" / "flow-diverged"
CASES = {"sample": SAMPLE, "flow": FLOW, **{name: PAPER / "bad" / name for name in DAMAGED}}
ASSETS = "assets.txt"


def golden_form(site: Tree) -> Tree:
    """Return a site without its assets, which are named by their content; a list of the names stands for them."""
    names = sorted(path for path in site if path.startswith("assets/"))
    kept = {path: data for path, data in site.items() if path not in names}
    return kept | {ASSETS: "".join(f"{name}\n" for name in names).encode()}


def write(folder: Path, files: Tree) -> None:
    """Write a golden tree in the place of the one that is there."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


@pytest.mark.parametrize("name", CASES)
def test_a_site_is_the_golden_one(name: str, site_of: Callable[[Path], Site], update_golden: bool) -> None:  # noqa: FBT001 - a fixture
    """The site of a run equals its golden tree; `make golden` accepts a change, for the diff to be read."""
    built = golden_form(site_of(CASES[name]).tree())
    if update_golden:
        write(GOLDEN / name, built)
    expected = tree(GOLDEN / name)
    assert sorted(built) == sorted(expected)
    assert [path for path in built if built[path] != expected[path]] == []


def test_nothing_else_is_golden() -> None:
    """No tree is left over from a case that is gone."""
    assert {path.name for path in GOLDEN.iterdir()} == {*CASES, "schemas"}


def test_ci_never_accepts_a_change() -> None:
    """With CI set, --update-golden is refused before any test runs."""
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--update-golden", "tests/test_golden.py"]
    done = subprocess.run(words, cwd=REPO, env=os.environ | {"CI": "1"}, capture_output=True, check=False)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert b"--update-golden is for people" in done.stderr
