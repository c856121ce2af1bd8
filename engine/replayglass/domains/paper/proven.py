"""What recomputing ids and comparing snapshots came to, for the integrity page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.cell import Link
from replayglass.domains.paper.idcounts import ALONE, ANSWERS, KINDS, MATCHED, RECOVERED, UNEXPLAINED, WITHHELD, WRONG
from replayglass.domains.paper.places import DECISIONS, EVENTS, SNAPSHOTS
from replayglass.findings import BY_CODE
from replayglass.page import Table
from replayglass.replay import Proven

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.cell import Cell
    from replayglass.domains.paper.fold import Fold
    from replayglass.domains.paper.identity import Identity
    from replayglass.row import Collection

_SNAPSHOT = "snapshotId"
_FOUND = frozenset({UNEXPLAINED, WRONG, WITHHELD})

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


def proven(identity: Identity, fold: Fold) -> Proven:
    """Return what was recomputed."""
    snapshots = fold.snapshots.rules
    numbers = {kind: {answer: identity.counts[kind, answer] for answer in ANSWERS} for kind in KINDS}
    numbers[_SNAPSHOT] = {answer: snapshots.ids.counts[answer] for answer in ANSWERS}
    total = {answer: sum(counts[answer] for counts in numbers.values()) for answer in ANSWERS}
    rows: list[tuple[Cell, ...]] = [
        (_name(kind, fold), sum(counts.values()), *_listed(counts)) for kind, counts in numbers.items()
    ]
    rows.append((_all(EVENTS, "all"), sum(total.values()), *_listed(total)))
    columns = ("id", "found", *ANSWERS)
    compared, agreed = snapshots.crosscheck.compared, snapshots.crosscheck.agreed
    against: list[tuple[Cell, ...]] = [
        (_all(SNAPSHOTS, "compared with the events before them"), compared),
        (_all(SNAPSHOTS, "agree in every market"), agreed),
        ("disagree", _wrong(compared - agreed)),
    ]
    blocks = (
        Table("Ids, derived again", columns, rows),
        Table("Snapshots against events", ("snapshots", "count"), against),
    )
    return Proven(*_verdict(total), blocks, LIMITS, {**numbers, "all": total})


_NAMED_BY = {"orderIntentId": "ORDER_INTENT_CREATED", "executionId": "EXECUTION_ATTEMPTED"}
"""The events that have ids of other things in them."""


def _name(kind: str, fold: Fold) -> Cell:
    """Return a kind of id, leading to what has such ids."""
    if kind in {_SNAPSHOT, "decisionId"}:
        return _all(SNAPSHOTS if kind == _SNAPSHOT else DECISIONS, kind)
    types = fold.telling.listings.types
    return types.cell(_NAMED_BY[kind], kind) if kind in _NAMED_BY else types.cell(kind, f"id of {kind}")


def _all(collection: Collection, words: str) -> Link:
    return Link(words, f"{collection.folder}/index.html")


def _listed(counts: Mapping[str, int]) -> list[Cell]:
    """Return counts by answer; those that findings are about lead to these."""
    return [_wrong(count) if answer in _FOUND else count for answer, count in counts.items()]


def _wrong(count: int) -> Cell:
    return Link(f"{count:,}", BY_CODE) if count else 0


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
