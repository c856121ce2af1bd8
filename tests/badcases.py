"""What is found in every damaged or hostile log of the conformance data, line by line."""

from __future__ import annotations

Row = tuple[str, str, str, "int | None"]
"""What a finding is in the table: code, severity, stream, line (None: no one place)."""


def found(severity: str, code: str, *lines: int, stream: str = "audit-events") -> list[Row]:
    """Return one row of the table for each line."""
    return [(code, severity, stream, line) for line in lines]


def error(code: str, *lines: int, stream: str = "audit-events") -> list[Row]:
    """Return errors of one code."""
    return found("error", code, *lines, stream=stream)


def warning(code: str, *lines: int, stream: str = "audit-events") -> list[Row]:
    """Return warnings of one code."""
    return found("warning", code, *lines, stream=stream)


_LOST_DECISION_AT_10 = [*error("replay.no-decision", 11), *error("replay.unknown-decision", 12)]
"""What follows when line 10, a decision, cannot be replayed: its skipped intent and its safety result stand alone."""

# Damage of files, lines and fields: due in full. What stands behind an unreadable decision is an orphan (replay.*), and
# so is the ledger update behind an outcome that is not valid (line 56 of bad_enums). A contradiction that a damaged
# line may explain is a warning.
FORM: dict[str, list[Row]] = {
    "torn_last_line": found("warning", "ndjson.torn-tail", 135),
    "torn_snapshot_last_line": found("warning", "ndjson.torn-tail", 9, stream="snapshots"),
    "whitespace_lines": error("json.blank", 21, 22),
    "nul_bytes_tail": error("encoding.nul-bytes", 136),
    "pretty_printed": [
        *error("json.incomplete", 10),
        *error("json.syntax", *range(11, 20)),
        *error("replay.no-decision", 20),
        *error("replay.unknown-decision", 21),
    ],
    "two_objects_one_line": error("json.several-values", 41),
    "no_final_newline": [
        *found("info", "ndjson.no-final-newline", 135),
        *found("info", "ndjson.no-final-newline", 9, stream="snapshots"),
    ],
    "blank_lines": [
        *found("info", "ndjson.blank-lines", 1, 23, 141),
        *found("info", "ndjson.blank-lines", 1, 11, stream="snapshots"),
    ],
    "reordered_keys": [],
    "invalid_utf8": [
        *error("encoding.invalid-utf8", 20),
        *warning("safety.nothing-open", 27, 37),
        *warning("snapshot.extra-market", 1, stream="snapshots"),
    ],
    "utf16le": [
        *error("encoding.utf-16", 1),
        *error("encoding.nul-bytes", *range(2, 137)),
        *warning("snapshot.ahead", *range(1, 10), stream="snapshots"),
    ],
    "duplicate_keys": [
        *error("json.duplicate-key", 10, 55),
        *_LOST_DECISION_AT_10,
        *warning("snapshot.extra-market", 3, stream="snapshots"),
    ],
    "non_object_lines": error("json.not-an-object", *range(31, 36)),
    "created_at_mismatch": error("schema.created-at-mismatch", 18),
    "unknown_type_with_decision_id": error("schema.unknown-type", 13),
    "version_string": [*error("schema.version", 10), *_LOST_DECISION_AT_10],
    "extra_field": found("info", "schema.surplus-field", 10, 18),
    "bad_enums": [
        *error("schema.enum", 17, 18, 20, 38, 54, 55, 63),
        *error("replay.no-decision", 56),
        *warning("safety.nothing-open", 27, 37),
        *warning("snapshot.extra-market", 1, stream="snapshots"),
        *warning("snapshot.no-update", 3, stream="snapshots"),
    ],
    "uppercase_uuids": [],
    "decision_memory_only_log": [
        *error(
            "tick.order", 2, 4, 6, 8, 10, 12, 14, 18, 21, 23, 25, 27, 31, 33, 35, 39, 41, 43, 45, 49, 53, 56, 58, 60
        ),
        *error("tick.order", 62, 66, 68, 72, 74, 76, 78, 80, 84, 88),
        *warning("safety.nothing-open", 18, 25, 58, 76, 78),
        *warning("snapshot.no-update", *range(1, 10), stream="snapshots"),
    ],
    "deep_nesting": [*error("json.too-deep", 10), *_LOST_DECISION_AT_10],
    "huge_integer_digits": [*error("json.number-too-long", 10), *_LOST_DECISION_AT_10],
    "empty_file": [],
    "missing_file": [],
    "missing_snapshots_file": [],
    "symlink_file": [],
}

