"""The two versions of the rules, as one frozen value of named corrections (flow-vm, section 19)."""

from __future__ import annotations

import msgspec


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What a version of the rules mends; each flag is one row of flow-vm's section 19 and is read in one place.

    Rows without a flag are alike in both versions: transforms run under either spelling (1), each impulse has a whole
    chain of its own (4), the default confidence and the hash are the literal ones (11, 12), the choice is the step's
    text (19), niches and guardians are stored and never read (20).
    """

    version: int
    timeout_history: bool = False
    """Row 2: a wait that times out leaves an event record with status ``timeout``; without it, no trace."""
    idle_sweeps: bool = False
    """Row 3: a beat without impulses sweeps once; without it, time stands still until somebody sends something."""
    failures_continue: bool = False
    """Row 5: a failed start or control changes nothing but its outcome; without it, the beat is aborted."""
    controls_need_instance: bool = False
    """Row 6: a control of an unknown instance is ``unknown-instance``; without it, it creates one."""
    keep_last_good: bool = False
    """Row 7: a failed upsert leaves the entry as it was; without it, the raw request replaces it."""
    wake_waiting_only: bool = False
    """Row 8: an event is delivered to waiting instances only; without it, it revives paused and finished ones."""
    cancel_unsubscribes: bool = False
    """Row 9: a cancelled instance has no subscriptions; without it, an event can revive it."""
    real_globs: bool = False
    """Row 10: leading stars of a pattern count; without it, they are forgotten."""
    archive_replays: bool = False
    """Row 13: a decision that was archived is replayed; without it, it is made anew."""
    step_telemetry: bool = False
    """Row 14: ``spec/telemetry`` overrides the policy's; without it, it is ignored."""
    custom_states_stand: bool = False
    """Row 15: a guard or clamp that blocks in a state of its own stops until a control; without it, it polls."""
    clamp_state_on_breach: bool = False
    """Row 16: a clamp writes its ``state`` only on a breach; without it, always."""
    completion_latency: bool = False
    """Row 17: the latency of a finished event is its completion less its arrival; without it, its growing age."""
    direct_retain: bool = False
    """Row 18: ``retain_mode`` and ``retain_ttl`` count directly on a policy; without it, only inside ``retain``."""
    digit_names: bool = False
    """Row 21: a name of digits has a text like any other; without it, it has none."""
    lexical_references: bool = False
    """Section 1.3: names of the reference class have their lexical order; without it, that of first use."""


RULES_1 = Rules(version=1)
"""The recorded engine (profile intended), quirks included."""

RULES_2 = Rules(
    version=2,
    timeout_history=True,
    idle_sweeps=True,
    failures_continue=True,
    controls_need_instance=True,
    keep_last_good=True,
    wake_waiting_only=True,
    cancel_unsubscribes=True,
    real_globs=True,
    archive_replays=True,
    step_telemetry=True,
    custom_states_stand=True,
    clamp_state_on_breach=True,
    completion_latency=True,
    direct_retain=True,
    digit_names=True,
    lexical_references=True,
)
"""The recommended column: the default of new logs."""
