"""Fly.io, by its program and its machines."""
