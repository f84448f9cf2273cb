"""Which files of tests are about which file of the core: lines executed do not say what SQL is about."""

from __future__ import annotations

ALONE = "statements/test_"
PLACES = (
    f"{ALONE}clashes",
    f"{ALONE}clashes_by_key",
    "sql/test_changed_places",
    "sql/test_circles",
    "test_refusals_found_early",
)
KEYS = (
    f"{ALONE}rows_found",
    f"{ALONE}trees_found",
    "tables/test_identity",
    "test_renames",
    "tables/test_equality",
    "tables/test_trees",
)
KEYS += ("tables/test_spelling", "tables/test_known_keys", "tables/test_tenants", "tables/test_shared_keys")
UNDOING = ("test_rollback", "test_rollback_since", "test_undone_between", "test_rollback_races")
WIDE = "test_same_keys"
LEDGER = ("test_history", "sql/test_own_ledger", "test_older", "test_who_released", "test_edited_ledger")
ASKED = "catalogue/test_"
IN_MEMORY = "in_memory/test_"
REFERENCES = (
    f"{ALONE}missing_rows",
    f"{ALONE}missing_substitutes",
    "tables/test_references",
    "tables/test_match_missing",
    "test_refusals_found_early",
)
REFERENCES += ("tables/test_names", "tables/test_tenants", "tables/test_pointers", "test_guard")
WRITTEN = ("sql/test_written_rows", "sql/test_columns", "test_guard", "test_changes")

