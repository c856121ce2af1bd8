"""Sites of a run that grows, and a place in memory at which everything that happens can be watched, and fail."""

from __future__ import annotations

import json
from base64 import b64encode
from contextlib import contextmanager
from hashlib import md5
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import fsspec
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.registry import _registry

from sites import AUDIT, SAMPLE, build, make_run, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sites import Tree

MANIFEST = "manifest.json"
HEADS = ("log/audit-events/checkpoint.unsigned", "log/snapshots/checkpoint.unsigned")


class Sites(NamedTuple):
    """Sites of one run at three sizes, and of the run with another first record."""

    old: Path
    middle: Path
    new: Path
    forged: Path


def make_sites(folder: Path) -> Sites:
    """Build the four sites, each for itself: what is removed between them are partial tiles and checkpoints."""
    lines = records(SAMPLE / AUDIT)

    def built(name: str, events: list[bytes]) -> Path:
        run = make_run(folder / f"run-{name}", b"".join(line + b"\n" for line in events))
        return build(run, folder / name).folder

    return Sites(
        built("old", lines[:2]), built("middle", lines[:3]), built("new", lines[:5]), built("forged", lines[1:4])
    )


def named(site: Tree) -> dict[str, str]:
    """Return the SHA-256 of each file by its path, as the manifest of a site lists them, shards included."""
    shards = json.loads(site[MANIFEST])["shards"]
    rows = [row for shard in shards for row in json.loads(site[shard["path"]])["files"]]
    return {row["path"]: row["sha256"] for row in (*shards, *rows)}


class Watcher(NamedTuple):
    """Who hears of what happens at a place."""

    before: Callable[[str, str], object]
    after: Callable[[], None]


def silent(_operation: str, _path: str) -> None:
    """Do nothing."""


class Watched(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
    """A place in memory; ``before`` hears of each operation and may raise, ``after`` of each that has written."""

    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    extra: ClassVar[dict[str, Any]] = {}
    watchers: ClassVar[list[Watcher]] = []

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.replace("watched://", "memory://").replace("gs://", "memory://")))

    @classmethod
    def watch(cls, before: Callable[[str, str], object] = silent, after: Callable[[], None] = lambda: None) -> None:
        """Have nobody else hear of what happens."""
        cls.watchers[:] = [Watcher(before, after)]

    @classmethod
    def tree(cls, root: str) -> Tree:
        """Return every file below ``root``."""
        return {
            path[len(root) + 2 :]: file.getvalue() for path, file in cls.store.items() if path.startswith(f"/{root}/")
        }

    @classmethod
    def clear(cls) -> None:
        """Forget all files and who watches."""
        cls.store.clear()
        cls.pseudo_dirs[:] = [""]
        cls.watch()

    def find(self, path: str, **options: Any) -> Any:  # noqa: ANN401 - fsspec has no types
        """List files."""
        self.watchers[0].before("find", path)
        found = super().find(path, **options)
        if "gs" in _registry:
            for info in found.values():
                digest = md5(self.store[info["name"]].getvalue(), usedforsecurity=False).digest()
                info["md5Hash"] = b64encode(digest).decode()
        return found

    def cat_file(self, path: str, **options: Any) -> Any:  # noqa: ANN401 - fsspec has no types
        """Read a file."""
        self.watchers[0].before("cat", path)
        return super().cat_file(path, **options)

    def pipe_file(self, path: str, value: bytes, **options: Any) -> None:  # noqa: ANN401 - fsspec has no types
        """Write a file."""
        self.watchers[0].before("pipe", path)
        super().pipe_file(path, value)
        self.extra[self._strip_protocol(path)] = options
        self.watchers[0].after()

    def mv(self, path1: str, path2: str, **_options: Any) -> None:  # noqa: ANN401 - fsspec has no types
        """Rename a file, over another one."""
        self.watchers[0].before("mv", path2)
        self.store[path2] = self.store.pop(path1)
        self.watchers[0].after()

    def rm_file(self, path: str) -> None:
        """Remove a file."""
        self.watchers[0].before("rm", path)
        super().rm_file(path)
        self.watchers[0].after()


@contextmanager
def watched(*more: str) -> Iterator[type[Watched]]:
    """Have ``memory://`` (files appear whole), ``watched://`` (they do not), ``more`` be the watched place, empty."""
    Watched.clear()
    for scheme in ("memory", "watched", *more):
        fsspec.register_implementation(scheme, Watched, clobber=True)
    try:
        yield Watched
    finally:
        fsspec.register_implementation("memory", MemoryFileSystem, clobber=True)
        for scheme in more:
            del _registry[scheme]
