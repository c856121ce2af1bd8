"""Intents as values: what a client can ask of a flow runtime, written so that it is valid (flow-vm, section 4).

``flow.submit(*intent("t.one", Policy("pol.ttl", retain="ttl:6")))``
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

import msgspec

from replayglass.domains.flow import tokens
from replayglass.domains.flow.names import is_name
from replayglass.domains.flow.tokens import given, identifier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.domains.flow.specs import Step, Telemetry
    from replayglass.domains.flow.tree import Tree


class Intent(NamedTuple):
    """What `Flow.submit` takes."""

    bucket: str
    txn: str
    fields: Tree


class Program(msgspec.Struct, frozen=True):
    """A program of steps."""

    bucket: ClassVar[str] = "fl_upsert"
    id: str
    steps: tuple[Step, ...]

    def fields(self) -> Tree:
        """Return the fields.

        Raises:
            ValueError: no identifier, or a step that can never be valid.
        """
        steps = {str(at): {"kind": step.kind, "spec": step.spec()} for at, step in enumerate(self.steps)}
        return {"kind": "program", "id": identifier(self.id), "steps": steps}


class Policy(msgspec.Struct, frozen=True):
    """A policy: how long its decisions are kept, and their telemetry where it is not to be derived."""

    bucket: ClassVar[str] = "fl_upsert"
    id: str
    retain: str | None = None
    telemetry: Telemetry | None = None

    def fields(self) -> Tree:
        """Return the fields.

        Raises:
            ValueError: no identifier, no retention, or no telemetry.
        """
        return given(
            kind="policy",
            id=identifier(self.id),
            retain=None if self.retain is None else tokens.directive(self.retain),
            telemetry=None if self.telemetry is None else self.telemetry.fields(),
        )


class Variant(msgspec.Struct, frozen=True):
    """A variant of a program."""

    bucket: ClassVar[str] = "fl_upsert"
    id: str
    program: str

    def fields(self) -> Tree:
        """Return the fields.

        Raises:
            ValueError: no identifier.
        """
        return {"kind": "variant", "id": identifier(self.id), "program": identifier(self.program)}


class Guardian(msgspec.Struct, frozen=True):
    """A guardian: texts that are stored and never read."""

    bucket: ClassVar[str] = "fl_upsert"
    id: str
    rules: Mapping[str, str] = {}

    def fields(self) -> Tree:
        """Return the fields.

        Raises:
            ValueError: no identifier.
        """
        return {**self.rules, "kind": "guardian", "id": identifier(self.id)}


class Niche(msgspec.Struct, frozen=True):
    """A niche: the variant of a type of context."""

    bucket: ClassVar[str] = "ni_upsert"
    id: str
    ctx_type: str
    variant: str

    def fields(self) -> Tree:
        """Return the fields.

        Raises:
            ValueError: no identifier.
        """
        return {
            "id": identifier(self.id),
            "ctx_type": identifier(self.ctx_type),
            "variant": identifier(self.variant),
        }


class Start(msgspec.Struct, frozen=True):
    """Starts (or restarts) an instance of a variant, with a limit of steps per beat if ``step_limit`` is given."""

    bucket: ClassVar[str] = "inst_start"
    id: str
    variant: str
    context: str | None = None
    policy: str | None = None
    step_limit: int | None = None

    def fields(self) -> Tree:
        """Return the fields.

        Raises:
            ValueError: no identifier, no context, or a limit of less than one step.
        """
        return given(
            id=identifier(self.id),
            variant=identifier(self.variant),
            context=None if self.context is None else tokens.context(self.context),
            policy=None if self.policy is None else identifier(self.policy),
            budget=None if self.step_limit is None else _limit(self.step_limit),
        )


class Event(msgspec.Struct, frozen=True):
    """Sends a signal to an instance, or to every instance that waits for it in the same context.

    ``action`` is ``cancel`` or ``withdraw`` to take an event back that nobody consumed yet.
    """

    bucket: ClassVar[str] = "inst_event"
    signal: str
    instance: str | None = None
    payload: Mapping[str, object] | None = None
    context: str | None = None
    action: str | None = None

    def fields(self) -> Tree:
        """Return the fields.

        Raises:
            ValueError: no signal, no identifier, or no context.
        """
        return given(
            signal_path=tokens.signal(self.signal),
            inst_id=None if self.instance is None else identifier(self.instance),
            payload=self.payload,
            context=None if self.context is None else tokens.context(self.context),
            action=self.action,
        )


class Control(msgspec.Struct, frozen=True):
    """Controls an instance: ``pause``, ``resume`` or ``cancel``, or ``budget`` with its ``step_limit``."""

    bucket: ClassVar[str] = "inst_ctrl"
    instance: str
    action: str
    step_limit: int | None = None

    def fields(self) -> Tree:
        """Return the fields.

        Raises:
            ValueError: no identifier, no such action, or a budget without a limit of at least one step.
        """
        if self.action not in ("pause", "resume", "cancel", "budget"):
            message = f"{self.action!r} is no control: say pause, resume, cancel or budget"
            raise ValueError(message)
        if (self.action == "budget") != (self.step_limit is not None):
            message = "a budget has a step limit, and no other control has one"
            raise ValueError(message)
        return given(
            inst_id=identifier(self.instance),
            action=self.action,
            budget=None if self.step_limit is None else _limit(self.step_limit),
        )


AnyIntent = Program | Policy | Variant | Guardian | Niche | Start | Event | Control


def intent(txn: str, request: AnyIntent) -> Intent:
    """Return ``request`` under the name ``txn``.

    Raises:
        ValueError: it can never be valid; the message says why.
    """
    if not is_name(txn):
        message = f"the name of an intent has 1 to 256 bytes: {txn!r} has not"
        raise ValueError(message)
    return Intent(request.bucket, txn, request.fields())


def _limit(step_limit: int) -> Tree:
    return {"step_limit": tokens.number(step_limit, "a step limit", 1)}
