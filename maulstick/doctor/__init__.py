"""The doctor: whether everything that a release needs is there, asked at once and changing nothing."""
