"""Keys: verifier keys as one word, signing keys from PEM, the optional extra."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from replayglass.errors import InputError
from replayglass.proof.failure import ProofError
from replayglass.proof.keys import COSIGNATURE, ED25519, Signer, Verifier, parse_vkey, signer_from_pem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization import KeySerializationEncryption

VECTORS = json.loads((Path(__file__).parent / "data/tlog_vectors.json").read_text())
LOG = parse_vkey(VECTORS["keys"]["log"]["vkey"])


def pem(key: Any, encryption: KeySerializationEncryption | None = None) -> bytes:  # noqa: ANN401 - any private key
    """Return a private key as openssl writes it."""
    written: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return written


def log_key() -> ed25519.Ed25519PrivateKey:
    """Return the private key of the vectors' log."""
    return ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["keys"]["log"]["ed25519_seed_hex"]))


def log_signer() -> Signer:
    """Return the signer of the vectors' log."""
    return signer_from_pem(LOG.name, pem(log_key()))


@pytest.mark.parametrize("key", VECTORS["keys"].values(), ids=VECTORS["keys"])
def test_verifier_keys(key: dict[str, Any]) -> None:
    """A verifier key is read, and spelled, as x/mod does; its id is that of name, type and key."""
    verifier = parse_vkey(key["vkey"])
    assert verifier.public.hex() == key["public_key_hex"]
    assert verifier.key_id.hex() == key["key_id_hex"]
    assert verifier.kind == key.get("signature_type", ED25519)
    assert verifier.vkey == key["vkey"]


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "a+b",
        LOG.vkey + "\n",
        LOG.vkey.replace("+e4fe6db6+", "+E4FE6DB6+"),
        LOG.vkey.replace("+e4fe6db6+", "+e4fe6db7+"),
        LOG.vkey.replace("audit-log", "audit-lug"),
        LOG.vkey.replace("/audit-log", " audit-log"),
        LOG.vkey[:-4],
        LOG.vkey[:-1],
        LOG.vkey + "AAAA",
        LOG._replace(kind=0x02).vkey,
        LOG._replace(kind=0x06).vkey,
        "\ud800" + LOG.vkey,
        "\x1b" + LOG.vkey,
    ],
)
def test_wrong_verifier_keys(vkey: str) -> None:
    """A key of another type, with another id, or spelled otherwise is refused."""
    with pytest.raises(ProofError):
        parse_vkey(vkey)


def test_signing_keys() -> None:
    """A key as openssl writes it is read; anything else is the user's to mend, and the hint says how."""
    assert log_signer().verifier == LOG
    refused = [
        b"",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        pem(ec.generate_private_key(ec.SECP256R1())),
        pem(log_key(), BestAvailableEncryption(b"secret")),
    ]
    for data in refused:
        with pytest.raises(InputError, match="not an unencrypted Ed25519") as caught:
            signer_from_pem(LOG.name, data)
        assert "openssl genpkey" in caught.value.hint
    with pytest.raises(ProofError, match="plus sign"):
        signer_from_pem("a+b", pem(log_key()))


def test_a_key_that_is_no_point_verifies_nothing() -> None:
    """A public key of another length or off the curve makes a signature invalid, not an error."""
    for public in [b"", bytes(31), b"\xff" * 32]:
        assert not Verifier("a", ED25519, public).verifies(b"text", bytes(64))
        assert not Verifier("a", COSIGNATURE, public).verifies(b"text", bytes(72))


def test_without_the_extra_it_says_what_to_install() -> None:
    """Everything but signing and verifying works without the package; those two name the extra."""
    script = """
import sys
sys.modules["cryptography"] = None
from replayglass.errors import InputError
from replayglass.proof import builder, keys, reader, tlogproof
for use in (lambda: keys.signer_from_pem("a", b""), lambda: keys.Verifier("a", 1, bytes(32)).verifies(b"", bytes(64))):
    try:
        use()
    except InputError as error:
        print(error.message)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "signing needs the extra: pip install 'replayglass[sign]'\n" * 2
