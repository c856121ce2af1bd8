"""The instances of a flow run at its end: their pages, their documents, their adjacency, their decisions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass.domains.flow.beat import Change, Stand
from replayglass.domains.flow.instancepages import LISTED
from replayglass.domains.flow.instancestory import DECISIONS, EACH
from replayglass.domains.flow.lifelines import MOST, Lifelines
from sites import FLOW, build, command
from test_flowsite import beat, intent, journal, make, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sites import Site
    from test_flowsite import Json

GO = "CEP:flow/go"


def programs(**steps: list[Json]) -> list[Json]:
    """Return the definitions of programs, each with a variant, before beat 0."""
    made = [intent(0, "fl_upsert", "t.pol", kind="policy", id="pol.p")]
    for name, listed in steps.items():
        numbered = {str(at): step for at, step in enumerate(listed)}
        made.append(intent(0, "fl_upsert", f"t.prog.{name}", kind="program", id=f"prog.{name}", steps=numbered))
        made.append(intent(0, "fl_upsert", f"t.var.{name}", kind="variant", id=f"var.{name}", program=f"prog.{name}"))
    return made


def start(number: int, name: str, variant: str = "a", **fields: object) -> Json:
    """Return an intent that starts an instance."""
    return intent(number, "inst_start", f"t.start.{number}.{name}", id=name, variant=f"var.{variant}", **fields)


WAIT = {"kind": "wait", "spec": {"signal_path": GO}}
DECIDE = {"kind": "decide", "spec": {"policy": "pol.p", "site": "main", "choice": "yes"}}


def page(site: Site, path: str) -> str:
    """Return an HTML page."""
    return (site.folder / path).read_text()


def last_state(run: Path) -> Json:
    """Return the whole state after the last beat, as the terminal tells it."""
    state: Json = json.loads(command("states", run).stdout.splitlines()[-1])
    return state


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Site]:
    """Give a simulated run of more than one page of instances, and its site."""
    folder = tmp_path_factory.mktemp("instances")
    run = folder / "run"
    answer = command("simulate", "flow", "--seed", "3", "--instances", "40", "--beats", "60", "--out", run)
    assert answer.exit_code == 0
    return run, build(run, folder / "site")


def test_rows_are_the_state_at_the_end(simulated: tuple[Path, Site]) -> None:
    """Each instance has one row, with its node and its summary exactly as in a dump, in the order of first starts."""
    run, site = simulated
    state, made = last_state(run), rows(site, "instances")
    assert {row["instance"]: row["node"] for row in made} == state["flow"]["instance"]
    assert {row["instance"]: row["adjacency"] for row in made} == state["adj"]["by_inst"]
    started = dict.fromkeys(row["target"] for row in rows(site, "intents") if row["bucket"] == "inst_start")
    known = state["flow"]["instance"]
    assert [row["instance"] for row in made] == [name for name in started if name in known]
    assert [row["row"] for row in made] == list(range(len(made)))
    assert len(site.pages("v1/flow/instances")) > 1


def test_rows_name_the_cells_of_an_instance(simulated: tuple[Path, Site]) -> None:
    """A row names all decisions about its instance, and for each cell, live or archived, the row that has it whole."""
    run, site = simulated
    ledger, told = last_state(run)["flow"], rows(site, "decisions")
    some = 0
    for row in rows(site, "instances"):
        numbers, name = row["decisions"], row["instance"]
        assert numbers["newest"] == [one["row"] for one in told if one["instance"] == name][-DECISIONS:]
        assert numbers["count"] == sum(one["instance"] == name for one in told)
        for kind, part in (("decision", "live"), ("dec_archive", "archived")):
            cells = {site_: told[at]["cell"] for site_, at in numbers[part].items()}
            expected = ledger[kind].get(name, {})
            for cell in (*cells.values(), *expected.values()):
                cell.get("evidence", {}).pop("event", None)  # a link may have died since
            assert cells == expected
            some += len(cells)
    assert some


def test_nothing_dumps_the_whole_state(simulated: tuple[Path, Site]) -> None:
    """There is no document whose size grows with the number of instances or cells: only pages do."""
    _, site = simulated
    listed = {entry["path"] for entry in site.document("v1/index.json")["documents"]}
    assert not listed & {f"v1/flow/{name}.json" for name in ("instances", "ledger", "indexes")}


def test_documents_keep_their_schema(simulated: tuple[Path, Site], site_of: Callable[[Path], Site]) -> None:
    """Every page of instances keeps its schema; so does the sample's."""
    for site in (simulated[1], site_of(FLOW)):
        schema = site.document("v1/schemas/flow-instances-page.schema.json")
        for found in site.pages("v1/flow/instances"):
            jsonschema.validate(found, schema)


