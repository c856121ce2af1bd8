"""How fast ids, logs and whole sites are proven."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.process import Cost, part, replayglass, say
from bench.table import Row, at_least

if TYPE_CHECKING:
    from pathlib import Path

    from bench.paperrun import PaperRun

IDS, VERIFIED = at_least(500_000), at_least(100_000)


class Proofs(NamedTuple):
    """Ids and records a processor second, and what checking the site took, as often as measured."""

    ids: list[float]
    logged: list[float]
    verified: list[Cost]


def measure(run: PaperRun, site: Path, times: int) -> Proofs:
    """Measure each ``times`` times."""
    found = Proofs([], [], [])
    for number in range(1, times + 1):
        say(f"proofs, round {number} of {times}")
        found.ids.append(part("proving", "derive", run.path).answer)
        found.logged.append(part("proving", "append", run.path).answer)
        found.verified.append(replayglass("verify", site, "--json"))
    return found


def proof_rows(run: PaperRun, proofs: Proofs) -> list[Row]:
    """Return the figures."""
    records = run.events + run.snapshots
    verified = [records / cost.cpu for cost in proofs.verified]
    return [
        Row("Proofs, one core: so many in a second of processor time"),
        Row("ids derived again", proofs.ids, best=max, goal=IDS),
        Row("records appended to a log", proofs.logged, best=max),
        Row("records verified, from the files of the site alone", verified, best=max, goal=VERIFIED),
    ]
