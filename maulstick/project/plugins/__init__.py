"""Plugins: finding them, asking them, and naming the one that is at fault."""
