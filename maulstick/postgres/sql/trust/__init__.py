"""Whose code runs beside ours: the site's search path, and a ledger that is only our own."""
