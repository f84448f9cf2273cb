"""The subjects' rows as they are read from the source."""
