"""The commands at a terminal: progress, hostile names, and what happens when something outside fails."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import subprocess
import sys
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from replayglass.cli import main
from sites import SMALL, command, make_run

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


def test_progress_on_a_terminal_is_one_line_that_is_wiped(tmp_path: Path) -> None:
    """A terminal shows one changing line, gone at the end; only the closing line stays."""
    code, shown = on_terminal("build", SMALL, "--out", tmp_path / "site")
    assert code == 0
    stages = shown.split("\r\x1b[K")
    assert stages[:-1] == ["", "audit-events: 135 records", "snapshots: 9 records", "writing"]
    assert stages[-1].startswith(f"{tmp_path / 'site'}: {COUNTS}; audit-events unsigned root ")
    assert stages[-1].endswith(f"; {CLEAN}\n")


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
    # Not measured: an interrupt within the coverage tracer leaves its lock taken, and the process waits for ever.
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=unmeasured) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == b"replayglass: audit-events\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out) == (130, b"")
    assert err.decode().splitlines()[-1] == "replayglass: interrupted"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


class _Impatient(io.StringIO):
    """A standard error at which someone presses Ctrl-C as soon as something appears."""

    def write(self, text: str) -> int:
        is_first = not self.getvalue()
        written = super().write(text)
        if is_first:
            raise KeyboardInterrupt
        return written


def test_an_interrupted_check_ends_with_130() -> None:
    """Ctrl-C while a run is read is one word and the exit code that shells expect."""
    with redirect_stderr(_Impatient()) as shown, pytest.raises(SystemExit) as stop:
        main.main(["check", str(SMALL)], prog_name="replayglass")
    assert stop.value.code == 130
    assert shown.getvalue().splitlines()[-1] == "replayglass: interrupted"


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
