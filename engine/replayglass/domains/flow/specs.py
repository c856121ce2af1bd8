"""The five kinds of step, as values that a program is written with (flow-vm, sections 7, 8.1, 9, 11 and 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from replayglass.domains.flow import tokens
from replayglass.domains.flow.tokens import given

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.domains.flow.tree import Tree


class Telemetry(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy or a step gives instead of what is derived; score and confidence are decimal numbers as text."""

    score: str | None = None
    confidence: str | None = None
    rng_seed: int | None = None
    rng_seq: int | None = None

    def fields(self) -> Tree:
        """Return the fields.

        Raises:
            ValueError: one of them is no number.
        """
        return given(
            score=None if self.score is None else tokens.fraction(self.score, "a score"),
            confidence=None if self.confidence is None else tokens.fraction(self.confidence, "a confidence"),
            rng_seed=_number(self.rng_seed, "a seed"),
            rng_seq=_number(self.rng_seq, "a sequence"),
        )


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """Passes an instance whose state, pc and context are these, from ``beat`` to ``deadline``.

    ``action`` is the state in which it stops any other.
    """

    kind: ClassVar[str] = "guard"
    state: str | None = None
    pc: int | None = None
    context: str | None = None
    beat: int | None = None
    deadline: int | None = None
    action: str | None = None

    def spec(self) -> Tree:
        """Return the spec.

        Raises:
            ValueError: a number beyond 64 bits.
        """
        return given(
            state=self.state,
            pc=_number(self.pc, "a pc"),
            context=self.context,
            beat=_number(self.beat, "a beat"),
            deadline=_number(self.deadline, "a deadline"),
            action=self.action,
        )


class Transform(msgspec.Struct, frozen=True, kw_only=True):
    """Sets the state, records ``payload``, and stages one slot for each child of it, announced by ``signal``."""

    kind: ClassVar[str] = "transform"
    state: str | None = None
    payload: Mapping[str, object] | None = None
    signal: str | None = None

    def spec(self) -> Tree:
        """Return the spec.

        Raises:
            ValueError: a signal that no slot can announce.
        """
        path = None if self.signal is None else tokens.signal(self.signal)
        return given(state=self.state, payload=self.payload, signal_path=path)


class Wait(msgspec.Struct, frozen=True):
    """Waits for a signal that matches ``signal``, for ``timeout`` beats or for ever."""

    kind: ClassVar[str] = "wait"
    signal: str
    timeout: int | None = None

    def spec(self) -> Tree:
        """Return the spec.

        Raises:
            ValueError: a pattern that no event can match, or a timeout of less than one beat.
        """
        return given(signal_path=tokens.pattern(self.signal), timeout=_number(self.timeout, "a timeout", 1))


class Decide(msgspec.Struct, frozen=True):
    """Decides ``choice`` at ``site`` under a policy; ``retain`` and ``telemetry`` go before the policy's."""

    kind: ClassVar[str] = "decide"
    policy: str
    site: str | None = None
    choice: str | None = None
    retain: str | None = None
    telemetry: Telemetry | None = None

    def spec(self) -> Tree:
        """Return the spec.

        Raises:
            ValueError: no identifier of a policy, no retention, or no telemetry.
        """
        return given(
            policy=tokens.identifier(self.policy),
            site=self.site,
            choice=self.choice,
            retain=None if self.retain is None else tokens.directive(self.retain),
            telemetry=None if self.telemetry is None else self.telemetry.fields(),
        )


class Clamp(msgspec.Struct, frozen=True, kw_only=True):
    """Stops an instance in ``state`` after ``step_limit`` steps in a beat, ``timeout`` beats, or from ``pc`` on."""

    kind: ClassVar[str] = "clamp"
    step_limit: int | None = None
    timeout: int | None = None
    pc: int | None = None
    state: str | None = None

    def spec(self) -> Tree:
        """Return the spec.

        Raises:
            ValueError: a limit or timeout of less than one, or a number beyond 64 bits.
        """
        return given(
            step_limit=_number(self.step_limit, "a step limit", 1),
            timeout=_number(self.timeout, "a timeout", 1),
            pc=_number(self.pc, "a pc"),
            state=self.state,
        )


Step = Guard | Transform | Wait | Decide | Clamp


def _number(value: int | None, what: str, least: int = 0) -> str | None:
    return None if value is None else tokens.number(value, what, least)
