"""The load that the flow machine is measured under: what is defined, and the intents before each beat."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from replayglass.domains.flow.intents import Event, Policy, Program, Start, Variant, intent
from replayglass.domains.flow.specs import Clamp, Decide, Guard, Wait

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.domains.flow.intents import AnyIntent, Intent

SPANS = {"turnover": (8, 16), "kept": (2**40, 2**41)}
STARTS, DECIDES = 25, 8
MODES, PROBE_SPAN = ("ttl", "archive"), 250


def definitions(kind: str, rounds: int) -> list[AnyIntent]:
    """Return the policies and programs: instances that decide eight times a round, and probes that leave soon."""
    ttl, archive = SPANS.get(kind, SPANS["turnover"])
    return [
        Policy("pol.brief", f"ttl:{ttl}"),
        Policy("pol.filed", f"archive:{archive}"),
        Program("prog.order", (Guard(state="ready"), Clamp(step_limit=32), *chain(*map(order, range(rounds))))),
        Program("prog.probe", tuple(Decide("pol.filed", mode, "yes", f"{mode}:{PROBE_SPAN}") for mode in MODES)),
        Variant("var.order", "prog.order"),
        Variant("var.probe", "prog.probe"),
    ]


def order(at: int) -> tuple[Decide | Wait, ...]:
    """Return one round of a program; it waits twice: for an event, which comes in the first round only, and in vain."""
    number = at or ""
    return (
        Decide("pol.brief", f"open{number}", "accept"),
        Decide("pol.filed", f"check{number}", "pass"),
        Wait("CEP:flow/go", 6),
        Decide("pol.brief", f"route{number}", "left"),
        Decide("pol.filed", f"price{number}", "list"),
        Decide("pol.brief", f"stock{number}", "have"),
        Wait("CEP:flow/next", 4),
        Decide("pol.filed", f"pack{number}", "box"),
        Decide("pol.brief", f"ship{number}", "air"),
        Decide("pol.filed", f"close{number}", "done"),
    )


def script(decisions: int, kind: str, rounds: int) -> Iterator[list[Intent]]:
    """Yield the intents before each beat: new instances, and an event for each of those that began two beats ago."""
    asked = definitions(kind, rounds)
    count, number, starts = -(-decisions // (DECIDES * rounds)), 0, max(1, STARTS // rounds)
    for first in range(0, count + 2 * starts, starts):
        asked += [Start(f"inst.{at}", "var.order", f"ctx.{at % 7}") for at in range(first, min(first + starts, count))]
        waiting = range(max(first - 2 * starts, 0), min(first - starts, count))
        asked += [Event("CEP:flow/go", f"inst.{at}", {"n": str(at)}) for at in waiting]
        yield [intent(f"t.{number + at}", one) for at, one in enumerate(asked)]
        number += len(asked)
        asked = []


def talk(decisions: int, waits: int) -> Iterator[list[Intent]]:
    """Yield the intents before each beat of instances that decide once for each event, and get one in each beat."""
    steps = ((Wait("CEP:flow/say"), Decide("pol.brief", f"answer{at}", "yes")) for at in range(waits))
    names = [f"inst.{at}" for at in range(decisions // waits)]
    begun = Program("prog.talk", tuple(chain(*steps))), Variant("var.talk", "prog.talk")
    asked = [*definitions("talk", 1), *begun, *(Start(name, "var.talk") for name in names)]
    yield [intent(f"t.{at}", one) for at, one in enumerate(asked)]
    for said in range(waits):
        yield [intent(f"{name}.{said}", Event("CEP:flow/say", name, {"n": str(said)})) for name in names]
