"""Answers to the observer contract's own paths (paper-runtime.md section 14), from nothing but the published files."""

from __future__ import annotations

from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, cast

from replayglass.canon import encode
from replayglass.domains.paper.domain import PAPER
from replayglass.domains.paper.places import EVENTS, SNAPSHOTS
from replayglass.domains.paper.streamdocs import RuntimeStatus, Summary
from replayglass.domains.paper.tally import LATEST
from replayglass.live.answer import NOT_KEPT, Answer
from replayglass.live.documents import Documents, decode
from replayglass.live.events import all_events, last_events, read_limit, require_last_snapshot, require_readable
from replayglass.live.files import UnsettledError
from replayglass.live.memory import decision_memory
from replayglass.live.observererror import KIND, ObserverError, answer_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from email.message import Message
    from typing import BinaryIO

    from replayglass.live.publication import Publication, Publications
    from replayglass.live.requesttarget import Target

_ROOT = "v1/observe"
_HEADERS = ("CF-Access-Client-Id", "CF-Access-Client-Secret")
_SPOOL = 4 << 20
"""Bytes of an answer above which it waits in a temporary file: it is sent when it is known to be whole."""

_SUMMARY = ("total_count", "counts_by_type", "last_event_id", "last_logical_time")
_NO_STATUS = dict.fromkeys(RuntimeStatus.__struct_fields__)
_NO_PATHS = {
    spec.name.replace("-", "_"): {"path": f"{spec.places[0]}.ndjson", "exists": False, "size_bytes": None}
    for spec in PAPER.streams
}


def is_observed(path: str) -> bool:
    """Tell whether ``path`` is in the contract's name space, and none of a document as it was published."""
    is_inside = path == _ROOT or path.startswith(f"{_ROOT}/")
    return is_inside and not path.endswith(".json")


def answer_observer(
    publications: Publications, method: str, target: Target, headers: Message, *, guard: bool
) -> Answer:
    """Return the answer to a request in the contract's name space; with ``guard`` both access headers are demanded.

    The contract's router looks at path and method first, then at the guard.
    """
    try:
        endpoint = _route(method, target)
        if guard:
            _require_access(headers)
        return publications.ask(lambda publication: _gathered(publication, target, endpoint))
    except ObserverError as error:
        return answer_error(error)
    except UnsettledError as error:
        return answer_error(ObserverError("INTERNAL_ERROR", str(error)))


def _route(method: str, target: Target) -> Callable[[Documents, Target], Iterator[bytes]]:
    endpoint = _ENDPOINTS.get(target.path.removeprefix(f"{_ROOT}/")) if method in {"GET", "HEAD"} else None
    if endpoint is None:
        code, message = "NOT_FOUND", "there is no such endpoint"
        raise ObserverError(code, message)
    return endpoint


def _require_access(headers: Message) -> None:
    if not all(headers.get(name, "").strip() for name in _HEADERS):
        code, message = "UNAUTHORIZED", f"the headers {' and '.join(_HEADERS)} are required"
        raise ObserverError(code, message)


def _gathered(
    publication: Publication, target: Target, endpoint: Callable[[Documents, Target], Iterator[bytes]]
) -> Answer:
    """Return the whole answer, so that one that cannot be completed is never begun."""
    body = cast("BinaryIO", SpooledTemporaryFile(_SPOOL))  # noqa: SIM115 - closed by whoever sends it
    try:
        for part in endpoint(Documents(publication), target):
            body.write(part)
    except BaseException:
        body.close()
        raise
    size = body.tell()
    body.seek(0)
    return Answer(HTTPStatus.OK, body, size, KIND, (NOT_KEPT,))


def _status(documents: Documents, _target: Target) -> Iterator[bytes]:
    yield documents.document(f"{_ROOT}/runtime/status.json", _NO_STATUS)


def _paths(documents: Documents, _target: Target) -> Iterator[bytes]:
    yield documents.document(f"{_ROOT}/persistence/paths.json", _NO_PATHS)


def _summary(documents: Documents, _target: Target) -> Iterator[bytes]:
    """Give the contract's four fields; a type that the published summary does not name makes it incomplete."""
    require_readable(documents)
    said = decode(documents.document(f"{EVENTS.json_folder}/summary.json", Summary(0, {}, None, None)), Summary)
    if said.counts_of_other_types:
        code, message = "INTERNAL_ERROR", f"{said.counts_of_other_types} events have no type that is counted by name"
        raise ObserverError(code, message)
    yield encode({name: getattr(said, name) for name in _SUMMARY})


def _events(documents: Documents, target: Target) -> Iterator[bytes]:
    limit = read_limit(target.values("limit"))
    return all_events(documents) if limit is None else last_events(documents, limit)


def _latest(documents: Documents, _target: Target) -> Iterator[bytes]:
    return last_events(documents, LATEST)


def _snapshot(documents: Documents, _target: Target) -> Iterator[bytes]:
    require_last_snapshot(documents)
    yield documents.document(f"{SNAPSHOTS.json_folder}/latest.json", {"snapshot": None})


def _memory(documents: Documents, _target: Target) -> Iterator[bytes]:
    return decision_memory(documents)


def _ledger(documents: Documents, _target: Target) -> Iterator[bytes]:
    require_last_snapshot(documents)
    empty = {"shadow_ledger": {"plane": "PAPER", "positions": []}}
    yield documents.document(f"{_ROOT}/derived/shadow-ledger.json", empty)


_ENDPOINTS: Mapping[str, Callable[[Documents, Target], Iterator[bytes]]] = {
    "runtime/status": _status,
    "persistence/paths": _paths,
    "persistence/audit-events": _events,
    "persistence/audit-events/summary": _summary,
    "persistence/audit-events/latest": _latest,
    "persistence/snapshots/latest": _snapshot,
    "derived/decision-memory": _memory,
    "derived/shadow-ledger": _ledger,
}
"""Every endpoint of section 14; and the latest events, which every publication has, as a path of their own."""
