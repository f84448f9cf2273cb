"""The slice of the source on disk: manifest.json and release.sql."""
