"""The pages of policies: numbers, definitions, windows, and how many of them there may be."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowruns import SCENARIOS, Player, Scenario
from replayglass.domains.flow.decision import Decision, Telemetry
from replayglass.domains.flow.policypages import policy_artifacts, policy_table
from replayglass.domains.flow.rules import RULES_1
from replayglass.domains.flow.shelves import Shelves
from replayglass.domains.flow.vm import Flow
from replayglass.page import Document, Page
from sites import FLOW, build, command
from test_flow_facets import key_of
from test_flowsite import JOURNAL, beat, intent, journal, make, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from replayglass.domains.flow.finished import Finished
    from sites import Site

Json = dict[str, Any]

LIMIT = 64 * 1024


def policies_of(site: Site) -> list[Json]:
    """Return the documents of all policies."""
    return [page["rows"][0] for page in site.pages("v1/flow/policies")]


def measured(row: Json, name: str) -> Fraction:
    """Return a number of a recorded decision's telemetry."""
    return Fraction(Decimal(row["cell"]["validation"]["telemetry"][name]))


@pytest.mark.parametrize("name", ["sample", "simulated"])
def test_charts_are_the_recorded_decisions(
    name: str,
    flow_run: Path,
    site_of: Callable[[Path], Site],
) -> None:
    """Each bin has the exact mean, lowest and highest of what was measured when its decisions were recorded."""
    site = site_of(FLOW if name == "sample" else flow_run)
    assert "<svg class=spark" in (site.folder / "flow/policies/index.html").read_text()
    decided: dict[str | None, list[Json]] = defaultdict(list)
    for row in rows(site, "decisions"):
        if row["fate"] == "recorded":
            decided[key_of("policies", row)].append(row)
    for policy in policies_of(site):
        trend, recorded = policy["trend"], decided[policy["policy"]]
        assert (trend is None) == (not recorded)
        assert policy["fates"].get("recorded", 0) == len(recorded)
        for at, first in enumerate(trend["beats"] if trend else ()):
            held = [row for row in recorded if first <= row["beat"] < first + trend["width"]]
            assert trend["decisions"][at] == len(held)
            assert trend["errors"][at] == sum(measured(row, "error_flag") for row in held)
            for measure in ("score", "confidence"):
                values = [measured(row, measure) for row in held]
                series = trend[measure]
                assert abs(Fraction(series["mean"][at]) - sum(values, Fraction(0)) / len(values)) <= Fraction(
                    1, 2 * 10**6
                )
                assert (Fraction(series["lowest"][at]), Fraction(series["highest"][at])) == (min(values), max(values))
            latencies = [measured(row, "latency") for row in held]
            assert trend["latency"]["highest"][at] == max(latencies)
            assert abs(Fraction(trend["latency"]["mean"][at]) - sum(latencies, Fraction(0)) / len(held)) <= Fraction(
                1, 2 * 10**6
            )
            made = Counter(row["cell"]["choice"] for row in held)
            assert made == Counter({one["choice"]: one["counts"][at] for one in trend["choices"] if one["counts"][at]})


def test_numbers_of_policies_survive_appends(flow_run: Path, tmp_path: Path, site_of: Callable[[Path], Site]) -> None:
    """A policy keeps its number and page, whether it was defined or a decision named it first."""
    lines = (flow_run / JOURNAL).read_bytes().splitlines(keepends=True)
    part = build(make(tmp_path / "run", b"".join(lines[: len(lines) // 2])), tmp_path / "site")
    before, after = policies_of(part), policies_of(site_of(flow_run))
    assert [one["policy"] for one in after][: len(before)] == [one["policy"] for one in before]
    named = many_policies(50)
    later = [intent(3, "fl_upsert", f"t.{name}", kind="policy", id=name) for name in ("pol.new", "pol.7")]
    more = b"".join(journal(*later, beat(3), beat(4)).splitlines(keepends=True)[1:])
    alone = policies_of(build(make(tmp_path / "alone", named + more), tmp_path / "other"))
    assert [one["policy"] for one in alone] == [*(f"pol.{number}" for number in range(50)), "pol.new"]
    assert [alone[number]["retain"] for number in (6, 7, 50)] == [None, "permanent", "permanent"]
    page = (tmp_path / "other" / "flow" / "policies" / "000050.html").read_text()
    assert "No decision was recorded under this policy." in page


def windows_of(index: Any) -> dict[str, tuple[int, int, list[int], list[int]]]:  # noqa: ANN401 - a dump
    """Return what the index of a dump says of each policy."""
    found = {}
    for policy, entry in index.get("dec_by_pol", {}).items():
        meta = entry["meta"]
        windows = [[int(value) for value in meta.get(name, {}).values()] for name in ("lat_window", "err_window")]
        found[policy] = (int(meta["dec_count"]), int(meta["inst_count"]), *windows)
    return cast("dict[str, tuple[int, int, list[int], list[int]]]", found)


def assert_standings(flow: Flow) -> None:
    """Assert that the standings of a flow are what its index says."""
    found = {
        policy: (
            one.live,
            one.instances,
            [sample.latency for sample in one.window],
            [sample.error_flag for sample in one.window],
        )
        for policy, one in flow.standings().items()
    }
    assert found == windows_of(flow.index())


@pytest.mark.parametrize("name", SCENARIOS)
def test_windows_are_those_of_the_index(name: str) -> None:
    """After every beat of a recorded run, counts and windows of each policy are those of the whole index."""
    scenario, flow = Scenario(name), Flow(RULES_1)
    for step in range(scenario.beats):
        scenario.submit(flow, step)
        flow.beat()
        assert_standings(flow)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30), st.integers(0, 9)), max_size=60))
