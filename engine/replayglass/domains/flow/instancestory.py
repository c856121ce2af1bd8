"""The words about one instance: the head of its story, and its lines, of which there is a bounded number."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.flow import pages
from replayglass.domains.flow.definedrows import PROGRAMS
from replayglass.domains.flow.machine import pattern_of
from replayglass.domains.flow.numbers import unsigned
from replayglass.domains.flow.tree import children, signature, text
from replayglass.page import Story
from replayglass.row import Field, Row, RowKind, RowLink

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from replayglass.domains.flow.columns import Columns, Happened
    from replayglass.domains.flow.instances import Cells, Seen
    from replayglass.domains.flow.lifelines import Stay
    from replayglass.domains.flow.listings import Listings
    from replayglass.domains.flow.tree import Tree
    from replayglass.row import Collection, Part

COLUMNS = ("#", "instance", "state", "pc", "variant", "budget", "subscriptions, events, emits", "decisions")
TONES = {"done": "good", "error": "bad", "paused": "warn"}
"""The tones of states; other states have none."""

EACH = 32
"""Lines of one kind in a story, but of decisions."""

DECISIONS = 64
"""Decisions that a story lists; an instance with more of them has pages of its own for all."""

_STATUSES = 8

_CODE, _TEXT = Field("code"), Field("text")
_HEADS = {tone: RowKind(((_CODE,),) * 4 + ((_TEXT,),) * 3, tone) for tone in ("", *TONES.values())}


def _line(*cells: tuple[Part, ...], tone: str = "") -> RowKind:
    return RowKind(cells, tone, anchored=False)


_BOUND = _line((), ("bound to",), ("variant ", _CODE, ", program ", _CODE, ", context ", _CODE))
_BOUND_TO = _line((), ("bound to",), ("variant ", _CODE, ", program ", RowLink(PROGRAMS, "code"), ", context ", _CODE))
_BUDGET = _line((), ("budget",), (_TEXT,))
_SUMMARY = _line((), ("adjacency",), (RowLink(pages.ADJACENCY),))
_SUBSCRIPTION = _line((), ("subscription",), (_CODE, " at step ", _CODE, ": ", _TEXT))
_EVENT = _line(("beat ", _CODE), ("event",), (_CODE, ": ", _TEXT))
_RECORD = _line(("beat ", _CODE), ("event",), ("record ", _CODE, ", without a signal, as a transform leaves it"))
_EMIT = _line(("beat ", _CODE), ("emit",), ("slot ", _CODE, ": ", _CODE, ", ", _TEXT))
_STAY = _line(("beat ", Field("int")), ("change ", RowLink(pages.LIFECYCLE, "int")), (_TEXT,))
_DECIDED = (("beat ", Field("int")), ("decision ", RowLink(pages.DECISIONS, "int")))
_CHOSEN = (Field("word"), " ", _CODE, " at ", _CODE)
_BY_POLICY = {
    fate: _line(*_DECIDED, (*_CHOSEN, ", policy ", _CODE, _TEXT), tone=tone) for fate, tone in pages.TONES.items()
}
_BY_NONE = {
    fate: _line(*_DECIDED, (*_CHOSEN, ", without a policy", _TEXT), tone=tone) for fate, tone in pages.TONES.items()
}
_MORE = _line((), ("more",), (_TEXT,), tone="effect")


class Around(NamedTuple):
    """What the stories of all instances lead to: the rows of decisions, the lists, the numbers of programs."""

    columns: Columns
    listings: Listings
    programs: Mapping[str, int]


def story_of(seen: Seen, around: Around, listed: Collection | None) -> Story:
    """Return the story of an instance; ``listed`` are the pages of its decisions if it has pages of its own."""
    node = seen.node
    state, pc = pages.stand_words(text(node, "state"), text(node, "pc"))
    counts = ", ".join(str(len(part)) for part in _parts(node))
    values = (seen.name, state, pc, _or_none(text(node, "variant")), _used(node), counts, _told(seen.cells))
    head = Row(_HEADS[TONES.get(state, "")], seen.number, values)
    return Story(head, list(_lines(seen, around, listed)))


def _parts(node: Tree) -> tuple[Tree, Tree, Tree]:
    return children(node, "subs"), children(node, "events"), children(node, "emits")


def _or_none(value: str | None) -> str:
    return value or "none"


def _used(node: Tree) -> str:
    budget = children(node, "budget")
    limit = text(budget, "step_limit")
    return f"{text(budget, 'steps_used') or 0} of {limit}" if limit else "none"


def _told(cells: Cells) -> str:
    return f"{len(cells.rows)}: {len(cells.live)} live, {len(cells.archived)} archived"


def _lines(seen: Seen, around: Around, listed: Collection | None) -> Iterator[Row]:
    node, place = seen.node, (seen.number // pages.ADJACENCY.size, seen.number)
    subs, events, emits = _parts(node)
    yield _bound(node, around.programs)
    yield from around.listings.lines(node, pages.stand_words(text(node, "state"), None)[0])
    names = ("step_limit", "steps_used", "beat", "timeout", "deadline")
    budget = [f"{name} {value}" for name in names if (value := text(children(node, "budget"), name))]
    if budget:
        yield Row(_BUDGET, -1, (", ".join(budget),))
    yield Row(_SUMMARY, -1, (*place, "counts, latest event and windows"))
    yield from _newest([_subscription(*item) for item in list(subs.items())[-EACH:]], len(subs), "subscriptions")
    ordered = sorted(events.items(), key=lambda item: _beat_of(item[1]))
    yield from _newest([_event(*item) for item in ordered[-EACH:]], len(events), "events")
    yield from _newest([_emit(*item) for item in list(emits.items())[-EACH:]], len(emits), "emits")
    yield from _stays(seen.stays)
    yield from _decisions(seen.cells, around.columns, listed)


def _newest(rows: list[Row], count: int, many: str) -> Iterator[Row]:
    """Yield rows, and how many older ones there are."""
    yield from rows
    if count > len(rows):
        yield Row(_MORE, -1, (f"{count - len(rows)} earlier {many} are in the JSON of this page",))


def _bound(node: Tree, programs: Mapping[str, int]) -> Row:
    """Return what an instance is bound to; a program leads to its page."""
    variant, program, context = (_or_none(one) for one in (text(node, "variant"), _program(node), signature(node)))
    number = programs.get(program)
    if number is None:
        return Row(_BOUND, -1, (variant, program, context))
    return Row(_BOUND_TO, -1, (variant, number // PROGRAMS.size, number, program, context))


def _program(node: Tree) -> str | None:
    """Return what the program's link leads to: the name of a program, another path, or nothing."""
    path = text(children(node, "program"), "$link")
    return None if path is None else path.removeprefix("/data/flow/program/")


