"""The JSON document about where a recorded ledger and the journal part."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from replayglass.domains.flow.divergence import Kind  # noqa: TC001 - msgspec reads it
from replayglass.pageschema import Natural  # noqa: TC001 - msgspec reads it

Status = Literal["proven", "diverged", "re-derived"]
"""What a comparison came to; re-derived: no ledger was recorded."""


class DivergenceEntry(Struct):
    """One divergence; ``recorded_line`` is the record of the recorded ledger that it was met at."""

    kind: Kind
    beat: Natural
    instance: str
    site: str
    field: str
    expected: str | None
    found: str | None
    recorded_line: Natural | None


class FirstDivergence(DivergenceEntry):
    """The first divergence with both cells, whole: the one that the journal comes to, and the recorded one."""

    expected_cell: dict[str, Any] | None
    found_cell: dict[str, Any] | None


class DivergenceDocument(Struct):
    """What the comparison came to; ``shown`` are the first 16 divergences of each kind, ``counts`` counts all."""

    version: Literal[1]
    ledger: Status
    equal: Natural
    counts: dict[str, Natural]
    first: FirstDivergence | None
    shown: list[DivergenceEntry]


TYPES: dict[str, type] = {"flow-divergence": DivergenceDocument}
