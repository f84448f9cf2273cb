"""One bucket."""
