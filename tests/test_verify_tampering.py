"""Changed, missing and added files: `verify` finds every one."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec
import pytest

from replayglass.canon import encode
from replayglass.errors import InputError
from replayglass.output.manifest import FileEntry, ManifestShard, ShardEntry, decode_manifest, decode_shard
from replayglass.verify.whole import open_site
from signedsites import EVENTS_JSON, edit, failed, keys, publish, remanifest, rich_run, said, tiny_run, verify
from sites import copy, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small signed site that nobody changes; its run is beside it."""
    folder = tmp_path_factory.mktemp("pristine")
    return publish(tiny_run(folder / "run"), folder / "site")


@pytest.fixture
def site(pristine: Path, tmp_path: Path) -> Path:
    """Return a copy of it."""
    return copy(pristine, tmp_path / "site")


def positions(path: str, data: bytes) -> set[int]:
    """Return some offsets in a file, always the same: its first, middle and last byte, and one by its path."""
    if not data:
        return set()
    return {0, len(data) // 2, len(data) - 1, int.from_bytes(sha256(path.encode()).digest()[:4]) % len(data)}


def flips(site: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, int]]:
    """Flip one byte after the other in the files that are wanted; each is put back."""
    for path, data in tree(site).items():
        for at in sorted(positions(path, data)) if wanted(path) else ():
            (site / path).write_bytes(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])
            yield path, at
            (site / path).write_bytes(data)


def refuses(site: Path) -> bool:
    """Tell whether `verify` does, without a pinned key."""
    try:
        return verify(site).exit_code == 1
    except InputError:
        return True


def test_a_flipped_byte_of_any_file(site: Path) -> None:
    """Whatever byte of whatever file changes, `verify` fails."""
    kinds = set()
    for path, at in flips(site, lambda _: True):
        assert refuses(site), (path, at)
        kinds.add(path.split("/")[0])
    assert {"index.html", "manifest.json", "manifest", "events", "log", "v1", "assets", "decisions"} <= kinds
    assert not refuses(site)


def test_a_flipped_byte_of_the_log_with_a_manifest_that_fits(site: Path) -> None:
    """An attacker who also writes the manifest anew cannot change a byte of a log, or of a script about it."""
    count = 0
    for path, at in flips(site, lambda path: path.startswith("log/")):
        remanifest(site)
        assert verify(site, keys()).exit_code == 1, (path, at)
        count += 1
    assert count > 40


def test_a_flipped_byte_of_a_record_with_a_manifest_that_fits(site: Path) -> None:
    """Nor can he change a record where a page, or another document, repeats it."""
    line = (site.parent / "site" / "log/audit-events/tile/entries/000.p/9").read_bytes()[2:100]
    latest = "v1/observe/persistence/audit-events/latest.json"
    for path in ("events/000000.html", f"{EVENTS_JSON}/000000.json", latest):
        edit(site, path, line, line[:-1] + bytes([line[-1] ^ 1]))
        assert verify(site, keys()).exit_code == 1, path
        edit(site, path, line[:-1] + bytes([line[-1] ^ 1]), line)
    assert verify(site, keys()).exit_code == 0


def test_every_other_change_is_found_by_rendering_the_run_again(site: Path, pristine: Path) -> None:
    """With the run, a byte that changed in any file is found, and so are missing and added ones, manifest or not."""
    run = pristine.parent / "run"
    derived = [path for path in tree(site) if path.split("/")[0] in {"decisions", "index.html", "v1", "assets"}]
    derived = [path for path in derived if not path.endswith(("v1/index.json", "v1/integrity.json"))]
    for path in derived:
        data = (site / path).read_bytes()
        (site / path).write_bytes(data[:-1] + b"!")
    (site / "notes/added.html").write_bytes(b"")
    (site / "runtime/index.html").unlink()
    (site / "runtime/index.html").symlink_to(site / "index.html")
    (site / "findings/index.html").unlink()
    remanifest(site)
    report = verify(site, keys(), run=run)
    assert {"run"} <= failed(report)
    found = next(check for check in report.checks if check.name == "run")
    assert found.failed >= len(derived) + 4
    assert "they differ from byte" in said(report)
    assert verify(pristine, keys(), run=run).verdict == "ok"


