"""PostgreSQL: connection, catalogue, quoting, privileges."""
