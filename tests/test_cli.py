"""The commands as a user has them: what they print, where, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sites import PAPER, REPO, SAMPLE, SMALL, Answer, command, installed, make_run, records, tree

BAD = PAPER / "bad"
COUNTS = "135 records of audit-events, 9 records of snapshots, all accounted for"
CLEAN = "Clean: no errors, no warnings, nothing odd."


def test_build_ends_with_one_line(tmp_path: Path) -> None:
    """Standard output is one line: the site, its records, the roots, the verdict; the stages go to standard error."""
    answer = installed("build", SMALL, "--out", tmp_path / "site")
    assert answer.exit_code == 0
    logs = json.loads((tmp_path / "site" / "v1" / "integrity.json").read_bytes())["logs"]
    roots = ", ".join(f"{log['stream']} unsigned root {log['root']}" for log in logs)
    assert answer.stdout == f"{tmp_path / 'site'}: {COUNTS}; {roots}; {CLEAN}\n"
    assert answer.stderr.splitlines() == [
        "replayglass: audit-events",
        "replayglass: snapshots",
        "replayglass: writing",
    ]


def test_build_answers_with_one_object(tmp_path: Path) -> None:
    """With --json it is one object on one line: the account of each stream, findings in numbers, what was written."""
    answer = installed("build", SMALL, "--out", tmp_path / "site", "--json")
    assert answer.exit_code == 0
    assert answer.stdout.count("\n") == 1
    given = answer.json
    files = tree(tmp_path / "site")
    assert given["site"] == str(tmp_path / "site")
    assert (given["files"], given["bytes"]) == (len(files), sum(map(len, files.values())))
    assert given["changed"] == given["files"]
    assert (given["version"], given["events"], given["as_of_logical_time"]) == (1, 135, "27")
    assert given["finding_counts"] == {"error": 0, "warning": 0, "info": 0}
    account = {"records": 135, "events": 135, "unreadable": 0, "torn": 0, "pages": 1, "balances": True}
    assert given["account"][0] == {"stream": "audit-events", **account}
    text = "135 records read = 135 events shown + 0 unreadable records shown + 0 torn tail"
    assert given["account_text"][0] == f"audit-events: {text}"


def test_check_lists_findings_as_text() -> None:
    """Each finding is a line of severity, code, file:line, byte offset and message; the verdict comes last."""
    answer = installed("check", BAD / "invalid_utf8")
    assert answer.exit_code == 1
    offset = (BAD / "invalid_utf8" / "audit-events/data/audit_events.ndjson").read_bytes().index(b"\xc3\x28\xff")
    line = next(
        number
        for number, raw in enumerate(records(BAD / "invalid_utf8/audit-events/data/audit_events.ndjson"), 1)
        if b"\xc3\x28\xff" in raw
    )
    first, *others, last = answer.stdout.splitlines()
    assert first.startswith(f"error encoding.invalid-utf8 audit-events/data/audit_events.ndjson:{line} (byte ")
    assert int(first.split("(byte ")[1].split(")")[0]) < offset
    assert {line.split()[0] for line in others} == {"warning"}
    assert last == f"{COUNTS}; Damaged: 1 error, {len(others)} warnings, 0 remarks."


def test_check_lists_findings_as_json() -> None:
    """With --json `findings` is the list of all: code, severity, stream, line, seq, offset, message, segment."""
    answer = installed("check", BAD / "torn_last_line", "--json")
    assert answer.exit_code == 0
    data = (BAD / "torn_last_line/audit-events/data/audit_events.ndjson").read_bytes()
    [finding] = answer.json["findings"]
    assert "not complete" in finding.pop("message")
    assert finding == {
        "code": "ndjson.torn-tail",
        "severity": "warning",
        "stream": "audit-events",
        "segment": "audit-events/data/audit_events.ndjson",
        "seq": 134,
        "line": 135,
        "offset": data.rindex(b"\n") + 1,
    }
    assert answer.json["finding_counts"] == {"error": 0, "warning": 1, "info": 0}


def test_check_and_build_agree(tmp_path: Path) -> None:
    """Check says what build says, exit code included, and writes nothing."""
    run, site = BAD / "bad_enums", tmp_path / "site"
    built, checked = command("build", run, "--out", site, "--json"), command("check", run, "--json")
    assert built.exit_code == checked.exit_code == 1
    shared = built.json.keys() & checked.json.keys()
    assert "logs" not in checked.json
    assert {"account", "finding_counts", "events"} <= shared
    assert all(built.json[key] == checked.json[key] for key in shared)


WRONG = {
    "a run that is not there": (("build", "{tmp}/nothing"), "the run folder '{tmp}/nothing' does not exist"),
    "a run that is a file": (("check", "{tmp}/file"), "the run folder '{tmp}/file' is not a folder"),
    "a run that holds nothing": (("check", "{tmp}/full"), "the folder '{tmp}/full' holds nothing that a run holds"),
    "a site that is a file": (("build", "{run}", "--out", "{tmp}/file"), "{tmp}/file is a file, not a folder"),
    "a folder that is not ours": (
        ("build", "{run}", "--out", "{tmp}/full"),
        "{tmp}/full is not empty and was not written by replayglass",
    ),
    "a site in the run": (
        ("build", "{run}", "--out", "{run}/site"),
        "{run}/site and {run} overlap, and nothing is written into a run folder",
    ),
    "a run in the site": (
        ("build", "{run}", "--out", "{tmp}"),
        "{tmp} and {run} overlap, and nothing is written into a run folder",
    ),
    "a simulation over something": (
        ("simulate", "paper", "--out", "{tmp}/full"),
        "{tmp}/full exists and is not an empty folder.",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_folders_are_refused_in_one_sentence(wrong: str, tmp_path: Path) -> None:
    """Exit code 2, one sentence and at most a hint, nothing on standard output, nothing changed on disk."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    run = make_run(tmp_path / "run", (SMALL / "audit-events/data/audit_events.ndjson").read_bytes())
    before = tree(tmp_path)
    words, sentence = WRONG[wrong]
    answer = installed(*(word.format(tmp=tmp_path, run=run) for word in words))
    assert (answer.exit_code, answer.stdout) == (2, "")
    first, *hint = answer.stderr.splitlines()
    assert first == "replayglass: " + sentence.format(tmp=tmp_path, run=run)
    assert all(line.startswith("  ") for line in hint)
    assert tree(tmp_path) == before


