"""Measures GoAccess and Hugo beside a build of ours, in the same minutes: each the size that the run of ours has."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from bench import peerinputs
from bench.full import MB, discard
from bench.kinds import total, weigh
from bench.machine import machine
from bench.paperrun import make
from bench.process import Cost, replayglass, run, say
from bench.table import aligned

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.paperrun import PaperRun

HEAD = ("", "of what", "seconds", "of processor time", "peak MB", "files", "output MB")


class Peer(NamedTuple):
    """A program, what it reads, and how to have it write a folder that is new each time."""

    name: str
    reads: str
    start: Callable[[Path], Cost]


def measure(peer: Peer, folder: Path) -> tuple[Cost, tuple[int, int]]:
    """Run a program once; return its cost, and the files and bytes that it wrote."""
    say(peer.name)
    out = folder / "out"
    cost = peer.start(out)
    weight = total(weigh(out))
    discard(out)
    return cost, weight


def ours(paper: PaperRun) -> Peer:
    """Return a build of ours."""
    return Peer(
        "replayglass build",
        f"{paper.events:,} events, {paper.snapshots:,} snapshots",
        lambda out: replayglass("build", paper.path, "--out", out, "--json"),
    )


def goaccess(paper: PaperRun, folder: Path) -> Peer:
    """Return GoAccess, with an access log that has a line for each event."""
    log = folder / "access.log"
    peerinputs.write_access_log(paper.path, log)

    def start(out: Path) -> Cost:
        out.mkdir()
        options = ("--no-global-config", "--no-progress", "--log-format=COMBINED")
        return run("goaccess", log, *options, "--output", out / "report.html")

    return Peer("goaccess", f"{paper.events:,} lines of an access log", start)


def hugo(paper: PaperRun, pages: int, folder: Path) -> Peer:
    """Return Hugo, with so many pages."""
    source = folder / "hugo"
    rows = peerinputs.write_hugo_site(paper.path, pages, source)
    options = ("--quiet", "--source", source, "--cacheDir", folder / "hugo-cache")
    return Peer("hugo", f"{pages:,} pages of {rows} events", lambda out: run("hugo", *options, "--destination", out))


def present(paper: PaperRun, pages: int, folder: Path) -> list[Peer]:
    """Return what is on the path, ours first; say how to install the others."""
    makers: dict[str, Callable[[], Peer]] = {
        "goaccess": lambda: goaccess(paper, folder),
        "hugo": lambda: hugo(paper, min(pages, peerinputs.MOST_PAGES), folder),
    }
    found = [ours(paper)]
    for name, maker in makers.items():
        if shutil.which(name) is None:
            sys.stdout.write(f"{name} is not installed, so it is left out: apt-get install {name}\n")
        else:
            found.append(maker())
    return found


def line(peer: Peer, measured: list[tuple[Cost, tuple[int, int]]]) -> tuple[str, ...]:
    """Return the medians of a program as cells."""
    costs = [cost for cost, _ in measured]
    files, size = measured[-1][1]
    wall, cpu = (f"{median(each):,.2f}" for each in ([cost.wall for cost in costs], [cost.cpu for cost in costs]))
    peak = f"{median(cost.peak for cost in costs) / MB:,.0f}"
    return peer.name, peer.reads, wall, cpu, peak, f"{files:,}", f"{size / MB:,.1f}"


def main() -> None:
    """Measure all that are installed, in turns, then print."""
    parser = argparse.ArgumentParser(prog="bench.peers", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3, help="how often each program is measured")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="replayglass-peers-") as name:
        folder = Path(name)
        paper = make(chosen.events, folder / "run")
        replayglass("build", paper.path, "--out", folder / "first", "--json")
        pages = sum(1 for _ in (folder / "first").rglob("*.html"))
        discard(folder / "first")
        peers = present(paper, pages, folder)
        rounds = [[measure(peer, folder) for peer in peers] for _ in range(chosen.times)]
    lines = [line(peer, list(measured)) for peer, measured in zip(peers, zip(*rounds, strict=True), strict=True)]
    above = f"{machine()}\nmedians of {chosen.times}, the programs in turns; replayglass with one worker\n\n"
    sys.stdout.write(above + aligned([HEAD, *lines], numbers=range(2, len(HEAD))))


if __name__ == "__main__":
    main()
