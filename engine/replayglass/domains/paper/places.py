"""The collections of a PAPER site: where the rows of each are, and what it means that there are none."""

from replayglass.row import Collection

_PERSISTENCE = "v1/observe/persistence"
_DERIVED = "v1/observe/derived"
EVENTS = Collection("events", "e", 256, "event", "events", f"{_PERSISTENCE}/audit-events")._replace(
    why_empty="the audit log is empty or missing, so the runtime has written nothing"
)
SNAPSHOTS = Collection("snapshots", "s", 256, "snapshot", "snapshots", f"{_PERSISTENCE}/snapshots")._replace(
    why_empty="the snapshot log is empty or missing"
)
DECISIONS = Collection("decisions", "d", 64, "decision", "decisions", f"{_DERIVED}/decision-memory")._replace(
    why_empty="this runtime never evaluated a decision"
)
LATER = Collection(
    "decisions-later", "l", 256, "later event", "later events", f"{_DERIVED}/decision-memory/later"
)._replace(why_empty="nothing was written about a decision after its tick")
CHANGES = Collection("ledger", "c", 256, "change", "changes", f"{_DERIVED}/ledger-changes")._replace(
    why_empty="no snapshot differs from the one before, so no position was opened or closed"
)
POSITIONS = Collection(
    "ledger/changes", "k", 256, "position change", "position changes", f"{_DERIVED}/position-changes"
)._replace(why_empty="no execution was filled, so no position was opened or closed")
FEEDBACK = Collection("feedback", "f", 256, "feedback record", "feedback records", f"{_DERIVED}/feedback")._replace(
    why_empty="nobody gave any to this runtime"
)
