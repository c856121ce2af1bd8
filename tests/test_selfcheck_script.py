"""The scripts that a page checks itself with hold plain data, safely."""

from __future__ import annotations

import json
import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass.logscript import Head, check_path, check_script, group_path, group_script, scripts_of_group
from replayglass.proof.growth import Edge

HASHES = [sha256(bytes([number])).digest() for number in range(256)]
LIMIT = 512 * 1024
HOSTILE = "</script><!--\u2028\u2029&\"'\\\n\ud800\x00"


def _arguments(script: bytes, function: str) -> list[object]:
    """Return the arguments of a script that is one call."""
    text = script.decode()
    begin, end = f"replayglass.{function}(", ");\n"
    assert text.startswith(begin)
    assert text.endswith(end)
    found: list[object] = json.loads(f"[{text[len(begin) : -len(end)]}]")
    return found


def test_the_scripts_say_what_they_are_given() -> None:
    """A script is one call with the stream's name and the data as JSON; hashes are in hex."""
    head = Head(
        "example.org/log/audit-events", 65_536 + 256 + 1, HASHES[0], is_signed=True, checkpoint="a\nb\n", key="k"
    )
    stream, data = _arguments(check_script("audit-events", head, Edge([HASHES[3]], [HASHES[2]], [HASHES[1]])), "log")
    assert stream == "audit-events"
    assert data == {
        "origin": "example.org/log/audit-events",
        "size": 65_793,
        "root": HASHES[0].hex(),
        "signed": True,
        "checkpoint": "a\nb\n",
        "key": "k",
        "level2": [HASHES[1].hex()],
        "edge1": [HASHES[2].hex()],
        "edge0": [HASHES[3].hex()],
    }
    script = group_script("snapshots", 3, HASHES)
    assert _arguments(script, "group") == ["snapshots", 3, [value.hex() for value in HASHES]]
    assert _arguments(group_script("snapshots", 4, []), "group") == ["snapshots", 4, []]


@given(st.one_of(st.text(), st.sampled_from([HOSTILE, "\ufeff", "]]>", "//", "*/"])))
def test_text_in_a_script_is_data(words: str) -> None:
    """No text of the configuration ends the script, opens markup or breaks a line; it is read back as it was."""
    script = check_script(
        "audit-events", Head(words, 0, HASHES[0], is_signed=False, checkpoint=words), Edge([], [], [])
    )
    assert not re.search("[<>&\u2028\u2029]", script.decode())
    assert script.count(b"\n") == 1
    data = _arguments(script, "log")[1]
    expected = words.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert isinstance(data, dict)
    assert (data["origin"], data["checkpoint"]) == (expected, expected)


@pytest.mark.parametrize("records", [100_000_000 - 1, 400_000_000 - 1])
def test_the_changing_script_stays_small(records: int) -> None:
    """Up to 400 million records it is smaller than the limit of a file."""
    edge = Edge([HASHES[2]] * 255, [HASHES[1]] * 255, [HASHES[0]] * (records // 65_536))
    head = Head("o" * 200, records, HASHES[0], is_signed=True, checkpoint="c" * 4000, key="k" * 300)
    assert len(check_script("audit-events", head, edge)) < LIMIT
    assert len(group_script("audit-events", records // 65_536, HASHES)) < 20_000


def test_pages_of_a_group_share_its_script() -> None:
    """A page names the changing script and that of its group of 256 pages, by paths that never change."""
    assert check_path("snapshots") == "log/snapshots/check.js"
    assert group_path("snapshots", 12) == "log/snapshots/check/000012.js"
    assert scripts_of_group("snapshots", 1) == ("log/snapshots/check.js", "log/snapshots/check/000001.js")
