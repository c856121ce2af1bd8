"""How long a decision is kept: directives, where they stand, what they come to (flow-vm, sections 13.1, 13.2)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from replayglass.domains.flow.numbers import unsigned
from replayglass.domains.flow.tree import text

if TYPE_CHECKING:
    from replayglass.domains.flow.rules import Rules
    from replayglass.domains.flow.tree import Tree

PERMANENT, TTL, ARCHIVE = "permanent", "ttl", "archive"
_CONSIDERED = 63


class Plan(msgspec.Struct, frozen=True, gc=False):
    """How a decision is kept: ``mode`` is permanent, ttl or archive, ``span`` the beats until it is not."""

    mode: str
    span: int = 0

    @property
    def directive(self) -> str:
        """The plan as it is written in the ledger."""
        return self.mode if self.mode == PERMANENT else f"{self.mode}:{self.span}"


FOREVER = Plan(PERMANENT)


@lru_cache(maxsize=4096)
def parse(directive: str | None) -> Plan | None:
    """Return what a directive says, or None if it is not recognised."""
    if directive is None:
        return None
    word, colon, number = directive.lower()[:_CONSIDERED].partition(":")
    if colon:
        span = unsigned(number) if number else 0
        return Plan(word, span) if word in (TTL, ARCHIVE) and span is not None else None
    return Plan(word) if word in (PERMANENT, ARCHIVE) else None


def planned(spec: Tree, policy: Tree | None, rules: Rules) -> Plan:
    """Return the plan of a decision: that of its step, else that of its policy, else to keep it for ever."""
    plan = _contained(spec)
    if plan is None and policy is not None:
        plan = _contained(policy)
        if plan is None and rules.direct_retain:
            plan = _fields(policy)
    return FOREVER if plan is None or plan.span == 0 else plan


def _contained(node: Tree) -> Plan | None:
    retain = node.get("retain")
    return _fields(retain) if isinstance(retain, dict) else parse(text(node, "retain"))


def _fields(node: Tree) -> Plan | None:
    plan, span = parse(text(node, "retain_mode")), unsigned(text(node, "retain_ttl"))
    if span is None or (plan is not None and plan.mode == PERMANENT):
        return plan
    return Plan(TTL if plan is None else plan.mode, span)
