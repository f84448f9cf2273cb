"""What was typed: one module a command, from its arguments to its exit code."""
