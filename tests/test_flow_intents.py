"""The builders of intents: what they write is accepted, what can never be valid is refused with a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from replayglass.domains.flow import intents, specs, tokens
from replayglass.domains.flow.intents import intent
from replayglass.domains.flow.vm import Flow

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS = (
    specs.Guard(state="ready", pc=0, context="ctx.a", beat=1, deadline=99, action="held"),
    specs.Transform(state="ready", payload={"note": {"text": "hello"}}, signal="CEP:sig_app/done"),
    specs.Wait("CEP:flow/go", timeout=40),
    specs.Clamp(step_limit=9, timeout=50, pc=99, state="held"),
    specs.Decide("pol.a", "main", "left", "archive:9", specs.Telemetry(rng_seed=7, rng_seq=8)),
)
RUN: tuple[intents.AnyIntent, ...] = (
    intents.Policy("pol.a", "ttl:6", specs.Telemetry(score="0.75", confidence=".9")),
    intents.Guardian("grd.a", {"rule": "max_steps"}),
    intents.Program("prog.a", STEPS),
    intents.Variant("var.a", "prog.a"),
    intents.Niche("ni.a", "ctx.a", "var.a"),
    intents.Start("Inst.A", "var.a", context="ctx.a", policy="pol.a", step_limit=9),
    intents.Event("CEP:flow/go", "inst.a", {"n": "one"}, context="ctx.b", action="custom"),
    intents.Control("inst.a", "pause"),
    intents.Control("inst.a", "budget", 7),
    intents.Control("inst.a", "resume"),
)


def test_everything_is_accepted() -> None:
    """Each builder writes an intent that gets the outcome ok, and each step runs."""
    flow = Flow()
    for at, request in enumerate(RUN):
        flow.submit(*intent(f"t.{chr(97 + at)}", request))
        flow.beat()
    outcomes = [outcome.code for outcome in flow.beat().outcomes]
    assert outcomes == ["ok"]
    assert {one.outcome for found in flow.state.inbox.values() for one in found.values()} == {"ok"}
    state = flow.dump()["flow"]
    assert state["instance"]["inst.a"]["state"] == "done"
    assert state["decision"]["inst.a"]["main"]["retain"] == "archive:9"


def test_only_what_is_given() -> None:
    """A field that is not given is not written."""
    assert intent("t.a", intents.Start("i", "v")) == ("inst_start", "t.a", {"id": "i", "variant": "v"})
    assert intents.Event("a/go").fields() == {"signal_path": "a/go"}
    assert intents.Policy("p").fields() == {"kind": "policy", "id": "p"}
    assert intents.Guardian("g").fields() == {"kind": "guardian", "id": "g"}
    assert [step.spec() for step in (specs.Guard(), specs.Transform(), specs.Clamp())] == [{}, {}, {}]
    assert specs.Wait("a*").spec() == {"signal_path": "a*"}
    assert specs.Decide("p").spec() == {"policy": "p"}


def test_identifiers() -> None:
    """Tokens are trimmed, put in lower case, and joined with colons (1.4)."""
    assert tokens.joined(" A-b ", "C_d/1.\n") == "a-b:c_d/1."
    assert tokens.identifier("A:B") == "a:b"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (tokens.joined, "1 to 256"),
        (lambda: tokens.joined("a", " "), "is no token"),
        (lambda: tokens.joined("a:b"), "is no token"),
        (lambda: tokens.identifier("a b"), "is no token"),
        (lambda: tokens.identifier("É"), "is no token"),
        (lambda: tokens.joined("x" * 200, "y" * 56), "not 257"),
        (specs.Wait("a//b").spec, "is no signal"),
        (specs.Wait("a", 0).spec, "a timeout is a number from 1"),
        (specs.Transform(signal="").spec, "is no signal"),
        (specs.Guard(beat=-1).spec, "a beat is a number from 0"),
        (specs.Clamp(step_limit=2**64).spec, "a step limit is a number"),
        (specs.Decide("p", retain="ttl").spec, "is no retention"),
        (specs.Telemetry(score="half").fields, "a score is a decimal number"),
        (specs.Telemetry(rng_seed=-1).fields, "a seed is a number"),
        (intents.Event("a/b/c/d/e").fields, "is no signal"),
        (intents.Start("i", "v", context="").fields, "a context has 1 to 127 bytes"),
        (intents.Start("i", "v", context="é" * 64).fields, "not 128"),
        (intents.Start("i", "v", step_limit=0).fields, "a step limit is a number from 1"),
        (intents.Control("i", "explode").fields, "is no control"),
        (intents.Control("i", "budget").fields, "a budget has a step limit"),
        (intents.Control("i", "pause", 3).fields, "a budget has a step limit"),
        (lambda: intent("", intents.Policy("p")), "the name of an intent"),
    ],
)
def test_never_valid(build: Callable[[], object], message: str) -> None:
    """What can never be valid is a ValueError that says why."""
    with pytest.raises(ValueError, match=message):
        build()