def test_pages_lead_from_one_to_the_other(simulated: tuple[Path, Site]) -> None:
    """An instance's story links its row of the adjacency, that one the story; what stopped is listed first."""
    _, site = simulated
    made = rows(site, "instances")
    last = made[-1]["row"]
    story, summary = page(site, f"flow/instances/{last // 16:06d}.html"), page(site, "flow/adjacency/000000.html")
    assert f"<div class=told id=n{last}" in story
    assert f"../../flow/adjacency/000000.html#a{last}" in story
    assert f"../../flow/instances/{last // 16:06d}.html#n{last}" in summary
    assert "flow/adjacency/index.html" in page(site, "flow/instances/index.html")
    stopped = [row["row"] for row in made if row["node"]["state"] in ("error", "paused")]
    assert stopped
    for number in stopped:
        assert f"{number // 16:06d}.html#n{number}" in page(site, "flow/instances/index.html")


def test_a_restart_moves_no_instance(tmp_path: Path) -> None:
    """Instances are numbered by their first start, whatever their names and however often they start again."""
    lines = [*programs(a=[WAIT]), start(0, "z.first"), start(0, "a.second"), beat(0), beat(1)]
    lines += [start(2, "a.second"), start(2, "z.first"), start(2, "b.third"), beat(2), beat(3)]
    site = build(make(tmp_path / "run", journal(*lines)), tmp_path / "site")
    assert [row["instance"] for row in rows(site, "instances")] == ["z.first", "a.second", "b.third"]


def restarted(count: int) -> bytes:
    """Return the journal of an instance that is started so often: it decides each time."""
    lines = programs(a=[DECIDE, WAIT])
    for number in range(count):
        lines += [start(number, "inst.a"), beat(number)]
    return journal(*lines, beat(count))


def test_many_decisions_have_pages_of_their_own(tmp_path: Path) -> None:
    """An instance with more decisions than its story lists has pages with all of them; a full one never changes."""
    before, after = (build(make(tmp_path / f"run{n}", restarted(n)), tmp_path / f"site{n}") for n in (300, 330))
    folder = "flow/decisions/instances/000000"
    [row] = rows(after, "instances")
    assert row["decisions"]["pages"] == f"v1/{folder}"
    assert row["decisions"]["count"] == 330
    listed = [one["decision"] for found in after.pages(f"v1/{folder}") for one in found["rows"]]
    assert listed == list(range(330))
    story = page(after, "flow/instances/000000.html")
    assert f"all 330 rows, from <a href=../../{folder}/000000.html#f0>the first</a>" in story
    assert story.count("decision <a") == DECISIONS
    assert "/flow/instances/000000.html#n0" in page(after, f"{folder}/index.html")
    for path in (f"{folder}/000000.html", f"v1/{folder}/pages/000000.json"):
        assert (before.folder / path).read_bytes() == (after.folder / path).read_bytes()
    assert folder not in (after.folder / "v1" / "index.json").read_text()


def test_few_decisions_have_none(simulated: tuple[Path, Site]) -> None:
    """An instance whose story lists all its decisions has no pages of its own for them."""
    _, site = simulated
    for row in rows(site, "instances"):
        numbers = row["decisions"]
        assert (numbers["pages"] is None) == (numbers["count"] <= DECISIONS)
        folder = site.folder / "flow" / "decisions" / "instances" / f"{row['row']:06d}"
        assert folder.exists() == (numbers["pages"] is not None)


def test_stories_are_bounded(tmp_path: Path) -> None:
    """A story lists the newest of each kind, and says how many more there are."""
    lines = programs(a=[WAIT] * 200)
    lines += [start(0, "inst.a"), beat(0)]
    for number in range(1, 101):
        lines += [intent(number, "inst_event", f"t.event.{number}", signal_path=GO, inst_id="inst.a"), beat(number)]
    lines += [beat(101)]
    site = build(make(tmp_path / "run", journal(*lines)), tmp_path / "site")
    story = page(site, "flow/instances/000000.html")
    assert f"{100 - EACH} earlier events are in the JSON of this page" in story
    assert story.count(f"event<td><code>{GO}") == EACH
    assert "queued in beat 101, triggered in beat 101, consumed in beat 101" in story
    assert f"{MOST - EACH} or more earlier changes are in the lifecycle; the first in beat 1" in story
    assert story.count("change <a") == EACH


