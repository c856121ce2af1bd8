"""Simulated flow runs: the same seed gives the same bytes, everything happens in them, and a replay agrees."""

from __future__ import annotations

import json
from collections import Counter
from multiprocessing import resource_tracker, spawn
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from replayglass.cliflow import simulate_flow_command
from replayglass.domains.flow.compare import Comparison
from replayglass.domains.flow.decode import read_journal
from replayglass.domains.flow.journal import RULE_SETS, Replay
from replayglass.domains.flow.rerun import check_run
from replayglass.domains.flow.scenario import Dice, Mix, Size
from replayglass.domains.flow.simulate import Simulation, simulate, write_run
from replayglass.domains.flow.vm import Flow
from replayglass.errors import InputError, OutputError
from replayglass.record import Batch
from sites import tree

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def run_simulate(*arguments: object) -> Result:
    """Run the command as the terminal does."""
    return CliRunner().invoke(simulate_flow_command, [str(argument) for argument in arguments])


@pytest.mark.parametrize("rules", [1, 2])
@pytest.mark.parametrize("seed", [0, 1, 7, 2**64 + 3])
def test_everything_happens(seed: int, rules: int) -> None:
    """Each run has all fates, all retention modes, vetoes, failed intents of every sort, and all kinds of steps."""
    journal, ledger = [], []
    for beat in simulate(Simulation(seed, Size(40, 90), Mix(), RULE_SETS[rules])):
        journal += [json.loads(line) for line in beat.journal.splitlines()]
        ledger += [json.loads(line) for line in beat.ledger.splitlines()]
    assert {line["fate"] for line in ledger} == {"recorded", "replayed", "vetoed", "archived", "expired"}
    assert {line["cell"].get("retain_mode") for line in ledger} == {"permanent", "ttl", "archive"}
    intents = [line for line in journal if line["type"] == "intent"]
    assert {line["bucket"] for line in intents} == {"fl_upsert", "ni_upsert", "inst_start", "inst_event", "inst_ctrl"}
    programs = [line["fields"]["steps"] for line in intents if line["fields"].get("kind") == "program"]
    kinds = {step["kind"] for steps in programs for step in steps.values()}
    assert kinds == {"guard", "wait", "decide", "clamp", "transform"}
    assert journal[0] == {"type": "header", "version": 1, "rules": rules, "name": f"simulated-{seed}", "origin": None}


@pytest.mark.parametrize("rules", [1, 2])
def test_intents_come_to_good_and_bad(rules: int) -> None:
    """Most intents succeed; others fail in all the ways that a client can."""
    replay = Replay(print)
    outcomes: Counter[str] = Counter()
    raws = b"".join(
        beat.journal for beat in simulate(Simulation(2, Size(40, 160), Mix(), RULE_SETS[rules]))
    ).splitlines()
    batch = Batch("flow-journal", "flow/journal.ndjson", 0, raws, range(len(raws)), [0] * len(raws))
    for place, item in read_journal([batch], print):
        for step in replay.take(item, place):
            outcomes.update(outcome.code for outcome in step.beat.outcomes)
    assert outcomes["ok"] > sum(outcomes.values()) / 5
    wanted = {"no-match", "unknown-instance", "unknown-kind", "unknown-variant", "signal-format", "unknown-action"}
    assert wanted <= outcomes.keys()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**64), st.integers(1, 12), st.integers(1, 40), st.builds(Mix, *[st.integers(0, 100)] * 3))
def test_any_run_replays_to_its_ledger_when_cut_anywhere(seed: int, instances: int, beats: int, mix: Mix) -> None:
    """Replayed, and saved and loaded in its midst, a run of any size and mix gives exactly the bytes of its ledger."""
    simulation = Simulation(seed, Size(instances, beats), mix)
    written = list(simulate(simulation))
    assert written == list(simulate(simulation))
    assert len(written) == beats
    flow = Flow()
    for number, beat in enumerate(written):
        for line in map(json.loads, beat.journal.splitlines()):
            if line["type"] == "intent":
                flow.submit(line["bucket"], line["txn"], line["fields"])
        if number == seed % beats:
            flow = Flow.load(flow.rules, flow.save())
        told = [(verdict.fate, flow.cell(verdict.decision)) for verdict in flow.beat().verdicts]
        lines = [json.loads(line) for line in beat.ledger.splitlines()]
        assert told == [(line["fate"], line["cell"]) for line in lines]


