"""The steps of a release, one a file."""
