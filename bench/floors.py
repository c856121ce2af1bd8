"""Measures what no build of a PAPER run can do without, on this machine: processor seconds of one floor, as JSON.

Takes the name of the floor, a run folder, the site that was built of it, and a new folder.
"""

from __future__ import annotations

import json
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bench.paperrun import STREAMS
from replayglass.domains.paper.events import Event, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCK = 128 << 10


def reading(run: Path, _site: Path, _out: Path) -> float:
    """Read the lines of both streams, block by block."""
    begun = time.process_time()
    for name in STREAMS:
        with run.joinpath(name).open("rb", buffering=BLOCK) as file:
            for _ in file:
                pass
    return time.process_time() - begun


def hashing(_run: Path, site: Path, _out: Path) -> float:
    """Take the SHA-256 of each file of the site."""
    spent = 0.0
    for _, data in files_of(site):
        begun = time.process_time()
        sha256(data).digest()
        spent += time.process_time() - begun
    return spent


def decoding(run: Path, _site: Path, _out: Path) -> float:
    """Decode each line of both streams into its type, and do nothing with it."""
    spent = 0.0
    for name, kind in zip(STREAMS, (Event, Snapshot), strict=True):
        decode = msgspec.json.Decoder(kind).decode
        with run.joinpath(name).open("rb") as file:
            while lines := file.readlines(BLOCK):
                begun = time.process_time()
                for line in lines:
                    decode(line)
                spent += time.process_time() - begun
    return spent


def writing(_run: Path, site: Path, out: Path) -> float:
    """Write the same files with the same bytes."""
    spent, made = 0.0, set[Path]()
    for path, data in files_of(site):
        target = out / path
        begun = time.process_time()
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        with target.open("wb", buffering=0) as file:
            file.write(data)
        spent += time.process_time() - begun
    return spent


def files_of(site: Path) -> Iterator[tuple[Path, bytes]]:
    """Give each file of a site; reading it is no part of a floor."""
    for path in sorted(site.rglob("*")):
        if path.is_file():
            yield path.relative_to(site), path.read_bytes()


FLOORS: dict[str, Callable[[Path, Path, Path], float]] = {
    "reading": reading,
    "hashing": hashing,
    "decoding": decoding,
    "writing": writing,
}

if __name__ == "__main__":
    floor, *places = sys.argv[1:]
    sys.stdout.write(json.dumps(FLOORS[floor](*map(Path, places))))
