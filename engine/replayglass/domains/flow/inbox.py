"""The inbox: how a request is ingested and gets its outcome, and how the mailroom routes one (flow-vm, 3.5 and 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.flow.beat import Outcome
from replayglass.domains.flow.definitions import upsert_definition, upsert_niche
from replayglass.domains.flow.delivery import canonical, deliver
from replayglass.domains.flow.lifecycle import control_instance, start_instance
from replayglass.domains.flow.outcomes import OK, PENDING, Result
from replayglass.domains.flow.state import Request
from replayglass.domains.flow.tree import Link

if TYPE_CHECKING:
    from collections.abc import Callable

    from replayglass.domains.flow.machine import Machine
    from replayglass.domains.flow.tree import Tree

INBOX, MAIL = "inbox", "mail"
_EVENT = "inst_event"
_INGEST: dict[str, Callable[[Machine, Tree], Result]] = {
    "fl_upsert": upsert_definition,
    "ni_upsert": upsert_niche,
    "inst_start": start_instance,
    "inst_ctrl": control_instance,
}


def ingest(machine: Machine, bucket: str, txn: str) -> bool:
    """Ingest a request and write its outcome; say whether its chain goes on, which a fatal outcome forbids."""
    request = machine.state.inbox[bucket][txn]
    payload = fields = request.tree
    if "outcome" in payload:
        payload = {name: value for name, value in payload.items() if name != "outcome"}
    if bucket == _EVENT:
        fields, result = _deliver(machine, payload)
    else:
        result = _INGEST[bucket](machine, payload)
    request.close(fields, result.code)
    machine.log.outcomes.append(Outcome(bucket, txn, result.code, result.target, result.is_fatal))
    if result.code == OK:
        machine.carry_on()
    return not result.is_fatal


def _deliver(machine: Machine, payload: Tree) -> tuple[Tree, Result]:
    request, code = canonical(payload, machine.names)
    return request, deliver(machine, request) if code == OK else Result(code)


def route(machine: Machine, bucket: str, txn: str, fields: Tree | None) -> None:
    """Move a mailroom request to the inbox, where nobody ingests it; one whose name is taken is dropped."""
    if txn in machine.state.inbox[bucket]:
        return
    header = {"original": {}, "meta": {"parents": [Link((MAIL, bucket, txn))]}}
    machine.state.inbox[bucket][txn] = Request({**header, "outcome": PENDING, **(fields or {})})
    machine.log.outcomes.append(Outcome(bucket, txn, PENDING))
