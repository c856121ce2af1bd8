"""What the operator may say about a run, and how it is refused when it cannot be used."""

import json
from pathlib import Path

import pytest

from replayglass.config import Config, load_config, read_small_file
from replayglass.errors import InputError
from replayglass.secretscan.rules import SecretRule
from test_secrets_detectors import CANARIES, WORD, Canary

FULL = """
title = "Weekly report, März"
origin = "example.org/replay/1"
library = "../../../index.html"
[limits]
max_file_bytes = 65536
max_line_bytes = 1024
[streams]
segment_order = "ascending"
[runtime]
runtime_version = "phase-1.5-paper-runtime@v1"
node_version = "v20.20.0"
[identity]
max_reason_codes = 8
[[secrets.rules]]
detector = "connection-string"
action = "redact"
[[secrets.rules]]
detector = "connection-string"
action = "allow"
stream = "audit-events"
"""


def config_of(run: Path, text: str | bytes) -> Config:
    """Return the configuration that a file with this text gives."""
    (run / "replayglass.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_config(run)


def refusal_of(run: Path, text: str) -> str:
    """Return all that is said about a file with this text, nothing if it can be used."""
    try:
        config_of(run, text)
    except InputError as error:
        return f"{error.message} {error.hint}"
    return ""


def test_defaults_without_file(tmp_path: Path) -> None:
    """A run needs no configuration; nothing of the folder's name gets into it."""
    assert load_config(tmp_path) == Config(
        title="",
        origin=None,
        library=None,
        max_file_bytes=524288,
        max_line_bytes=16777216,
        segment_order="descending",
        runtime_version=None,
        node_version=None,
        max_reason_codes=3,
        secret_rules=(),
    )


def test_every_key_is_read(tmp_path: Path) -> None:
    """All documented keys reach the configuration, which cannot be changed afterwards."""
    config = config_of(tmp_path, FULL)
    assert config == Config(
        title="Weekly report, März",
        origin="example.org/replay/1",
        library="../../../index.html",
        max_file_bytes=65536,
        max_line_bytes=1024,
        segment_order="ascending",
        runtime_version="phase-1.5-paper-runtime@v1",
        node_version="v20.20.0",
        max_reason_codes=8,
        secret_rules=(
            SecretRule("connection-string", "redact"),
            SecretRule("connection-string", "allow", "audit-events"),
        ),
    )
    with pytest.raises(AttributeError, match="immutable"):
        config.title = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('title = "a"\nx = ]', "replayglass.toml is not valid TOML in line 2"),
        ("x = [", "replayglass.toml is not valid TOML"),
        ("x = " + "[" * 5000, "replayglass.toml is not valid TOML"),
        ("x = " + "9" * 5000, "replayglass.toml is not valid TOML"),
        (b'title = "a"\n# \xff', "replayglass.toml is not UTF-8 in line 2"),
        ("secret = 1", "replayglass.toml has the unknown key 'secret'"),
        ("limits = 5", "replayglass.toml has the unknown key 'limits'"),
        ("[limits]\ncolour = 5", "replayglass.toml has the unknown key 'limits.colour'"),
        ('"limits.max_file_bytes" = 70000', "replayglass.toml has the unknown key 'limits\\\\.max_file_bytes'"),
        ('"\\u001b[2J\\u202e" = 1', "replayglass.toml has the unknown key '\\x1b[2J\\u202e'"),
        (f'"{"k" * 500}" = 1', f"replayglass.toml has the unknown key '{'k' * 60}'"),
    ],
)
def test_unusable_file_is_one_sentence(tmp_path: Path, text: str | bytes, message: str) -> None:
    """A file that cannot be understood is refused with the line or a printable key, never with a value."""
    with pytest.raises(InputError) as error:
        config_of(tmp_path, text)
    assert error.value.message == message


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("title", ['""', "5", '"a\\nb"', '"a\\u202eb"', f'"{"x" * 201}"', "true"]),
        ("origin", ['"a b"', '"a\\u00a0b"', '"a+b"', '""', "1"]),
        (
            "library",
            [
                '""',
                "1",
                '"/index.html"',
                '"//host/index.html"',
                '"https://host/index.html"',
                '"javascript:alert(1).html"',
                '"a/../index.html"',
                '"..html/../x.html"',
                '"../index.html?q"',
                '"../index.html#x"',
                '"../a b.html"',
                '"..\\\\index.html"',
                '"../%2e.html"',
                '".html"',
                '"index.htm"',
            ],
        ),
        ("limits.max_file_bytes", ["65535", "1073741825", "true", "65536.0", '"65536"']),
        ("limits.max_line_bytes", ["1023", "-1", "[]"]),
        ("streams.segment_order", ['"up"', "1", "{}", "[]"]),
        ("runtime.runtime_version", ['"a\\u0000"', "1979-05-27"]),
        ("runtime.node_version", ['"a\\u2028"', "20"]),
        ("identity.max_reason_codes", ["-1", "9", "3.0", "true", '"3"']),
        ("secrets.rules", ["{}", "1", "[1]", '["redact"]']),
    ],
)
def test_values_out_of_bounds_are_refused(tmp_path: Path, key: str, values: list[str]) -> None:
    """A value of the wrong type, length or range is refused by its key; the value is not repeated."""
    for value in values:
        with pytest.raises(InputError) as error:
            config_of(tmp_path, f"{key} = {value}")
        assert error.value.message.startswith(f"{key} in replayglass.toml must be ")


