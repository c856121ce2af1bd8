"""A log that grows and is published again and again: what holds after every publication."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

import naivetree
from logentries import entries_of
from replayglass.proof.builder import LogBuilder
from replayglass.proof.checkpoint import parse_checkpoint
from replayglass.proof.earlier import Earlier, parse_earlier
from replayglass.proof.merkle import leaf_hash
from replayglass.proof.reader import LogReader
from replayglass.proof.tiles import tiles_of
from replayglass.proof.verifying import verify_consistency, verify_inclusion

ORIGIN = "example.org/log"
FOLDER = "log/s/"
ARCHIVE = f"{FOLDER}checkpoints/"


class Publications(RuleBasedStateMachine):
    """Random appends and publications, against the recursive definition of the tree."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[bytes] = []
        self.earlier: list[Earlier] = []
        self.files: dict[str, bytes] = {}

    @rule(size=st.one_of(st.integers(1, 3), st.integers(250, 260), st.integers(1, 600)), seed=st.binary(max_size=2))
    def append(self, size: int, seed: bytes) -> None:
        """The runtime writes records."""
        self.records += [b"%d-%b" % (len(self.records) + number, seed) for number in range(size)]

    @rule(step=st.integers(1, 300), data=st.data())
    def publish(self, step: int, data: st.DataObject) -> None:
        """The log is published, its records read in batches of any size."""
        files = self.build(step)
        assert files == self.build(len(self.records) + 1)
        for path, content in self.files.items():
            if path.startswith(ARCHIVE) or (path in files and "/tile/" in path):
                assert files[path] == content
            else:
                assert ".p/" in path or path == f"{FOLDER}checkpoint.unsigned"
        self.files = files
        self.earlier = [
            parse_earlier(path.removeprefix(ARCHIVE), content)
            for path, content in files.items()
            if path.startswith(ARCHIVE)
        ]
        self.check(data)

    @precondition(lambda self: self.earlier)
    @rule(data=st.data())
    def read_with_an_older_checkpoint(self, data: st.DataObject) -> None:
        """Whoever holds an older checkpoint finds the log that it commits to in the files of today."""
        one = data.draw(st.sampled_from(self.earlier))
        reader = LogReader(self.read, parse_checkpoint(one.data))
        assert entries_of(reader) == self.records[: one.size]

    def build(self, step: int) -> dict[str, bytes]:
        """Return the files of the log."""
        builder = LogBuilder("s", ORIGIN, self.earlier)
        files: dict[str, bytes] = {}
        for start in range(0, len(self.records), step):
            files.update(builder.add(self.records[start : start + step]))
        files.update(builder.finish())
        return files

    def read(self, path: str) -> bytes | None:
        """Return a file of the log."""
        return self.files.get(FOLDER + path)

    def check(self, data: st.DataObject) -> None:
        """Check the publication against the definition, and all that were before it against this one."""
        checkpoint = parse_checkpoint(self.files[f"{FOLDER}checkpoint.unsigned"])
        size, root = checkpoint.size, checkpoint.root
        assert (size, root) == (len(self.records), naivetree.root(self.records))
        reader = LogReader(self.read, checkpoint)
        assert entries_of(reader) == self.records
        sizes = [one.size for one in self.earlier]
        reader.check_partials(sizes)
        wanted = {tile.path for tile in tiles_of(size, sizes)}
        assert wanted == {path.removeprefix(FOLDER) for path in self.files if "/tile/" in path}
        for one in self.earlier:
            assert reader.root_at(one.size) == one.root
            verify_consistency(one.size, one.root, size, root, reader.consistency(one.size))
        if size:
            index = data.draw(st.integers(0, size - 1))
            proof = reader.inclusion(index)
            assert proof == naivetree.inclusion(index, self.records)
            verify_inclusion(leaf_hash(self.records[index]), index, size, root, proof)


TestPublications = Publications.TestCase
TestPublications.settings = settings(max_examples=40, stateful_step_count=12, deadline=None)
