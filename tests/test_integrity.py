"""The integrity page: what it says is what was found, and the commands it gives work."""

from __future__ import annotations

import html
import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from paperlog import replay, simulated
from replayglass.domains.paper.domain import PAPER
from replayglass.integrity import integrity_artifacts
from replayglass.page import Notice, Page
from replayglass.replay import Proven
from sites import AUDIT, SAMPLE, SMALL, command, records
from sites import PAPER as DATA

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sites import Site


def text_of(page: Path) -> str:
    """Return the words of a page."""
    return html.unescape(re.sub(r"<[^>]+>", "\n", page.read_text()))


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sample's site, signed."""
    folder = tmp_path_factory.mktemp("signed")
    made = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    (folder / "key.pem").write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    answer = command("build", SAMPLE, "--out", folder / "site", "--key", folder / "key.pem")
    assert answer.exit_code == 0
    return folder / "site"


def test_a_clean_run_says_so(site_of: Callable[[Path], Site]) -> None:
    """Of a log of the runtime every id is derived again and every rule holds; the unsigned checkpoint is called so."""
    document = site_of(SMALL).document("v1/integrity.json")
    assert sum(document["ids"]["all"].values()) == 200
    assert document["ids"]["all"]["matched"] + document["ids"]["all"]["recovered"] == 200
    assert not any(rule["broken"] for rule in document["rules"])
    assert "Every rule holds. The checkpoints are unsigned." in document["verdict"]
    page = text_of(site_of(SMALL).folder / "integrity" / "index.html")
    assert document["verdict"] in page
    assert all(limit in page for limit in document["limits"])


def test_each_rule_is_listed_with_its_count(site_of: Callable[[Path], Site]) -> None:
    """Every rule of the domain stands on the page; broken ones with as many findings as were reported."""
    site = site_of(DATA / "bad" / "edited_plane")
    rules = {rule["code"]: rule for rule in site.document("v1/integrity.json")["rules"]}
    assert list(rules) == [rule.code for rule in PAPER.rules]
    found = [finding["code"] for finding in site.findings()]
    assert {code: rule["broken"] for code, rule in rules.items() if rule["broken"]} == {
        code: found.count(code) for code in set(found)
    }
    page = text_of(site.folder / "integrity" / "index.html")
    assert "Rules are broken 3 times." in page
    assert "1 contradict what the log says" in page


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("deleted_decision_line", "stand without what they are derived from"),
        ("edited_strategy_instance", "1 are unexplained"),
    ],
)
def test_what_could_not_be_derived_is_counted(case: str, words: str, site_of: Callable[[Path], Site]) -> None:
    """Ids without their tick, ids without an explanation, and a log without ids are told apart."""
    assert words in site_of(DATA / "bad" / case).document("v1/integrity.json")["verdict"]
    assert "There is no id to derive again" in replay([]).json("v1/integrity.json")["verdict"]


def test_without_logs_nothing_is_said_to_be_proven() -> None:
    """A replay that publishes no log has a page that says so, and gives no commands."""
    replayed = replay(*simulated(300, 1))
    page = replayed.pages["integrity/index.html"]
    titles = [getattr(block, "title", "") for block in page.blocks]
    assert "Published logs" not in titles
    assert not [title for title in titles if title.startswith("How to check")]
    assert "No log was published with this replay." in str(page.blocks)


def test_a_broken_rule_is_red_though_the_ids_are_right() -> None:
    """The verdict's tone is that of the worst of ids and rules."""
    proven = Proven("All ids match.", "good", (), (), {})
    made = integrity_artifacts(proven, PAPER.rules, {"tick.order": 2}, [], {})
    (notice,) = [block for page in made if isinstance(page, Page) for block in page.blocks if isinstance(block, Notice)]
    assert notice == Notice("All ids match. Rules are broken 2 times.", "bad")


def shell(script: str, folder: Path, **environment: str) -> str:
    """Run a script of the page as a reader would."""
    words = ["/bin/sh", "-e", "-c", script]
    given = {"PATH": "/usr/bin:/bin", **environment}
    done = subprocess.run(words, cwd=folder, env=given, capture_output=True, check=True)
    return done.stdout.decode()


def commands_of(site: Path) -> list[str]:
    """Return the commands of the integrity page in order."""
    page = (site / "integrity" / "index.html").read_text()
    return [html.unescape(re.sub(r"<[^>]+>", "", code)) for code in re.findall(r"<code>(.*?)</code>", page)]


def test_the_command_for_a_record_works(signed: Path, tmp_path: Path) -> None:
    """What the page says about hashing record 0 gives the first hash of the first tile."""
    (tmp_path / "RECORD").write_bytes(records(SAMPLE / AUDIT)[0])
    own = next(code for code in commands_of(signed) if "sha256sum" in code)
    tile = next(code for code in commands_of(signed) if code.startswith("head -c 32"))
    assert shell(own, tmp_path).split()[0] == shell(tile, signed)


def test_the_commands_for_the_signature_work(signed: Path, site_of: Callable[[Path], Site]) -> None:
    """The openssl commands of the page accept the checkpoint with the right key, and refuse it with another."""
    script = [code for code in commands_of(signed) if code.endswith(("text", "> signature", "> key.der", "signature"))]
    assert len(script) == 4
    document: Any = json.loads((signed / "v1/integrity.json").read_bytes())
    folder, key = signed / "log" / "audit-events", document["logs"][0]["key"]
    assert "Verified Successfully" in shell("\n".join(script), folder, VKEY=key)
    other = key[:-8] + "AAAAAAA="
    with pytest.raises(subprocess.CalledProcessError):
        shell("\n".join(script), folder, VKEY=other)
    assert not [code for code in commands_of(site_of(SMALL).folder) if "openssl" in code]
