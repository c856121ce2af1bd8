"""The state after every beat in the terminal: of a run folder, and of a file of intents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from flowruns import DATA, SCENARIOS
from replayglass.cliflow import states_command
from replayglass.domains.flow.scenario import Size
from replayglass.domains.flow.simulate import Simulation, simulate, write_run
from replayglass.domains.flow.states import play, states
from replayglass.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def run_states(*arguments: object) -> Result:
    """Run the command as the terminal does."""
    return CliRunner().invoke(states_command, [str(argument) for argument in arguments])


@pytest.mark.parametrize("name", SCENARIOS)
def test_recorded_dumps_byte_for_byte(name: str) -> None:
    """Of a recorded file of intents, under rules 1, exactly the recorded file of dumps comes out."""
    result = run_states(DATA / f"{name}.intents.json", "--rules", "1")
    assert result.exit_code == 0
    assert result.stdout_bytes == (DATA / f"{name}.intended.jsonl").read_bytes()


def test_one_beat() -> None:
    """With a beat asked for, its line alone comes out; rules 2 are followed where nothing is said."""
    path = DATA / "errors.intents.json"
    whole = run_states(path).stdout_bytes.splitlines(keepends=True)
    assert whole == list(states(play(path.read_bytes())))
    for beat in (0, 7, len(whole) - 1):
        assert run_states(path, "--beat", beat).stdout_bytes == whole[beat]
    beyond = run_states(path, "--beat", len(whole))
    assert isinstance(beyond.exception, InputError)
    assert beyond.exception.message == f"there is no beat {len(whole)}: the run has {len(whole)}, counted from 0"


def test_a_run_folder(tmp_path: Path) -> None:
    """Of a run folder every beat comes out, under its own rules or those that are asked for."""
    simulation = Simulation(4, Size(6, 12))
    write_run(simulation, tmp_path / "run")
    script: dict[str, Any] = {"beats": 12, "intents": []}
    for line in b"".join(beat.journal for beat in simulate(simulation)).splitlines():
        entry = json.loads(line)
        if entry.pop("type") == "intent":
            script["intents"].append({"submit_beat": entry.pop("beat"), **entry})
    path = tmp_path / "intents.json"
    path.write_text(json.dumps(script))
    for options in ((), ("--rules", "1"), ("--beat", "11")):
        result = run_states(tmp_path / "run", *options)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout_bytes == run_states(path, *options).stdout_bytes


def test_a_damaged_journal(tmp_path: Path) -> None:
    """What is wrong with a journal is said on standard error, and the exit code is 1; what can be printed is."""
    journal = tmp_path / "flow" / "journal.ndjson"
    journal.parent.mkdir()
    journal.write_bytes(b'\x1b\n{"type":"beat","beat":0}\n')
    (tmp_path / "flow" / "journal.ndjson.1").touch()
    result = run_states(tmp_path)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["beat"] == 0
    assert result.stderr == "flow/journal.ndjson:1: The line is not JSON. (errors in all: 2)\n"


def test_segments_in_the_order_of_the_run(tmp_path: Path) -> None:
    """A journal in segments is read in the order that the run says; a gap is an error that has no line."""
    folder = tmp_path / "flow"
    folder.mkdir()
    header, *lines = b"".join(beat.journal for beat in simulate(Simulation(4, Size(3, 9)))).splitlines(keepends=True)
    (folder / "journal.ndjson").write_bytes(header + b"".join(lines[:20]))
    (folder / "journal.1.ndjson").write_bytes(b"".join(lines[20:]))
    (tmp_path / "replayglass.toml").write_text('[streams]\nsegment_order = "ascending"\n')
    assert run_states(tmp_path).stdout_bytes.count(b"\n") == 9
    assert run_states(tmp_path).exit_code == 0
    (folder / "journal.1.ndjson").rename(folder / "journal.2.ndjson")
    gap = run_states(tmp_path)
    assert gap.exit_code == 1
    assert gap.stderr.startswith("flow/journal.2.ndjson: segment 1 is missing")


GOOD = {"submit_beat": 0, "bucket": "inst_event", "txn": "t", "fields": {}}
BAD = [
    (b"[]", "It cannot be read: json.not-an-object."),
    (b'{"beats":true,"intents":[]}', "The field beats must be a whole number from 0."),
    (b'{"beats":-1,"intents":[]}', "The field beats must be a whole number from 0."),
    (b'{"intents":[]}', "The field beats must be a whole number from 0."),
    (b'{"beats":1}', "The field intents must be an array."),
    (b'{"beats":1,"intents":[1]}', "Intent 0, counted from 0, must be an object."),
    ({"bucket": "x"}, "Intent 1, counted from 0: The field bucket must be fl_upsert or "),
    ({"submit_beat": -1}, "Intent 1, counted from 0: The field submit_beat must be a whole number"),
    ({"fields": {"a": 1}}, "Intent 1, counted from 0: The field fields at 'a' must be a text, found 1."),
]


@pytest.mark.parametrize(("given", "hint"), BAD, ids=range(len(BAD)))
def test_a_file_that_is_none(tmp_path: Path, given: bytes | dict[str, Any], hint: str) -> None:
    """A file that is no list of intents is refused before anything is printed, with what is wrong and where."""
    path = tmp_path / "x.json"
    raw = given if isinstance(given, bytes) else json.dumps({"beats": 1, "intents": [GOOD, {**GOOD, **given}]}).encode()
    path.write_bytes(raw)
    result = run_states(path)
    assert isinstance(result.exception, InputError)
    assert result.stdout == ""
    assert result.exception.hint.startswith(hint)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """A path that is nothing, a folder that is no run, and a run without a journal are refused."""
    (tmp_path / "run" / "flow").mkdir(parents=True)
    for path in (tmp_path / "none", tmp_path, tmp_path / "run"):
        assert isinstance(run_states(path).exception, InputError)
