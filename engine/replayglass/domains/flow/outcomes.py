"""Outcome codes: what an intent came to (flow-vm, section 4.6)."""

from __future__ import annotations

from typing import NamedTuple

OK = "ok"
"""The intent did what it says."""

PENDING = "pending"
"""The intent was routed by the mailroom, which has nobody ingest it (section 3.5)."""


class Result(NamedTuple):
    """An outcome code, the entry or instance that it is about, and whether it aborts the beat (section 3.4)."""

    code: str
    target: str | None = None
    is_fatal: bool = False