# Tampering and contradictions: ids, rules, snapshots.
MEANING: dict[str, list[Row]] = {
    "duplicate_id_identical": [*found("info", "duplicate.identical", 56), *error("tick.order", 56)],
    "reordered_ticks": [
        *error("time.backwards", 41, 69),
        *error("snapshot.missing", 46, 58),
        *error("ledger.second-position", 76, 104, 129),
        *error("snapshot.no-update", 2, 3, stream="snapshots"),
        *error("snapshot.last-execution", 4, 5, stream="snapshots"),
        *error("snapshot.state", 4, 5, stream="snapshots"),
    ],
    "reversed_file": [
        *error(
            "replay.no-decision", 1, 3, 5, 9, 11, 12, 16, 19, 22, 25, 28, 30, 34, 37, 39, 43, 46, 49, 52, 54, 56, 58
        ),
        *error("replay.no-decision", 62, 64, 68, 71, 73, 75, 78, 80, 84, 87, 90, 92, 96, 98, 100, 103, 106, 110, 112),
        *error("replay.no-decision", 116, 119, 122, 125, 128, 131, 134),
        *error(
            "replay.unknown-decision", 2, 6, 7, 8, 13, 14, 15, 18, 21, 24, 27, 31, 32, 33, 36, 40, 41, 42, 45, 48, 51
        ),
        *error(
            "replay.unknown-decision", 55, 59, 60, 61, 65, 66, 67, 70, 74, 77, 81, 82, 83, 86, 89, 93, 94, 95, 99, 102
        ),
        *error("replay.unknown-decision", 105, 109, 113, 114, 115, 118, 121, 124, 127, 130, 133),
        *error("time.backwards", 5, 11, 18, 21, 24, 27, 30, 36, 39, 48, 51, 54, 64, 70, 73, 80, 89, 92, 98, 102, 105),
        *error("time.backwards", 112, 118, 124, 127, 130),
        *error("identity.skip-reason", 46, 78, 87, 134),
        *error("identity.event-id", 62, 110, 122),
        *error("identity.order-intent-id", 62, 110, 122),
        *error("tick.order", 108),
        *warning("replay.feedback-unknown-decision", 54, 108),
        *warning("tick.unfinished", 135),
        *warning("snapshot.ahead", *range(1, 10), stream="snapshots"),
    ],
    "edited_status": [*error("identity.event-id", 55), *error("snapshot.extra-market", 3, stream="snapshots")],
    "edited_strategy_instance": [
        *warning("identity.decision-unexplained", 19),
        *error("identity.order-intent-id", 20),
    ],
    "edited_safety_type": [*error("identity.event-id", 27), *error("tick.order", 28)],
    "edited_intent_market": [*error("identity.order-intent-id", 20), *error("tick.market", 24)],
    "edited_plane": [
        *error("identity.execution-id", 54),
        *error("plane.live", 54),
        *error("tick.plane", 56),
    ],
    "edited_feedback_category": error("identity.event-id", 38),
    "edited_skip_reason": error("identity.skip-reason", 17),
    "deleted_decision_line": [
        *error("replay.no-decision", 19, 23),
        *error("replay.unknown-decision", 20, 21, 22),
        *warning("safety.nothing-open", 26, 36),
        *warning("snapshot.no-update", 1, stream="snapshots"),
    ],
    "deleted_skip_tick": [],
    "log_cut_at_tick_boundary": error("snapshot.ahead", 8, 9, stream="snapshots"),
    "forged_tick_consistent_ids": [
        *error("ledger.second-position", 139),
        ("snapshot.missing", "warning", "snapshots", None),
    ],
    "live_plane_events": [*error("plane.live", 139, 145), *error("plane.live", 10, 11, stream="snapshots")],
    "html_script_payload": [],
    "rtl_unicode_emoji": [],
    "control_chars": [],
    "lone_surrogates": [],
    "proto_decision_id": error("schema.uuid", *range(1, 7)),
    "slug_collisions": [],
    "snapshot_disagrees": error("snapshot.state", 9, stream="snapshots"),
    "snapshot_edited_same_id": error("identity.snapshot-id", 9, stream="snapshots"),
    "snapshot_wrong_plane_valid_id": [
        *error("plane.live", 9, stream="snapshots"),
        *error("snapshot.no-update", 9, stream="snapshots"),
        ("snapshot.missing", "warning", "snapshots", None),
    ],
    "snapshot_missing_position": error("snapshot.missing-market", 9, stream="snapshots"),
    "snapshot_key_mismatch": error("schema.position-key", 9, stream="snapshots"),
    "snapshot_positions_array": error("schema.field-type", 9, stream="snapshots"),
    "snapshot_version_2": error("schema.version", 9, stream="snapshots"),
    "snapshot_future": [*error("snapshot.missing", 131), *error("snapshot.ahead", 9, stream="snapshots")],
}

UNUSABLE = "directory_instead_of_file"
"""The one case that cannot be read at all."""

TABLE = FORM | MEANING

_AUDIT, _SNAPSHOTS = "audit-events", "snapshots"

