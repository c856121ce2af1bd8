"""What recomputing ids and comparing snapshots came to, for the integrity page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.paper.idcounts import ALONE, ANSWERS, KINDS, MATCHED, RECOVERED, UNEXPLAINED, WITHHELD, WRONG
from replayglass.page import Code, Table
from replayglass.replay import Proven

if TYPE_CHECKING:
    from replayglass.domains.paper.identity import Identity
    from replayglass.domains.paper.snapshotrules import SnapshotRules
    from replayglass.page import Cell

_SNAPSHOT = "snapshotId"

LIMITS = (
    (
        "Ids are unkeyed hashes of what a record says: they show accidents and clumsy edits. Whoever can write the log "
        "can write records with consistent ids."
    ),
    (
        "No chain links the runtime's ticks: a whole tick that executed nothing, or the feedback of any tick, can be "
        "taken out of the log or put in without any trace in it. Only an earlier checkpoint of this published log "
        "shows that."
    ),
    (
        "No id covers version, createdAtLogical, the reason of a safety result, or plane and market of a ledger "
        "update; they are compared with the other records of the tick where that is possible."
    ),
    (
        "Quantities of open positions stand in snapshots only; the log of events cannot confirm them. Prices, "
        "balances, lifecycle, gates and the text of feedback are not in the log at all."
    ),
    "A recovered fact is the one candidate of a closed list that derives the logged id. It was not logged.",
)
"""What no rule can see (sections 11, 17.16 and 19)."""


def proven(identity: Identity, snapshots: SnapshotRules) -> Proven:
    """Return what was recomputed."""
    numbers = {kind: {answer: identity.counts[kind, answer] for answer in ANSWERS} for kind in KINDS}
    numbers[_SNAPSHOT] = {answer: snapshots.ids.counts[answer] for answer in ANSWERS}
    total = {answer: sum(counts[answer] for counts in numbers.values()) for answer in ANSWERS}
    rows: list[tuple[Cell, ...]] = [
        (_name(kind), sum(counts.values()), *counts.values()) for kind, counts in numbers.items()
    ]
    rows.append(("all", sum(total.values()), *total.values()))
    columns = ("id", "found", *ANSWERS)
    compared, agreed = snapshots.crosscheck.compared, snapshots.crosscheck.agreed
    against = [("compared with the events before them", compared), ("agree in every market", agreed)]
    blocks = (
        Table("Ids, derived again", columns, rows),
        Table("Snapshots against events", ("snapshots", "count"), against),
    )
    return Proven(*_verdict(total), blocks, LIMITS, {**numbers, "all": total})


def _name(kind: str) -> Code | str:
    return Code(kind) if kind.endswith("Id") else f"id of {kind}"


def _verdict(total: dict[str, int]) -> tuple[str, str]:
    count = total[MATCHED] + total[RECOVERED] + total[UNEXPLAINED] + total[WRONG]
    if not count and not total[ALONE] + total[WITHHELD]:
        return "There is no id to derive again: the log holds no event.", "note"
    words = (
        f"{count:,} ids were derived again: {total[MATCHED]:,} match, {total[RECOVERED]:,} match by a recovered fact"
    )
    words += f", {total[UNEXPLAINED]:,} are unexplained, {total[WRONG]:,} contradict what the log says"
    left = [f"{total[ALONE]:,} stand without what they are derived from"] if total[ALONE] else []
    left += [f"{total[WITHHELD]:,} are withheld by redaction"] if total[WITHHELD] else []
    words = "; ".join([words, *left])
    tone = "bad" if total[WRONG] else "warn" if total[UNEXPLAINED] or left else "good"
    return f"{words}.", tone
