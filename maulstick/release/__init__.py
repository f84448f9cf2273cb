"""Subjects through the steps of a playbook."""
