"""Sites made to harm who verifies them: every one ends soon, in failures or a sentence, with little memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from replayglass.canon import digest, encode
from replayglass.domains.paper.places import EVENTS
from replayglass.output.manifest import MAX_ROWS
from replayglass.proof.builder import LogBuilder
from replayglass.proof.checkpoint import Checkpoint, format_checkpoint
from replayglass.proof.failure import ProofError
from replayglass.proof.growth import edge_root
from replayglass.proof.merkle import EMPTY_ROOT
from replayglass.proof.tiles import partials_of
from replayglass.verify import archive, records
from replayglass.verify import site as sites_module
from replayglass.verify.heads import open_heads
from replayglass.verify.manifest import check_manifest
from replayglass.verify.site import SiteFolder, UnfitError
from replayglass.verify.streams import Place, check_stream
from replayglass.verify.tree import check_tree
from signedsites import ORIGIN, failed, publish, remanifest, said, tiny_run, verify
from sites import command, copy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOG = "log/audit-events"


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small unsigned site that nobody changes."""
    folder = tmp_path_factory.mktemp("pristine")
    return publish(tiny_run(folder / "run"), folder / "site", None)


@pytest.fixture
def site(pristine: Path, tmp_path: Path) -> Path:
    """Return a copy of it."""
    return copy(pristine, tmp_path / "site")


def set_head(site: Path, size: int, root: bytes = EMPTY_ROOT) -> None:
    """Let the log of the events claim a size and a root."""
    text = format_checkpoint(Checkpoint(f"{ORIGIN}/audit-events", size, root))
    (site / LOG / "checkpoint.unsigned").write_bytes(text)


def test_a_size_that_no_log_has(site: Path) -> None:
    """A checkpoint of 2^62 leaves without tiles fails at once; so does one whose right edge is there, and no more."""
    set_head(site, 1 << 62)
    assert "log of audit-events" in failed(verify(site))
    size = (1 << 62) - 1
    tiles = {tile: bytes(32 * tile.width) for tile in partials_of(size)}
    for tile, data in tiles.items():
        (site / LOG / tile.path).parent.mkdir(parents=True, exist_ok=True)
        (site / LOG / tile.path).write_bytes(data)
    set_head(site, size, edge_root(tiles[tile] for tile in sorted(tiles)[1:]))
    report = verify(site)
    assert "log of audit-events" in failed(report)
    assert "is missing" in said(report)


HARMFUL: dict[str, Callable[[Path], object]] = {
    "sparse": lambda path: os.truncate(path, 1 << 40),
    "pipe": os.mkfifo,
    "link": lambda path: path.symlink_to("/dev/zero"),
    "loop": lambda path: path.symlink_to(path.name),
    "folder": lambda path: path.mkdir(),
    "empty": lambda path: os.truncate(path, 0),
    "deep": lambda path: path.write_bytes(b"[" * 100_000),
    "deeper": lambda path: path.write_bytes(b'{"events":' + b"[" * 100_000),
    "no text": lambda path: path.write_bytes(b"\xff" * 1000),
}
PLACES = [
    "manifest.json",
    "manifest/root.json",
    "index.html",
    "v1/index.json",
    "v1/integrity.json",
    "v1/observe/persistence/audit-events/latest.json",
    "v1/observe/persistence/snapshots/latest.json",
    "v1/observe/persistence/audit-events/pages/000000.json",
    "events/000000.html",
    f"{LOG}/checkpoint.unsigned",
    f"{LOG}/checkpoints/9.unsigned",
    f"{LOG}/tile/0/000.p/9",
    f"{LOG}/tile/entries/000.p/9",
    f"{LOG}/check.js",
    f"{LOG}/check/000000.js",
]


@pytest.mark.parametrize("harm", HARMFUL)
def test_harmful_files_in_every_place(site: Path, harm: str) -> None:
    """A huge, strange or nonsensical file in the place of any kind of file fails the check, and does not hang it."""
    for place in PLACES:
        data = (site / place).read_bytes()
        if harm in {"pipe", "link", "loop", "folder"}:
            (site / place).unlink()
        HARMFUL[harm](site / place)
        answer = command("verify", site)
        assert answer.exit_code == (2 if place == "manifest.json" and not (site / place).is_file() else 1), place
        assert "Traceback" not in answer.stderr
        (site / place).rmdir() if (site / place).is_dir() else (site / place).unlink()
        (site / place).write_bytes(data)


