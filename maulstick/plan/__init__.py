"""The bundle against the target's rows: plan, seal, choices, rollback, history."""
