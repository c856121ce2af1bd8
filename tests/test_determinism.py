"""The same run and options give the same bytes, wherever, whenever and by whichever Python they are built."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zstandard

from sites import AUDIT, PAPER, REPO, SAMPLE, SNAPSHOTS, build, command, installed, make_run, records, tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from sites import Site, Tree

pytestmark = pytest.mark.no_cover

GOLDEN = REPO / "tests" / "golden" / "sample"

SURROUNDINGS: dict[str, dict[str, str]] = {
    "hash seed 0": {"PYTHONHASHSEED": "0"},
    "hash seed 4711": {"PYTHONHASHSEED": "4711"},
    "time zone": {"TZ": "Asia/Kathmandu"},
    "C locale": {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "Turkish locale": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "LANGUAGE": "tr"},
    "optimised": {"PYTHONOPTIMIZE": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    "names of the user and the host": {"USER": "somebody", "HOME": "/nonexistent", "HOSTNAME": "elsewhere"},
}


@pytest.fixture(scope="session")
def sample(site_of: Callable[[Path], Site]) -> Tree:
    """Return the sample's site as it is built in this process."""
    return site_of(SAMPLE).tree()


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_surroundings_do_not_show(name: str, tmp_path: Path, sample: Tree) -> None:
    """Hash seed, time zone, locale, optimisation and user change no byte."""
    answer = installed("build", SAMPLE, "--out", tmp_path / "site", environment=SURROUNDINGS[name])
    assert answer.exit_code == 0, answer.stderr
    assert tree(tmp_path / "site") == sample


def test_paths_do_not_show(tmp_path: Path, sample: Tree) -> None:
    """Relative or absolute, through a link or with dots, from any working directory, with any output folder."""
    shutil.copytree(SAMPLE, tmp_path / "a" / "run")
    (tmp_path / "link").symlink_to("a/run")
    ways = {
        tmp_path: ("a/run", "one"),
        tmp_path / "a": ("run/", "../two"),
        tmp_path / "a" / "run": (".", "../../three"),
        REPO: (str(tmp_path / "link"), str(tmp_path / "deep" / "four")),
        Path("/"): (str(tmp_path / "a" / "run" / "notes" / ".."), str(tmp_path / "five")),
    }
    for folder, (run, out) in ways.items():
        assert installed("build", run, "--out", out, cwd=folder).exit_code == 0
        assert tree(folder / out) == sample


