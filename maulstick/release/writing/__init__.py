"""Rows on their way into production: what is written, why not, and what is known of it afterwards."""
