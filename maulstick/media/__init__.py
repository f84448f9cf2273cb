"""The files of a release: found, inspected, compared, sent, restored."""
