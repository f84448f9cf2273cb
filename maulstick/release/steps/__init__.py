"""The core's steps, a module each."""
