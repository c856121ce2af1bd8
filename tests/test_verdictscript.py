"""The verdict that all pages load: what it says, and that it stays plain data."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass.findings import verdict
from replayglass.record import Severity
from replayglass.verdictscript import PATH, verdict_script
from sites import AUDIT, PAPER, SAMPLE, build, command, copy, make_run, records, tree

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = st.integers(0, 3) | st.integers(0, 10**9)


def _data(script: bytes) -> dict[str, str]:
    data: dict[str, str] = json.loads(script.removeprefix(b"replayglass.verdict(").removesuffix(b");\n"))
    return data


@given(COUNTS, COUNTS, COUNTS, st.none() | st.integers(0) | st.text())
def test_the_script_is_one_call_with_plain_data(
    errors: int, warnings: int, infos: int, as_of: int | str | None
) -> None:
    """Whatever it is made of, the script is one line that calls one function, with nothing that ends a script."""
    by_severity = {Severity.ERROR: errors, Severity.WARNING: warnings, Severity.INFO: infos}
    script = verdict_script(by_severity, as_of)
    assert script.startswith(b"replayglass.verdict({")
    assert script.count(b"\n") == 1
    assert not set("<>&\u2028\u2029") & set(script.decode())
    data = _data(script)
    assert (data["text"], data["tone"]) == verdict(by_severity)
    assert (f"{errors:,} error" in data["short"]) == (errors > 0)
    assert (f"{warnings:,} warning" in data["short"]) == (warnings > 0)
    assert (data["short"] == "Clean") == (errors == warnings == 0)
    assert as_of is None or f" {as_of}." in data["when"]


def test_a_site_says_what_was_found(tmp_path: Path) -> None:
    """Each publication writes the verdict anew; no full page changes with it."""
    lines = records(PAPER / "small" / AUDIT)
    run = make_run(tmp_path / "run", b"\n".join([*lines * 2, b""]))
    folder = build(run, tmp_path / "site").folder
    before = tree(folder)
    assert _data(before[PATH])["tone"] == "bad", "events that are repeated"
    with (run / AUDIT).open("ab") as file:
        file.write(b"no json\n")
    again = build(run, tmp_path / "site")
    assert again.folder == folder
    after = tree(folder)
    assert after[PATH] != before[PATH]
    assert after["events/000000.html"] == before["events/000000.html"]


@pytest.mark.parametrize("damage", [None, b"", b"replayglass.verdict({});\n", b"x" * 5000])
def test_verify_reads_the_verdict(tmp_path: Path, damage: bytes | None) -> None:
    """A verdict that is missing, or is not what the site counts, is an error of the site."""
    site = build(copy(SAMPLE, tmp_path / "run"), tmp_path / "site").folder
    assert command("verify", site).exit_code == 0
    if damage is None:
        (site / PATH).unlink()
    else:
        (site / PATH).write_bytes(damage)
    answer = command("verify", site)
    assert answer.exit_code == 1
    assert PATH in answer.stdout
    shutil.rmtree(site)