def test_a_lane_that_changes_often_is_merged(tmp_path: Path) -> None:
    """The oldest states of an instance that changed very often are drawn as one, and the page says so."""
    lines = [*programs(a=[WAIT]), start(0, "inst.a"), beat(0)]
    for number in range(1, 2 * MOST):
        action = "pause" if number % 2 else "resume"
        lines += [intent(number, "inst_ctrl", f"t.ctrl.{number}", inst_id="inst.a", action=action), beat(number)]
    lines += [beat(2 * MOST)]
    site = build(make(tmp_path / "run", journal(*lines)), tmp_path / "site")
    story = page(site, "flow/instances/000000.html")
    assert "its oldest changes are drawn as \N{LEFT DOUBLE QUOTATION MARK}several states" in story
    assert "<td>several states<td class=n>1<td" in story


def test_statuses_of_an_event_are_bounded(tmp_path: Path) -> None:
    """Of an event record with many statuses the newest are told in their order; what a transform left says so."""
    emit = {"kind": "transform", "spec": {"payload": {"note": {"text": "x"}}}}
    history = {f"{n}_{n}": {"status": f"st.{n}", "beat": str(n)} for n in range(12)}
    events = {"old": {"signal": GO, "beat": "0", "origin": "target", "history": history}}
    lines = [*programs(a=[emit, WAIT]), start(0, "inst.a", events=events), beat(0), beat(1)]
    site = build(make(tmp_path / "run", journal(*lines)), tmp_path / "site")
    story = page(site, "flow/instances/000000.html")
    assert "target; 4 earlier statuses, " + ", ".join(f"st.{n} in beat {n}" for n in range(4, 12)) in story
    assert "record <code>0</code>, without a signal, as a transform leaves it" in story
    assert "missing-target, error" in story


def test_a_decision_without_a_policy_says_so(tmp_path: Path) -> None:
    """Under rules 1 a step may decide without a policy; its line says that it names none."""
    lines = [*programs(a=[{**DECIDE, "spec": {"site": "main"}}]), start(0, "inst.a"), beat(0), beat(1)]
    site = build(make(tmp_path / "run", journal(*lines, rules=1)), tmp_path / "site")
    told = "recorded <code>default</code> at <code>main</code>, without a policy; its cell is live"
    assert told in page(site, "flow/instances/000000.html")


SEEDED = {
    "subs": {"0": "text", "x": {"signal": "<b>\u202e", "status": "pending", "deadline": "9", "beat": "1"}},
    "events": {"a": "text", "b": {"beat": "x", "history": {"1": "text", "n_0": {}}}, "c": {"signal": "s", "beat": "7"}},
    "emits": {"0": "text", "1": {"signal": {"a": "b"}}},
    "budget": {"step_limit": "<i>", "deadline": {"a": "b"}},
    "context": {"id": "<script>"},
}


def test_anything_may_stand_in_an_instance(tmp_path: Path) -> None:
    """What a start brings along is shown as data, whatever it is, in files of the size that is allowed."""
    lines = programs(a=[WAIT], b=[])
    lines += [start(0, f"<u>{n}", "ab"[n % 2], **SEEDED, large={"text": "x" * 4_000}) for n in range(20)]
    lines += [start(0, "inst.bare", "a", subs="text", emits="text"), start(0, "inst.large", "b", text="y" * 50_000)]
    run = make(tmp_path / "run", journal(*lines, beat(0), beat(1)))
    (run / "replayglass.toml").write_text("[limits]\nmax_file_bytes = 65536\n")
    site = build(run, tmp_path / "site")
    assert command("verify", site.folder, "--run", run).exit_code == 0
    made = [found for found in site.pages("v1/flow/instances") if found["moved"]]
    schema = site.document("v1/schemas/flow-instances-page.schema.json")
    for found in made:
        jsonschema.validate(found, schema)
    moved = [one for found in made for one in found["moved"]]
    assert "inst.large" in {json.loads((site.folder / one["blob"]).read_bytes())["instance"] for one in moved}
    assert len(rows(site, "instances")) + len(moved) == 22
    for path, data in site.tree().items():
        if path.startswith(("flow/instances", "flow/adjacency", "v1/flow/instances")):
            assert len(data) <= 65536
            assert b'<script>"' not in data or path.startswith("v1")
    story = page(site, "flow/instances/000000.html")
    assert "&lt;u&gt;" in story
    assert "<u>" not in story