@pytest.mark.parametrize("folder", ["", "events", "log", LOG, f"{LOG}/tile", f"{LOG}/checkpoints", "v1", "manifest"])
def test_folders_that_are_none(site: Path, folder: str) -> None:
    """A link to a folder, or a file, in the place of a folder is not followed."""
    if folder:
        (site / folder).rename(site.parent / "moved")
        (site / folder).symlink_to(site.parent / "moved")
        assert "folder" in failed(verify(site)) or "manifest" in failed(verify(site))
        (site / folder).unlink()
        (site / folder).write_bytes(b"")
        assert verify(site).exit_code == 1
    else:
        assert failed(verify(site)) == set()


def test_many_empty_entries(tmp_path: Path) -> None:
    """A log of nothing but empty entries is checked to its end; its pages, which no site has, are given up early."""
    builder = LogBuilder("audit-events", "x/audit-events")
    for file in [*builder.add([b""] * 100_000), *builder.finish()]:
        (tmp_path / file.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.path).write_bytes(file.data)
    site = SiteFolder(str(tmp_path))
    head = open_heads(site, ["audit-events"], (), None).logs["audit-events"]
    log, pages = check_stream(Place(site, "audit-events", EVENTS), head, (), lambda _stage, _count: None).checks
    assert pages.failed == 20
    assert log.failures == ("log/audit-events/check.js is missing",)
    (tmp_path / "log/audit-events/tile/entries/389").write_bytes(bytes(514))
    result = check_stream(Place(site, "audit-events", EVENTS), head, (), lambda _stage, _count: None)
    assert "the bundle does not hold exactly 256 entries" in result.checks[0].failures[0]


def shard(site: Path, paths: list[str]) -> None:
    """Write a manifest of one shard that lists these paths."""
    files = [{"path": path, "sha256": "0" * 64, "size": 0} for path in paths]
    data = encode({"version": 1, "files": files})
    (site / "manifest/root.json").write_bytes(data)
    row = {"path": "manifest/root.json", "sha256": digest(data), "size": len(data), "files": len(files)}
    head = {"version": 1, "generator": "replayglass", "generator_version": "0", "files": len(files), "bytes": 0}
    (site / "manifest.json").write_bytes(encode({**head, "shards": [row]}))


@pytest.mark.parametrize(
    "path",
    ["../x", "/etc/passwd", "a\\b", "a//b", "a/./b", "a/../b", "", "x" * 300, "a\0b", "manifest.json", "a\u202eb", "é"],
)
def test_paths_that_lead_elsewhere(site: Path, path: str) -> None:
    """A manifest that lists a path outside the site, or a strange one, is refused before any file is opened."""
    shard(site, [path])
    report = verify(site)
    assert "manifest" in failed(report)
    assert "lists a path that no site has" in said(report)


def test_manifests_of_any_size(site: Path) -> None:
    """A shard with too many rows, a manifest of 1 GB, one of wrong types, and ten million entries end at once."""
    shard(site, [f"{number:07d}.txt" for number in range(MAX_ROWS + 1)])
    assert "another number of files" in said(verify(site))
    (site / "manifest/root.json").write_bytes(b'{"version":1,"files":[' + b"{}," * (1 << 20) + b"{}]}")
    assert "manifest" in failed(verify(site))
    for value in ("[]", '"x"', "1e999", '{"shards":{}}', '{"version":1,"files":-1}', '{"shards":[' + "[" * 50_000):
        (site / "manifest.json").write_text(value)
        assert "manifest" in failed(verify(site))
    os.truncate(site / "manifest.json", 1 << 30)
    assert "manifest" in failed(verify(site))
    remanifest(site)
    manifest = json.loads((site / "manifest.json").read_bytes())
    manifest["files"] = 10**7
    manifest["shards"] *= 20_000
    (site / "manifest.json").write_bytes(encode(manifest))
    assert "manifest" in failed(verify(site))


def test_many_added_files(site: Path) -> None:
    """The walk over a folder full of added files ends when enough were found."""
    (site / "many").mkdir()
    for number in range(2000):
        (site / f"many/{number}").mkdir()
    report = verify(site)
    found = next(check for check in report.checks if check.name == "folder")
    assert found.failed == len(found.failures) == 20
    deep = site / ("d" * 60)
    for name in ("e" * 60, "f" * 60, "g" * 60, "h" * 60):
        deep /= name
    deep.mkdir(parents=True)
    assert "folder" in failed(verify(site))


