"""What is measured when a decision is made (flow-vm, section 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.flow.decision import Telemetry
from replayglass.domains.flow.events import is_faulty
from replayglass.domains.flow.numbers import MASK, decimal, fnv, fnv_known, unsigned
from replayglass.domains.flow.tree import children, text

if TYPE_CHECKING:
    from replayglass.domains.flow.events import Latest
    from replayglass.domains.flow.rules import Rules
    from replayglass.domains.flow.tree import Tree

_UNSET = 0.5
_LOW = 0xFFFFFF
_HIGH_SHIFT = 24
_BEAT_SHIFT = 32


class Hashed(NamedTuple):
    """The texts that seed a decision; None contributes nothing."""

    fingerprint: str | None
    context: str | None
    choice: str
    inst_id: str | None

    @property
    def seed(self) -> int:
        """The seed."""
        fingerprint, context, choice, inst_id = self
        return fnv(fingerprint) ^ fnv_known(context) ^ fnv_known(choice) ^ fnv_known(inst_id)


class Moment(NamedTuple):
    """When and where a decision is made: its beat, the instance's state and its latest event."""

    beat: int
    state: str | None
    latest: Latest | None


def overrides(spec: Tree, policy: Tree | None, rules: Rules) -> Tree:
    """Return the texts that take the place of what is derived: the policy's, and the step's where rules allow it."""
    own = children(policy, "telemetry") if policy else {}
    return {**own, **children(spec, "telemetry")} if rules.step_telemetry else own


def measure(hashed: Hashed, moment: Moment, own: Tree) -> Telemetry:
    """Return the telemetry of a decision; ``own`` are its `overrides`."""
    seed, beat = hashed.seed, moment.beat
    rng_seed = unsigned(text(own, "rng_seed"))
    rng_seed = seed if rng_seed is None else rng_seed
    rng_seq = unsigned(text(own, "rng_seq"))
    rng_seq = rng_seed if rng_seq is None else rng_seq
    return Telemetry(
        score=_fraction(text(own, "score"), rng_seed or seed),
        confidence=_fraction(text(own, "confidence"), (rng_seed ^ seed) >> _HIGH_SHIFT),
        rng_seed=rng_seed,
        rng_seq=rng_seq ^ (beat << _BEAT_SHIFT) & MASK,
        latency=_latency(moment),
        error_flag=int(moment.state == "error" or (moment.latest is not None and is_faulty(moment.latest.record))),
    )


def _fraction(given: str | None, source: int) -> str:
    value = decimal(given)
    if value is None or value == _UNSET:
        value = ((source & _LOW) or 1) / _LOW
    return f"{value:.6f}"


def _latency(moment: Moment) -> int:
    arrival = moment.latest.beat if moment.latest else None
    return 0 if arrival is None else max(moment.beat - arrival, 0)
