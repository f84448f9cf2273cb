"""A piece of a text replaced."""


def replaced(text: str, begin: int, end: int, new: str) -> str:
    """Return a text with another piece from `begin` to `end`."""
    return text[:begin] + new + text[end:]
