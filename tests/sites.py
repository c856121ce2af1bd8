"""Runs, and the sites that the commands build of them, for the tests of whole builds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from click.testing import CliRunner

from replayglass.cli import main

if TYPE_CHECKING:
    from collections.abc import Mapping

REPO = Path(__file__).parents[1]
PAPER = REPO / "tests" / "data" / "paper"
SAMPLE = REPO / "samples" / "paper"
FLOW = REPO / "samples" / "flow"
SMALL = PAPER / "small"
EXTRA = sorted(path for path in (PAPER / "extra").iterdir() if path.is_dir())
LOGS = [SMALL, *EXTRA]
"""The logs that the original runtime wrote."""

AUDIT = "audit-events/data/audit_events.ndjson"
SNAPSHOTS = "snapshots/data/snapshots.ndjson"
OBSERVE = "v1/observe"

Tree = dict[str, bytes]


class Answer(NamedTuple):
    """What a command answered."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """Return the one JSON object on standard output."""
        return json.loads(self.stdout)


def command(*arguments: str | Path) -> Answer:
    """Run a command in this process; an exception that it does not turn into an exit code fails the test."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    return Answer(result.exit_code, result.stdout, result.stderr)


def installed(*arguments: str | Path, cwd: Path | None = None, environment: Mapping[str, str] | None = None) -> Answer:
    """Run the installed command in a process of its own."""
    words = [sys.executable, "-m", "replayglass", *map(str, arguments)]
    done = subprocess.run(words, cwd=cwd, env={**os.environ, **(environment or {})}, capture_output=True, check=False)
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())


class Site:
    """A site that was built: its folder, and what the build said."""

    def __init__(self, folder: Path, answer: Answer) -> None:
        self.folder = folder
        self.answer = answer

    def document(self, path: str) -> Any:  # noqa: ANN401 - any JSON
        """Return a JSON document by its path from the site's root."""
        return json.loads((self.folder / path).read_bytes())

    def pages(self, folder: str) -> list[Any]:
        """Return the JSON pages of a collection in order."""
        return [json.loads(path.read_bytes()) for path in sorted((self.folder / folder / "pages").iterdir())]

    def findings(self) -> list[dict[str, Any]]:
        """Return the findings that the site publishes."""
        return [row for page in self.pages("v1/findings") for row in page["findings"]]

    def tree(self) -> Tree:
        """Return every file of the site."""
        return tree(self.folder)


def build(run: Path, out: Path) -> Site:
    """Build the site ``out`` of a run that can be read."""
    answer = command("build", run, "--out", out, "--json")
    assert answer.exit_code in (0, 1), answer.stderr
    return Site(out, answer)


def tree(folder: Path) -> Tree:
    """Return every file below ``folder`` by its POSIX path."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def make_run(folder: Path, events: bytes | None = None, snapshots: bytes | None = None, config: str = "") -> Path:
    """Make a run of these streams."""
    for path, data in ((AUDIT, events), (SNAPSHOTS, snapshots), ("replayglass.toml", config.encode() or None)):
        if data is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
    return folder


def copy(source: Path, target: Path) -> Path:
    """Return a copy, of a run or a site, that a test may change."""
    shutil.copytree(source, target)
    return target


def make_filesystem_case(name: str, folder: Path) -> Path:
    """Make a case of bad/INDEX.json that holds no data; links lead to a copy beside it."""
    shutil.copytree(SMALL, folder)
    shutil.copytree(SMALL, folder.with_name("small"))
    for place in (AUDIT, SNAPSHOTS)[name == "missing_snapshots_file" :]:
        file = folder / place
        file.unlink()
        if name == "empty_file":
            file.touch()
        elif name == "directory_instead_of_file":
            file.mkdir()
        elif name == "symlink_file":
            file.symlink_to(Path("../../../small") / place)
    return folder


def expected(log: Path, name: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what the original would answer for one of its logs, None if it could not."""
    path = log / "expected" / f"{name}.json"
    return json.loads(path.read_bytes()) if path.is_file() else None


def bulky_events() -> list[bytes]:
    """Return events whose decision memory does not fit its pages when files are of 64 KiB at most."""
    lines = [line.replace(b"@v1", b"x" * 4_000 + b"@v1") for line in records(SMALL / AUDIT)]
    for number in range(2_000):
        again = json.loads(lines[0]) | {"id": f"00000000-0000-4000-8000-{number:012x}"}
        lines.append(json.dumps(again, separators=(",", ":")).encode())
    return lines


def records(path: Path) -> list[bytes]:
    """Return the lines of a stream that are not empty."""
    return [line for line in path.read_bytes().split(b"\n") if line] if path.is_file() else []
