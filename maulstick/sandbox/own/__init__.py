"""A sandbox of an author's own: both databases from their schema, and a site that their command starts."""