HOMES = {
    "constraints": (*PLACES, "test_guard"),
    "checks": (f"{ALONE}checks_kept", "test_refusals_found_early", "test_guard"),
    "hidden_rows": (f"{ALONE}checks_kept", "test_publishing"),
    "referenced_keys": (f"{ALONE}left_behind", *PLACES),
    "unique_indexes": (f"{ASKED}unique_indexes", *PLACES),
    "spare_values": (f"{ASKED}spare_values", *PLACES),
    "referencing_keys": (f"{ALONE}left_behind", f"{ASKED}foreign_keys", *PLACES),
    "referencing_tables": (f"{ASKED}foreign_keys", f"{ASKED}grants", "test_prune", "test_rollback"),
    "identity": KEYS,
    "trees": (f"{ALONE}trees_found", "tables/test_trees"),
    "sql/rollback": UNDOING,
    "rollback/changed_since": (f"{ALONE}changed_since", f"{ALONE}times_restored", *UNDOING),
    "rollback/ledger": (f"{ALONE}base_restored", *UNDOING),
    "plan/rollback": (f"{ASKED}releases_asked", *UNDOING),
    "plan/changes": (f"{IN_MEMORY}changes_counted", "test_changes", "test_diff"),
    "plan/choices": ("test_choices", "test_takes", "test_renames"),
    "decisions": (f"{IN_MEMORY}decision_lines", "test_decisions"),
    "hints": (f"{IN_MEMORY}hints_given",),
    "plan/hidden": (f"{IN_MEMORY}rows_waiting",),
    "overwritten": (f"{IN_MEMORY}rows_overwritten", "test_overwritten"),
    "moved_pages": (f"{IN_MEMORY}pages_moved",),
    "view": (f"{IN_MEMORY}lines_shown",),
    "undone": (f"{IN_MEMORY}lines_shown",),
    "plan_file": (f"{IN_MEMORY}seals_held",),
    "sums": (f"{ALONE}ledger_written", *LEDGER),
    "sql/ledger": (
        f"{ALONE}ledger_written",
        f"{ALONE}ledger_opened",
        *LEDGER,
        "test_changes",
        "test_prune",
        "test_base",
    ),
    "bases": (f"{ALONE}bases", "test_pulled_base"),
    "releases": (f"{ALONE}releases", "test_history", "test_who_released"),
    "history": (f"{ASKED}releases_asked", f"{IN_MEMORY}history_lines", "test_history", "test_rollback"),
    "three_way": (f"{ALONE}decided", "test_changes", "test_takes"),
    "changes": ("test_changes", "test_diff"),
    "diff": (
        f"{ALONE}differing",
        "test_diff",
        "test_changes",
        "test_renames",
        "test_prune",
        "tables/test_spelling",
        *REFERENCES,
    ),
    "deletes": (f"{ALONE}deleted", "test_prune", "test_rollback", "test_rollback_races"),
    "prune": (f"{IN_MEMORY}lines_shown", "test_prune"),
    "guard": (f"{ALONE}guarded", "test_guard", "test_sealed"),
    "sequences": (f"{ALONE}ids_reserved", "sql/test_sequences"),
    "bundle_tables": (f"{ALONE}bundle_tables", "sql/test_changed_places", *REFERENCES),
    "links": REFERENCES,
    "missing_references": REFERENCES,
    "catalogue": (
        f"{ASKED}tables",
        "test_schema",
        "tables/test_types",
        "tables/test_partitions",
        *REFERENCES,
    ),
    "privileges": (f"{ASKED}grants", "test_refusals_found_early", "test_by_release"),
    "trust/own_ledger": (
        f"{ASKED}ledger",
        f"{ALONE}ledger_opened",
        "sql/test_own_ledger",
        "sql/test_planted",
    ),
    "planted_in_ledger": (f"{ASKED}ledger", "sql/test_own_ledger", "sql/test_planted"),
    "lacking_in_ledger": (f"{ASKED}ledger",),
    "ledger_tables": (f"{ASKED}ledger", *LEDGER),
    "migrations": (f"{ASKED}tables", "test_schema"),
    "site_path": (f"{ASKED}site_path", "sql/test_search_path", "sql/test_planted"),
    "unreleased_columns": (
        f"{ASKED}unreleased_columns",
        f"{ALONE}unreleased_restored",
        "test_prune",
        "test_rollback_since",
        "test_rollback",
    ),
    "hiding": (
        f"{ALONE}hidden",
        "test_publishing",
    ),
    "verify": (f"{ALONE}rows_written", *WRITTEN, "sql/test_outside"),
    "write": (f"{ALONE}rows_written", *WRITTEN, *PLACES),
    "failing_row": (f"{ALONE}rows_written", "sql/test_planted"),
    "temp_tables": (f"{ALONE}rows_written", f"{ALONE}differing", f"{ALONE}deleted"),
    "session": (f"{ALONE}transaction", f"{ALONE}ledger_opened"),
    "lookup": (f"{ALONE}rows_looked_up", *KEYS, "test_prune", "test_rollback"),
    "before_images": (f"{ALONE}before_images", *UNDOING, "test_prune"),
    "script": (f"{ALONE}before_images", *UNDOING),
    "rows_to_write": (
        f"{ALONE}rows_written",
        *REFERENCES,
        "tables/test_json_references",
        "tables/test_pointers",
        "test_changes",
    ),
    "stage": (f"{ALONE}transaction", "sql/test_columns", "tables/test_types"),
    "seal": (f"{IN_MEMORY}seals_held", "test_sealed"),
    "schema_fit": (f"{IN_MEMORY}schema_lines", "test_schema", "test_refusals_found_early"),
    "planner": (
        f"{IN_MEMORY}plans_asked",
        f"{ALONE}plan_answers",
        f"{ASKED}releases_asked",
        "test_sealed",
        "test_rollback_races",
        "test_refusals_found_early",
    ),
    "database_state": (
        f"{ASKED}database_state",
        f"{IN_MEMORY}triggers_said",
        "test_refusals_found_early",
        "sql/test_search_path",
    ),
    "shared_reads": (f"{IN_MEMORY}reads_shared", "test_together", "test_same"),
    "many_unchanged": (f"{IN_MEMORY}reads_shared", "test_same", "test_together"),
    "compare": ("test_compare",),
    "bundle/trust": ("test_trust",),
}
"""Files of tests, by what the name of a file of the core has in it; the longest name counts."""


def is_quick(test: str) -> bool:
    """Return whether a test runs a single statement or question, or none."""
    return ALONE in test or ASKED in test or IN_MEMORY in test


def is_home(source: str, test: str) -> bool:
    """Return whether a test is in a file that is about this file of the core."""
    stem = source.rpartition(".")[0]
    names = [name for name in HOMES if name in stem]
    path = test.partition("::")[0].removesuffix(".py")
    if source.startswith("maulstick/postgres/sql/") and path.endswith(WIDE):
        return True
    return any(path.endswith(home) for home in HOMES[max(names, key=len)]) if names else False
