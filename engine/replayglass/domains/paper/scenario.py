"""Made-up callers of the PAPER runtime: what they ask of it, tick by tick, and what each tick comes to."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from replayglass.domains.paper import lifecycle as states
from replayglass.domains.paper.ids import Salt, as_uuid, derive
from replayglass.domains.paper.lifecycle import Held, Lifecycle, Tag
from replayglass.domains.paper.rules import Gates, Intent, Tick, Verdict, decide

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")

MARKETS = ("BTC-USDT", "ETH-USDT", "SOL-USDT", "ADA-USDT", "XRP-USDT", "DOT-USDT", "LINK-USDT", "1INCH-USDT")
ALLOCATIONS = ("1", "1", "1", "0.25", "0.00012345678901234567890")
CATEGORIES = ("DECISION_QUALITY", "RISK_COMFORT", "SYSTEM_BEHAVIOR")
DECISIONS_BACK = 300
"""Feedback speaks of one of this many latest decisions, mostly of the last."""
EXECUTIONS_BACK = 20
"""Feedback speaks of one of this many latest executions."""

_INSTANCES = 4
_PHASES = (
    Gates(halt_all=True),
    Gates(block_buy=True),
    Gates(force_sell=True),
    Gates(halt_all=True, force_sell=True),
    Gates(halt_all=True, block_buy=True),
    Gates(block_buy=True, force_sell=True),
)
_CODES: dict[str, tuple[tuple[str, ...], ...]] = {
    "rotation.enter.attention@v1": (("ATTENTION_SUPERIOR",), ("ATTENTION_SUPERIOR", "UNKNOWN"), ()),
    "rotation.exit.attention@v1": (("ATTENTION_SUPERIOR",), ("ATTENTION_SUPERIOR", "PREFLIGHT_BLOCKED")),
    "rotation.hold.none@v1": (("HOLD_TIME_ACTIVE",), ("ATTENTION_INSUFFICIENT", "STABILITY_INSUFFICIENT")),
    "rotation.skip.none@v2": (
        ("ATTENTION_INSUFFICIENT",),
        ("COOLDOWN_ACTIVE",),
        ("STABILITY_INSUFFICIENT", "UNKNOWN", "ATTENTION_INSUFFICIENT"),
        (),
    ),
    "safety.exit.flatten@v1": (("SAFETY_TRIGGERED",), ("SAFETY_TRIGGERED", "PREFLIGHT_BLOCKED")),
}


class Remark(NamedTuple):
    """Feedback before its target has an id.

    ``about`` DECISION or EXECUTION: ``first`` is the target's number, counted from 0 over the whole run, and equals
    ``last``. TIME_WINDOW: the logical times of the window's ends.
    """

    category: str
    about: str
    first: int
    last: int


class Step(NamedTuple):
    """One tick, what it comes to, and the user's remark on something; the tick itself has no feedback yet."""

    tick: Tick
    verdict: Verdict
    remark: Remark | None


class Agent(NamedTuple):
    """A strategy instance and its caller: ``pending`` is the state after an execution report still on its way."""

    instance_id: str
    hold_time: int
    cooldown: int
    lifecycle: Lifecycle = Lifecycle()
    pending: Lifecycle | None = None


class Dice:
    """Chance, repeatable by seed; only ``Random.random``, whose numbers no Python version changes, is used."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random  # noqa: S311 - a repeatable simulation, nothing secret

    def hits(self, probability: float) -> bool:
        """Return True with ``probability``."""
        return self._random() < probability

    def below(self, limit: int) -> int:
        """Return one of 0 to ``limit`` - 1."""
        return int(self._random() * limit)

    def pick(self, options: Sequence[T]) -> T:
        """Return one of ``options``."""
        return options[self.below(len(options))]


def scenario(seed: int) -> Iterator[Step]:
    """Yield ticks without end: four instances, one ledger, several ticks a logical time but one an instance."""
    dice = Dice(seed)
    agents = [
        Agent(as_uuid(derive(Salt.META, f"SIMULATED_INSTANCE|{seed}|{index}")), 1 + index, 3 + index)
        for index in range(_INSTANCES)
    ]
    number = executed = 0
    is_open = False
    moments = _moments(dice)
    while True:
        time, gates = next(moments)
        is_remarked = False
        for index in _turns(dice):
            agent = _prepare(agents[index], time, dice)
            tick = _compose(agent, time, gates, dice)
            verdict = decide(tick, is_open=is_open)
            agents[index] = _react(agent, tick, verdict, dice)
            if verdict.order:
                is_open = verdict.order.side == "BUY"
                executed += 1
            # One remark a logical time: two could share category and target, and so their id.
            remark = None if is_remarked else _remark(dice, time, number, executed)
            is_remarked = is_remarked or remark is not None
            yield Step(tick, verdict, remark)
            number += 1


def follow(tick: Tick, verdict: Verdict, hold_time: int, cooldown: int) -> tuple[Lifecycle, Lifecycle]:
    """Return the lifecycle after the tick's intent, and the one after the report of its execution or failure."""
    before = tick.lifecycle
    if not isinstance(verdict.intent, Intent):
        idle = states.take_no_action(before) if before.tag is Tag.EVALUATION else before
        return idle, idle
    side, market_id, quantity = verdict.intent
    if side == "BUY":
        entry = states.begin_entry(before)
        held = Held(market_id, quantity, tick.time + hold_time)
        return entry, states.complete_entry(entry, held) if verdict.order else states.abandon_entry(entry)
    is_forced = tick.gates.force_sell
    leaving = states.request_safety_exit(before) if is_forced else states.request_rotation_exit(before, tick.time)
    until = tick.time + cooldown
    return leaving, states.complete_exit(leaving, until) if verdict.order else states.abandon_exit(leaving)