def test_the_run_of_another_site(site: Path, tmp_path: Path) -> None:
    """A run that contradicts the site is found; so is one that went on, and a run that cannot be used is an error."""
    other = tiny_run(tmp_path / "other", 4)
    report = verify(site, keys(), run=other)
    assert failed(report) == {"run"}
    assert "cannot be rendered as this site" in said(report)
    grown = tiny_run(tmp_path / "grown", 10)
    assert failed(verify(site, keys(), run=grown)) == {"run"}
    (site / "log/audit-events/check.js").write_bytes(b"")
    remanifest(site)
    assert "run" in failed(verify(site, keys(), run=grown))
    with pytest.raises(InputError):
        verify(site, run=tmp_path / "none")


def test_a_missing_file(site: Path) -> None:
    """Every file is missed."""
    for path, data in tree(site).items():
        (site / path).unlink()
        assert refuses(site), path
        (site / path).write_bytes(data)


def test_missing_files_with_a_manifest_that_fits(site: Path) -> None:
    """An attacker cannot leave out a page, a tile, a checkpoint or a script, whatever the manifest says."""
    for path, data in tree(site).items():
        if path.startswith(("log/", "v1/observe/persistence/", "events/000", "snapshots/000", "v1/index.json")):
            (site / path).unlink()
            remanifest(site)
            is_derived = path.endswith(("summary.json", "paths.json", "by-type/index.json"))
            assert (verify(site, keys()).exit_code == 1) is not is_derived, path
            (site / path).write_bytes(data)


def test_added_files_and_folders(site: Path) -> None:
    """What the manifest does not list must not be there: files, empty folders, links, pipes."""
    outside = site.parent / "outside"
    outside.mkdir()
    adds: list[Callable[[Path], object]] = [
        lambda path: path.write_bytes(b"x"),
        lambda path: path.mkdir(),
        lambda path: path.symlink_to(site / "index.html"),
        lambda path: path.symlink_to(outside),
        lambda path: path.symlink_to("nowhere"),
        os.mkfifo,
        lambda path: os.link(site / "index.html", path),
    ]
    for folder in ("", "events", "log/audit-events/tile", "v1/observe"):
        for add in adds:
            added = site / folder / "added"
            add(added)
            report = verify(site)
            assert failed(report) == {"folder"}, added
            assert f"{folder}/added".lstrip("/") in said(report)
            added.rmdir() if added.is_dir() and not added.is_symlink() else added.unlink()


def test_added_files_with_a_manifest_that_fits(site: Path) -> None:
    """What the logs leave no place for is refused though it is listed: pages beyond the end, strange tiles."""
    log = "log/audit-events/"
    for path in (
        "events/000001.html",
        f"{EVENTS_JSON}/000001.json",
        "log/other/checkpoint",
        f"{log}notes.txt",
        f"{log}checkpoint.unsigned",
        f"{log}checkpoints/8",
        f"{log}checkpoints/x",
        f"{log}check/000001.js",
        f"{log}check/0.js",
        f"{log}check/x.js",
        f"{log}tile/0/000.p/8",
        f"{log}tile/0/001",
        f"{log}tile/9/000",
        f"{log}tile/entries/000.p/10",
        f"{log}tile/x",
    ):
        (site / path).parent.mkdir(exist_ok=True)
        (site / path).write_bytes(b"x")
        remanifest(site)
        assert verify(site, keys()).exit_code == 1, path
        (site / path).unlink()
        if path.startswith(("log/other", f"{log}tile/9")):
            (site / path).parent.rmdir()
    remanifest(site)
    assert verify(site, keys()).verdict == "ok"


