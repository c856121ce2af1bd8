"""Rows told apart by what they have in common: every row once under its key, in order, on pages that never change."""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from replayglass.facet import Facet
from replayglass.facetshape import LONGEST, MOST, SIZE, Shape
from replayglass.page import Document, Page, Rows
from replayglass.row import Collection, Field, Row, RowKind
from replayglass.share import WHOLE, Share
from sites import PAPER, command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from replayglass.facet import Triple

ROWS = Collection("things", "t", 256, "thing", "things", "v1/things")
SHAPE = Shape(ROWS, "colour", "colours", ("thing",), "Things by colour.", "There is no thing.")
EVENTS, MEMORY = "v1/observe/persistence/audit-events", "v1/observe/derived/decision-memory"


class Colours(Facet):
    """Things by colour."""

    def row(self, number: int, triple: Triple) -> Row:
        """Return the row of a thing."""
        return Row(RowKind(((Field("int"),),)), number, triple[:1])


def _listed(site: Path, facet: str) -> dict[str, list[int]]:
    """Return the numbers of rows by key, as the documents of a facet have them."""
    keys = json.loads((site / facet / "index.json").read_bytes())
    found = {}
    for key in keys["keys"]:
        pages = [json.loads(page.read_bytes()) for page in sorted((site / key["folder"] / "pages").iterdir())]
        rows = found[key["key"]] = [number for page in pages for number in page["rows"]]
        assert (len(rows), rows[0], rows[-1]) == (key["count"], key["first"], key["last"])
    assert keys["others"] == 0
    return found


def _rows(site: Path, folder: str, name: str) -> Iterator[tuple[int, Any]]:
    for page in sorted((site / folder / "pages").iterdir()):
        data = json.loads(page.read_bytes())
        refused = {one["seq"] for one in [*data.get("unreadable", ()), *data.get("invalid", ())]}
        numbers = [data["first"] + place for place in range(data["count"]) if data["first"] + place not in refused]
        rows = data[name].values() if isinstance(data[name], dict) else data[name]
        yield from zip(numbers, rows, strict=True)


def _grouped(pairs: Iterator[tuple[int, str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, key in pairs:
        found.setdefault(key, []).append(number)
    return found


@pytest.mark.parametrize("name", ["simulated", "small", "damaged"])
def test_every_row_is_listed_under_its_key(name: str, tmp_path: Path) -> None:
    """Events by type and decisions by class are what the events and the decision memory say, in order and complete."""
    runs = {"small": PAPER / "small", "damaged": PAPER / "bad" / "invalid_utf8"}
    run = runs.get(name, tmp_path / "run")
    if name not in runs:
        assert command("simulate", "paper", "--events", "3000", "--out", run).exit_code == 0
    site = tmp_path / "site"
    assert command("build", run, "--out", site).exit_code in (0, 1)
    events = _grouped((seq, event["type"]) for seq, event in _rows(site, EVENTS, "events"))
    assert _listed(site, f"{EVENTS}/by-type") == events
    entries = list(_rows(site, MEMORY, "entries"))
    classes = _grouped((number, entry["decisionClass"]) for number, entry in entries)
    assert _listed(site, f"{MEMORY}/by-class") == classes
    outcomes = _listed(site, f"{MEMORY}/by-outcome")
    assert sorted(chain.from_iterable(outcomes.values())) == [number for number, _ in entries]
    filled = [number for number, entry in entries if entry["execution"]["lastExecutionStatus"] == "FILLED"]
    assert outcomes.get("filled", []) == filled


def _given(facet: Facet, keys: list[str]) -> list[Page | Document]:
    made = [one for number, key in enumerate(keys) for one in facet.add(key, (number, 0, 0), number // SIZE)]
    return [one for one in [*made, *facet.finish()] if isinstance(one, (Page, Document))]


def test_a_full_page_never_changes() -> None:
    """Whatever comes after, the pages that were filled before are the same."""
    keys = ["red", "blue", "red"] * SIZE
    before = {one.path: one for one in _given(Colours(SHAPE, WHOLE), keys)}
    after = {one.path: one for one in _given(Colours(SHAPE, WHOLE), [*keys, *["blue", "green"] * SIZE])}
    full = [path for path in before if path.endswith(("000000.html", "000000.json", "000001.json"))]
    assert len(full) >= 4
    assert all(before[path] == after[path] for path in full if "000000/" in path)
    assert "things/by-colours/000002/000000.html" in after


def test_keys_are_bounded() -> None:
    """Rows of keys beyond the first ones, or of endless keys, are counted, and the list of keys says so."""
    keys = [f"colour {number}" for number in range(MOST - 1)] + ["x" * (LONGEST + 1), "last", "one more", "last"]
    facet = Colours(SHAPE, WHOLE)
    made = {one.path: one for one in _given(facet, keys)}
    document = made["v1/things/by-colours/index.json"]
    assert isinstance(document, Document)
    data = json.loads(document.data)
    assert (len(data["keys"]), data["others"], data["keys"][-1]["count"]) == (MOST, 2, 2)
    page = made["things/by-colours/index.html"]
    assert isinstance(page, Page)
    assert "2 more have none of the keys listed here" in page.intro
    assert facet.cell("one more") == ("one more",)
    assert facet.cell("one more", "1") == "1"


def test_pages_of_others_are_hollow() -> None:
    """A share makes the pages that were begun in its stretches, and counts the rows of the others."""
    keys = ["red"] * (4 * SIZE)
    whole = {one.path: one for one in _given(Colours(SHAPE, WHOLE), keys)}
    shares = [Share(0, 2, SIZE), Share(1, 2, SIZE)]
    parts = [{one.path: one for one in _given(Colours(SHAPE, share), keys)} for share in shares]
    pages = [path for path, one in whole.items() if one.stretch is not None]
    assert len(pages) == 8
    for path in pages:
        made = [part[path] == whole[path] for part in parts]
        assert sorted(made) == [False, True]
        if path.endswith(".html"):
            (hollow,) = [part[path] for part, is_made in zip(parts, made, strict=True) if not is_made]
            assert isinstance(hollow, Page)
            assert [block.rows for block in hollow.blocks if isinstance(block, Rows)] == [[]]


def test_stories_lead_to_the_same_instance(tmp_path: Path) -> None:
    """A story links to the decision of its instance before it, and to the next one if that is on the same page."""
    run, site = tmp_path / "run", tmp_path / "site"
    assert command("simulate", "paper", "--events", "1500", "--out", run).exit_code == 0
    assert command("build", run, "--out", site).exit_code == 0
    expected: dict[int, list[int]] = {}
    for numbers in _listed(site, f"{MEMORY}/by-instance").values():
        for before, number, after in zip([None, *numbers], numbers, [*numbers[1:], None], strict=False):
            is_near = after is not None and after // 64 == number // 64
            expected[number] = [one for one in (before, after if is_near else None) if one is not None]
    found = {}
    for page in sorted((site / "decisions").glob("0*.html")):
        for story in re.split(r"<details class=\"?story", page.read_text())[1:]:
            (number,) = map(int, re.findall(r"id=d(\d+)", story)[:1])
            lines = [line for line in story.splitlines() if "same instance" in line]
            found[number] = [int(one) for line in lines for one in re.findall(r"#d(\d+)", line)]
    assert found == expected
    assert any(len(around) == 2 for around in found.values())
    assert any(before[0] // 64 < number // 64 for number, before in found.items() if before)
