"""How the rows of a flow run read: collections, columns, the words of each kind of row, and what pages say alike."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from replayglass import damage
from replayglass.cell import Link
from replayglass.row import Collection, Field, Part, Raw, RowKind, RowLink, row_href

if TYPE_CHECKING:
    from replayglass.domains.flow.beat import Stand
    from replayglass.timeline import Timeline

JOURNAL = Collection(
    "flow/journal",
    "j",
    256,
    "journal line",
    "journal lines",
    "v1/flow/journal",
    "lines",
    why_empty="the journal is empty or missing",
)
RECORDED = Collection(
    "flow/recorded",
    "r",
    256,
    "recorded line",
    "recorded lines",
    "v1/flow/recorded",
    "lines",
    why_empty="the recorded ledger is empty or missing, so there is nothing to compare with",
)
DECISIONS = Collection(
    "flow/decisions", "d", 256, "decision", "decisions", "v1/flow/decisions", why_empty="no site decided anything"
)
INTENTS = Collection("flow/intents", "i", 256, "intent", "intents", "v1/flow/intents", why_empty="nothing was intended")
LIFECYCLE = Collection(
    "flow/lifecycle", "c", 256, "change", "changes", "v1/flow/lifecycle", why_empty="no instance changed its state"
)
EVENTS = Collection(
    "flow/events", "w", 256, "event status", "event statuses", "v1/flow/events", why_empty="no event was sent"
)
BEATS = Collection("flow/beats", "b", 256, "beat", "beats", "v1/flow/beats", why_empty="no beat was executed")
INSTANCES = Collection(
    "flow/instances", "n", 16, "instance", "instances", "v1/flow/instances", why_empty="none was ever started"
)
ADJACENCY = Collection("flow/adjacency", "a", 256, "summary", "summaries", why_empty="no sweep has seen an instance")

JOURNAL_COLUMNS = ("#", "beat", "line", "says", "record")
RECORDED_COLUMNS = ("#", "beat", "fate", "cell", "choice", "record")
DECISION_COLUMNS = ("#", "beat", "fate", "cell", "choice", "policy", "telemetry", "kept", "validation", "evidence")
INTENT_COLUMNS = ("#", "beat", "bucket", "intent", "about", "outcome")
LIFECYCLE_COLUMNS = ("#", "beat", "instance", "cause", "before", "after")
EVENT_COLUMNS = ("#", "beat", "instance", "event", "status", "signal")
BEAT_COLUMNS = ("#", "chains", "intents", "decisions", "changes", "events", "emits", "ends")

_INT, _CODE, _TEXT, _WORD = (Field("int"),), (Field("code"),), (Field("text"),), (Field("word"),)
_CELL: tuple[Part, ...] = (Field("code"), " at ", Field("code"))

HEADER = RowKind(
    ((), ("header",), ("format ", Field("int"), ", rules ", Field("int"), ", ", Field("strong")), (Raw(),)), "head"
)
INTENT = RowKind((_INT, (Field("word"),), (Field("code"), " about ", Field("strong")), (Raw(),)))
BEAT = RowKind(((RowLink(BEATS, "int"),), ("beat",), ("executed",), (Raw(),)), "effect")
BEAT_AGAIN = RowKind((_INT, ("beat",), ("not executed: it was before",), (Raw(),)), "effect")
RECORD = RowKind((_INT, _WORD, _CELL, _CODE, (Raw(),)))

TONES = {"recorded": "good", "replayed": "note", "vetoed": "bad", "archived": "", "expired": ""}
"""The tones of fates."""

_AT: tuple[Part, ...] = (RowLink(BEATS, "int"),)
_WHO: tuple[Part, ...] = (RowLink(INSTANCES, "code"),)


def _decided(tone: str, who: tuple[Part, ...]) -> RowKind:
    return RowKind((_AT, _WORD, (Field("code"), " at ", *who), _CODE, _CODE, _TEXT, _TEXT, _CODE, _TEXT), tone)


# By whether the instance has a row on the pages of the instances, to which it leads then.
DECIDED = {(fate, who is _WHO): _decided(tone, who) for fate, tone in TONES.items() for who in (_WHO, _CODE)}
OUTCOMES = {
    (tone, who is _WHO): RowKind((_AT, _WORD, _CODE, who, _CODE), tone)
    for tone in ("good", "bad")
    for who in (_WHO, _CODE)
}
WOKEN = {who is _WHO: RowKind((_AT, who, _CODE, _WORD, _CODE)) for who in (_WHO, _CODE)}
CHANGED = RowKind((_AT, _WHO, _WORD, _TEXT, _TEXT))


@cache
def beaten(tone: str, *leading: bool) -> RowKind:
    """Return the kind of a beat's row; its intents, decisions, changes and events lead to the first, where any are."""
    places = zip((INTENTS, DECISIONS, LIFECYCLE, EVENTS), leading, strict=True)
    counts = [(RowLink(place, "int") if leads else Field("int"),) for place, leads in places]
    return RowKind(((RowLink(JOURNAL, "int"),), *counts, _INT, _TEXT), tone)


INVALID: tuple[Part, ...] = (*damage.INVALID, Raw())


def beat_link(number: int) -> Link:
    """Return a beat that was executed, leading to its row."""
    return Link(str(number), row_href(BEATS, number))


def stand_words(state: str | None, pc: str | None) -> tuple[str, str]:
    """Return a state and a program counter as texts."""
    return state or "no state", pc or "no step"


def whereabouts(stand: Stand) -> str:
    """Say where an instance stands."""
    return " at ".join(stand_words(*stand))


def fates_links(timeline: Timeline) -> list[Link]:
    """Return where each bar of a chart of decisions over beats comes from."""
    return [Link(f"from decision {row}", row_href(DECISIONS, row)) for row in timeline.rows()]


def bars_note(width: int) -> str:
    """Return the note of a chart whose bars are ``width`` beats wide."""
    return "" if width == 1 else f"Each bar holds {width} beats, from the one below it."
