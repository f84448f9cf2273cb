"""Fly: how an app is reached."""
