"""Which files of tests are about which file of the core: lines executed do not say what SQL is about."""

from __future__ import annotations

PLACES = ("sql/test_changed_places", "sql/test_circles", "test_refusals_found_early")
KEYS = ("tables/test_identity", "test_renames", "tables/test_equality", "tables/test_trees")
UNDOING = ("test_rollback", "test_rollback_since", "test_undone_between", "test_rollback_races")
LEDGER = ("test_history", "sql/test_own_ledger", "test_older", "test_who_released", "test_edited_ledger")
REFERENCES = ("tables/test_references", "tables/test_match_missing", "test_refusals_found_early")

HOMES = {
    "constraints": PLACES,
    "unique_indexes": PLACES,
    "spare_values": PLACES,
    "referencing_keys": PLACES,
    "referencing_tables": ("test_prune", "test_rollback"),
    "identity": KEYS,
    "trees": ("tables/test_trees",),
    "sql/rollback": UNDOING,
    "plan/rollback": UNDOING,
    "sums": LEDGER,
    "ledger": (*LEDGER, "test_changes", "test_prune", "test_base"),
    "releases": ("test_history", "test_who_released"),
    "history": ("test_history", "test_rollback"),
    "three_way": ("test_changes", "test_takes"),
    "changes": ("test_changes", "test_diff"),
    "diff": ("test_changes", "test_renames", "test_diff"),
    "deletes": ("test_prune", "test_rollback", "test_rollback_races"),
    "prune": ("test_prune",),
    "guard": ("test_guard", "test_sealed"),
    "sequences": ("sql/test_sequences",),
    "links": REFERENCES,
    "missing_references": REFERENCES,
    "catalogue": ("test_schema", "tables/test_types", "tables/test_partitions", *REFERENCES),
    "privileges": ("test_refusals_found_early", "test_by_release"),
    "trust/own_ledger": ("sql/test_own_ledger", "sql/test_planted"),
    "planted_in_ledger": ("sql/test_own_ledger", "sql/test_planted"),
    "site_path": ("sql/test_search_path", "sql/test_planted"),
    "unreleased_columns": ("test_prune", "test_rollback"),
    "hiding": ("test_publishing",),
    "verify": ("sql/test_columns", "test_changes", "sql/test_outside"),
    "write": ("sql/test_columns", "test_changes", *PLACES),
    "rows_to_write": ("tables/test_json_references", "tables/test_pointers", "test_changes"),
    "stage": ("sql/test_columns", "tables/test_types"),
    "seal": ("test_sealed",),
    "schema_fit": ("test_schema", "test_refusals_found_early"),
    "choices": ("test_choices", "test_takes", "test_renames"),
    "planner": ("test_sealed", "test_rollback_races", "test_refusals_found_early"),
    "database_state": ("test_refusals_found_early", "sql/test_search_path"),
    "shared_reads": ("test_together", "test_same"),
    "many_unchanged": ("test_same", "test_together"),
    "compare": ("test_compare",),
    "bundle/trust": ("test_trust",),
}
"""Files of tests, by what the name of a file of the core has in it; the longest name counts."""


def is_home(source: str, test: str) -> bool:
    """Return whether a test is in a file that is about this file of the core."""
    stem = source.rpartition(".")[0]
    names = [name for name in HOMES if name in stem]
    path = test.partition("::")[0].removesuffix(".py")
    return any(path.endswith(home) for home in HOMES[max(names, key=len)]) if names else False
