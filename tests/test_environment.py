"""What may be published of the runtime's environment file, and that its secrets never are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass.config import Config
from replayglass.domains.paper.environment import PUBLISHABLE, SECRETS, Environment, read_environment, status

VALID = {
    "NODE_ENV": "production",
    "RUNTIME_INSTANCE_ID": "0b6f2f6e-1c1d-4E5F-8a9b-0c1d2e3f4a5b",
    "LOGICAL_TIME_SOURCE": "manual",
    "PERSISTENCE_MODE": "postgres",
    "SNAPSHOT_STRATEGY": "on-ledger-update",
    "EXECUTION_PLANE": "paper",
    "EXCHANGE_PROVIDER": "binance",
    "SAFETY_MODE": "normal",
    "LOG_LEVEL": "info",
    "ENABLE_AUDIT_LOGGING": "true",
}
URL = "DATABASE_URL=postgres://user:hunter2@db:5432/x"


def text_of(**changes: str | None) -> bytes:
    """Return a complete file with some variables changed or (None) left out, one a line, the URL first."""
    given = {**VALID, **changes}
    return "\n".join([URL, *(f"{name}={value}" for name, value in given.items() if value is not None)]).encode()


def codes(environment: Environment) -> list[tuple[str, int | None]]:
    """Return code and line of every problem."""
    return [(finding.code, finding.line) for finding in environment.problems]


def test_no_file_says_nothing() -> None:
    """A run without the file has an empty environment and no findings; the status is all null."""
    assert read_environment(None) == Environment()
    assert set(status(Environment(), Config()).values()) == {None}


def test_complete_file_is_published_without_its_secret() -> None:
    """A valid file gives all publishable settings in fixed order and the name of the secret, nothing else."""
    environment = read_environment(text_of())
    assert environment == Environment(tuple(VALID.items()), ("DATABASE_URL",))
    assert list(VALID) == list(PUBLISHABLE)


def test_status_has_the_seven_keys_of_the_contract() -> None:
    """The status document (paper-runtime section 14) has explicit nulls, and versions only as the operator says."""
    config = Config(runtime_version="phase-1.5-paper-runtime@v1")
    assert status(read_environment(text_of(SAFETY_MODE=None)), config) == {
        "runtime_version": "phase-1.5-paper-runtime@v1",
        "node_version": None,
        "execution_plane": "paper",
        "persistence_mode": "postgres",
        "snapshot_strategy": "on-ledger-update",
        "safety_mode": None,
        "logical_time_source": "manual",
    }


@pytest.mark.parametrize(
    "line",
    [
        b"SAFETY_MODE=halt",
        b"  export \tSAFETY_MODE = halt  ",
        b"SAFETY_MODE='halt' # why",
        b'SAFETY_MODE="halt"\r',
        b"SAFETY_MODE=halt # 'why",
        b"\xef\xbb\xbfSAFETY_MODE=halt",
        b"# SAFETY_MODE=flatten\n\nSAFETY_MODE=halt",
    ],
)
def test_dotenv_spellings(line: bytes) -> None:
    """Every supported way to write an assignment gives the same setting."""
    environment = read_environment(line + b"\n" + URL.encode())
    assert environment.settings == (("SAFETY_MODE", "halt"),)
    assert environment.withheld == ("DATABASE_URL",)
    assert {code for code, _ in codes(environment)} == {"env.missing"}


def test_quoted_values_may_span_lines() -> None:
    """A key pasted in quotes over several lines is one value, and the lines after it keep their numbers."""
    text = b'POSTGRES_PASSWORD="-----BEGIN\nABC=\n\\" x"\nSAFETY_MODE=bad\nKEY=\'a\nB=c\'\n'
    environment = read_environment(text)
    assert (environment.withheld, environment.unknown, environment.unnamed) == (("POSTGRES_PASSWORD",), ("KEY",), 0)
    assert ("env.invalid", 4) in codes(environment)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (text_of(LOG_LEVEL=None), [("env.missing", None)]),
        (text_of(LOG_LEVEL=" "), [("env.missing", None)]),
        (text_of(LOG_LEVEL="hunter2"), [("env.invalid", 10)]),
        (text_of(RUNTIME_INSTANCE_ID="hunter2"), [("env.invalid", 3)]),
        (text_of().replace(b"postgres:", b"postgresql:"), [("env.invalid", 1)]),
        (text_of(EXECUTION_PLANE="PAPER"), [("env.invalid", 7)]),
        (text_of(BINANCE_API_KEY="hunter2"), [("env.secret-with-paper", 12)]),
        (text_of() + b"\nBINANCE_API_KEY=\nBINANCE_API_SECRET=''", []),
        (text_of(EXECUTION_PLANE="live"), [("env.missing", None), ("env.missing", None), ("env.not-paper", 7)]),
        (text_of(DREICHOR_A="1", DREICHOR_B="2"), [("env.forbidden-prefix", 12)]),
        (text_of() + b"\nLOG_LEVEL=warn\nLOG_LEVEL=info", [("env.repeated", 12)]),
        (text_of() + b"\nhunter2\n=hunter2\n export #x=1", [("env.syntax", 12)]),
        (text_of() + b'\nX="hunter2" hunter2', [("env.syntax", 12)]),
        (text_of() + b'\nX="hunter2\nY=1', [("env.syntax", 12)]),
        (text_of() + b"\n# \xff\xfe", [("env.encoding", 12)]),
    ],
)
def test_problems_are_warnings_with_a_line_and_no_value(text: bytes, expected: list[tuple[str, int | None]]) -> None:
    """Everything upstream would refuse is a warning that names variables and lines and repeats nothing."""
    environment = read_environment(text)
    assert codes(environment) == expected
    assert {(f.severity.value, f.stream) for f in environment.problems} <= {("warning", "runtime.env")}
    assert "hunter2" not in repr(environment)


def test_number_of_problems_is_bounded() -> None:
    """A hostile file gets one finding per kind with a count, and a bounded list of names."""
    many = "".join(f"V{number}=1\nbad\nDREICHOR_{number}=1\n" for number in range(2000))
    environment = read_environment(text_of() + b"\n" + many.encode())
    messages = [finding.message for finding in environment.problems]
    assert messages[0] == "line 13 (and 1999 more) is no NAME=value or with a quote that is not closed, and not read"
    assert len(messages) == 2
    assert (len(environment.unknown), environment.unnamed) == (1000, 3000)


def test_names_that_may_be_secrets_are_counted_only() -> None:
    """A pasted key can read as NAME=; such a name, and one that is no identifier, is not shown."""
    text = b"HTTP_PROXY=x\nnode_options=y\nAbCd0123=\nAB12==\nQx9Kd2=v\na-b=v\n\x1b[2J=v\n" + b"A" * 65 + b"=v"
    environment = read_environment(text)
    assert (environment.unknown, environment.unnamed) == (("HTTP_PROXY", "node_options"), 6)


@given(
    name=st.sampled_from(sorted(SECRETS | PUBLISHABLE.keys() | {"OTHER", "-", ""})),
    form=st.sampled_from(
        ["{}={}", "{}='{}'", '{}="{}"', "{}='{}", '{}="{}', "{} {}", "export {}={}", "{}=\n{}", "#{}={}"]
    ),
    before=st.text(max_size=20),
    after=st.text(max_size=20),
)
def test_no_value_is_ever_told(name: str, form: str, before: str, after: str) -> None:
    """Wherever a secret stands as a value, well or badly written, nothing that is published contains it."""
    secret = "s3cr3t/Ä+"  # noqa: S105 - made up
    text = f"{before}\n{form.format(name, secret)}\n{after}".encode("utf-8", "replace")
    environment = read_environment(text)
    assert "s3cr3t" not in repr(environment)
    assert "s3cr3t" not in repr(status(environment, Config()))
