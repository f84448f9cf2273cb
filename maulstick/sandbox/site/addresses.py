"""Where a visitor's browser finds a picture or a recording."""

from urllib.parse import quote

MEDIA = "/media/"
# What every server reads alike in a path; a plus sign, for one, is a blank to some.
AS_IT_IS = "/!(),:;=@"


def address(public_url: str, stored: str | None) -> str | None:
    """Return the address of a stored url: a path is appended to the public address unchanged."""
    if not stored:
        return None
    if stored.startswith(("http://", "https://")):
        return stored
    return public_url + quote(stored, safe=AS_IT_IS)


def key(path: str) -> str | None:
    """Return the bucket's key that a request path (as WSGI gives it) asks for, unchanged.

    None where no key can be meant: bytes that are not UTF-8, a NUL, or a segment that would leave the folder.
    """
    try:
        asked = path.removeprefix(MEDIA).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None
    if not asked or "\0" in asked or {".", ".."} & set(asked.split("/")):
        return None
    return asked