@pytest.mark.parametrize("seed", range(4))
def test_a_run_folder_replays_without_divergence(tmp_path: Path, seed: int) -> None:
    """The folder holds the bytes of the simulation; checked, its ledger is equal and nothing is found."""
    simulation = Simulation(seed, Size(10, 30))
    made = write_run(simulation, tmp_path / "run")
    written = list(simulate(simulation))
    assert tree(tmp_path / "run") == {
        "flow/journal.ndjson": b"".join(beat.journal for beat in written),
        "flow/decisions.ndjson": b"".join(beat.ledger for beat in written),
    }
    assert check_run(tmp_path / "run") == (30, made.decisions, "equal", 0, None)
    lines = (tmp_path / "run/flow/journal.ndjson").read_bytes().count(b"\n")
    assert lines == 1 + made.intents + made.beats


def test_a_check_finds_what_differs(tmp_path: Path) -> None:
    """An altered ledger is found diverged, with its first error; a run without one is re-derived."""
    made = write_run(Simulation(), tmp_path)
    ledger = tmp_path / "flow/decisions.ndjson"
    ledger.write_bytes(ledger.read_bytes().replace(b'"choice":"accept"', b'"choice":"refuse"', 1))
    found = check_run(tmp_path)
    assert (found.status, found.errors) == ("diverged", 1)
    assert found.first_error is not None
    assert found.first_error.code == "flow.divergence"
    assert "choice must be 'accept', found 'refuse'" in found.first_error.message
    ledger.unlink()
    assert check_run(tmp_path) == (64, made.decisions, "re-derived", 0, None)
    assert Comparison(None, print).status == "re-derived"


def test_the_command_checks_in_a_second_process(tmp_path: Path) -> None:
    """The command writes a run, the same for the same options, and has another process replay it."""
    options = ("--seed", 3, "--instances", 5, "--beats", 20, "--mix", "event=50, ctrl=10", "--out")
    first = run_simulate(*options, tmp_path / "a", "--check")
    assert first.exit_code == 0
    assert first.output.endswith("decisions; replayed in a second process: equal, errors: 0\n")
    second = run_simulate(*options, tmp_path / "b", "--rules", "2")
    assert second.output == first.output.replace("/a:", "/b:").partition(";")[0] + "\n"
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    assert tree(tmp_path / "a") != tree(_other(tmp_path / "c"))


def test_a_second_process_that_dies(tmp_path: Path) -> None:
    """A second process that ends before it has an answer is a reason to stop; the run is written."""
    resource_tracker.ensure_running()
    own = spawn.get_executable()
    spawn.set_executable("/bin/false")
    try:
        result = run_simulate("--instances", 2, "--beats", 3, "--out", tmp_path / "run", "--check")
    finally:
        spawn.set_executable(own)
    assert isinstance(result.exception, OutputError)
    assert "flow/journal.ndjson" in tree(tmp_path / "run")


def _other(out: Path) -> Path:
    """Write the run of another seed."""
    write_run(Simulation(4, Size(5, 20), Mix(50, 10)), out)
    return out


@pytest.mark.parametrize("mix", ["", "event", "event=101", "event=1,event=2", "events=1", "ctrl=-1"])
def test_a_mix_that_is_none(tmp_path: Path, mix: str) -> None:
    """A mix that cannot be read is refused, and nothing is written."""
    result = run_simulate("--mix", mix, "--out", tmp_path / "run")
    assert result.exit_code == 2
    assert "say event=N,ctrl=N,start=N" in result.output
    assert not (tmp_path / "run").exists()


def test_what_cannot_be_simulated(tmp_path: Path) -> None:
    """A run without instances or beats, a share over 100, a folder in use and a place to which nobody can write."""
    for simulation in (
        Simulation(1, Size(0, 1)),
        Simulation(1, Size(1, 0)),
        Simulation(1, Size(1, 1), Mix(event=101)),
        Simulation(1, Size(1, 1), Mix(ctrl=-1)),
    ):
        with pytest.raises(InputError):
            simulate(simulation)
    (tmp_path / "file").touch()
    for out in (tmp_path, tmp_path / "file"):
        with pytest.raises(InputError, match="not an empty folder"):
            write_run(Simulation(), out)
    with pytest.raises(OutputError, match="cannot be written"):
        write_run(Simulation(), tmp_path / "file" / "run")


def test_chance_is_that_of_splitmix64() -> None:
    """The numbers are those of the published generator, and shares are right on average."""
    dice = Dice(1234567)
    assert [dice.below(2**64) for _ in range(3)] == [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert sum(Dice(seed).share(35, 10) for seed in range(2000)) / 2000 == pytest.approx(3.5, abs=0.05)