def test_blobs_have_the_names_of_their_contents(tmp_path: Path) -> None:
    """A blob that the manifest lists with other bytes than its name says is refused, used or not."""
    site = publish(rich_run(tmp_path / "run"), tmp_path / "site")
    blob = max((site / "blob").iterdir(), key=lambda path: path.stat().st_size)
    data = blob.read_bytes()
    blob.write_bytes(data[:-1] + b"!")
    remanifest(site)
    assert {"manifest", "pages of audit-events"} <= failed(verify(site))
    blob.write_bytes(data[:-1])
    remanifest(site)
    assert {"manifest", "pages of audit-events"} <= failed(verify(site))
    blob.unlink()
    remanifest(site)
    assert "pages of audit-events" in failed(verify(site))


def reshard(site: Path, change: Callable[[list[FileEntry]], list[FileEntry]], name: str = "manifest/root.json") -> None:
    """Change the rows of a shard, and let manifest.json fit."""
    path = site / name
    files = tuple(change(list(decode_shard(path.read_bytes()))))
    path.write_bytes(encode(msgspec.to_builtins(ManifestShard(1, files))))
    relist(site, name)


def relist(site: Path, name: str, new_name: str | None = None) -> None:
    """Let manifest.json list the shard as it is now, under another name perhaps."""
    (site / name).rename(site / (new_name or name))
    manifest = decode_manifest((site / "manifest.json").read_bytes())
    data = (site / (new_name or name)).read_bytes()
    count = len(msgspec.json.decode(data)["files"])
    row = ShardEntry(new_name or name, sha256(data).hexdigest(), len(data), count)
    rows = tuple(row if old.path == name else old for old in manifest.shards)
    changed = msgspec.structs.replace(manifest, shards=rows, files=sum(one.files for one in rows))
    (site / "manifest.json").write_bytes(encode(msgspec.to_builtins(changed)))


def test_manifests_that_are_not_written_as_ours(site: Path) -> None:
    """Order, place, totals and spelling of a manifest are what its files make of it."""
    clean = tree(site)
    changes: list[Callable[[], object]] = [
        lambda: reshard(site, lambda rows: rows[::-1]),
        lambda: reshard(site, lambda rows: [*rows, rows[-1]]),
        lambda: reshard(site, lambda rows: rows[:0]),
        lambda: reshard(site, lambda rows: [*rows, FileEntry("events/000000.html", "0" * 64, 1)]),
        lambda: reshard(site, lambda rows: [*rows, FileEntry("zz/../zz", "0" * 64, 1)]),
        lambda: relist(site, "manifest/root.json", "manifest/zzz.json"),
        lambda: edit_manifest(site, b'"bytes":', b'"bytes":1'),
        lambda: edit_manifest(site, b'"version":1,', b'"version":2,'),
        lambda: edit_manifest(site, b'"generator":"replayglass"', b'"generator":"other"'),
        lambda: edit_manifest(site, b'"version":1,', b'"version": 1,'),
        lambda: edit_manifest(site, b'"files":', b'"files":1', 2),
        lambda: edit_manifest(site, b'"path":"manifest/root.json"', b'"path":"root.json"'),
    ]
    for change in changes:
        change()
        report = verify(site, keys())
        assert "manifest" in failed(report)
        assert report.exit_code == 1
        for path in set(tree(site)) - set(clean):
            (site / path).unlink()
        for path, data in clean.items():
            (site / path).write_bytes(data)
    assert verify(site, keys()).verdict == "ok"


def edit_manifest(site: Path, old: bytes, new: bytes, which: int = 1) -> None:
    """Replace the first or another occurrence of some bytes in manifest.json."""
    parts = (site / "manifest.json").read_bytes().split(old, which)
    (site / "manifest.json").write_bytes(old.join(parts[:-1]) + new + parts[-1])


def test_there_must_be_a_manifest(site: Path) -> None:
    """A folder without one is no site; one that is a link is none either."""
    (site / "manifest.json").rename(site / "other.json")
    with pytest.raises(InputError, match="not a site"):
        open_site(str(site))
    (site / "manifest.json").symlink_to("other.json")
    with pytest.raises(InputError, match="not a site"):
        open_site(str(site))
