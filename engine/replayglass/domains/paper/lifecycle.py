"""The strategy lifecycle that a caller of the PAPER runtime drives between ticks (paper-runtime, section 9)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Tag(StrEnum):
    """Where a strategy instance stands."""

    IDLE = "IDLE"
    EVALUATION = "EVALUATION"
    ENTRY = "ENTRY"
    HOLDING = "HOLDING"
    EXIT = "EXIT"
    COOLDOWN = "COOLDOWN"
    REENTRY_ELIGIBILITY = "REENTRY_ELIGIBILITY"


class Held(NamedTuple):
    """The position an instance holds: its market, its size as decimal text, and until when it must be held."""

    market_id: str
    size: str
    hold_until: int


class Lifecycle(NamedTuple):
    """A strategy instance's state; ``held`` is set in HOLDING and EXIT, ``cooldown_until`` counts in COOLDOWN.

    Order intent and execution ids, which the original also keeps here, decide nothing and are left out.
    """

    tag: Tag = Tag.IDLE
    held: Held | None = None
    cooldown_until: int = 0


def trigger(lifecycle: Lifecycle) -> Lifecycle:
    """IDLE or REENTRY_ELIGIBILITY begins an EVALUATION."""
    _require(lifecycle, Tag.IDLE, Tag.REENTRY_ELIGIBILITY)
    return Lifecycle(Tag.EVALUATION)


def take_no_action(lifecycle: Lifecycle) -> Lifecycle:
    """EVALUATION ends in IDLE."""
    _require(lifecycle, Tag.EVALUATION)
    return Lifecycle(Tag.IDLE)


def begin_entry(lifecycle: Lifecycle) -> Lifecycle:
    """EVALUATION created a BUY and waits in ENTRY."""
    _require(lifecycle, Tag.EVALUATION)
    return Lifecycle(Tag.ENTRY)


def complete_entry(lifecycle: Lifecycle, held: Held) -> Lifecycle:
    """ENTRY bought and is HOLDING."""
    _require(lifecycle, Tag.ENTRY)
    return Lifecycle(Tag.HOLDING, held)


def abandon_entry(lifecycle: Lifecycle) -> Lifecycle:
    """ENTRY could not buy and is IDLE."""
    _require(lifecycle, Tag.ENTRY)
    return Lifecycle(Tag.IDLE)


def request_rotation_exit(lifecycle: Lifecycle, time: int) -> Lifecycle:
    """HOLDING goes to EXIT when it has been held long enough at ``time``."""
    _require(lifecycle, Tag.HOLDING)
    is_due = lifecycle.held is not None and time >= lifecycle.held.hold_until
    return lifecycle._replace(tag=Tag.EXIT) if is_due else lifecycle


def request_safety_exit(lifecycle: Lifecycle) -> Lifecycle:
    """HOLDING goes to EXIT whatever the hold time; any other state stays."""
    return lifecycle._replace(tag=Tag.EXIT) if lifecycle.tag is Tag.HOLDING else lifecycle


def complete_exit(lifecycle: Lifecycle, cooldown_until: int) -> Lifecycle:
    """EXIT sold and is in COOLDOWN."""
    _require(lifecycle, Tag.EXIT)
    return Lifecycle(Tag.COOLDOWN, cooldown_until=cooldown_until)


def abandon_exit(lifecycle: Lifecycle) -> Lifecycle:
    """EXIT could not sell and is HOLDING as before."""
    _require(lifecycle, Tag.EXIT)
    return lifecycle._replace(tag=Tag.HOLDING)


def advance(lifecycle: Lifecycle, time: int) -> Lifecycle:
    """COOLDOWN that has run out at ``time`` becomes REENTRY_ELIGIBILITY; any other state stays."""
    is_over = lifecycle.tag is Tag.COOLDOWN and time >= lifecycle.cooldown_until
    return Lifecycle(Tag.REENTRY_ELIGIBILITY) if is_over else lifecycle


def _require(lifecycle: Lifecycle, *tags: Tag) -> None:
    if lifecycle.tag not in tags:
        message = f"no such transition from {lifecycle.tag}"
        raise ValueError(message)
