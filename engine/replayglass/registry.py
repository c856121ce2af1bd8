"""Every kind of run that is understood, and which kind a folder or a site is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.flow.domain import FLOW
from replayglass.domains.paper.domain import PAPER
from replayglass.errors import InputError
from replayglass.log.source import find_stream

if TYPE_CHECKING:
    from pathlib import Path

    from replayglass.replay import Domain

DOMAINS = (PAPER, FLOW)


def domain_of(run: Path) -> Domain:
    """Return what kind of run the folder ``run`` holds; one that holds no stream yet is of the first kind.

    Raises:
        InputError: it holds streams of two kinds, or one of them cannot be used.
    """
    found = (
        [domain for domain in DOMAINS if any(find_stream(run, spec).segments for spec in domain.streams)]
        if run.is_dir()
        else []
    )
    if len(found) > 1:
        message = f"the folder {str(run)!r} holds logs of two systems"
        raise InputError(message, "Put the logs of each into a folder of its own: a site shows one run.")
    return found[0] if found else DOMAINS[0]


def domain_named(name: str) -> Domain | None:
    """Return the kind of run that a site says it shows."""
    return next((domain for domain in DOMAINS if domain.name == name), None)