def _moments(dice: Dice) -> Iterator[tuple[int, Gates]]:
    """Yield every logical time from 1 with its gates: calm, and now and then a phase in which some are set."""
    gates, phase_end = Gates(), 0
    time = 0
    while True:
        time += 1
        if time >= phase_end:
            is_calm = dice.hits(0.97)
            gates = Gates() if is_calm else dice.pick(_PHASES)
            phase_end = time + (1 if is_calm else 3 + dice.below(10))
        yield time, gates


def _turns(dice: Dice) -> Iterator[int]:
    """Yield the instances that tick at one logical time, each at most once, beginning with any."""
    first = dice.below(_INSTANCES)
    return ((first + turn) % _INSTANCES for turn in range(_INSTANCES) if dice.hits(0.6))


def _prepare(agent: Agent, time: int, dice: Dice) -> Agent:
    """Return the agent as it goes into its next tick; now and then its caller is late to move it on."""
    state, pending = agent.lifecycle, agent.pending
    if pending and dice.hits(0.6):
        state, pending = pending, None
    if dice.hits(0.9):
        state = states.advance(state, time)
    if state.tag in (Tag.IDLE, Tag.REENTRY_ELIGIBILITY) and dice.hits(0.9):
        state = states.trigger(state)
    return agent._replace(lifecycle=state, pending=pending)


def _compose(agent: Agent, time: int, gates: Gates, dice: Dice) -> Tick:
    is_better = dice.hits(0.75)
    decision_class = _decision_class(agent.lifecycle, gates, is_better=is_better)
    return Tick(
        time,
        agent.instance_id,
        gates,
        decision_class,
        dice.pick(_CODES[decision_class]),
        agent.lifecycle,
        is_better,
        dice.pick(ALLOCATIONS),
        None if dice.hits(0.06) else dice.pick(MARKETS),
    )


def _decision_class(lifecycle: Lifecycle, gates: Gates, *, is_better: bool) -> str:
    if lifecycle.tag is Tag.HOLDING:
        if gates.force_sell:
            return "safety.exit.flatten@v1"
        return "rotation.exit.attention@v1" if is_better else "rotation.hold.none@v1"
    is_entry = lifecycle.tag is Tag.EVALUATION and is_better
    return "rotation.enter.attention@v1" if is_entry else "rotation.skip.none@v2"


def _react(agent: Agent, tick: Tick, verdict: Verdict, dice: Dice) -> Agent:
    interim, final = follow(tick, verdict, agent.hold_time, agent.cooldown)
    if interim != final and dice.hits(0.08):
        return agent._replace(lifecycle=interim, pending=final)
    return agent._replace(lifecycle=final)


def _remark(dice: Dice, time: int, number: int, executed: int) -> Remark | None:
    """Return what a user remarks after tick ``number``, when ``executed`` orders have been executed."""
    if not dice.hits(0.05):
        return None
    category, kind = dice.pick(CATEGORIES), dice.below(10)
    if kind >= 4:  # noqa: PLR2004 - most feedback is about a decision
        target = number if dice.hits(0.8) else max(0, number - dice.below(DECISIONS_BACK))
        return Remark(category, "DECISION", target, target)
    if kind >= 2 and executed:  # noqa: PLR2004 - a fifth about an execution, the rest about a time window
        target = max(0, executed - 1 - dice.below(EXECUTIONS_BACK))
        return Remark(category, "EXECUTION", target, target)
    last = time - dice.below(5)
    return Remark(category, "TIME_WINDOW", max(1, last - dice.below(30)), max(1, last))
