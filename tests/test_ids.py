"""The deterministic ids: the original's own vectors, and the fast form against the plain one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass.domains.paper import ids
from replayglass.domains.paper.ids import Salt

VECTORS = json.loads((Path(__file__).parent / "data/paper/id_vectors.json").read_bytes())

any_text = st.text(st.characters(exclude_categories=()))


def derive_vector(function: str, args: list[Any]) -> tuple[Salt, str, str]:
    """Return salt, input and id of one of the original's vectors."""
    if function == "deriveOrderIntentId":
        text = ids.order_intent_input(*args)
        return Salt.ORDER_INTENT, text, ids.derive(Salt.ORDER_INTENT, text)
    if function == "deriveExecutionId":
        salt, text = Salt.EXECUTION, ids.execution_input(*args)
    elif function == "deriveUserFeedbackId":
        salt, text = Salt.FEEDBACK, ids.feedback_input(*args)
    else:
        salt, text = Salt.META, "|".join(args)
    return salt, text, ids.as_uuid(ids.derive(salt, text))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["fn"])
def test_vectors_of_the_original(vector: dict[str, Any]) -> None:
    """Salt, input and id are those that the original's own functions answer, lone surrogates included."""
    salt, text, name = derive_vector(vector["fn"], vector["args"])
    assert (text, f"{salt}|{text}", name) == (vector["preimage_1"], vector["preimage_2"], vector["id"])


def test_recipes_of_the_namespaces() -> None:
    """Decision, event and snapshot inputs are spelled as in section 11; vectors know their hash."""
    instance = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    nil = "00000000-0000-0000-0000-000000000000"
    inputs = [
        ids.event_input("DECISION_EVALUATED", nil, (), 0),
        ids.decision_input(instance, "rotation.enter.attention@v1", 1, ()),
        ids.decision_input(instance, "rotation.enter.attention@v1", 1, ("ATTENTION_SUPERIOR", "UNKNOWN")),
        ids.snapshot_input("PAPER", 0, {}),
    ]
    assert inputs == [vector["preimage_1"] for vector in VECTORS[:4]]


def test_snapshot_input_sorts_keys_by_utf16_units() -> None:
    """U+1F680 (D83D DE80) stands before U+FF5E, though its code point is higher; booleans are JavaScript's."""
    positions = {"\uff5e": ("\uff5e", "1", True, "x"), "\U0001f680": ("\U0001f680", "0", False, "y")}
    assert ids.snapshot_input("LIVE", 7, positions) == (
        "SHADOW_LEDGER_SNAPSHOT_V1|plane=LIVE|t=7|pos="
        "\U0001f680:{marketId=\U0001f680,quantity=0,isOpen=false,lastExecutionId=y}|"
        "\uff5e:{marketId=\uff5e,quantity=1,isOpen=true,lastExecutionId=x}"
    )


def test_feedback_without_its_keys_is_refused() -> None:
    """A target that lacks the keys of its type has no id."""
    with pytest.raises(KeyError):
        ids.feedback_input("RISK_COMFORT", {"type": "DECISION"}, 1)


def test_each_lone_surrogate_is_one_replacement_character() -> None:
    """Every lone surrogate becomes EF BF BD; a split pair is the character it stands for."""
    assert ids.utf8("\udc00a\ud800\ud800") == b"\xef\xbf\xbda" + b"\xef\xbf\xbd" * 2
    assert ids.utf8("\ud83d\ude80\udfff") == "\U0001f680".encode() + b"\xef\xbf\xbd"


@given(st.lists(st.binary(max_size=80)), st.lists(st.integers(0, 2**64 - 1), max_size=3))
def test_hashing_many_equals_hashing_one_by_one(items: list[bytes], states: list[int]) -> None:
    """The vectorised hash is the plain one, for any lengths, any order and any start."""
    assert ids.fnv_many(items, *states).tolist() == [[ids.fnv(item, state) for item in items] for state in states]


@given(st.sampled_from(Salt), st.lists(any_text))
def test_deriving_many_equals_deriving_one_by_one(salt: Salt, texts: list[str]) -> None:
    """The fast ids are the plain ids for any text."""
    assert ids.derive_many(salt, texts) == ids.derive_each(salt, texts)


@given(st.sampled_from(Salt), st.text(), st.text())
def test_a_shared_prefix_is_hashed_once(salt: Salt, prefix: str, rest: str) -> None:
    """Feeding an input in two parts gives the id of the whole."""
    assert ids.begin(salt).feed(prefix).feed(rest).digits() == ids.derive(salt, prefix + rest)