EXPECTED: dict[str, list[tuple[str, str, int]]] = {
    "duplicate_id_identical": [("duplicate.identical", _AUDIT, 56), ("tick.order", _AUDIT, 56)],
    "reordered_ticks": [("time.backwards", _AUDIT, 41), ("time.backwards", _AUDIT, 69)],
    "reversed_file": [("time.backwards", _AUDIT, 5), ("replay.unknown-decision", _AUDIT, 2)],
    "edited_status": [("identity.event-id", _AUDIT, 55)],
    "edited_strategy_instance": [("identity.order-intent-id", _AUDIT, 20)],
    "edited_safety_type": [("identity.event-id", _AUDIT, 27)],
    "edited_intent_market": [("identity.order-intent-id", _AUDIT, 20)],
    "edited_plane": [("identity.execution-id", _AUDIT, 54)],
    "edited_feedback_category": [("identity.event-id", _AUDIT, 38)],
    "edited_skip_reason": [("identity.skip-reason", _AUDIT, 17)],
    "deleted_decision_line": [("replay.no-decision", _AUDIT, 19), ("replay.unknown-decision", _AUDIT, 20)],
    "log_cut_at_tick_boundary": [("snapshot.ahead", _SNAPSHOTS, 9)],
    "forged_tick_consistent_ids": [("ledger.second-position", _AUDIT, 139)],
    "live_plane_events": [("plane.live", _AUDIT, 139), ("plane.live", _SNAPSHOTS, 11)],
    "proto_decision_id": [("schema.uuid", _AUDIT, 1)],
    "snapshot_disagrees": [("snapshot.state", _SNAPSHOTS, 9)],
    "snapshot_edited_same_id": [("identity.snapshot-id", _SNAPSHOTS, 9)],
    "snapshot_wrong_plane_valid_id": [("plane.live", _SNAPSHOTS, 9)],
    "snapshot_missing_position": [("snapshot.missing-market", _SNAPSHOTS, 9)],
    "snapshot_key_mismatch": [("schema.position-key", _SNAPSHOTS, 9)],
    "snapshot_positions_array": [("schema.field-type", _SNAPSHOTS, 9)],
    "snapshot_version_2": [("schema.version", _SNAPSHOTS, 9)],
    "snapshot_future": [("snapshot.ahead", _SNAPSHOTS, 9)],
    "torn_last_line": [("ndjson.torn-tail", _AUDIT, 135)],
    "torn_snapshot_last_line": [("ndjson.torn-tail", _SNAPSHOTS, 9)],
    "whitespace_lines": [("json.blank", _AUDIT, 21), ("json.blank", _AUDIT, 22)],
    "nul_bytes_tail": [("encoding.nul-bytes", _AUDIT, 136)],
    "pretty_printed": [("json.incomplete", _AUDIT, 10)],
    "two_objects_one_line": [("json.several-values", _AUDIT, 41)],
    "invalid_utf8": [("encoding.invalid-utf8", _AUDIT, 20)],
    "utf16le": [("encoding.utf-16", _AUDIT, 1)],
    "duplicate_keys": [("json.duplicate-key", _AUDIT, 10), ("json.duplicate-key", _AUDIT, 55)],
    "non_object_lines": [("json.not-an-object", _AUDIT, line) for line in range(31, 36)],
    "created_at_mismatch": [("schema.created-at-mismatch", _AUDIT, 18)],
    "unknown_type_with_decision_id": [("schema.unknown-type", _AUDIT, 13)],
    "version_string": [("schema.version", _AUDIT, 10)],
    "extra_field": [("schema.surplus-field", _AUDIT, 10), ("schema.surplus-field", _AUDIT, 18)],
    "bad_enums": [("schema.enum", _AUDIT, line) for line in (17, 18, 20, 38, 54, 55, 63)],
    "deep_nesting": [("json.too-deep", _AUDIT, 10)],
    "huge_integer_digits": [("json.number-too-long", _AUDIT, 10)],
    "decision_memory_only_log": [("tick.order", _AUDIT, 2)],
    "no_final_newline": [("ndjson.no-final-newline", _AUDIT, 135)],
    "blank_lines": [("ndjson.blank-lines", _AUDIT, 1)],
}
"""What must be found, by the description of the damage alone; harmless and hostile but valid logs have nothing."""

UNSEEN = {
    "deleted_skip_tick": "Nothing in the log reveals it (section 17.16): a checkpoint published before does.",
}
"""Damage that no rule can see."""

EXPLAINED = {"invalid_utf8": {21, 22}, "two_objects_one_line": {42, 43}}
"""Lines that an independent check flags only because a line before them in the tick is damaged, which is found."""

DISORDERED = {"reversed_file", "decision_memory_only_log"}
"""Logs without one tick in order: a tick has one finding for its order, not one for each of its lines."""
