# ruff: noqa: INP001 - a script beside the samples
"""Makes a small library of five runs with the difference of the two that diverge: ``library.py LIBRARY``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from replayglass.cli import main

SAMPLES = Path(__file__).parent
AUDIT = "audit-events/data/audit_events.ndjson"
HOME = "../../../index.html"
"""From a publication to the first page of its library."""


def replayglass(*words: str | Path) -> None:
    """Run a command; findings are no failure here."""
    code = main([str(word) for word in words], standalone_mode=False)
    if code not in {None, 0, 1}:
        sys.exit(code)


def describe(run: Path, title: str, origin: str) -> Path:
    """Say what a run is called, and that its site stands in a library."""
    text = f'title = "{title}"\norigin = "replayglass.example/library/{origin}"\nlibrary = "{HOME}"\n'
    (run / "replayglass.toml").write_text(text, encoding="utf-8")
    return run


def simulate(kind: str, run: Path, title: str, origin: str, *options: str) -> Path:
    """Simulate a run."""
    replayglass("simulate", kind, *options, "--out", run)
    return describe(run, title, origin)


def edit(run: Path, title: str, origin: str) -> Path:
    """Change one record in the middle of a log: an execution that was filled is said to have failed."""
    path = run / AUDIT
    lines = path.read_bytes().splitlines(keepends=True)
    number = next(at for at in range(len(lines) // 2, len(lines)) if b'"status":"FILLED"' in lines[at])
    lines[number] = lines[number].replace(b'"status":"FILLED"', b'"status":"FAILED"')
    path.write_bytes(b"".join(lines))
    return describe(run, title, origin)


def runs(folder: Path) -> list[tuple[str, Path]]:
    """Return the runs, each with its name in the library, in the order in which they are added."""
    paper = simulate("paper", folder / "paper", "Nightly replay", "nightly", "--events", "400", "--seed", "3")
    edited = edit(Path(shutil.copytree(paper, folder / "edited")), "Nightly replay, one record edited", "nightly")
    grows = ("A replay that grows", "growing")
    begun = simulate("paper", folder / "begun", *grows, "--events", "200", "--seed", "5")
    grown = simulate("paper", folder / "grown", *grows, "--events", "400", "--seed", "5")
    flow = simulate("flow", folder / "flow", "A flow run", "flow", "--instances", "8", "--beats", "24")
    diverged = Path(shutil.copytree(SAMPLES / "flow-diverged", folder / "diverged"))
    describe(diverged, "A flow run whose recorded ledger was edited", "flow-diverged")
    return [
        ("nightly", paper),
        ("nightly-edited", edited),
        ("growing", begun),
        ("growing", grown),
        ("flow", flow),
        ("flow-diverged", diverged),
    ]


def make(library: Path) -> None:
    """Build every run and add it; what the library has already stays as it is."""
    with TemporaryDirectory() as folder:
        for name, run in runs(Path(folder)):
            site = run.with_name(f"{run.name}-site")
            replayglass("build", run, "--out", site)
            replayglass("library", "add", site, library, "--name", name)
    replayglass("library", "diff", library, "nightly", "nightly-edited")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
