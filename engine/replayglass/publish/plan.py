"""What is to be sent to a target and removed there, and in which order, so that no reader meets half a site."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.mediatypes import kind_of
from replayglass.output.commit import FRONT_PAGES, is_head
from replayglass.output.paths import MANIFEST, is_shard_path
from replayglass.proof.earlier import ARCHIVE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.publish.caching import Caching
    from replayglass.publish.look import Look
    from replayglass.publish.source import Source
    from replayglass.publish.target import Target

NEW_FIXED, NEW, CHANGED, FRONT, SHARDS, LISTING, HEADS = range(7)
"""Stages: first what nothing refers to yet, what never changes before what does; then what is replaced; what speaks of
the others; the manifest when all that it names is there; at last the checkpoints, which cannot be taken back."""


class Step(NamedTuple):
    """A file that is sent: its path, size in bytes, stage, and whether the target has none of that path."""

    path: str
    size: int
    stage: int
    is_new: bool


class Plan(NamedTuple):
    """Files to send and to remove, in order, and how many stay as they are."""

    steps: Sequence[Step]
    removed: Sequence[str]
    unchanged: int


def make_plan(source: Source, look: Look, target: Target, caching: Caching, *, prune: bool) -> Plan:
    """Return what makes the target the publication of ``source``; only what its old manifest lists is removed."""
    steps = []
    for path, entry in source.files.items():
        stored = look.files.get(path)
        if stored is None or not _has(source, look, target, path):
            stage = _stage(path, is_new=stored is None, is_fixed=caching.is_fixed(path))
            steps.append(Step(path, entry.size, stage, stored is None))
    steps.sort(key=lambda step: (step.stage, kind_of(step.path), step.path))
    listed = {*look.vouched, *(() if look.claim is None else look.claim.removed)}
    gone = sorted((listed - source.files.keys()) & look.files.keys()) if prune else []
    return Plan(steps, gone, len(source.files) - len(steps))


def _has(source: Source, look: Look, target: Target, path: str) -> bool:
    """Tell whether the target has a file as the source has it; the manifest may vouch for it, else the bytes must."""
    entry, stored = source.files[path], look.files[path]
    if path == MANIFEST:
        return look.base == entry.sha256
    is_touched = look.claim is not None and path in look.claim.touched
    is_vouched = look.vouched.get(path) == entry and not is_touched
    return stored.size == entry.size and (is_vouched or target.is_same(path, stored, source))


def _stage(path: str, *, is_new: bool, is_fixed: bool) -> int:
    if is_head(path):
        return HEADS
    if path == MANIFEST:
        return LISTING
    if is_shard_path(path):
        return SHARDS
    if path in FRONT_PAGES or (path.startswith("log/") and f"/{ARCHIVE}/" in path):
        return FRONT
    if is_new:
        return NEW_FIXED if is_fixed else NEW
    return CHANGED
