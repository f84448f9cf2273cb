"""The desk: pages on this machine that show how everything stands, and let one decide about conflicts."""
