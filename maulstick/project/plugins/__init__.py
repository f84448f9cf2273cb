"""Plugins: found, asked, and named when they break a promise."""
