"""The text of every section of release.sql."""
