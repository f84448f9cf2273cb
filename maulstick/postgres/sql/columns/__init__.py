"""Columns that are written with care: what makes a row public, and what no release has written."""
