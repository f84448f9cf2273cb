"""The sections of release.sql, each the SQL of one thing."""