def test_what_no_sweep_saw_is_said(tmp_path: Path) -> None:
    """Under rules 1 a fatal start leaves an instance that no sweep saw: its summary is null, and its row says so."""
    lines = [intent(0, "inst_start", "t.a", id="inst.a", variant="var.none"), beat(0), beat(1)]
    site = build(make(tmp_path / "run", journal(*lines, rules=1)), tmp_path / "site")
    [row] = rows(site, "instances")
    assert row["adjacency"] is None
    assert "No sweep has seen it yet." in page(site, "flow/adjacency/000000.html")
    assert "no state" in page(site, "flow/instances/index.html")


def test_the_first_page_is_bounded(tmp_path: Path) -> None:
    """However many instances stopped or states there are, the first page counts all and lists the first hundred."""
    count = LISTED + 20
    steps = {f"p.{n}": [{"kind": "guard", "spec": {"context": "never", "action": f"held.{n}"}}] for n in range(count)}
    lines = programs(**steps, a=[WAIT])
    lines += [start(0, f"held.{n}", f"p.{n}") for n in range(count)]
    lines += [start(0, f"inst.{n}") for n in range(count)]
    lines += [intent(0, "inst_ctrl", f"t.c.{n}", inst_id=f"inst.{n}", action="pause") for n in range(count)]
    site = build(make(tmp_path / "run", journal(*lines, beat(0), beat(1))), tmp_path / "site")
    first = page(site, "flow/instances/index.html")
    assert f"In error or paused: {LISTED} of {count}" in first
    assert "other states" in first
    assert first.count("held.") == LISTED - 1 + (2 * count + 15) // 16 // 2 + 1
    assert (site.folder / "flow" / "instances" / "000014.html").exists()


def test_an_empty_run_has_these_pages(tmp_path: Path) -> None:
    """Without instances there is one empty page of them, and it says that there is nothing."""
    site = build(make(tmp_path / "run", b""), tmp_path / "site")
    assert rows(site, "instances") == []
    assert "No instance was started." in page(site, "flow/instances/000000.html")
    assert "There are no summaries: no sweep has seen an instance." in page(site, "flow/adjacency/000000.html")


def test_a_full_page_of_summaries_is_followed_by_another(tmp_path: Path) -> None:
    """The next page of the adjacency is there as soon as one is full."""
    lines = [*programs(a=[WAIT]), *(start(0, f"inst.{n}") for n in range(256))]
    site = build(make(tmp_path / "run", journal(*lines, beat(0), beat(1))), tmp_path / "site")
    assert "inst.255" in page(site, "flow/adjacency/000000.html")
    assert "All pages before this one are full; the next summary will stand here." in page(
        site, "flow/adjacency/000001.html"
    )


STANDS = st.builds(Stand, st.sampled_from([None, "ready", "waiting", "done"]), st.sampled_from([None, "0", "1"]))


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc"), STANDS), max_size=400))
def test_lifelines_are_where_beats_end(moves: list[tuple[int, str, Stand]]) -> None:
    """A lifeline has where each beat left the instance; beyond the bound, the oldest are one, which still begins it."""
    lines, number = Lifelines(), 0
    ends: dict[str, dict[int, tuple[int, Stand]]] = {}
    for row, (later, name, stand) in enumerate(moves):
        number += later
        lines.add(number, row, Change(name, "sweep", None, stand))
        ends.setdefault(name, {})[number] = row, stand
    assert len(lines) == len(ends)
    for instance, told in enumerate(ends.values()):
        expected: list[tuple[int, int, Stand]] = []
        for at, (row, stand) in told.items():
            if not expected or expected[-1][2] != stand:
                expected.append((at, row, stand))
        found = lines.of(instance)
        assert len(found) <= MOST
        merged = found[0].stand is None
        assert (len(expected) > MOST) <= merged <= (len(expected) >= MOST)
        assert [stay.stand is None for stay in found] == [merged and at == 0 for at in range(len(found))]
        assert found[0].beat == expected[0][0]
        assert [tuple(stay) for stay in found[merged:]] == expected[-len(found) + merged :]
