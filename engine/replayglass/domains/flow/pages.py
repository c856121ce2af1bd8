"""How the rows of a flow run read: collections, columns, the words of each kind of row, and what pages say alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass import damage
from replayglass.page import Collection, Field, Part, Raw, RowKind

if TYPE_CHECKING:
    from replayglass.domains.flow.beat import Stand

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
BEAT = RowKind((_INT, ("beat",), ("executed",), (Raw(),)), "effect")
RECORD = RowKind((_INT, _WORD, _CELL, _CODE, (Raw(),)))

_TONES = {"recorded": "good", "replayed": "note", "vetoed": "bad", "archived": "", "expired": ""}
_DECIDED = (_INT, _WORD, _CELL, _CODE, _CODE, _TEXT, _TEXT, _CODE, _TEXT)
DECIDED = {fate: RowKind(_DECIDED, tone) for fate, tone in _TONES.items()}
OUTCOMES = {tone: RowKind((_INT, _WORD, _CODE, _CODE, _CODE), tone) for tone in ("good", "bad")}
CHANGED = RowKind((_INT, _CODE, _WORD, _TEXT, _TEXT))
WOKEN = RowKind((_INT, _CODE, _CODE, _WORD, _CODE))
BEATEN = {tone: RowKind((*((Field("int"),),) * 6, _TEXT), tone) for tone in ("", "bad")}

INVALID: tuple[Part, ...] = (*damage.INVALID, Raw())


def stand_words(state: str | None, pc: str | None) -> tuple[str, str]:
    """Return a state and a program counter as texts."""
    return state or "no state", pc or "no step"


def whereabouts(stand: Stand) -> str:
    """Say where an instance stands."""
    return " at ".join(stand_words(*stand))


def bars_note(width: int) -> str:
    """Return the note of a chart whose bars are ``width`` beats wide."""
    return "" if width == 1 else f"Each bar holds {width} beats, from the one below it."