ARGUMENTS = {
    ("build",): "Missing argument 'RUN'",
    ("build", ".", "--colour"): "No such option '--colour'",
    ("check", ".", "more"): "Got unexpected extra argument",
    ("paint",): "No such command 'paint'",
    ("simulate", "paper", "--events", "0", "--out", "x"): "Invalid value for '--events'",
    ("simulate", "paper", "--seed", "-1", "--out", "x"): "Invalid value for '--seed'",
    ("simulate", "paper"): "Missing option '--out'",
}


@pytest.mark.parametrize("words", ARGUMENTS, ids=" ".join)
def test_wrong_arguments_are_refused_in_one_sentence(words: tuple[str, ...], tmp_path: Path) -> None:
    """Exit code 2 and one sentence that says which argument is wrong; no traceback."""
    answer = installed(*words, cwd=tmp_path)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.splitlines()[-1].startswith(f"Error: {ARGUMENTS[words]}")
    assert "Traceback" not in answer.stderr
    assert not list(tmp_path.iterdir())


def test_a_damaged_configuration_stops_the_build(tmp_path: Path) -> None:
    """A replayglass.toml that cannot be used ends with 2; the site of an earlier build stays as it is."""
    run = make_run(tmp_path / "run", (SMALL / "audit-events/data/audit_events.ndjson").read_bytes())
    assert command("build", run, "--out", tmp_path / "site").exit_code == 0
    before = tree(tmp_path / "site")
    (run / "replayglass.toml").write_text("colour = 1\n")
    answer = installed("build", run, "--out", tmp_path / "site")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.startswith("replayglass: replayglass.toml has the unknown key 'colour'\n")
    assert tree(tmp_path / "site") == before


def test_simulate_writes_a_run_that_is_clean(tmp_path: Path) -> None:
    """Simulate paper says what it wrote, and its run has no finding at all."""
    answer = installed("simulate", "paper", "--events", "500", "--seed", "3", "--out", tmp_path / "run")
    assert answer.exit_code == 0
    assert answer.stdout.startswith(f"{tmp_path / 'run'}: 50")
    checked = command("check", tmp_path / "run", "--json")
    assert checked.exit_code == 0
    assert checked.json["findings"] == []
    assert checked.json["account"][0]["records"] >= 500


def test_the_command_is_installed() -> None:
    """`replayglass` beside the interpreter is `python -m replayglass`; the version is the package's."""
    script = Path(sys.executable).parent / "replayglass"
    done = subprocess.run([script, "--version"], capture_output=True, check=True)
    assert done.stdout.decode() == installed("--version").stdout.replace("python -m replayglass", "replayglass")
    helped: Answer = installed("--help")
    assert helped.exit_code == 0
    assert all(name in helped.stdout for name in ("build", "check", "simulate"))


def test_the_sample_is_what_the_readme_builds(tmp_path: Path) -> None:
    """`replayglass build samples/paper` from the top of the repository writes build/site by default."""
    copy = tmp_path / "repo"
    events, snapshots = (path.read_bytes() for path in sorted(SAMPLE.rglob("*.ndjson")))
    make_run(copy / "samples" / "paper", events, snapshots)
    answer = installed("build", "samples/paper", cwd=copy)
    assert answer.exit_code == 0
    assert answer.stdout.startswith("build/site: 135 records")
    assert (copy / "build" / "site" / "index.html").is_file()
    assert (REPO / "samples" / "paper" / "runtime.env").is_file()
