"""What clients ask of a simulated flow runtime, beat by beat: all that the machine can do, repeatable by seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from replayglass.domains.flow.intents import (
    AnyIntent,
    Control,
    Event,
    Guardian,
    Intent,
    Niche,
    Policy,
    Program,
    Start,
    Variant,
    intent,
)
from replayglass.domains.flow.numbers import MASK
from replayglass.domains.flow.specs import Clamp, Decide, Guard, Telemetry, Transform, Wait

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.domains.flow.specs import Step

T = TypeVar("T")

GO, NEXT, STOP = "CEP:flow/go", "CEP:flow/next", "CEP:flow/stop"
_GROUPS = 7
_FIRST_BAD = 2
_CHOICES = ("left", "right")


class Mix(NamedTuple):
    """How many of 100 instances get an event, a control, or a start once more, in each beat."""

    event: int = 40
    ctrl: int = 5
    start: int = 3


class Size(NamedTuple):
    """How large a run is."""

    instances: int
    beats: int


class Dice:
    """Chance, repeatable by seed (splitmix64: Steele, Lea, Flood 2014), whatever the Python version."""

    def __init__(self, seed: int) -> None:
        self._state = seed & MASK

    def below(self, limit: int) -> int:
        """Return one of 0 to ``limit`` - 1."""
        self._state = mixed = (self._state + 0x9E3779B97F4A7C15) & MASK
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        return ((mixed ^ (mixed >> 31)) * limit) >> 64

    def pick(self, options: Sequence[T]) -> T:
        """Return one of ``options``."""
        return options[self.below(len(options))]

    def share(self, percent: int, count: int) -> int:
        """Return ``percent`` of ``count``, rounded up or down so that it is right on average."""
        whole, rest = divmod(percent * count, 100)
        return whole + (self.below(100) < rest)


def scenario(seed: int, size: Size, mix: Mix) -> Iterator[list[Intent]]:
    """Yield the intents before each beat: definitions first, instances within the first half, then what ``mix`` says.

    The last beat has none: it executes those of the beat before.
    """
    dice, number = Dice(seed), 0
    growing = max(1, size.beats // 2)
    for beat in range(size.beats - 1):
        asked = _definitions() if beat == 0 else []
        first, after = (size.instances * at // growing for at in (beat, beat + 1))
        asked += [_start(index, dice) for index in range(min(first, size.instances), min(after, size.instances))]
        asked += _mixed(dice, min(first, size.instances), mix)
        named = [intent(f"t.{number + at}", request) for at, request in enumerate(asked)]
        if beat == _FIRST_BAD or dice.below(8) == 0:
            named.append(_bad(f"t.{number + len(named)}", dice))
        number += len(named)
        yield named
    yield []


def _mixed(dice: Dice, running: int, mix: Mix) -> list[AnyIntent]:
    """Return events, controls, restarts and now and then a new choice of a program, for those that run by now."""
    asked: list[AnyIntent] = [_event(dice.below(running), dice) for _ in range(dice.share(mix.event, running))]
    asked += [_control(dice.below(running), dice) for _ in range(dice.share(mix.ctrl, running))]
    asked += [_start(dice.below(running), dice) for _ in range(dice.share(mix.start, running))]
    if running and dice.below(24) == 0:
        asked.append(Program("prog.route", _route(dice.pick(_CHOICES))))
    return asked


def _definitions() -> list[AnyIntent]:
    programs: dict[str, tuple[Step, ...]] = {"route": _route("left"), "audit": _audit(), "watch": _watch()}
    return [
        Policy("pol.keep"),
        Policy("pol.brief", "ttl:6", Telemetry(score="0.75", confidence="0.5", rng_seed=12345, rng_seq=7)),
        Policy("pol.filed", "archive:5"),
        Guardian("grd.cap", {"rule": "max_steps", "limit": "16"}),
        *(Program(f"prog.{name}", steps) for name, steps in programs.items()),
        *(Variant(f"var.{name}", f"prog.{name}") for name in programs),
        Niche("ni.orders", "orders", "var.route"),
    ]


def _route(choice: str) -> tuple[Step, ...]:
    return (
        Guard(state="ready"),
        Clamp(step_limit=16),
        Decide("pol.brief", "open", "accept"),
        Wait(GO, 6),
        Transform(payload={"note": {"text": "routed"}}, signal="CEP:sig_app/note"),
        Decide("pol.keep", "route", choice),
        Wait("CEP:flow/n*", 9),
        Decide("pol.filed", "close", "ship"),
    )


def _audit() -> tuple[Step, ...]:
    return (
        Decide("pol.filed", "sample", "take"),
        Wait("*go", 4),
        Clamp(step_limit=4, timeout=20),
        Decide("pol.keep", "audit", "pass", "ttl:3", Telemetry(rng_seed=99)),
        Wait(NEXT),
        Guard(state="ready", action="held"),
        Decide("pol.none", "sign", "yes"),
    )


def _watch() -> tuple[Step, ...]:
    return (
        Wait(STOP, 3),
        Transform(state="ready", payload={"seen": {"by": "watch"}}),
        Decide("pol.brief", "alarm", "off", "archive:2"),
        Wait(GO),
        Decide("pol.keep", "report", "sent"),
    )


def _start(index: int, dice: Dice) -> Start:
    """Start an instance as ever, or (one time in eight) in another context or variant, which its ledger may veto."""
    other = dice.below(8) == 0
    variant = ("route", "audit", "watch")[(index + (other and dice.below(2))) % 3]
    context = f"ctx.{(index + other) % _GROUPS}"
    return Start(f"inst.{index}", f"var.{variant}", context, step_limit=8 if index % 11 == 0 else None)


def _event(index: int, dice: Dice) -> Event:
    signal, chance = dice.pick((GO, GO, NEXT, NEXT, STOP)), dice.below(20)
    if chance == 0:
        return Event(signal, "inst.nobody")
    if chance == 1:
        return Event(signal, context=f"ctx.{index % _GROUPS}", payload={"to": "all"})
    action = "cancel" if chance == 2 else None  # noqa: PLR2004 - one in twenty, as the others
    return Event(signal, f"inst.{index}", {"n": str(dice.below(100))}, action=action)


def _control(index: int, dice: Dice) -> Control:
    action = dice.pick(("pause", "pause", "resume", "resume", "resume", "cancel", "budget"))
    name = "inst.nobody" if dice.below(20) == 0 else f"inst.{index}"
    return Control(name, action, 4 + dice.below(30) if action == "budget" else None)


def _bad(txn: str, dice: Dice) -> Intent:
    """Return an intent that fails, as the builders would not write it."""
    return dice.pick(
        (
            Intent("fl_upsert", txn, {"kind": "plan", "id": "a.b"}),
            Intent("fl_upsert", txn, {"kind": "variant", "id": "var.bad"}),
            Intent("ni_upsert", txn, {"id": "ni.bad"}),
            Intent("inst_start", txn, {"id": "inst.bad", "variant": "var.nowhere"}),
            Intent("inst_event", txn, {"signal_path": "a//b"}),
            Intent("inst_ctrl", txn, {"inst_id": "inst.0", "action": "jump"}),
        )
    )
