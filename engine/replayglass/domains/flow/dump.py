"""The whole state in the form of the recorded runs: plain JSON values, keys in the engine's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.flow.decision import Decision, as_tree
from replayglass.domains.flow.inbox import MAIL
from replayglass.domains.flow.tree import Link
from replayglass.domains.flow.views import adjacency, index

if TYPE_CHECKING:
    from replayglass.domains.flow.machine import Machine
    from replayglass.domains.flow.state import Request
    from replayglass.domains.flow.tree import Tree

_ENTRY_NAMES = 2


def dump(machine: Machine) -> Tree:
    """Return ``beat, ok, flow, adj`` after the last beat; a site is made without it, it takes as much as the state."""
    state = machine.state
    flow: Tree = {
        **state.ledgers,
        "instance": {name: instance.node for name, instance in state.instances.items()},
        "decision": {name: _cells(cells) for name, cells in state.decisions.items()},
        "dec_archive": {name: _cells(state.archive.get(name, {})) for name in state.decisions},
        "index": index(machine),
        "inbox": {bucket: {txn: _request(one) for txn, one in found.items()} for bucket, found in state.inbox.items()},
    }
    return {
        "beat": state.last,
        "ok": state.ok,
        "flow": render(machine, flow),
        "adj": render(machine, adjacency(machine)),
    }


def render(machine: Machine, value: object) -> object:
    """Return a tree as plain JSON values: names in order, a link as ``$link`` with its path, null if it is dead."""
    if isinstance(value, dict):
        return {name: render(machine, value[name]) for name in machine.names.sort(value)}
    if isinstance(value, Link):
        return {"$link": _path(value) if _is_alive(machine, value) else None}
    return [render(machine, item) for item in value] if isinstance(value, list) else value


def _cells(cells: dict[str, Decision]) -> Tree:
    return {site: as_tree(cell) for site, cell in cells.items()}


def _request(request: Request) -> Tree:
    return request.tree if request.outcome is None else {**request.tree, "outcome": request.outcome}


def _is_alive(machine: Machine, link: Link) -> bool:
    return len(link.path) <= _ENTRY_NAMES or link.path[0] in ("decision", MAIL) or machine.follow(link) is not None


def _path(link: Link) -> str:
    root, path = ("/data/inbox/flow", link.path[1:]) if link.path[0] == MAIL else ("/data/flow", link.path)
    return "/".join((root, *path))