def _subscription(key: str, sub: object) -> Row:
    fields = sub if isinstance(sub, dict) else {}
    words = text(fields, "status") or "no status"
    for name, said in (("beat", "in beat"), ("deadline", "until beat")):
        words += f" {said} {fields[name]}" if text(fields, name) else ""
    return Row(_SUBSCRIPTION, -1, (_or_none(pattern_of(sub)), key, words))


def _beat_of(record: object) -> int:
    return (unsigned(text(record, "beat")) if isinstance(record, dict) else None) or 0


def _event(key: str, record: object) -> Row:
    fields = record if isinstance(record, dict) else {}
    beat, signal, origin = _or_none(text(fields, "beat")), text(fields, "signal"), text(fields, "origin")
    history = children(fields, "history")
    told = sorted(history.items(), key=lambda item: unsigned(item[0].rpartition("_")[2]) or 0)
    words = [f"{text(one, 'status')} in beat {text(one, 'beat')}" for _, one in told if isinstance(one, dict)]
    if signal is None and not words:
        return Row(_RECORD, -1, (beat, key))
    if len(words) > _STATUSES:
        words = [f"{len(words) - _STATUSES} earlier statuses", *words[-_STATUSES:]]
    return Row(_EVENT, -1, (beat, _or_none(signal), "; ".join(filter(None, (origin, ", ".join(words))))))


def _emit(key: str, slot: object) -> Row:
    fields = slot if isinstance(slot, dict) else {}
    status, outcome = text(fields, "status") or "no status", text(fields, "outcome") or "no outcome"
    signal = _or_none(text(fields, "signal"))
    return Row(_EMIT, -1, (_or_none(text(fields, "beat")), key, signal, f"{status}, {outcome}"))


def _stays(stays: Sequence[Stay]) -> Iterator[Row]:
    """Yield where the instance stood, after each beat that moved it."""
    older = stays[:-EACH]
    if older:
        words = f"{len(older)} or more earlier changes are in the lifecycle; the first in beat {older[0].beat}"
        yield Row(_MORE, -1, (words,))
    for stay in stays[-EACH:]:
        words = "several places" if stay.stand is None else pages.whereabouts(stay.stand)
        yield Row(_STAY, -1, (stay.beat, stay.row // pages.LIFECYCLE.size, stay.row, stay.row, words))


def _decisions(cells: Cells, columns: Columns, listed: Collection | None) -> Iterator[Row]:
    """Yield the newest decisions, or all of them if there are no pages of their own."""
    if listed is not None:
        kind = _line((), ("more",), ("all ", Field("int"), " rows, from ", RowLink(listed)), tone="effect")
        yield Row(kind, -1, (len(cells.rows), 0, 0, "the first"))
    standing = dict.fromkeys(cells.live.values(), "; its cell is live")
    standing.update(dict.fromkeys(cells.archived.values(), "; its cell is in the archive"))
    for one in columns.at(cells.rows[-DECISIONS:]):
        yield _decision(one, standing.get(one.row, ""))


def _decision(one: Happened, standing: str) -> Row:
    told = one.beat, one.row // pages.DECISIONS.size, one.row, one.row, one.fate, one.choice, one.site
    if one.policy:
        return Row(_BY_POLICY[one.fate], -1, (*told, one.policy, standing))
    return Row(_BY_NONE[one.fate], -1, (*told, standing))
