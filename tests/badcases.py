"""What is found in every damaged or hostile log of the conformance data, line by line."""

from __future__ import annotations

Row = tuple[str, str, str, int]


def found(severity: str, code: str, *lines: int, stream: str = "audit-events") -> list[Row]:
    """Return one row of the table for each line."""
    return [(code, severity, stream, line) for line in lines]


def error(code: str, *lines: int, stream: str = "audit-events") -> list[Row]:
    """Return errors of one code."""
    return found("error", code, *lines, stream=stream)


_LOST_DECISION_AT_10 = [*error("replay.no-decision", 11), *error("replay.unknown-decision", 12)]
"""What follows when line 10, a decision, cannot be replayed: its skipped intent and its safety result stand alone."""

# Damage of files, lines and fields: due in full. What stands behind an unreadable decision is an orphan (replay.*), and
# so is the ledger update behind an outcome that is not valid (line 56 of bad_enums).
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
    "invalid_utf8": error("encoding.invalid-utf8", 20),
    "utf16le": [*error("encoding.utf-16", 1), *error("encoding.nul-bytes", *range(2, 137))],
    "duplicate_keys": [*error("json.duplicate-key", 10, 55), *_LOST_DECISION_AT_10],
    "non_object_lines": error("json.not-an-object", *range(31, 36)),
    "created_at_mismatch": error("schema.created-at-mismatch", 18),
    "unknown_type_with_decision_id": error("schema.unknown-type", 13),
    "version_string": [*error("schema.version", 10), *_LOST_DECISION_AT_10],
    "extra_field": found("info", "schema.surplus-field", 10, 18),
    "bad_enums": [*error("schema.enum", 17, 18, 20, 38, 54, 55, 63), *error("replay.no-decision", 56)],
    "uppercase_uuids": [],
    "decision_memory_only_log": [],
    "deep_nesting": [*error("json.too-deep", 10), *_LOST_DECISION_AT_10],
    "huge_integer_digits": [*error("json.number-too-long", 10), *_LOST_DECISION_AT_10],
    "empty_file": [],
    "missing_file": [],
    "missing_snapshots_file": [],
    "symlink_file": [],
}

# Tampering and contradictions: their rules come with the verification of ids and snapshots. This is what is found now.
MEANING: dict[str, list[Row]] = {
    "duplicate_id_identical": [],
    "reordered_ticks": [],
    "reversed_file": [
        *error(
            "replay.no-decision", 1, 3, 5, 9, 11, 12, 16, 19, 22, 25, 28, 30, 34, 37, 39, 43, 46, 49, 52, 56, 58, 62
        ),
        *error("replay.no-decision", 64, 68, 71, 73, 75, 78, 80, 84, 87, 90, 92, 96, 98, 100, 103, 106, 110, 112, 116),
        *error("replay.no-decision", 119, 122, 125, 128, 131, 134),
        *error(
            "replay.unknown-decision", 2, 6, 7, 8, 13, 14, 15, 18, 21, 24, 27, 31, 32, 33, 36, 40, 41, 42, 45, 48, 51
        ),
        *error(
            "replay.unknown-decision", 55, 59, 60, 61, 65, 66, 67, 70, 74, 77, 81, 82, 83, 86, 89, 93, 94, 95, 99, 102
        ),
        *error("replay.unknown-decision", 105, 109, 113, 114, 115, 118, 121, 124, 127, 130, 133),
        *found("warning", "replay.feedback-unknown-decision", 54, 108),
    ],
    "edited_status": [],
    "edited_strategy_instance": [],
    "edited_safety_type": [],
    "edited_intent_market": [],
    "edited_plane": [],
    "edited_feedback_category": [],
    "edited_skip_reason": [],
    "deleted_decision_line": [*error("replay.no-decision", 19, 23), *error("replay.unknown-decision", 20, 21, 22)],
    "deleted_skip_tick": [],
    "log_cut_at_tick_boundary": [],
    "forged_tick_consistent_ids": [],
    "live_plane_events": [],
    "html_script_payload": [],
    "rtl_unicode_emoji": [],
    "control_chars": [],
    "lone_surrogates": [],
    "proto_decision_id": error("schema.uuid", *range(1, 7)),
    "slug_collisions": [],
    "snapshot_disagrees": [],
    "snapshot_edited_same_id": [],
    "snapshot_wrong_plane_valid_id": [],
    "snapshot_missing_position": [],
    "snapshot_key_mismatch": error("schema.position-key", 9, stream="snapshots"),
    "snapshot_positions_array": error("schema.field-type", 9, stream="snapshots"),
    "snapshot_version_2": error("schema.version", 9, stream="snapshots"),
    "snapshot_future": [],
}

UNUSABLE = "directory_instead_of_file"
"""The one case that cannot be read at all."""

TABLE = FORM | MEANING
