"""Whether everything is there that a release needs."""
