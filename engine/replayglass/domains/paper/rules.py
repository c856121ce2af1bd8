"""What one tick decides, before anything has an id: order intent, safety, ledger (paper-runtime, sections 7, 8, 10)."""

from __future__ import annotations

from enum import Enum, StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.paper.lifecycle import Held, Lifecycle, Tag

if TYPE_CHECKING:
    from collections.abc import Mapping


class Gates(NamedTuple):
    """The safety gates."""

    halt_all: bool = False
    block_buy: bool = False
    force_sell: bool = False


class Feedback(NamedTuple):
    """A user's feedback as it is recorded; ``target`` keeps the caller's key order and surplus keys."""

    category: str
    target: Mapping[str, str | int]


class Tick(NamedTuple):
    """What one tick is given. The execution plane is the ledger's; ``is_better`` is the attention decision."""

    time: int
    strategy_instance_id: str
    gates: Gates
    decision_class: str
    reason_codes: tuple[str, ...]
    lifecycle: Lifecycle
    is_better: bool
    allocation: str
    target_market_id: str | None
    feedback: Feedback | None = None


class NoIntent(StrEnum):
    """Why a tick creates no order intent; the log shows only ``logged``."""

    LIFECYCLE_BLOCKED = "LIFECYCLE_BLOCKED"
    ATTENTION_NEGATIVE = "ATTENTION_NEGATIVE"
    HOLD_TIME_ACTIVE = "HOLD_TIME_ACTIVE"
    COOLDOWN_ACTIVE = "COOLDOWN_ACTIVE"
    SAFETY_BLOCKED = "SAFETY_BLOCKED"
    MISSING_TARGET_MARKET = "MISSING_TARGET_MARKET"

    @property
    def logged(self) -> str:
        """The ReasonCode that ORDER_INTENT_SKIPPED carries."""
        return _LOGGED.get(self, "UNKNOWN")


_LOGGED = {
    NoIntent.ATTENTION_NEGATIVE: "ATTENTION_INSUFFICIENT",
    NoIntent.HOLD_TIME_ACTIVE: "HOLD_TIME_ACTIVE",
    NoIntent.COOLDOWN_ACTIVE: "COOLDOWN_ACTIVE",
    NoIntent.SAFETY_BLOCKED: "SAFETY_TRIGGERED",
}


class Intent(NamedTuple):
    """An order intent: ``side`` is BUY or SELL, ``quantity`` decimal text."""

    side: str
    market_id: str
    quantity: str


class Safety(Enum):
    """A safety result: its type and, unless it is ALLOW, its reason."""

    ALLOW = ("ALLOW", None)
    HALT = ("HALT", "HALT_ALL_ACTIVE")
    FORCE_SELL = ("FORCE_SELL", "FORCE_SELL_ACTIVE")
    BUY_BLOCKED = ("BLOCK_BUY", "BUY_BLOCKED")
    ALREADY_OPEN = ("BLOCK_BUY", "POSITION_ALREADY_OPEN")


class Verdict(NamedTuple):
    """What a tick came to."""

    intent: Intent | NoIntent
    safety: Safety

    @property
    def order(self) -> Intent | None:
        """The order intent that is executed: safety allows it, and the bundled executors always fill."""
        return self.intent if isinstance(self.intent, Intent) and self.safety is Safety.ALLOW else None


class Position(NamedTuple):
    """What the ledger knows of one market."""

    market_id: str
    quantity: str
    is_open: bool
    last_execution_id: str


class Ledger(NamedTuple):
    """One plane's positions by market id, in the order in which they were first opened."""

    plane: str = "PAPER"
    positions: Mapping[str, Position] = MappingProxyType({})

    @property
    def is_open(self) -> bool:
        """Whether any market has an open position."""
        return any(position.is_open for position in self.positions.values())

    def fill(self, order: Intent, execution_id: str) -> Ledger:
        """Return the ledger after ``order`` was filled: a BUY replaces, a SELL leaves "0" (section 10)."""
        is_open = order.side == "BUY"
        position = Position(order.market_id, order.quantity if is_open else "0", is_open, execution_id)
        return Ledger(self.plane, {**self.positions, order.market_id: position})


def decide(tick: Tick, *, is_open: bool) -> Verdict:
    """Return what ``tick`` comes to on a ledger with an open position or without one."""
    intent = propose(tick)
    return Verdict(intent, judge(intent, tick.gates, is_open=is_open))


def propose(tick: Tick) -> Intent | NoIntent:
    """Return the tick's order intent or why there is none (section 7)."""
    held = tick.lifecycle.held
    return _propose_buy(tick) if held is None else _propose_sell(tick, held)


def _propose_sell(tick: Tick, held: Held) -> Intent | NoIntent:
    if tick.lifecycle.tag is Tag.EXIT:
        return NoIntent.LIFECYCLE_BLOCKED
    if not (tick.is_better or tick.gates.force_sell):
        return NoIntent.ATTENTION_NEGATIVE
    if tick.time < held.hold_until and not tick.gates.force_sell:
        return NoIntent.HOLD_TIME_ACTIVE
    return Intent("SELL", held.market_id, held.size)


def _propose_buy(tick: Tick) -> Intent | NoIntent:
    tag, _, cooldown_until = tick.lifecycle
    if tag is Tag.COOLDOWN and tick.time < cooldown_until:
        return NoIntent.COOLDOWN_ACTIVE
    if tag is not Tag.EVALUATION:
        return NoIntent.LIFECYCLE_BLOCKED
    if not tick.is_better:
        return NoIntent.ATTENTION_NEGATIVE
    if tick.gates.block_buy:
        return NoIntent.SAFETY_BLOCKED
    if tick.target_market_id is None:
        return NoIntent.MISSING_TARGET_MARKET
    return Intent("BUY", tick.target_market_id, tick.allocation)


def judge(intent: Intent | NoIntent, gates: Gates, *, is_open: bool) -> Safety:
    """Return what safety says to ``intent`` (section 8); within a tick `propose` leaves no BUY to BUY_BLOCKED."""
    side = intent.side if isinstance(intent, Intent) else None
    if gates.halt_all:
        return Safety.ALLOW if side == "SELL" else Safety.HALT
    if gates.force_sell and is_open:
        return Safety.FORCE_SELL
    if side != "BUY":
        return Safety.ALLOW
    if gates.block_buy:
        return Safety.BUY_BLOCKED
    return Safety.ALREADY_OPEN if is_open else Safety.ALLOW
