"""A release rehearsed on a copy: production's schema, and the rows that a release meets there."""
