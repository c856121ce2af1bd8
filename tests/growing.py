"""Runs that grow, and the sites of them: one is built anew each time, one goes on."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest

from replayglass.continuing.keeper import Halting
from replayglass.continuing.statefile import path_beside
from replayglass.errors import ReplayglassError
from replayglass.pipeline import Report, build
from sites import AUDIT, PAPER, SNAPSHOTS, tree

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

SOON = Halting((30_000, 4_000), 0, 0)
"""Small logs are put aside, too."""


def damaged(data: bytes, chance: random.Random, often: float = 0.05) -> Iterator[bytes]:
    """Yield the lines of a stream, here and there with what no runtime writes."""
    others = [line for path in sorted(PAPER.rglob("*.ndjson")) for line in path.read_bytes().split(b"\n")]
    long = b'{"a":"' + b"x" * 70_000 + b'"}'
    for line in data.split(b"\n"):
        if chance.random() > often:
            yield line
        elif chance.random() < 0.5:
            yield from (chance.choice([*others, b"", b"", long]), line)
        else:
            yield from chance.choice(([], [line, line], [line[: len(line) // 2], line]))


class Growing(NamedTuple):
    """A run that grows to what it is at the end, and two sites of it: one is built anew each time, one goes on."""

    run: Path
    end: dict[str, bytes]
    sites: Path

    @classmethod
    def to(cls, end: Path, folder: Path) -> Growing:
        """Return a run that is empty yet."""
        shutil.copytree(end, folder / "run")
        streams = {name: (end / name).read_bytes() for name in (AUDIT, SNAPSHOTS)}
        growing = cls(folder / "run", streams, folder)
        growing.grow(0, 0)
        return growing

    def grow(self, *sizes: int) -> None:
        """Have the streams grow to these bytes."""
        for (name, data), size in zip(self.end.items(), sizes, strict=True):
            (self.run / name).write_bytes(data[:size])

    def publish(self, key: bytes | None = None) -> Report:
        """Build both sites, which must be the same; return how the one that goes on was built."""
        answers = [
            _answer(self.run, self.sites / name, key, full=full) for name, full in (("going-on", False), ("anew", True))
        ]
        if not isinstance(answers[0], Report):
            assert answers[0] == answers[1]
            pytest.fail(str(answers[0]))
        assert tree(self.site) == tree(self.sites / "anew")
        return answers[0]

    @property
    def site(self) -> Path:
        """Return the site that goes on."""
        return self.sites / "going-on"

    @property
    def state(self) -> Path:
        """Return what that site goes on from."""
        return self.site.parent / path_beside(str(self.site)).rpartition("/")[2]


def _answer(run: Path, site: Path, key: bytes | None, *, full: bool) -> Report | tuple[str, str]:
    try:
        return build(run, site, lambda *_: None, key, full=full, halting=SOON)
    except ReplayglassError as error:
        return type(error).__name__, str(error).replace(site.name, "")


def halves(growing: Growing, key: bytes | None = None) -> Report:
    """Publish the first half of a run, then let it grow a little, so that the next build can go on."""
    growing.grow(*(data.index(b"\n", len(data) // 2) + 1 for data in growing.end.values()))
    growing.publish(key)
    assert growing.state.exists()
    growing.grow(*(data.index(b"\n", len(data) * 6 // 10) + 1 for data in growing.end.values()))
    return growing.publish(key)
