"""What a step of a program does, in plain words, and the ways out of it (flow-vm, sections 7, 8, 9, 11 and 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.flow.numbers import unsigned
from replayglass.domains.flow.retention import planned
from replayglass.domains.flow.signals import is_glob
from replayglass.domains.flow.state import OP_ADD
from replayglass.domains.flow.tree import Link, children, leaves, text
from replayglass.drawings import Exit, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from replayglass.domains.flow.rules import Rules
    from replayglass.domains.flow.tree import Tree

_TRANSFORM = "transform"
_FINAL = frozenset({"done", "paused", "error"})
_RETRIED = frozenset({"waiting", "ready"})


class Knowledge(NamedTuple):
    """What the words depend on besides the step: the rules, and the policies by their names."""

    rules: Rules
    policies: Mapping[str, Tree]


class _Check(NamedTuple):
    """One thing that a guard asks for (None: it can never be so), when it fails, and what the state is then."""

    asks: str | None
    fails: str
    state: str


class _Said(NamedTuple):
    """What a step does, and the ways out of it."""

    words: str
    exits: Sequence[Exit] = ()


def step_words(number: int, step: object, known: Knowledge) -> Step:
    """Return step ``number`` of a program as it stands in the ledger, to be drawn.

    A definition that was refused may stand there as it was written: then a step can be anything, and what is no step
    of a known kind does nothing (section 6).
    """
    node = step if isinstance(step, dict) else {}
    kind = text(node, "kind")
    say = _KINDS.get(kind or "")
    if say is None:
        return Step(number, kind or "no kind", "Does nothing and goes on: that is no kind that the engine knows.")
    return Step(number, kind_of(step), *say(children(node, "spec"), known))


def kind_of(step: object) -> str:
    """Return what the kind of a step is called; a transform has two spellings."""
    kind = text(step, "kind") if isinstance(step, dict) else None
    return "no kind" if kind is None else _TRANSFORM if kind == "xform" else kind


def fields_in_words(node: Tree, but: frozenset[str] = frozenset()) -> str:
    """Return all fields of ``node`` in one line, those inside others by their path; ``but`` are left out."""
    shown = {name: value for name, value in node.items() if name not in but}
    return ", ".join(f"{'/'.join(path)} = {_value(value)}" for path, value in leaves(shown))


def _value(value: object) -> str:
    if isinstance(value, Link):
        return value.path[-1]
    return value if isinstance(value, str) and value else "nothing"


def _stopped(state: str, rules: Rules) -> str:
    """Return a state that a step stops in, and what becomes of an instance there; ``waiting`` has no subscription."""
    if state in _FINAL:
        return state
    if state in _RETRIED or not rules.custom_states_stand:
        return f"{state}, tried again"
    return f"{state}, until a control"


def _guard(spec: Tree, known: Knowledge) -> _Said:
    checks = _checks(spec)
    asks = [check.asks for check in checks if check.asks is not None]
    words = f"Goes on if {' and '.join(asks)}." if asks else "Goes on: it asks for nothing."
    if len(asks) < len(checks):
        words = "Never goes on: what it asks for is no number."
    ways: dict[str, list[str]] = {}
    for check in checks:
        ways.setdefault(check.state, []).append(check.fails)
    is_only = len(ways) == 1 and len(checks) > 1
    return _Said(
        words,
        [
            Exit("otherwise" if is_only else " or ".join(fails), _stopped(state, known.rules))
            for state, fails in ways.items()
        ],
    )


def _checks(spec: Tree) -> list[_Check]:
    """Return what a guard asks for, in the order in which it does."""
    action = text(spec, "action")
    done, waiting = action or "done", action or "waiting"
    state, pc, context = text(spec, "state"), text(spec, "pc"), text(spec, "context")
    checks: list[_Check] = []
    if state is not None:
        checks.append(_Check(f"state is {state or 'empty'}", "another state", done))
    if pc is not None:
        number = unsigned(pc)
        checks.append(
            _Check(None, "the pc asked for is no number", done)
            if number is None
            else _Check(f"pc is {number}", "another pc", done)
        )
    if context:
        checks.append(_Check(f"context is {context}", "another context", waiting))
    checks += _beat_check(text(spec, "beat"), "beat", (">=", "before"), waiting)
    checks += _beat_check(text(spec, "deadline"), "deadline", ("<=", "after"), done)
    return checks


def _beat_check(told: str | None, name: str, signs: tuple[str, str], state: str) -> list[_Check]:
    if not told:
        return []
    number = unsigned(told)
    if number is None:
        return [_Check(None, f"the {name} is no number", "error")]
    sign, word = signs
    return [_Check(f"beat {sign} {number}", f"{word} beat {number}", state)]


def _wait(spec: Tree, known: Knowledge) -> _Said:
    pattern = text(spec, "signal_path")
    pattern = text(spec, "signal") if pattern is None else pattern
    timeout = unsigned(text(spec, "timeout"))
    words = f"Waits for {_pattern(pattern, known.rules)}" if pattern else "Waits for no signal, so no event can come"
    if not timeout:
        return _Said(f"{words}.", [Exit("nothing came yet", "waiting")])
    beats = "1 beat" if timeout == 1 else f"{timeout} beats"
    recorded = ", which is recorded" if known.rules.timeout_history else ""
    ways = [Exit("nothing came yet", "waiting"), Exit(f"nothing came for {beats}{recorded}", "goes on")]
    return _Said(f"{words}, up to {beats}.", ways)


def _pattern(pattern: str, rules: Rules) -> str:
    """Return a pattern, and how it is read where that is not as it is written."""
    read = pattern if rules.real_globs or not is_glob(pattern) else pattern.lstrip("*") or "*"
    return pattern if read == pattern else f"{pattern} (read as {read})"


def _decide(spec: Tree, known: Knowledge) -> _Said:
    value = spec.get("policy")
    policy = value.path[-1] if isinstance(value, Link) else text(spec, "policy")
    kept = planned(spec, known.policies.get(policy or ""), known.rules).directive
    own = ", with telemetry of its own" if known.rules.step_telemetry and children(spec, "telemetry") else ""
    choice, site = text(spec, "choice") or "default", text(spec, "site") or "default"
    words = f"Decides {choice} at site {site} by policy {policy or 'none'}, kept {kept}{own}."
    ledgers = "the ledger or the archive" if known.rules.archive_replays else "the ledger"
    return _Said(words, [Exit(f"it contradicts {ledgers}", "error")])


def _clamp(spec: Tree, known: Knowledge) -> _Said:
    limit, timeout, last = (unsigned(text(spec, name)) for name in ("step_limit", "timeout", "pc"))
    state = text(spec, "state")
    told = f"{limit} steps" if limit else "the steps of its budget (64 unless set)"
    words = f"Goes on if fewer than {told} ran in this beat, this one included"
    if last is not None:
        words += f", and the pc is below {last}"
    if timeout:
        words += f". Sets the deadline of the instance {timeout} beats from now."
    else:
        words += ", and the deadline of an earlier clamp, if there is one, has not come."
    if state and text(spec, "pc") is None and not known.rules.clamp_state_on_breach:
        words += f" Sets the state to {state} in any case."
    return _Said(words, [Exit("otherwise", _stopped(state or "paused", known.rules))])


def _transform(spec: Tree, _: Knowledge) -> _Said:
    state, payload = text(spec, "state"), spec.get("payload")
    does = [f"sets the state to {state}"] if state else []
    if isinstance(payload, dict):
        signal = text(spec, "signal_path") or text(spec, "signal") or OP_ADD
        emits = "1 emit" if len(payload) == 1 else f"{len(payload)} emits"
        does += [f"stages {emits} as {signal}"] if payload else []
        does.append("records its payload as an event")
    words = " and ".join(does) or "does nothing and goes on"
    return _Said(f"{words[0].upper()}{words[1:]}.")


_KINDS: dict[str, Callable[[Tree, Knowledge], _Said]] = {
    "guard": _guard,
    "wait": _wait,
    "decide": _decide,
    "clamp": _clamp,
    _TRANSFORM: _transform,
    "xform": _transform,
}
