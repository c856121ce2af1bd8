"""Ids of a whole batch are checked together; the answer is that of one look at each."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from replayglass.domains.paper.events import OrderIntentSkipped
from replayglass.domains.paper.schema import UUID
from replayglass.domains.paper.soundness import are_sound

GOOD = st.uuids().map(str) | st.uuids().map(lambda one: str(one).upper())
SPACED = "0123456 -0123-0123-0123-01234567890 1"
NEAR = st.builds(
    lambda text, place, sign: text[:place] + sign + text[place + 1 :],
    GOOD,
    st.integers(0, 36),
    st.sampled_from(["", "-", "g", " ", "\n", "\u0661", "00"]),
)


@given(st.lists(GOOD | NEAR | st.text(max_size=40), max_size=6))
@example([])
@example(["0" * 36])
@example([SPACED[:36]])
@example(["g" * 8 + "-0123-0123-0123-012345678901"])
@example(["00112233-4455-6677-8899-aabbccddeef", "00112233-4455-6677-8899-aabbccddeeff0"])
def test_ids_checked_together_are_ids_checked_alone(ids: list[str]) -> None:
    """A batch is sound exactly when every id in it is a UUID, whatever its neighbours look like."""
    events = [OrderIntentSkipped(text, 1, 5, 5, "UNKNOWN") for text in ids]
    assert are_sound(events) == all(UUID.fullmatch(text) for text in ids)
