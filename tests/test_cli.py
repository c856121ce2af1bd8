"""The commands as a user has them: what they print, where, and with which exit code."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sites import PAPER, REPO, SAMPLE, SMALL, Answer, command, installed, make_run, records, tree

BAD = PAPER / "bad"
COUNTS = "135 records of audit-events, 9 records of snapshots, all accounted for"
CLEAN = "Clean: no errors, no warnings, nothing odd."


def on_terminal(*arguments: str | Path) -> tuple[int, str]:
    """Run the installed command on a pseudo-terminal; return its exit code and all that it shows there."""
    master, slave = pty.openpty()
    words = [sys.executable, "-m", "replayglass", *map(str, arguments)]
    with subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        shown = b"".join(iter(lambda: _read(master), b""))
    os.close(master)
    return process.returncode, shown.decode().replace("\r\n", "\n")


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # Linux answers EIO when the other end is closed
        return b""


def test_build_ends_with_one_line(tmp_path: Path) -> None:
    """Standard output is one line: the site, its records, the verdict; the stages go to standard error."""
    answer = installed("build", SMALL, "--out", tmp_path / "site")
    assert answer.exit_code == 0
    assert answer.stdout == f"{tmp_path / 'site'}: {COUNTS}; {CLEAN}\n"
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
    first, last = answer.stdout.splitlines()
    assert first.startswith(f"error encoding.invalid-utf8 audit-events/data/audit_events.ndjson:{line} (byte ")
    assert int(first.split("(byte ")[1].split(")")[0]) < offset
    assert last == f"{COUNTS}; Damaged: 1 error, 0 warnings, 0 remarks."


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
    """check says what build says, exit code included, and writes nothing."""
    run, site = BAD / "bad_enums", tmp_path / "site"
    built, checked = command("build", run, "--out", site, "--json"), command("check", run, "--json")
    assert built.exit_code == checked.exit_code == 1
    shared = built.json.keys() & checked.json.keys()
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
    """simulate paper says what it wrote, and its run has no finding at all."""
    answer = installed("simulate", "paper", "--events", "500", "--seed", "3", "--out", tmp_path / "run")
    assert answer.exit_code == 0
    assert answer.stdout.startswith(f"{tmp_path / 'run'}: 50")
    checked = command("check", tmp_path / "run", "--json")
    assert checked.exit_code == 0
    assert checked.json["findings"] == []
    assert checked.json["account"][0]["records"] >= 500


def test_progress_on_a_terminal_is_one_line_that_is_wiped(tmp_path: Path) -> None:
    """A terminal shows one changing line, gone at the end; only the closing line stays."""
    code, shown = on_terminal("build", SMALL, "--out", tmp_path / "site")
    assert code == 0
    stages = shown.split("\r\x1b[K")
    assert stages[:-1] == ["", "audit-events: 135 records", "snapshots: 9 records", "writing"]
    assert stages[-1] == f"{tmp_path / 'site'}: {COUNTS}; {CLEAN}\n"


def test_progress_of_a_long_log_moves(tmp_path: Path) -> None:
    """The line counts on while a stream is read."""
    assert command("simulate", "paper", "--events", "30000", "--out", tmp_path / "run").exit_code == 0
    _, shown = on_terminal("check", tmp_path / "run")
    counts = [part for part in shown.split("\r\x1b[K") if part.startswith("audit-events: ")]
    assert len(counts) >= 3


def hostile_run(folder: Path) -> Path:
    """Return a run whose path, notes and texts try to reach the terminal."""
    run = folder / "\x1b]0;owned\x07\nreplayglass: all is well\u202e"
    (run / "notes").mkdir(parents=True)
    (run / "notes" / "\x1b[31m\n.md").write_bytes(b"\xff")
    event = {"id": "\x1b[2J", "type": "\x1b[31m\u202e", "decisionId": "\x9b31m"}
    return make_run(run, b'{"\\u001b[2J":1,"id":7}\n' + json.dumps(event, ensure_ascii=False).encode() + b"\n")


def test_nothing_of_a_log_reaches_the_terminal(tmp_path: Path) -> None:
    """Names and texts that hold escape sequences or line ends are shown, not obeyed."""
    run = hostile_run(tmp_path)
    for words in (("check", run), ("build", run, "--out", tmp_path / "site"), ("build", tmp_path / "no\x1b[1m\x07")):
        _, shown = on_terminal(*words)
        text = shown.replace("\r\x1b[K", "")
        assert text
        assert all(char.isprintable() or char == "\n" for char in text)
        assert "\nreplayglass: all is well" not in text


def test_an_answer_that_cannot_be_printed_is_no_traceback() -> None:
    """A full disk behind standard output ends with 2 and one sentence."""
    with Path("/dev/full").open("wb") as full:
        words = [sys.executable, "-m", "replayglass", "check", str(SMALL)]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr.decode().splitlines()[-1].startswith("replayglass: the answer cannot be printed: ")
    assert b"Traceback" not in done.stderr


def test_an_interrupted_build_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C ends with 130 and one word; no half site stays, nor its staging folder."""
    assert command("simulate", "paper", "--events", "60000", "--out", tmp_path / "run").exit_code == 0
    words = [sys.executable, "-m", "replayglass", "build", str(tmp_path / "run"), "--out", str(tmp_path / "site")]
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == b"replayglass: audit-events\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out) == (130, b"")
    assert err.decode().splitlines()[-1] == "replayglass: interrupted"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


def test_too_little_memory_is_no_traceback(tmp_path: Path) -> None:
    """A run that does not fit the memory given ends with 2 and one sentence, and no site."""
    run = make_run(
        tmp_path / "run", b'{"a":"' + b"x" * 200_000_000 + b'"}\n', None, "[limits]\nmax_line_bytes = 1073741824\n"
    )
    script = (
        "import resource, runpy, sys; import replayglass.cli; resource.setrlimit(resource.RLIMIT_AS, (700 << 20,) * 2);"
    )
    script += "sys.argv[0] = 'replayglass'; replayglass.cli.main()"
    words = [sys.executable, "-c", script, "build", str(run), "--out", str(tmp_path / "site")]
    done = subprocess.run(words, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().splitlines()[-1] == "replayglass: there is not enough memory for this run"
    assert not (tmp_path / "site").exists()


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
    make_run(copy / "samples" / "paper", *(path.read_bytes() for path in sorted(SAMPLE.rglob("*.ndjson"))))
    answer = installed("build", "samples/paper", cwd=copy)
    assert answer.exit_code == 0
    assert answer.stdout.startswith("build/site: 135 records")
    assert (copy / "build" / "site" / "index.html").is_file()
    assert (REPO / "samples" / "paper" / "runtime.env").is_file()
