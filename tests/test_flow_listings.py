"""Instances by program, changes by state, intents by outcome: every row once under its key, on pages that last."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from replayglass.domains.flow.beat import Change, Stand
from replayglass.domains.flow.listings import LISTED, Listings, program_of
from replayglass.domains.flow.state import Instance, State
from replayglass.domains.flow.tree import Link
from replayglass.page import Document, Page
from sites import build
from test_flowsite import beat, intent, journal, make, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from replayglass.page import Artifact
    from sites import Site

Json = dict[str, Any]
STATES, PROGRAMS, OUTCOMES = "lifecycle/by-state", "instances/by-program", "intents/by-outcome"


def listed(site: Site, facet: str) -> dict[str, list[int]]:
    """Return the numbers of rows by key."""
    keys = site.document(f"v1/flow/{facet}/index.json")
    assert (keys["of"], keys["others"]) == (f"v1/flow/{facet.partition('/')[0]}", 0)
    found = {key["key"]: [row for page in site.pages(key["folder"]) for row in page["rows"]] for key in keys["keys"]}
    assert [key["count"] for key in keys["keys"]] == [len(numbers) for numbers in found.values()]
    return found


def grouped(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """Return numbers by key, keys in the order of their first appearance."""
    found: dict[str, list[int]] = {}
    for key, number in pairs:
        found.setdefault(key, []).append(number)
    return found


def test_each_row_stands_under_its_key(flow_run: Path, site_of: Callable[[Path], Site]) -> None:
    """Changes into another state, executed intents and started instances stand under what they have in common."""
    site = site_of(flow_run)
    changes = [row for row in rows(site, "lifecycle") if row["state"] != row["state_before"]]
    assert listed(site, STATES) == grouped((row["state"], row["row"]) for row in changes)
    assert listed(site, OUTCOMES) == grouped((row["outcome"], row["row"]) for row in rows(site, "intents"))
    nodes = [(program_of(row["node"]), row["row"]) for row in rows(site, "instances")]
    wanted = grouped((program, number) for program, number in nodes if program is not None)
    started = listed(site, PROGRAMS)
    assert started.keys() == wanted.keys()
    assert all(set(started[program]) >= set(numbers) for program, numbers in wanted.items())
    states = site.document("v1/flow/index.json")["instances"]
    home = (site.folder / "flow" / "instances" / "index.html").read_text()
    for number, key in enumerate(listed(site, STATES)):
        page = (site.folder / "flow" / STATES / f"{number:06d}" / "index.html").read_text()
        assert page.count("flow/instances/0") == min(states.get(key, 0), LISTED)
        assert (f"{STATES}/{number:06d}/index.html" in home) == (key in states)


def test_stories_and_programs_lead_to_the_lists(tmp_path: Path) -> None:
    """An instance that is started anew stands under each program it had; its story, programs, look-up lead there."""
    lines = [
        *(intent(0, "fl_upsert", f"t.{name}", kind="program", id=f"prog.{name}", steps={}) for name in "ab"),
        beat(0),
        beat(1),
        *(
            intent(2, "fl_upsert", f"v.{name}", kind="variant", id=f"var.{name}", program=f"prog.{name}")
            for name in "ab"
        ),
        beat(2),
        beat(3),
    ]
    for number, name in enumerate("aaba"):
        lines += [
            intent(2 * number + 4, "inst_start", f"s.{number}", id="inst.a", variant=f"var.{name}"),
            beat(2 * number + 4),
            beat(2 * number + 5),
        ]
    lines += [intent(12, "inst_start", "s.x", id="inst.x", variant="var.none"), beat(12), beat(12)]
    site = build(make(tmp_path / "run", journal(*lines)), tmp_path / "site")
    assert listed(site, PROGRAMS) == {"prog.a": [0, 0], "prog.b": [0]}
    folder = site.folder / "flow"
    assert f"{PROGRAMS}/000000/" in (folder / "programs" / "000000.html").read_text()
    story = (folder / "instances" / "000000.html").read_text()
    for place in (f"{PROGRAMS}/000000/000000.html#f0", f"{STATES}/000001/000000.html#f0", "programs/000000.html#p0"):
        assert place in story
    assert "not executed: it was before" in (folder / "journal" / "000000.html").read_text()
    names = "".join(path.read_text() for path in (site.folder / "lookup").rglob("names-*.html"))
    assert f"flow/{PROGRAMS}/000001/index.html" in names
    assert f"flow/{STATES}/000000/index.html" in names


def test_programs_are_told_in_both_forms() -> None:
    """An instance refers to its program by a link, in a state and in a dump; other things are no program."""
    nodes: list[Json] = [{"program": Link(("program", "prog.a"))}, {"program": {"$link": "/data/flow/program/prog.a"}}]
    assert {program_of(node) for node in nodes} == {"prog.a"}
    others: list[Json] = [{"program": Link(("variant", "var.a", "program"))}, {"program": {"$link": None}}, {}]
    assert {program_of(node) for node in others} == {None}


def test_an_instance_without_a_program_is_not_listed() -> None:
    """Who runs nothing stands under no program; who has no state stands under that, and so many of them are named."""
    lists, made = Listings(), list["Artifact"]()
    made += lists.started({}, 0, 0, 0)
    made += lists.came(Change("inst.a", "start", None, Stand(None, None)), 0, 0, 0)
    made += lists.came(Change("inst.a", "sweep", Stand(None, None), Stand(None, "1")), 1, 1, 0)
    names = [f"inst.{number}" for number in range(LISTED + 1)]
    made += lists.finish(State(instances={name: Instance(name, {}) for name in names}))
    keys = {one.path: json.loads(one.data)["keys"] for one in made if isinstance(one, Document) and "index" in one.path}
    assert [key["key"] for key in keys[f"v1/flow/{STATES}/index.json"]] == ["no state"]
    assert keys[f"v1/flow/{PROGRAMS}/index.json"] == []
    assert "No instance of a program" in str([one for one in made if isinstance(one, Page)])
    assert f"the first {LISTED} of {LISTED + 1}" in str([one for one in made if isinstance(one, Page)])
    assert len(list(lists.lines({}, "no state"))) == 1