def test_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A folder, a broken link and a file beyond 1 MiB are refused; a missing file is none."""
    assert read_small_file(tmp_path, "runtime.env") is None
    (tmp_path / "replayglass.toml").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "large").write_bytes(b"#" * (1024 * 1024 + 1))
    for name, words in [
        ("replayglass.toml", "is not a regular file"),
        ("loop", "cannot be read"),
        ("large", "has more than 1048576 bytes"),
    ]:
        with pytest.raises(InputError) as error:
            read_small_file(tmp_path, name)
        assert error.value.message == f"{name} {words}"
    (tmp_path / "large").write_bytes(b"#" * 1024 * 1024)
    assert len(read_small_file(tmp_path, "large") or b"") == 1024 * 1024


RULE = '[[secrets.rules]]\ndetector = "jwt"\naction = "allow"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('detector = "jwt"', 'rule 2 of secrets.rules in replayglass.toml needs an action, either "redact" or "allow"'),
        (
            'detector = "jwt"\naction = []',
            'rule 2 of secrets.rules in replayglass.toml needs an action, either "redact" or "allow"',
        ),
        ('action = "redact"', "rule 2 of secrets.rules in replayglass.toml needs a detector that is known"),
        ('detector = "JWT"', "rule 2 of secrets.rules in replayglass.toml needs a detector that is known"),
        ("detector = []", "rule 2 of secrets.rules in replayglass.toml needs a detector that is known"),
        ("colour = 1", "rule 2 of secrets.rules in replayglass.toml has the unknown key 'colour'"),
        (
            'detector = "jwt"\naction = "redact"',
            "rule 2 of secrets.rules in replayglass.toml is about the same as one before it",
        ),
        *(
            (
                f'detector = "jwt"\naction = "redact"\nstream = {stream}',
                'rule 2 of secrets.rules in replayglass.toml has a stream that cannot be one, such as "audit-events"',
            )
            for stream in ('"Audit"', '""', "1", f'"{"a" * 61}"')
        ),
    ],
)
def test_unusable_rules_on_secrets_are_refused(tmp_path: Path, text: str, message: str) -> None:
    """A rule that cannot be followed, or contradicts another, is refused by its number."""
    with pytest.raises(InputError) as error:
        config_of(tmp_path, f"{RULE}[[secrets.rules]]\n{text}")
    assert error.value.message == message


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.text.partition(WORD)[0])
def test_no_message_shows_a_secret(tmp_path: Path, canary: Canary) -> None:
    """A secret in the place of any value or key stops the run at most; it is in no message, hint or cause of one."""
    text = json.dumps(canary.text)
    keys = (
        "title",
        "origin",
        "library",
        "limits",
        "limits.max_line_bytes",
        "streams.segment_order",
        "identity.max_reason_codes",
    )
    as_values = [f"{key} = {value}" for key in (*keys, "secrets", "secrets.rules") for value in (text, f"[{text}]")]
    as_keys = [f"{text} = 1", f"{text}.title = 1", f"limits.{text} = 1", f"secrets.{text} = 1", f"[{text}.{text}]"]
    in_rules = [f"{key} = {text}" for key in ("detector", "action", "stream", text, "colour")]
    broken = [f"title = {text}]", f"{text}", f"title = {canary.text}", f'[[secrets.rules]]\naction = "{canary.text}']
    texts = [*as_values, *as_keys, *(f"{RULE}[[secrets.rules]]\n{rule}" for rule in in_rules), *broken]
    for said in (refusal_of(tmp_path, line) for line in texts):
        assert WORD not in said
        assert canary.secret not in said


def test_a_key_that_looks_like_a_secret_is_described(tmp_path: Path) -> None:
    """The message says what the key looks like, so that it can be found."""
    with pytest.raises(InputError) as error:
        config_of(tmp_path, f'"postgres://u:{WORD}@h" = 1')
    expected = "replayglass.toml has an unknown key that looks like a password in a connection string"
    assert error.value.message == expected
