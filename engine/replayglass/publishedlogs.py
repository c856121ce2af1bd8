"""The logs of a site while it is built: records go in on their way to the replay, tiles and checkpoints come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.errors import InputError, OutputError
from replayglass.logscript import Head, check_path, check_script, group_path, group_script
from replayglass.page import Blob
from replayglass.proof.builder import LogBuilder
from replayglass.proof.checkpoint import log_origin
from replayglass.proof.earlier import ARCHIVE, CHECKPOINT, UNSIGNED, Earlier, parse_earlier
from replayglass.proof.failure import ProofError
from replayglass.proof.rewritten import RewrittenError
from replayglass.proof.tiles import WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from replayglass.proof.growth import Grown
    from replayglass.proof.keys import Signer
    from replayglass.record import Batch

LOG_FOLDER = "log/"

UNNAMED = "replayglass.invalid"
"""The origin of a run that names none: a name that by RFC 2606 is nobody's."""


class LogState(NamedTuple):
    """What was published of a log; ``root`` is in hex, ``key`` the verifier key of a signed one.

    ``checkpoints`` counts all that the site keeps, this one included.
    """

    stream: str
    origin: str
    size: int
    root: str
    key: str | None
    checkpoints: int

    @property
    def is_signed(self) -> bool:
        """Say whether the checkpoint is signed."""
        return self.key is not None

    @property
    def path(self) -> str:
        """Return the path of the checkpoint in the site."""
        return f"{LOG_FOLDER}{self.stream}/{CHECKPOINT}{'' if self.is_signed else UNSIGNED}"


class PublishedLogs:
    """The logs of all streams of a run."""

    def __init__(
        self,
        streams: Sequence[str],
        origin: str | None,
        archive: Iterable[tuple[str, bytes]] = (),
        signer: Callable[[str], Signer] | None = None,
    ) -> None:
        """Open the logs of ``streams``.

        ``archive`` is what the site has in its logs' archives of checkpoints, as (path, bytes); ``signer`` gives the
        key of a log by the log's origin.

        Raises:
            InputError: a key without an origin, or no key for a site that was signed.
            OutputError: the archive is damaged.
            RewrittenError: an earlier checkpoint is of another log.
        """
        if signer is not None and origin is None:
            message = "a signed log needs a name of its own"
            raise InputError(message, 'Give one in replayglass.toml: origin = "audit.example.org/runtime-1"')
        base = origin or UNNAMED
        self._signers = {name: signer(log_origin(base, name)) if signer else None for name in streams}
        earlier = _read_archive(streams, archive, self._signers)
        self._builders = {
            name: LogBuilder(name, log_origin(base, name), earlier[name], self._signers[name]) for name in streams
        }
        self._kept = {name: len(earlier[name]) for name in streams}
        self._made: list[Blob] = []
        self.states: list[LogState] = []

    @property
    def keys(self) -> dict[str, str | None]:
        """Return the verifier key of each log, None for one that is not signed."""
        return {name: None if signer is None else signer.verifier.vkey for name, signer in self._signers.items()}

    def follow(self, stream: str, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Give the batches of a stream on, each after its records were appended to the stream's log.

        Raises:
            RewrittenError: the records are not those that were published before.
        """
        builder = self._builders[stream]
        for batch in batches:
            self._made += builder.add(batch.raws, batch.unread)
            for group in builder.groups:
                script = group_script(stream, group.number, group.hashes)
                self._made.append(Blob(group_path(stream, group.number), script))
            yield batch

    def drain(self) -> list[Blob]:
        """Return the files that are complete since the last call."""
        made, self._made = self._made, []
        return made

    def grown(self) -> dict[str, Grown]:
        """Return what other builders of these logs need to go on."""
        return {stream: builder.grown for stream, builder in self._builders.items()}

    def go_on(self, grown: Mapping[str, Grown]) -> None:
        """Go on where the builders of an earlier build were.

        Raises:
            ValueError: they knew other earlier checkpoints.
        """
        for stream, builder in self._builders.items():
            builder.go_on(grown[stream])

    def finish(self) -> Iterator[Blob]:
        """Give the remaining files of all logs; ``states`` says then what was published.

        Raises:
            RewrittenError: a log has fewer records than were published before.
        """
        for stream, builder in self._builders.items():
            files = {file.path: file for file in builder.finish()}
            yield from files.values()
            key = self.keys[stream]
            count = sum(path.startswith(f"{LOG_FOLDER}{stream}/{ARCHIVE}/") for path in files)
            state = LogState(stream, builder.origin, builder.size, builder.root.hex(), key, count)
            self.states.append(state)
            text = files[state.path].data.decode()
            head = Head(builder.origin, builder.size, builder.root, state.is_signed, text, key)
            edge = builder.edge()
            yield Blob(check_path(stream), check_script(stream, head, edge))
            group = builder.size // WIDTH // WIDTH
            yield Blob(group_path(stream, group), group_script(stream, group, edge.level1))


def is_archived(path: str) -> bool:
    """Say whether a path of a site is that of a checkpoint in an archive."""
    parts = path.split("/")
    return len(parts) == len(("log", "stream", ARCHIVE, "size")) and parts[0] == "log" and parts[2] == ARCHIVE


def _read_archive(
    streams: Sequence[str], archive: Iterable[tuple[str, bytes]], signers: dict[str, Signer | None]
) -> dict[str, list[Earlier]]:
    earlier: dict[str, list[Earlier]] = {name: [] for name in streams}
    for path, data in archive:
        _, stream, _, name = path.split("/")
        if stream not in earlier:
            message = f"the site publishes the log {stream}, of which this run knows nothing"
            raise RewrittenError(message)
        signer = signers[stream]
        try:
            one = parse_earlier(name, data, signer.verifier if signer else None)
        except ProofError as error:
            message = f"the checkpoint {path} of the site is damaged"
            raise OutputError(message, "Restore it from a copy of the site, or publish to a new folder.") from error
        if one.signed and signer is None:
            message = f"the site's log {stream} is signed, and no key was given"
            raise InputError(message, "Give the key with --key, or publish to another folder.")
        earlier[stream].append(one)
    return earlier
