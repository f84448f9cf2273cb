"""What was typed, done on each target: one by one or side by side, and the record of it."""
