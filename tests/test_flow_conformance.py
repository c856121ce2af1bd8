"""The recorded runs of the original engine, reproduced beat by beat."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from flowruns import SCENARIOS, Scenario
from replayglass.domains.flow.rules import RULES_1, RULES_2
from replayglass.domains.flow.state import BUCKETS
from replayglass.domains.flow.vm import Flow

if TYPE_CHECKING:
    from replayglass.domains.flow.decision import Decision
    from replayglass.domains.flow.rules import Rules


@pytest.mark.parametrize("name", SCENARIOS)
def test_recorded_run(name: str) -> None:
    """Under rules 1 every leaf, every key and the order of all keys is that of the recorded state after each beat."""
    scenario, flow = Scenario(name), Flow(RULES_1)
    for step in range(scenario.beats):
        scenario.submit(flow, step)
        flow.beat()
        assert json.dumps(flow.dump()) == json.dumps(json.loads(scenario.dumps[step])), f"step {step}"


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("rules", [RULES_1, RULES_2], ids=["rules1", "rules2"])
def test_cut_and_continued(name: str, rules: Rules) -> None:
    """A run that is saved and loaded after every beat says and becomes the same as one that never was."""
    scenario, whole, cut = Scenario(name), Flow(rules), Flow(rules)
    for step in range(scenario.beats):
        cut = Flow.load(rules, cut.save())
        for flow in (whole, cut):
            scenario.submit(flow, step)
        assert whole.beat() == cut.beat()
        assert whole.save() == cut.save()
        dump = whole.dump()
        assert dump == cut.dump()
        assert (whole.index(), whole.adjacency()) == (dump["flow"]["index"], dump["adj"])
        assert dump["flow"]["inbox"].keys() == set(BUCKETS)


def test_foreign_state() -> None:
    """Bytes that are no saved state are refused."""
    for data in (b"", b"\x93", Flow().save()[:-1]):
        with pytest.raises(ValueError, match="no saved state"):
            Flow.load(RULES_1, data)


@pytest.mark.parametrize("name", SCENARIOS)
def test_beats_tell_the_ledger(name: str) -> None:
    """What the beats say of decisions, applied in order, is the ledger and the archive of the dump."""
    scenario, flow = Scenario(name), Flow(RULES_1)
    live: dict[tuple[str, str], Decision] = {}
    archive: dict[tuple[str, str], Decision] = {}
    for step in range(scenario.beats):
        scenario.submit(flow, step)
        for verdict in flow.beat().verdicts:
            cell = (verdict.instance, verdict.site)
            if verdict.fate in ("archived", "expired"):
                assert live.pop(cell) == verdict.decision
            else:
                live[cell] = verdict.decision
            if verdict.fate == "archived":
                archive[cell] = verdict.decision
        ledger = flow.dump()["flow"]
        for name_, cells in (("decision", live), ("dec_archive", archive)):
            told = {(instance, site): flow.cell(cells[instance, site]) for instance, site in cells}
            assert told == {(i, s): cell for i, found in ledger[name_].items() for s, cell in found.items()}