def test_the_order_of_a_folder_does_not_show(tmp_path: Path, sample: Tree) -> None:
    """Files made in another order, with other times and modes, are the same run."""
    for path in sorted(SAMPLE.rglob("*"), reverse=True):
        if path.is_file():
            copy = tmp_path / "run" / path.relative_to(SAMPLE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
            copy.chmod(0o400)
            os.utime(copy, (1, 1))
    assert build(tmp_path / "run", tmp_path / "site").tree() == sample


def interpreters(folder: Path) -> dict[str, list[str]]:
    """Return the command under each Python of REPLAYGLASS_PYTHONS, set up where it is not yet."""
    commands = {}
    for python in os.environ.get("REPLAYGLASS_PYTHONS", "").split():
        asked = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        version = subprocess.run(asked, capture_output=True, check=True, text=True).stdout.strip()
        home = folder / f".venv-{version}"
        own = str(home / "bin" / "python")
        if not (home / "bin" / "replayglass").exists():
            subprocess.run([python, "-m", "venv", home], check=True)
            quietly = ["-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
            subprocess.run(
                [own, *quietly, "--constraint", "constraints.txt", "--editable", "."], cwd=folder, check=True
            )
        commands[version] = [own, "-m", "replayglass"]
    return commands


def test_every_python_builds_the_same(tmp_path: Path, sample: Tree) -> None:
    """This Python and all others that are there build the golden site, which one of them once built."""
    expected = {path: data for path, data in tree(GOLDEN).items() if path != "assets.txt"}
    assert {path: data for path, data in sample.items() if not path.startswith("assets/")} == expected
    commands = {"this": [sys.executable, "-m", "replayglass"], **interpreters(REPO)}
    for name, words in commands.items():
        subprocess.run([*words, "build", SAMPLE, "--out", tmp_path / name], check=True, capture_output=True)
        assert tree(tmp_path / name) == sample


def marks(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return inode, time and mode of everything in a folder, of the folder too."""
    paths = [folder, *folder.rglob("*")]
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns, path.stat().st_mode) for path in paths}


def test_building_again_touches_nothing(tmp_path: Path) -> None:
    """A second build into the same folder writes no file again: inodes and times stay."""
    build(SAMPLE, tmp_path / "site")
    before = marks(tmp_path / "site")
    again = build(SAMPLE, tmp_path / "site")
    assert marks(tmp_path / "site") == before
    assert again.answer.json["changed"] == 0


@pytest.fixture(scope="module")
def damaged_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of many pages with a damaged line on the second one."""
    run = tmp_path_factory.mktemp("long") / "run"
    assert command("simulate", "paper", "--events", "2000", "--seed", "5", "--out", run).exit_code == 0
    lines = records(run / AUDIT)
    lines[300] = b"not JSON"
    return make_run(run, b"\n".join([*lines, b""]))


@pytest.mark.parametrize("count", [1, 255, 256, 257, 700, 1024])
def test_a_grown_log_is_built_as_if_at_once(count: int, damaged_run: Path, tmp_path: Path) -> None:
    """A site of the first records, built again from the grown log, is the site of the whole log, byte for byte.

    But for the checkpoint that it published before, what that needs, and what counts these files.
    """
    lines, run = records(damaged_run / AUDIT), tmp_path / "run"
    shutil.copytree(damaged_run, run)
    site = build(make_run(run, b"\n".join([*lines[:count], b""])), tmp_path / "site")
    first, full = site.tree(), full_pages(site)
    grown = build(make_run(run, b"\n".join([*lines, b""])), tmp_path / "site")
    whole = build(damaged_run, tmp_path / "whole")
    more = {path for path in grown.tree().keys() - whole.tree().keys() if not path.startswith("manifest/")}
    assert more <= {path for path in first if "/tile/" in path or "/checkpoints/" in path}
    assert any(path.endswith(f"/checkpoints/{count}.unsigned") for path in more) == (count < len(lines))
    counting = ("manifest", "integrity/index.html", "v1/integrity.json")
    assert {
        path: data for path, data in grown.tree().items() if path not in more and not path.startswith(counting)
    } == {path: data for path, data in whole.tree().items() if not path.startswith(counting)}
    assert len(full) >= 4 * (count // 256)
    assert [path for path in full if first[path] != whole.tree()[path]] == []


def full_pages(site: Site) -> list[str]:
    """Return the pages, HTML, JSON and scripts, that have a next one."""
    folders = {Path(path).parent for path in site.tree() if path.endswith(("/000000.json", "/000000.html"))}
    pages = []
    for folder in folders - {folder for folder in folders if folder.parts[0] == "manifest"}:
        for kind in ("html", "js", "json"):
            names = sorted(path.relative_to(site.folder) for path in (site.folder / folder).glob(f"[0-9]*.{kind}"))
            pages += [name.as_posix() for name in names[:-1]]
    return pages


def test_the_form_of_the_files_does_not_show(tmp_path: Path) -> None:
    """Plain, gzip, zstd and rotated segments of one log differ in nothing but what is said of the files themselves."""
    log = PAPER / "bad" / "invalid_utf8"
    data = {place: (log / place).read_bytes() for place in (AUDIT, SNAPSHOTS)}
    for place, content in data.items():
        for kind in ("plain", "gzip", "zstd", "rotated"):
            (tmp_path / kind / place).parent.mkdir(parents=True)
        (tmp_path / "plain" / place).write_bytes(content)
        (tmp_path / "gzip" / (place + ".gz")).write_bytes(gzip.compress(content))
        (tmp_path / "zstd" / (place + ".zst")).write_bytes(zstandard.compress(content))
    cut = data[AUDIT].index(b"\n", 20_000) + 1
    (tmp_path / "rotated" / AUDIT).write_bytes(data[AUDIT][cut:])
    (tmp_path / "rotated" / AUDIT.replace(".ndjson", ".1.ndjson.gz")).write_bytes(gzip.compress(data[AUDIT][:cut]))
    (tmp_path / "rotated" / SNAPSHOTS).write_bytes(data[SNAPSHOTS])
    plain = build(tmp_path / "plain", tmp_path / "plain site").tree()
    for kind in ("gzip", "zstd", "rotated"):
        site = build(tmp_path / kind, tmp_path / f"{kind} site").tree()
        differing = {path for path in site.keys() | plain.keys() if site.get(path) != plain.get(path)}
        assert differing <= {
            "findings/000000.html",  # names the segment
            "v1/findings/pages/000000.json",
            "runtime/index.html",  # names the file and its size
            "v1/observe/persistence/paths.json",
            *(path for path in site if path.startswith("manifest")),
        }
