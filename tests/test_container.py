"""The container: its file is checked step by step, as far as that can be done without an engine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING
from zipfile import ZipFile

from sites import REPO, SAMPLE, command

if TYPE_CHECKING:
    from pathlib import Path

DOCKERFILE = (REPO / "Dockerfile").read_text()
STEPS = [line.split(maxsplit=1) for line in DOCKERFILE.replace("\\\n", " ").splitlines() if line and line[0] != "#"]


def test_wheel_from_what_is_copied(tmp_path: Path) -> None:
    """The wheel is built from nothing but the files that are copied, which the context lets through."""
    ignored = (REPO / ".dockerignore").read_text().splitlines()
    sources = [words.split()[:-1] for step, words in STEPS if step == "COPY"]
    names = {name for row in sources for name in row}
    assert ignored[0] == "*"
    assert names == {line[1:] for line in ignored if line.startswith("!")}
    for name in names - {"constraints.txt"}:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        copy = shutil.copytree if (REPO / name).is_dir() else shutil.copy
        copy(REPO / name, tmp_path / name)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "out"],
        cwd=tmp_path,
        env={**os.environ, "SOURCE_DATE_EPOCH": "315532800"},
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "out").iterdir()
    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.startswith("replayglass-")}
        entries = next(archive.read(name).decode() for name in archive.namelist() if name.endswith("entry_points.txt"))
    included = tomllib.loads((REPO / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(included["only-include"]) == {"engine/replayglass", "site_templates", "docs/findings.md"}
    files = (path for path in (REPO / "engine").rglob("*") if path.is_file() and path.suffix != ".pyc")
    engine = {path.relative_to(REPO / "engine").as_posix() for path in files}
    templates = (path for path in (REPO / "site_templates").rglob("*") if path.is_file())
    others = {path.relative_to(REPO).as_posix() for path in templates} | {"docs/findings.md"}
    assert held == engine | {f"replayglass/{name}" for name in others}
    assert "replayglass = replayglass.cli:main" in entries


def test_how_it_runs() -> None:
    """It runs the command as a user who is a number, with extras that exist, on a slim Python that is supported."""
    said = dict(STEPS)
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    assert said["ENTRYPOINT"] == '["replayglass"]'
    assert re.fullmatch(r"[1-9][0-9]+:[1-9][0-9]+", said["USER"])
    (extras,) = re.findall(r"\.whl\)\[([a-z0-9,]+)\]", said["RUN"])
    assert set(extras.split(",")) <= project["optional-dependencies"].keys()
    images = {words.split()[0] for step, words in STEPS if step == "FROM"}
    (version,) = {re.fullmatch(r"python:(3\.[0-9]+)-slim", image)[1] for image in images}  # type: ignore[index]
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]


def test_only_the_mounted_folder_is_written(tmp_path: Path) -> None:
    """A build writes inside the mounted folder alone: the site, and its state beside it."""
    out = tmp_path / "out"
    out.mkdir()
    assert command("build", SAMPLE, "--out", out / "site").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert {path.name for path in out.iterdir()} <= {"site", ".site.state"}
