"""Notes are scanned like records; a text that cannot be redacted is refused."""

from __future__ import annotations

import pytest

from replayglass.record import Finding, Severity
from replayglass.secretscan.refusal import SecretError
from replayglass.secretscan.rules import SecretRule
from replayglass.secretscan.scan import Scanner, refuse_text
from test_secrets_detectors import BODY, CANARIES, WORD, Canary

NAME = "notes/review.md"


def noted(text: str, *chosen: SecretRule, name: str = NAME) -> tuple[str, list[Finding]]:
    """Return what is published of a note, and what is reported."""
    findings: list[Finding] = []
    return Scanner(chosen, findings.append).scan_text(name, text), findings


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.text.partition(WORD)[0])
def test_a_note_is_refused_redacted_or_allowed(canary: Canary) -> None:
    """Without a rule the line is named and not the value; a rule for the notes redacts or allows."""
    text = f"# Märchen\n\nWe saw `{canary.text}` and\nwent on.\n"
    with pytest.raises(SecretError) as error:
        noted(text)
    assert f" in notes, line 3 of {NAME}" in error.value.message
    assert WORD not in error.value.message + error.value.hint
    names = {finding.detector for finding in CANARIES}
    published, findings = noted(text, *(SecretRule(name, "redact", "notes") for name in names))
    assert WORD not in published
    assert published.startswith("# Märchen\n\nWe saw `")
    assert {(finding.code, finding.stream, finding.segment) for finding in findings} == {
        ("secret.redacted", "notes", NAME)
    }
    published, findings = noted(text, *(SecretRule(name, "allow") for name in names))
    assert published == text
    assert {finding.code for finding in findings} == {"secret.allowed"}


def test_a_note_without_secrets_is_the_same_text() -> None:
    """A harmless note stays as it is and leaves no finding; lone surrogates are no obstacle."""
    for text in ("", "Why we *stopped*: see https://example.org:80/a@b\n", "\udcff\ud800 \\u0041"):
        assert noted(text) == (text, [])
    kept, _ = noted(f"\ud800 glpat-{WORD}", SecretRule("gitlab-token", "redact"))
    assert kept == "\ud800 [redacted:gitlab-token]"


def test_escapes_of_markdown_hide_nothing() -> None:
    """A backslash that Markdown takes away does not stand between the parts of a token."""
    published, findings = noted(f"it was glpat\\-{WORD} once", SecretRule("gitlab-token", "redact"))
    assert published == "it was [redacted:gitlab-token] once"
    message = "withheld from what is published: a GitLab token (1)"
    assert findings == [Finding("secret.redacted", Severity.INFO, message, "notes", NAME, None, 1)]


def test_a_key_in_a_note_is_one_secret() -> None:
    """All lines of a private key are redacted, its first and last line stay."""
    text = f"see\n-----BEGIN EC PRIVATE KEY-----\n{BODY}\n-----END EC PRIVATE KEY-----\nabove\n"
    published, _ = noted(text, SecretRule("private-key", "redact"))
    assert published == "see\n-----BEGIN EC PRIVATE KEY-----[redacted:private-key]-----END EC PRIVATE KEY-----\nabove\n"


def test_the_name_of_a_note_is_published_too() -> None:
    """A secret in a file's name is refused whatever the rules say, and not shown."""
    rule = SecretRule("gitlab-token", "allow")
    with pytest.raises(SecretError, match=r"published: a GitLab token in the name of a note$") as error:
        noted("harmless", rule, name=f"notes/glpat-{WORD}.md")
    assert WORD not in str(error.value)
    assert error.value.hint == "Take it out: no rule can allow a secret here."


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.text.partition(WORD)[0])
def test_a_text_without_rules_is_refused(canary: Canary) -> None:
    """Titles and origins can hold no secret; the message says which one, and nothing of it."""
    refuse_text("the title in replayglass.toml", "Weekly report, März")
    with pytest.raises(SecretError, match=r"in the title in replayglass\.toml$") as error:
        refuse_text("the title in replayglass.toml", f"Report of {canary.text}")
    assert WORD not in error.value.message
