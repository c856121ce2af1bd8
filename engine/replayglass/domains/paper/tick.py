"""The PAPER runtime's tick: from inputs to the very bytes it appends to its two logs (paper-runtime, section 6).

A tick needs ids that need other ids, so many ticks are written in layers: all decision and order intent ids, then all
execution ids, then all event and snapshot ids. Each layer is one call of a `Derive`, which may hash it side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from replayglass.domains.paper import ids, lines
from replayglass.domains.paper.ids import Salt
from replayglass.domains.paper.rules import Intent, Ledger, NoIntent, Tick, Verdict, decide

Derive = Callable[[Salt, Sequence[str]], list[str]]
"""`ids.derive_each` or `ids.derive_many`: the same answer, plainly or fast."""


class Decided(NamedTuple):
    """A tick and what it came to."""

    tick: Tick
    verdict: Verdict


class Names(NamedTuple):
    """The ids that a tick's events speak of; empty where the tick has no such thing."""

    decision: str
    order_intent: str
    execution: str


class Written(NamedTuple):
    """What one tick appends: its audit events' lines, and its snapshot's line if it executed; each line with its LF."""

    audit: bytes
    snapshot: bytes | None


class _Draft(NamedTuple):
    """An audit event without its id: what the id hashes beside decision and time, and what the line says."""

    kind: str
    details: tuple[str, ...]
    said: str


def run_tick(tick: Tick, ledger: Ledger, derive: Derive = ids.derive_each) -> tuple[Written, Ledger]:
    """Return what ``tick`` appends to the logs, and the ledger after it."""
    decided = [Decided(tick, decide(tick, is_open=ledger.is_open))]
    written, ledger = write_ticks(decided, name_ticks(decided, ledger.plane, derive), ledger, derive)
    return written[0], ledger


def name_ticks(ticks: Sequence[Decided], plane: str, derive: Derive) -> list[Names]:
    """Return every tick's decision, order intent and execution id; feedback plays no part in them."""
    decisions = derive(Salt.META, [_decision_input(tick) for tick, _ in ticks])
    intents = _chosen(derive, Salt.ORDER_INTENT, (_intent_input(*decided) for decided in ticks))
    executions = _chosen(
        derive,
        Salt.EXECUTION,
        (
            ids.execution_input(intent, plane, tick.time) if verdict.order else None
            for (tick, verdict), intent in zip(ticks, intents, strict=True)
        ),
    )
    return [
        Names(ids.as_uuid(decision), intent, execution and ids.as_uuid(execution))
        for decision, intent, execution in zip(decisions, intents, executions, strict=True)
    ]


def write_ticks(
    ticks: Sequence[Decided], names: Sequence[Names], ledger: Ledger, derive: Derive
) -> tuple[list[Written], Ledger]:
    """Return what each of ``ticks``, named by `name_ticks`, appends to the logs, and the ledger after the last."""
    plane = ledger.plane
    drafts = [list(_drafts(*decided, named, plane)) for decided, named in zip(ticks, names, strict=True)]
    inputs = [
        ids.event_input(draft.kind, named.decision, draft.details, tick.time)
        for (tick, _), named, own in zip(ticks, names, drafts, strict=True)
        for draft in own
    ]
    event_ids = iter(derive(Salt.META, inputs))
    feedback_lines = _feedback_lines(ticks, derive)
    snapshots, ledger = _snapshots(ticks, names, ledger, derive)
    written = []
    for (tick, _), own, feedback, snapshot in zip(ticks, drafts, feedback_lines, snapshots, strict=True):
        said = [
            lines.event(ids.as_uuid(digits), draft.kind, tick.time, draft.said)
            for draft, digits in zip(own, event_ids, strict=False)
        ]
        written.append(Written(lines.encode("".join(said) + feedback), lines.encode(snapshot) if snapshot else None))
    return written, ledger


def _decision_input(tick: Tick) -> str:
    return ids.decision_input(tick.strategy_instance_id, tick.decision_class, tick.time, tick.reason_codes)


def _intent_input(tick: Tick, verdict: Verdict) -> str | None:
    if isinstance(verdict.intent, NoIntent):
        return None
    side, market_id, _ = verdict.intent
    return ids.order_intent_input(tick.strategy_instance_id, market_id, side, tick.time)


def _drafts(tick: Tick, verdict: Verdict, names: Names, plane: str) -> Iterator[_Draft]:
    decision, intent, execution = names
    said = lines.decision_evaluated(decision, tick.strategy_instance_id, tick.decision_class)
    yield _Draft("DECISION_EVALUATED", (), said)
    if isinstance(verdict.intent, Intent):
        said = lines.order_intent_created(intent, verdict.intent.side, verdict.intent.market_id)
        yield _Draft("ORDER_INTENT_CREATED", (intent,), said)
    else:
        yield _Draft("ORDER_INTENT_SKIPPED", (verdict.intent,), lines.order_intent_skipped(verdict.intent.logged))
    yield _Draft("SAFETY_EVALUATED", (verdict.safety.value[0],), lines.safety_evaluated(decision, verdict.safety))
    if verdict.order:
        yield _Draft("EXECUTION_ATTEMPTED", (execution,), lines.execution_attempted(decision, execution, plane))
        yield _Draft("EXECUTION_OUTCOME_RECORDED", (execution, "FILLED"), lines.execution_filled(decision, execution))
        yield _Draft("LEDGER_UPDATED", (execution,), lines.ledger_updated(plane, verdict.order.market_id))


def _feedback_lines(ticks: Sequence[Decided], derive: Derive) -> list[str]:
    """Return each tick's feedback line, empty where it has none; the event's id is the feedback's."""
    digits = _chosen(derive, Salt.FEEDBACK, (_feedback_input(tick) for tick, _ in ticks))
    result = []
    for (tick, _), own in zip(ticks, digits, strict=True):
        line = ""
        if tick.feedback:
            name = ids.as_uuid(own)
            line = lines.event(name, "USER_FEEDBACK_RECORDED", tick.time, lines.feedback_recorded(name, *tick.feedback))
        result.append(line)
    return result


def _feedback_input(tick: Tick) -> str | None:
    return ids.feedback_input(*tick.feedback, tick.time) if tick.feedback else None


def _snapshots(
    ticks: Sequence[Decided], names: Sequence[Names], ledger: Ledger, derive: Derive
) -> tuple[list[str], Ledger]:
    """Return each tick's snapshot line, empty where nothing was executed, and the ledger after the last tick."""
    ledgers: list[Ledger | None] = []
    for (_, verdict), named in zip(ticks, names, strict=True):
        if verdict.order:
            ledger = ledger.fill(verdict.order, named.execution)
        ledgers.append(ledger if verdict.order else None)
    inputs = (
        ids.snapshot_input(after.plane, tick.time, after.positions) if after else None
        for (tick, _), after in zip(ticks, ledgers, strict=True)
    )
    return [
        lines.snapshot(ids.as_uuid(own), tick.time, after) if after else ""
        for (tick, _), own, after in zip(ticks, _chosen(derive, Salt.META, inputs), ledgers, strict=True)
    ], ledger


def _chosen(derive: Derive, salt: Salt, texts: Iterable[str | None]) -> list[str]:
    """Return the digits derived from each text, and an empty string where there is no text."""
    listed = list(texts)
    digits = iter(derive(salt, [text for text in listed if text is not None]))
    return ["" if text is None else next(digits) for text in listed]
