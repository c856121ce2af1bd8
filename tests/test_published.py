"""A manifest on disk is read with suspicion."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from replayglass.canon import digest
from replayglass.errors import OutputError
from replayglass.output import published
from replayglass.output.manifest import FileEntry, build_manifest
from replayglass.output.published import read_manifest

PATHS = [*(f"events/{number:06d}.html" for number in range(300)), "index.html", "log/audit-events/checkpoint"]


def entry(path: str) -> FileEntry:
    """Return the entry of a file that holds its own path."""
    return FileEntry(path, digest(path.encode()), len(path))


def documents(paths: list[str]) -> dict[str, bytes]:
    """Return the manifest documents of a site with these files."""
    return dict(build_manifest(map(entry, paths)))


def publish(folder: Path, files: dict[str, bytes]) -> Path:
    """Write ``files`` below ``folder``."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def test_read_manifest(tmp_path: Path) -> None:
    """Reading gives every listed file and every shard with digest and size."""
    files = documents(PATHS)
    found = read_manifest(publish(tmp_path, files))
    shards = [FileEntry(path, digest(data), len(data)) for path, data in files.items() if path != "manifest.json"]
    assert found == {row.path: row for row in [*map(entry, PATHS), *shards]}


def _without_manifest(files: dict[str, bytes]) -> None:
    del files["manifest.json"]


def _without_shard(files: dict[str, bytes]) -> None:
    del files["manifest/root.json"]


def _other_shard(files: dict[str, bytes]) -> None:
    files["manifest/root.json"] = files["manifest/root.json"].replace(b"index", b"INDEX")


def _torn(files: dict[str, bytes]) -> None:
    files["manifest.json"] = files["manifest.json"][:-9]


def _deep(files: dict[str, bytes]) -> None:
    files["manifest.json"] = b'{"x":' + b"[" * 100_000


def _huge(files: dict[str, bytes]) -> None:
    files["manifest.json"] += b" " * published.MAX_DOCUMENT


def _edited(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, bytes]], None]:
    def edit(files: dict[str, bytes]) -> None:
        document = json.loads(files["manifest.json"])
        change(document)
        files["manifest.json"] = json.dumps(document).encode()

    return edit


def _listing(*paths: str) -> Callable[[dict[str, bytes]], None]:
    def edit(files: dict[str, bytes]) -> None:
        rows = [msgspec.to_builtins(entry(path)) for path in paths]
        data = json.dumps({"version": 1, "files": rows}).encode()
        document = json.loads(files["manifest.json"])
        row = {"path": "manifest/root.json", "sha256": digest(data), "size": len(data), "files": len(rows)}
        files["manifest.json"] = json.dumps({**document, "shards": [row]}).encode()
        files["manifest/root.json"] = data

    return edit


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_without_manifest, "damaged"),
        (_without_shard, "damaged"),
        (_other_shard, "damaged"),
        (_torn, "damaged"),
        (_deep, "damaged"),
        (_huge, "damaged"),
        (_edited(lambda document: document.update(shards=[*document["shards"], document["shards"][0]])), "damaged"),
        (_edited(lambda document: document["shards"][0].update(path="manifest/../../x.json")), "damaged"),
        (_edited(lambda document: document["shards"][0].update(sha256="A" * 64)), "damaged"),
        (_edited(lambda document: document.update(more=1)), "damaged"),
        (_edited(lambda document: document.update(version=0)), "damaged"),
        (_edited(lambda document: document.update(version=2, more=1)), "newer version"),
        (_edited(lambda document: document.update(generator="other")), "not written by replayglass"),
        (_edited(lambda document: document.pop("generator")), "not written by replayglass"),
        (_listing("../x"), "damaged"),
        (_listing("/etc/passwd"), "damaged"),
        (_listing("a\\b"), "damaged"),
        (_listing("manifest.json"), "damaged"),
        (_listing("a", "a"), "damaged"),
    ],
)
def test_bad_manifests_are_refused(tmp_path: Path, damage: Callable[[dict[str, bytes]], None], message: str) -> None:
    """A manifest that is damaged, hostile, foreign or newer is refused with a hint, and names the folder as given."""
    files = documents(["index.html", "notes.html"])
    damage(files)
    with pytest.raises(OutputError, match=message) as caught:
        read_manifest(publish(tmp_path, files))
    assert str(tmp_path) in caught.value.message
    assert caught.value.hint


def test_links_and_failures_are_refused(tmp_path: Path) -> None:
    """A manifest behind a link is not read, nor is one in what is no folder."""
    publish(tmp_path / "real", documents(["index.html"]))
    (tmp_path / "site").mkdir()
    (tmp_path / "site/manifest.json").symlink_to(tmp_path / "real/manifest.json")
    with pytest.raises(OutputError, match="symbolic link"):
        read_manifest(tmp_path / "site")
    with pytest.raises(OutputError, match=r"cannot read the manifest of .*: Not a directory"):
        read_manifest(tmp_path / "real/manifest.json")
