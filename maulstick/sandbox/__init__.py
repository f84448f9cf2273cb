"""The sandbox: a whole small production on this machine."""
