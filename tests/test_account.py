"""The completeness account: what was read is what is shown, or nothing is published."""

from __future__ import annotations

import pytest

from paperlog import batches
from replayglass.account import Account, Line
from replayglass.errors import AccountError
from replayglass.page import Page, Rows, Shown, Table
from replayglass.row import Collection, Field, Row, RowKind

EVENTS = Collection("events", "e", 256, "event", "events", "v1/events")
ANCHORED, REMARK = RowKind(((Field("text"),),)), RowKind(((Field("text"),),), anchored=False)


def page(shown: Shown | None, rows: int) -> Page:
    """Return a page with so many rows of records and a remark after each."""
    made = [row for seq in range(rows) for row in (Row(ANCHORED, seq, ("",)), Row(REMARK, -1, ("",)))]
    return Page("p", "p", "s", [Table("", (), []), Rows(EVENTS, ("#",), made)], shown=shown)


def account(records: int, torn: bytes | None = None) -> Account:
    """Return the account of a stream of so many records, all read."""
    made = Account(["audit", "snapshots"])
    read = batches("audit", [b"{}"] * records, torn=torn)
    assert list(made.count("audit", iter(read))) == read
    return made


def test_records_read_are_records_shown() -> None:
    """Events, unreadable records and a torn tail add up to what was read; batches pass unchanged."""
    made = account(258, b'{"a')
    made.show(page(None, 5))
    made.show(page(Shown("audit", 0, 254, 2, 0), 256))
    made.show(page(Shown("audit", 1, 2, 0, 1), 3))
    first, second = made.lines()
    assert first == Line("audit", 259, 256, 2, 1, 2)
    assert str(first) == "audit: 259 records read = 256 events shown + 2 unreadable records shown + 1 torn tail"
    assert second == Line("snapshots", 0, 0, 0, 0, 0)
    assert second.balances


@pytest.mark.parametrize(
    ("shown", "rows"),
    [
        (Shown("audit", 0, 3, 0, 0), 2),
        (Shown("audit", 0, 1, 0, 0), 2),
        (Shown("audit", 1, 2, 0, 0), 2),
    ],
    ids=["too few rows", "too many rows", "a page is missing"],
)
def test_a_page_must_show_what_it_accounts_for(shown: Shown, rows: int) -> None:
    """Rows that differ from the page's own account, or a page out of turn, stop the build."""
    with pytest.raises(AccountError, match="of audit does not show"):
        account(2).show(page(shown, rows))


def test_a_record_that_is_shown_nowhere_stops_the_build() -> None:
    """An account that does not balance says by how much."""
    made = account(3)
    made.show(page(Shown("audit", 0, 2, 0, 0), 2))
    with pytest.raises(AccountError, match=r"3 records read = 2 events shown \+ 0 unreadable"):
        made.lines()
