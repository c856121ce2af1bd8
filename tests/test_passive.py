"""Nothing is added to what is observed: the run folder is read, never written, and nothing else is touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from sites import SAMPLE, installed

if TYPE_CHECKING:
    from pathlib import Path

# Reports the audit events of the interpreter (PEP 578) while a command runs.
RECORDER = """
import json, os, sys

events = []
watched = ("open", "os.", "shutil.", "socket.", "subprocess.", "ctypes.dlopen", "tempfile.", "fcntl.")

def hear(name, arguments):
    if name.startswith(watched):
        plain = [os.fsdecode(item) if isinstance(item, bytes) else item for item in arguments]
        events.append([name, [item if isinstance(item, (str, int)) else repr(item) for item in plain]])

from replayglass.cli import main
target = sys.argv.pop(1)
sys.addaudithook(hear)
try:
    main()
except SystemExit as stop:
    heard, code = list(events), stop.code
with open(target, "w") as file:
    json.dump([code, heard], file)
"""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
LOOKING = {"os.listdir", "os.scandir", "os.walk", "os.fwalk", "fcntl.flock"}

Heard = list[tuple[str, list[Any]]]


def recorded(folder: Path, *arguments: str | Path) -> Heard:
    """Run a command in a process of its own and return what it asked the system for."""
    target = folder / "heard.json"
    words = [sys.executable, "-c", RECORDER, target, *arguments]
    done = subprocess.run(list(map(str, words)), cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    code, heard = json.loads(target.read_bytes())
    assert code == 0
    return [(name, given) for name, given in heard]


def changes(heard: Heard) -> Heard:
    """Return what may change something: opening for writing, and every operation but looking."""
    return [(name, given) for name, given in heard if (given[2] & WRITING if name == "open" else name not in LOOKING)]


def state(folder: Path) -> dict[str, tuple[object, ...]]:
    """Return everything about a folder but the times of reading."""
    found: dict[str, tuple[object, ...]] = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        data = path.read_bytes() if path.is_file() else None
        found[str(path)] = (
            data,
            status.st_ino,
            status.st_mode,
            status.st_mtime_ns,
            status.st_ctime_ns,
            status.st_nlink,
        )
    return found


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a copy of the sample: all kinds of files that a run holds."""
    return shutil.copytree(SAMPLE, tmp_path / "place" / "run")


@pytest.mark.parametrize("command", ["build", "check"])
def test_the_run_is_untouched(command: str, run: Path, tmp_path: Path) -> None:
    """Bytes, inodes, modes and times stay, and nothing new is in the run or beside it."""
    before = state(run.parent)
    options = ["--out", str(tmp_path / "site")] if command == "build" else []
    assert installed(command, run, *options).exit_code == 0
    assert state(run.parent) == before


@pytest.mark.parametrize("command", ["build", "check"])
def test_nothing_in_the_run_is_opened_for_writing(command: str, run: Path, tmp_path: Path) -> None:
    """Every file of the run is opened for reading only, and no other operation names it."""
    options = ["--out", str(tmp_path / "site")] if command == "build" else []
    heard = recorded(tmp_path, command, run, *options)
    opened = {given[0] for name, given in heard if name == "open"}
    assert {str(path) for path in run.rglob("*.ndjson")} <= opened
    assert not [change for change in changes(heard) if any(str(run) in str(item) for item in change[1])]


def test_check_changes_nothing_at_all(run: Path, tmp_path: Path) -> None:
    """Check opens nothing for writing, anywhere."""
    assert changes(recorded(tmp_path, "check", run)) == []


def test_build_changes_nothing_but_the_site(run: Path, tmp_path: Path) -> None:
    """Every path that build writes, makes, renames or removes is the site's, its staging folder's or its state's."""
    ours = tuple(str(tmp_path / "out" / name) for name in ("site", ".site.staging", ".site.state"))
    heard = changes(recorded(tmp_path, "build", run, "--out", tmp_path / "out" / "site"))
    paths = {item for _, given in heard for item in given if isinstance(item, str) and item.startswith(("/", "."))}
    assert paths
    assert {path for path in paths if not path.startswith(ours)} <= {str(tmp_path / "out")}


def test_no_network_and_no_other_program(run: Path, tmp_path: Path) -> None:
    """No socket is opened and no process started."""
    heard = recorded(tmp_path, "build", run, "--out", tmp_path / "site")
    assert not [
        name for name, _ in heard if name.startswith(("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.fork"))
    ]


# Linux lets root write what is read-only; without this capability (capabilities(7), prctl(2)) it does not.
READ_ONLY = """
import ctypes, os, pathlib, sys

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
run = pathlib.Path(sys.argv[1])
if "PLAIN" not in os.environ:
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)
    os.environ["PLAIN"] = "1"
    os.execv(sys.executable, sys.orig_argv)
for path in (run / "new", run / "notes" / "new", run / "runtime.env"):
    try:
        path.open("ab")
    except PermissionError:
        continue
    sys.exit(f"{path} can be written")
sys.argv[1:2] = []
from replayglass.cli import main
main()
"""


def test_a_read_only_run_can_be_built(run: Path, tmp_path: Path) -> None:
    """A run on which nobody, root included, may write is built all the same."""
    paths = [run, *run.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = state(run)
    words = [sys.executable, "-c", READ_ONLY, run, "build", run, "--out", tmp_path / "site"]
    done = subprocess.run(list(map(str, words)), capture_output=True, check=False)
    after = state(run)
    for path in paths:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert done.returncode == 0, done.stderr.decode()
    assert after == before
    assert (tmp_path / "site" / "index.html").is_file()
