"""How a table travels: its key, its columns, its references."""
