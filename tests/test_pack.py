"""A packed site: the same site gives the same bytes, `verify` reads it as it is, and refuses what could do harm."""

from __future__ import annotations

import shutil
import stat
import struct
from typing import TYPE_CHECKING
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replayglass.errors import InputError
from replayglass.pack import pack
from replayglass.verify import zipped
from sites import AUDIT, SAMPLE, build, command, make_run, records, tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small site, which no test changes."""
    folder = tmp_path_factory.mktemp("packed")
    run = make_run(folder / "run", b"\n".join([*records(SAMPLE / AUDIT)[:3], b""]))
    return build(run, folder / "site").folder


@pytest.fixture(scope="module")
def packed(site: Path) -> Path:
    """Return the archive of that site."""
    out = site.with_name("site.zip")
    assert command("pack", site, out).exit_code == 0
    return out


def test_same_bytes(site: Path, packed: Path, tmp_path: Path) -> None:
    """The archive depends on the files alone: order, times and modes on disk do not show, nothing is compressed."""
    copied = tmp_path / "copy"
    for path, data in reversed(tree(site).items()):
        (copied / path).parent.mkdir(parents=True, exist_ok=True)
        (copied / path).write_bytes(data)
        (copied / path).chmod(0o600)
    answer = command("pack", copied, tmp_path / "again.zip", "--json").json
    assert (tmp_path / "again.zip").read_bytes() == packed.read_bytes()
    assert (answer["files"], answer["bytes"]) == (len(tree(site)), packed.stat().st_size)
    with ZipFile(packed) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == tree(site)
        assert archive.namelist() == sorted(tree(site))
        said = {(info.date_time, info.external_attr >> 16, info.compress_type) for info in archive.infolist()}
    assert said == {((1980, 1, 1, 0, 0, 0), stat.S_IFREG | 0o644, ZIP_STORED)}


def test_verify_reads_it(site: Path, packed: Path, tmp_path: Path) -> None:
    """`verify` says of an archive what it says of the folder, also when somebody else compressed it."""
    said = command("verify", site)
    assert command("verify", packed) == said
    deflated = tmp_path / "deflated.zip"
    with ZipFile(deflated, "w", ZIP_DEFLATED) as archive:
        for path in sorted(site.rglob("*")):
            archive.write(path, path.relative_to(site))
    assert command("verify", deflated).stdout == said.stdout
    with ZipFile(deflated, "a") as archive:
        archive.mkdir("empty")
        archive.writestr("events/stray.html", b"")
    answer = command("verify", deflated)
    assert answer.exit_code == 1
    assert "empty/ is an empty folder" in answer.stdout
    assert "events/stray.html is not in the manifest" in answer.stdout
    with ZipFile(deflated, "w") as archive:
        for name, data in tree(site).items():
            if "/checkpoints/" not in name:
                archive.writestr(name, data)
    assert "log/audit-events/checkpoints cannot be read: no such folder" in command("verify", deflated).stdout


@pytest.mark.parametrize("spoil", ["changed", "stray", "missing", "manifest"])
def test_only_what_the_manifest_says(site: Path, tmp_path: Path, spoil: str) -> None:
    """A folder that is not exactly what its manifest lists is not packed, and no archive appears."""
    folder = tmp_path / "site"
    shutil.copytree(site, folder)
    if spoil == "missing":
        (folder / "index.html").unlink()
    else:
        path = {"changed": "index.html", "stray": "stray.html", "manifest": "manifest.json"}[spoil]
        with (folder / path).open("ab") as file:
            file.write(b" ")
    (tmp_path / "out.zip").write_bytes(b"before")
    answer = command("pack", folder, tmp_path / "out.zip")
    assert answer.exit_code == 2
    assert "is not what its manifest says" in answer.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.zip", "site"]
    assert (tmp_path / "out.zip").read_bytes() == b"before"


@pytest.mark.parametrize(
    "spoil", [lambda path: path.write_bytes(b" " * path.stat().st_size), lambda path: path.unlink()]
)
def test_a_site_that_changes(site: Path, tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    """A file that changes while it is packed ends that, and leaves nothing."""
    folder = tmp_path / "site"
    shutil.copytree(site, folder)

    def announce(stage: str, _records: int) -> None:
        if stage == "archive":
            spoil(folder / "index.html")

    with pytest.raises(InputError, match=r"index\.html"):
        pack(folder, tmp_path / "out.zip", announce)
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_where_it_is_written(site: Path, tmp_path: Path) -> None:
    """The archive replaces a link instead of following it, is no file of the site, and needs its folder."""
    (tmp_path / "kept").write_bytes(b"kept")
    (tmp_path / "out.zip").symlink_to("kept")
    assert command("pack", site, tmp_path / "out.zip").exit_code == 0
    assert not (tmp_path / "out.zip").is_symlink()
    assert (tmp_path / "kept").read_bytes() == b"kept"
    for out, reason in ((site / "out.zip", "file of the site"), (tmp_path / "no" / "out.zip", "cannot be written")):
        answer = command("pack", site, out)
        assert (answer.exit_code, reason in answer.stderr) == (2, True)
    assert not (site / "out.zip").exists()


def one(name: str, data: bytes = b"x", kind: int = stat.S_IFREG, method: int = ZIP_STORED) -> tuple[ZipInfo, bytes]:
    """Return an entry of an archive."""
    info = ZipInfo(name)
    info.external_attr = (kind | 0o644) << 16
    info.compress_type = method
    return info, data


def archive_of(path: Path, *entries: tuple[ZipInfo, bytes]) -> bytes:
    """Write an archive with a manifest and these entries; return its bytes."""
    with ZipFile(path, "w") as archive:
        for info, data in (one("manifest.json"), *entries):
            archive.writestr(info, data)
    return path.read_bytes()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([one("../x")], "not a path"),
        ([one("/etc/x")], "not a path"),
        ([one("a/./x")], "not a path"),
        ([one("a//x")], "not a path"),
        ([one("a b")], "not a path"),
        ([one("C:x")], "not a path"),
        ([one("x"), one("x")], "two entries"),
        ([one("x"), one("x/y")], "name of a folder"),
        ([one("x", kind=stat.S_IFLNK)], "link or a device"),
        ([one("x", kind=stat.S_IFIFO)], "link or a device"),
        ([one("x/", b"", kind=stat.S_IFREG)], "link or a device"),
        ([one("x/", b"data", kind=stat.S_IFDIR)], "folder with content"),
        ([one("x", method=ZIP_BZIP2)], "another method"),
        ([one("x", bytes(1 << 25), method=ZIP_DEFLATED)], "times as large"),
    ],
)
def test_harmful_archives(tmp_path: Path, entries: list[tuple[ZipInfo, bytes]], reason: str) -> None:
    """An archive that could do harm is refused in a sentence (exit 2), and nothing is written."""
    archive_of(tmp_path / "bad.zip", *entries)
    answer = command("verify", tmp_path / "bad.zip")
    assert answer.exit_code == 2
    assert "is refused" in answer.stderr
    assert reason in answer.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bad.zip"]


@pytest.mark.parametrize(
    ("offset", "value", "reason"),
    [
        (8, 1, "is encrypted"),
        (20, 7, "two sizes"),
        (42, 0, "overlaps"),
    ],
)
def test_edited_directory(tmp_path: Path, offset: int, value: int, reason: str) -> None:
    """What the directory claims is looked at before anything is read: encryption, sizes, places."""
    data = bytearray(archive_of(tmp_path / "bad.zip", one("x")))
    entry = data.rindex(b"PK\x01\x02")
    struct.pack_into("<H" if offset == 8 else "<I", data, entry + offset, value)
    (tmp_path / "bad.zip").write_bytes(data)
    answer = command("verify", tmp_path / "bad.zip")
    assert (answer.exit_code, reason in answer.stderr) == (2, True), answer.stderr


def test_backslashes(tmp_path: Path) -> None:
    """A name with a backslash is no path of a site."""
    data = archive_of(tmp_path / "bad.zip", one("a|b")).replace(b"a|b", b"a\\b")
    (tmp_path / "bad.zip").write_bytes(data)
    answer = command("verify", tmp_path / "bad.zip")
    assert (answer.exit_code, "not a path" in answer.stderr) == (2, True)


def test_no_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no archive, has a directory beyond all bounds, or holds no site, is refused in a sentence."""
    (tmp_path / "x.zip").write_bytes(b"PK" * 100)
    assert "neither the folder of a site nor" in command("verify", tmp_path / "x.zip").stderr
    with ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("site/manifest.json", b"{}")
    assert "it has no manifest.json" in command("verify", tmp_path / "x.zip").stderr
    monkeypatch.setattr(zipped, "MAX_DIRECTORY", 50)
    assert "neither the folder of a site nor" in command("verify", tmp_path / "x.zip").stderr
    answer = command("verify", "/proc/self/mem")
    assert (answer.exit_code, "cannot be read" in answer.stderr) == (2, True)


@settings(max_examples=40)
@given(st.data())
def test_any_damage(packed: Path, data: st.DataObject) -> None:
    """Whatever byte is changed, there is an answer: exit 0 to 2, never an exception."""
    bad = packed.with_name("bad.zip")
    whole = bytearray(packed.read_bytes())
    start = whole.index(b"PK\x01\x02") if data.draw(st.booleans()) else 0
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(start, len(whole) - 1))] = data.draw(st.integers(0, 255))
    bad.write_bytes(whole)
    assert command("verify", bad).exit_code in {0, 1, 2}