def test_archives_of_any_size(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive of too many or too large checkpoints, or of strange names, is not read to its end."""
    folder = site / LOG / "checkpoints"
    for name in ("x", "9", "09.unsigned", "8.unsigned", "10.unsigned", "\udcff"):
        (folder / name).write_bytes((folder / "9.unsigned").read_bytes())
    report = verify(site)
    assert "log of audit-events" in failed(report)
    for number in range(30):
        (folder / f"y{number}").write_bytes(b"")
    found = next(check for check in verify(site).checks if check.name == "log of audit-events")
    assert len(found.failures) == 20
    monkeypatch.setattr(archive, "MAX_ARCHIVED", 2)
    assert "more than 2 checkpoints" in said(verify(site))
    monkeypatch.setattr(archive, "MAX_ARCHIVE", 10)
    for path in folder.iterdir():
        path.unlink() if path.name != "9.unsigned" else None
    assert "more than 10 bytes" in said(verify(site))


def test_checkpoints_that_are_none(site: Path) -> None:
    """Two checkpoints, none, and bodies that the format forbids are no checkpoint of the log."""
    path = site / LOG / "checkpoint.unsigned"
    data = path.read_bytes()
    (site / LOG / "checkpoint").write_bytes(data)
    assert "a signed and an unsigned checkpoint" in said(verify(site))
    (site / LOG / "checkpoint").unlink()
    for body in (data.replace(b"\n9\n", b"\n09\n"), data.replace(b"\n", b"\r\n"), data + b"\n", data[:-9], b""):
        path.write_bytes(body)
        assert "checkpoint of audit-events" in failed(verify(site))
    path.unlink()
    assert "has no checkpoint" in said(verify(site))
    (site / LOG / "checkpoint").write_bytes(data + b"\n\xe2\x80\x94 other AAAAAAAA\n")
    assert "no signature is by the log itself" in said(verify(site))


def test_files_that_the_system_does_not_read(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be read, or changes while it is read, is said by its path."""
    folder = SiteFolder(str(site))
    with pytest.raises(UnfitError, match="File name too long"):
        folder.size("x" * 300)
    with pytest.raises(UnfitError, match="File name too long"):
        folder.size(f"{'x' * 300}/y")
    with pytest.raises(UnfitError, match="is not a folder"):
        folder.size("index.html/x")
    monkeypatch.setattr(sites_module, "_REMEMBERED", 1)
    assert folder.size("events/000000.html") is not None
    assert folder.size("v1/index.json") is not None
    proc = SiteFolder("/proc/self")
    with pytest.raises(UnfitError, match="status changed while it was read"):
        proc.read("status", 100)
    with pytest.raises(UnfitError, match="mem cannot be read: Input/output error"):
        proc.read("mem", 100)
    _, listing = check_manifest(folder, lambda _stage, _count: None)
    (site / "manifest/root.json").write_bytes(b"")
    assert "is not in the manifest" in "".join(check_tree(folder, listing, lambda _: True).failures)
    gone = check_tree(SiteFolder(str(site / "gone")), listing, lambda _: True)
    assert gone.failures == ("the site cannot be read: No such file or directory",)


def test_what_is_remembered_of_blobs_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many blobs a log names, memory stays flat; a blob of another size than the log says is refused."""
    monkeypatch.setattr(records, "_REMEMBERED", 1)
    (tmp_path / "blob").mkdir()
    blobs = records.Blobs(SiteFolder(str(tmp_path)))
    for data in (b"one", b"two!", b"one"):
        (tmp_path / "blob" / digest(data)).write_bytes(data)
        blobs.check(f"blob/{digest(data)}", len(data))
    with pytest.raises(ProofError, match="has 3 bytes, not 4"):
        blobs.check(f"blob/{digest(b'one')}", 4)
    (tmp_path / "blob" / digest(b"x")).write_bytes(b"y")
    with pytest.raises(ProofError, match="does not have the SHA-256"):
        blobs.check(f"blob/{digest(b'x')}", 1)


def test_memory_stays_flat(site: Path) -> None:
    """A site with a file of 1 TB and a listed sparse file of 1 GB is refused with little memory."""
    os.truncate(site / "events/000000.html", 1 << 40)
    os.truncate(site / "v1/observe/persistence/audit-events/pages/000000.json", 1 << 30)
    limit = 1 << 29
    done = subprocess.run(
        [sys.executable, "-m", "replayglass", "verify", str(site)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)),
    )
    assert done.returncode == 1, done.stderr
    assert "events/000000.html has 1099511627776 bytes" in done.stdout
