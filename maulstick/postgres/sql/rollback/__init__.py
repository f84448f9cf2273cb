"""The SQL that undoes a release."""
