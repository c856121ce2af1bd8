"""The action and the workflows of docs/publishing: they parse, name what exists, and their scripts do what is said."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import pytest
import yaml

from replayglass.cli import main
from sites import AUDIT, REPO, SMALL, copy, make_run, records

if TYPE_CHECKING:
    from collections.abc import Iterator

ACTION = yaml.safe_load((REPO / "action.yml").read_text(encoding="utf-8"))
PUBLISHING = REPO / "docs" / "publishing"
GIT = (str(which("git")), "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
RUNNER = ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "RUNNER_TEMP")
FOREIGN = {"--quiet", "--depth", "--detach", "--disable-pip-version-check"}
"""Options of git and pip in the scripts."""


def blocks(name: str, language: str) -> list[str]:
    """Return the code blocks of a document."""
    text = (PUBLISHING / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


WORKFLOW = yaml.safe_load(blocks("github.md", "yaml")[1])
GITLAB = yaml.safe_load(blocks("gitlab.md", "yaml")[0])
SHELL = blocks("shell.md", "sh")[0]


def steps() -> Iterator[dict[str, Any]]:
    """Give every step of the action and of the workflows."""
    yield from ACTION["runs"]["steps"]
    yield from yaml.safe_load(blocks("github.md", "yaml")[0])
    yield from chain.from_iterable(job["steps"] for job in WORKFLOW["jobs"].values())


def step(name: str) -> dict[str, Any]:
    """Return the step of that name."""
    return next(one for one in steps() if one.get("name") == name)


def gitlab(job: str) -> str:
    """Return the script of a job: GitLab runs its entries one after the other in one shell."""
    return "\n".join(GITLAB[job]["script"])


class Ran(NamedTuple):
    """What a script did: its exit code, what it printed, the files that GitHub reads afterwards."""

    code: int
    said: str
    summary: str
    output: str


def ran(script: str, folder: Path, **environment: str | Path) -> Ran:
    """Run a script as a runner does; the installed command stands for the step that installs it."""
    files = {name: folder / f".{name}" for name in RUNNER[:2]}
    for file in files.values():
        file.touch()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    given = {**os.environ, "PATH": path, "RUNNER_TEMP": folder / ".tmp", **files, **environment}
    done = subprocess.run(
        [str(which("bash")), "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={key: str(value) for key, value in given.items()},
        capture_output=True,
        check=False,
    )
    summary, output = (file.read_text() for file in files.values())
    return Ran(done.returncode, (done.stdout + done.stderr).decode(), summary, output)


def test_nothing_of_a_workflow_is_pasted_into_a_script() -> None:
    """Inputs and names of branches reach a shell as environment variables only; else they would be run."""
    for one in steps():
        assert "${{" not in one.get("run", ""), one
        used = set(re.findall(r"\$\{?([A-Z_]+)", one.get("run", ""))) - set(one.get("env", {}))
        assert used <= {*RUNNER, "GITHUB_ACTION_PATH", "GITHUB_PATH"}, one


def test_what_they_name_exists() -> None:
    """Every option is one of a command, every input and output one of the action, every input of it is documented."""
    scripts = "\n".join([*(one.get("run", "") for one in steps()), gitlab("replay"), gitlab("compare"), SHELL])
    context = click.Context(main)
    commands = {name: main.get_command(context, name) for name in main.list_commands(context)}
    named = set(re.findall(r"^\s*(?:- )?replayglass (\w+)", scripts, re.MULTILINE))
    assert named == {"build", "verify"}
    known = {option for name in named for parameter in commands[name].params for option in parameter.opts}  # type: ignore[union-attr]
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", scripts)) <= known | FOREIGN
    inputs, expressions = set(ACTION["inputs"]), str(ACTION["runs"])
    assert set(re.findall(r"inputs\.([a-z-]+)", expressions)) == inputs
    for one in steps():
        if one.get("uses", "").startswith("replayglass/"):
            assert one["with"].keys() <= inputs
    said = (PUBLISHING / "github.md").read_text(encoding="utf-8")
    assert set(re.findall(r"outputs\.([a-z-]+) <", said)) == set(ACTION["outputs"])
    table = "\n".join(line for line in said.splitlines() if line.startswith("| `"))
    assert inputs <= set(re.findall(r"`([a-z-]+)`", table))


def test_every_script_is_one() -> None:
    """The shell can parse each, those that install something included; the one for any shell is one for sh."""
    installing = ["\n".join(GITLAB[job]["before_script"]) for job in ("replay", "compare")]
    scripts = [("bash", script) for script in [*(one["run"] for one in steps() if "run" in one), *installing]]
    for shell, script in [*scripts, ("sh", SHELL), ("sh", gitlab("compare"))]:
        words = [str(which(shell)), "-n"]
        assert subprocess.run(words, input=script.encode(), capture_output=True, check=False).returncode == 0


def test_the_action_builds_reports_and_fails(tmp_path: Path) -> None:
    """A damaged run leaves site, reports, summary and annotations; the last step fails with the command's exit code."""
    copy(REPO / "samples" / "flow-diverged", tmp_path / "-run")
    environment = {"RUN": "-run", "SITE": "site", "REPORTS": "reports", "FAIL_ON": "error", "SITE_URL": "", "KEY": ""}
    build = ran(step("Build the site and its reports")["run"], tmp_path, **environment)
    assert (build.code, build.output) == (0, "exit-code=1\n")
    assert build.summary == (tmp_path / "reports" / "summary.md").read_text()
    assert "::error file=-run/flow/decisions.ndjson,line=15," in build.said
    assert (tmp_path / "site" / "index.html").is_file()
    assert (tmp_path / "reports" / "junit.xml").is_file()
    assert (tmp_path / "reports" / "findings.sarif").is_file()
    assert ran(step("Fail on findings")["run"], tmp_path, CODE="1").code == 1
    broken = ran(step("Build the site and its reports")["run"], tmp_path, **environment | {"KEY": "$(touch hacked)"})
    assert (broken.code, broken.output[-12:]) == (0, "exit-code=2\n")
    assert not (tmp_path / "reports" / "summary.md").exists()
    assert not (tmp_path / "hacked").exists()


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clone in which a run has more events than on ``main`` of its origin, and its site, public/."""
    folder = tmp_path_factory.mktemp("work")
    lines = [line + b"\n" for line in records(SMALL / AUDIT)]
    origin = folder / "origin"
    run = make_run(origin / "runs" / "today", b"".join(lines[:60]), config='origin = "example.org/run"\n')
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "Half of a run"], ["checkout", "-qb", "edited"]):
        subprocess.run([*GIT, *words], cwd=origin, check=True)
    make_run(run, b"".join(lines[5:60]))
    for words in (["commit", "-qam", "Another half"], ["checkout", "-q", "main"], ["clone", "-q", ".", "../clone"]):
        subprocess.run([*GIT, *words], cwd=origin, check=True)
    make_run(folder / "clone" / "runs" / "today", b"".join(lines))
    built = ran(gitlab("replay"), folder / "clone", RUN="runs/today", CI_PAGES_URL="https://example.org/x")
    assert built.code == 0, built.said
    return folder / "clone"


def test_a_pull_request_is_compared_with_its_base(work: Path) -> None:
    """Appended events pass; a base branch with other events fails with 3; one without the run passes."""
    script = step("Compare with the base branch")["run"]
    environment: dict[str, str | Path] = {"BASE": "main", "RUN": "runs/today", "SITE": "public"}
    passed = ran(script, work, **environment)
    assert passed.code == 0, passed.said
    assert "since" in passed.said
    missing = ran(script, work, **environment | {"RUN": "runs/other"})
    assert (missing.code, missing.said) == (0, "The base branch does not have this run yet.\n")
    failed = ran(script, work, **environment | {"BASE": "edited", "RUNNER_TEMP": work / ".other"})
    assert failed.code == 3, failed.said
    assert "INCONSISTENT" in failed.said


def test_gitlab_builds_and_compares(work: Path) -> None:
    """The job leaves public/ and the reports; the comparison with the target branch passes for appended events."""
    assert b"(https://example.org/x/index.html)" in (work / "reports" / "summary.md").read_bytes()
    compare = ran(gitlab("compare"), work, RUN="runs/today", CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")
    assert compare.code == 0, compare.said
    assert ran(gitlab("pages"), work).code == 0
    assert set(GITLAB["replay"]["artifacts"]["paths"]) == {"public", "reports"}
    assert GITLAB["replay"]["artifacts"]["reports"]["junit"] == "reports/junit.xml"


def test_the_shell_script_keeps_checkpoints(tmp_path: Path) -> None:
    """It builds (1: a warning), verifies against what it kept, keeps the newest; a rewritten log is refused with 3."""
    run = tmp_path / "runs" / "today"
    lines = [line + b"\n" for line in records(SMALL / AUDIT)]
    make_run(run, b"".join(lines[:60]))
    first = ran(SHELL, tmp_path)
    assert first.code == 1, first.said
    assert "findings: see out/summary.md" in first.said
    make_run(run, b"".join(lines))
    second = ran(SHELL, tmp_path)
    assert second.code == 0, second.said
    assert "clean" in second.said
    assert "since" in second.said
    assert (tmp_path / "out" / "kept" / "audit-events.checkpoint").is_file()
    make_run(run, b"".join(lines[1:]))
    assert ran(SHELL, tmp_path).code == 3
