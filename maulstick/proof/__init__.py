"""The questions that prove a release: each a check with its answer."""
