"""Publishing to an object store, which has no transactions: an order of writes, a note of who is at work, looks."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from replayglass.canon import digest
from replayglass.errors import OutputError
from replayglass.mediatypes import kind_of
from replayglass.output.manifest import FORMAT_VERSION, GENERATOR
from replayglass.output.paths import MANIFEST
from replayglass.publish.caching import ASKED
from replayglass.publish.claim import CLAIM, DRAFT, MAX_CLAIM, Claim
from replayglass.publish.failure import LostError
from replayglass.publish.plan import CHANGED, FRONT, HEADS, LISTING, NEW, SHARDS
from replayglass.publish.store import Packet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from replayglass.publish.caching import Caching
    from replayglass.publish.look import Look
    from replayglass.publish.plan import Plan, Step
    from replayglass.publish.source import Source
    from replayglass.publish.store import Store
    from replayglass.publish.target import Stored

_BATCH = 32
_BATCH_BYTES = 1 << 24
LARGE = 1 << 26
"""Bytes of a file that is sent from disk instead of memory."""


class Upload:
    """One publishing: `run` carries the plan out, which was made for what stood there (``look``)."""

    def __init__(self, store: Store, source: Source, look: Look, plan: Plan, caching: Caching) -> None:
        self._store = store
        self._source = source
        self._look = look
        self._plan = plan
        self._caching = caching
        touched = {step.path for step in plan.steps if not step.is_new}
        touched.update(() if look.claim is None else look.claim.touched)
        new = source.files[MANIFEST].sha256
        removed = tuple(plan.removed)
        claim = Claim(FORMAT_VERSION, GENERATOR, look.base, new, tuple(sorted(touched)), removed)
        self._claim = claim.encoded()

    def run(self, announce: Callable[[str, int], None]) -> None:
        """Send and remove what the plan says; after a failure at any place the next publishing goes on.

        Raises:
            OutputError: the store failed, or somebody else was at work there.
            InputError: the site changed meanwhile.
        """
        if not self._plan.steps and not self._plan.removed and self._look.claim is None:
            return
        announce("files sent", 0)
        try:
            self._begin()
            self._send(lambda stage: stage <= NEW)
            self._send(lambda stage: stage in {CHANGED, FRONT}, self._check_mine)
            self._check_mine()
            self._check_whole()
            self._send(lambda stage: stage == SHARDS)
            self._send(lambda stage: stage == LISTING)
            self._send(lambda stage: stage == HEADS)
        except LostError as error:
            raise self._lost() from error
        self._store.remove(self._plan.removed)
        self._store.remove((DRAFT, CLAIM))

    def _begin(self) -> None:
        """Leave the note; from here on an older publishing stops, and what it did in between is noticed."""
        known = {} if self._look.claimed is None else {CLAIM: self._stored_claim()}
        self._store.put(Packet(kind_of(CLAIM), ASKED, {CLAIM: self._claim}), known)
        others = {path: stored for path, stored in self._store.files().items() if path not in {CLAIM, DRAFT}}
        if others != self._look.files:
            raise self._lost()

    def _stored_claim(self) -> Stored:
        files = self._store.files()
        if CLAIM not in files or self._store.read(CLAIM, MAX_CLAIM) != self._look.claimed:
            raise self._lost()
        return files[CLAIM]

    def _send(self, wanted: Callable[[int], bool], before: Callable[[], None] = lambda: None) -> None:
        for batch in _batches([step for step in self._plan.steps if wanted(step.stage)], self._caching):
            before()
            first = batch[0].path
            caching = self._caching.of(first)
            if batch[0].size > LARGE:
                self._send_large(first, caching)
            else:
                files = {step.path: self._source.read(step.path) for step in batch}
                self._store.put(Packet(kind_of(first), caching, files), self._look.files)

    def _send_large(self, path: str, caching: str) -> None:
        """Send a file from disk; it is looked at before and after, since it is read in between by somebody else."""
        self._source.look_at(path)
        self._store.put_large(path, f"{self._source.folder.root}/{path}", caching)
        self._source.look_at(path)

    def _check_mine(self) -> None:
        """Make sure that nobody has taken over, and that readers still see what they saw at the beginning."""
        base = self._store.read(MANIFEST, MAX_CLAIM)
        is_same = (base and digest(base)) == self._look.base
        is_same = is_same and all(self._store.read(path, MAX_CLAIM) == data for path, data in self._look.heads.items())
        if not is_same or self._store.read(CLAIM, MAX_CLAIM) != self._claim:
            raise self._lost()

    def _check_whole(self) -> None:
        """Make sure that all is there that the manifest is going to name, and what was not sent is as it was."""
        files = self._store.files()
        sent = {step.path: step for step in self._plan.steps}
        for path, entry in self._source.files.items():
            step = sent.get(path)
            stored = files.get(path)
            if step is None and stored != self._look.files[path]:
                raise self._lost()
            if step is not None and step.stage < SHARDS and (stored is None or stored.size != entry.size):
                raise self._lost()

    def _lost(self) -> OutputError:
        message = f"{self._store.shown} was changed by somebody else while the site was published"
        return OutputError(message, "if another publishing is at work, let it finish; then publish again")


def _batches(steps: Sequence[Step], caching: Caching) -> Iterator[list[Step]]:
    """Give files of one kind that go together; a large one goes alone."""
    for _, group in groupby(steps, lambda step: (step.stage, kind_of(step.path), caching.of(step.path))):
        batch: list[Step] = []
        size = 0
        for step in group:
            if batch and (len(batch) == _BATCH or size + step.size > _BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(step)
            size += step.size
        yield batch