def test_windows_keep_the_order_of_names(cells: list[tuple[int, int, int]]) -> None:
    """Of many samples the newest eight are kept, equally new ones in the engine's order, however they come."""
    flow = Flow()
    flow.state.swept = 0
    for at, instance, latency in cells:
        site = str(len(flow.state.decisions.get(f"inst.{instance}", {})))
        told = Telemetry("0.500000", "0.500000", 1, 1, latency, latency % 2) if latency else None
        cell = Decision("yes", site, None, 0, at, "pol.a" if instance else None, telemetry=told)
        flow.state.decisions.setdefault(f"inst.{instance}", {})[site] = cell
    assert_standings(flow)


def many_policies(count: int) -> bytes:
    """Return the journal of an instance that decides under many policies that nobody defined."""
    programs = [
        {
            str(step): {"kind": "decide", "spec": {"policy": f"pol.{first + step}", "site": f"site.{first + step}"}}
            for step in range(50)
        }
        for first in range(0, count, 50)
    ]
    lines = [
        line
        for number, steps in enumerate(programs)
        for line in (
            intent(0, "fl_upsert", f"t.p{number}", kind="program", id=f"prog.{number}", steps=steps),
            intent(0, "fl_upsert", f"t.v{number}", kind="variant", id=f"var.{number}", program=f"prog.{number}"),
            intent(0, "inst_start", f"t.i{number}", id=f"inst.{number}", variant=f"var.{number}"),
        )
    ]
    return journal(*lines, beat(0), beat(1), beat(2))


def test_many_policies_are_paged(tmp_path: Path) -> None:
    """More than 256 policies are listed on pages; the first page of the run has ten; those not measured say so."""
    site = build(make(tmp_path / "run", many_policies(300)), tmp_path / "site")
    assert len(policies_of(site)) == 300
    folder = site.folder / "flow" / "policies"
    assert "list/000001.html" in (folder / "index.html").read_text()
    assert "<svg class=spark" not in (folder / "list/000000.html").read_text()
    unmeasured = [number for number, one in enumerate(policies_of(site)) if one["trend"] is None]
    assert unmeasured == list(range(256, 300))
    page = (folder / f"{unmeasured[0]:06d}.html").read_text()
    assert "Only the first 256 policies" in page
    assert "it was never defined" in page
    home = (site.folder / "flow" / "index.html").read_text()
    assert "The 10 most used policies" in home
    assert home.count('href="../flow/policies/0') == 10


def test_policies_beyond_the_bound_have_no_page() -> None:
    """A journal may define any number of policies: the first 4096 have pages, and the list says how many there are."""
    flow, shelves = Flow(), Shelves(LIMIT)
    flow.state.ledgers["policy"].update({f"pol.{number}": {"id": f"pol.{number}"} for number in range(4100)})
    shelves.columns.define(flow.state.ledgers["policy"])
    run = cast("Finished", SimpleNamespace(replay=SimpleNamespace(flow=flow), shelves=shelves, limit=LIMIT))
    made = list(policy_artifacts(run))
    assert sum(isinstance(one, Document) for one in made) == 4096
    last = made[-1]
    assert isinstance(last, Page)
    assert "4,096 of 4,100" in last.intro
    assert len(policy_table(run).rows) == 10


def test_a_large_definition_is_moved_and_cut(tmp_path: Path) -> None:
    """Definition fields beyond 64 are left to the JSON; what does not fit the JSON page is a file of its own."""
    fields = {f"x{number:03d}": "y" * 1000 for number in range(100)}
    run = make(
        tmp_path / "run", journal(intent(0, "fl_upsert", "t.p", kind="policy", id="pol.a", **fields), beat(0), beat(1))
    )
    (run / "replayglass.toml").write_text("[limits]\nmax_file_bytes = 65536\n")
    site = build(run, tmp_path / "site")
    (page,) = site.pages("v1/flow/policies")
    assert [row["row"] for row in page["moved"]] == [0]
    assert (site.folder / page["moved"][0]["blob"]).is_file()
    assert "The first 64 fields" in (site.folder / "flow" / "policies" / "000000.html").read_text()


def test_a_policy_defined_again_keeps_its_number() -> None:
    """The order of first definition stands, whatever is defined again, and a failed definition under rules 1 counts."""
    player, shelves = Player(), Shelves(LIMIT)
    for name in ("pol.b", "pol.a", "pol.b", "pol.c"):
        player.flow.submit("fl_upsert", f"t.{name}", {"kind": "policy", "id": name})
        shelves.columns.define(player.flow.state.ledgers["policy"])
        player.flow.beat()
    player.flow.beat()
    shelves.columns.define(player.flow.state.ledgers["policy"])
    assert shelves.columns.policies.keys.values == ["pol.b", "pol.a", "pol.c"]


def test_pages_of_policies_fit_the_smallest_limit(tmp_path: Path) -> None:
    """A policy with every chart full, long names and odd scores fits a file of 64 KiB, and verify agrees."""
    out = tmp_path / "run"
    assert command("simulate", "flow", "--instances", "64", "--beats", "128", "--out", out).exit_code == 0
    lines = (out / JOURNAL).read_bytes().replace(b'"score":"0.75"', b'"score":"nan"')
    run = make(tmp_path / "edited", lines)
    (run / "replayglass.toml").write_text("[limits]\nmax_file_bytes = 65536\n")
    site = build(run, tmp_path / "site")
    assert any(one["trend"] and one["trend"]["score"]["left_out"] for one in policies_of(site))
    assert all(path.stat().st_size <= 65536 for path in (site.folder / "flow" / "policies").iterdir())
    assert "FAILED" not in command("verify", site.folder, "--run", run).stdout
