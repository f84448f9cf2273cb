"""Values that must never be shown: they print as `[hidden]` wherever they go."""

from __future__ import annotations

from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

HIDDEN = "[hidden]"


class Secret:
    """A value that only `reveal` shows."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value; call this only where it is sent to the service that needs it."""
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return Secret, (HIDDEN,)


def hide(text: str, *secrets: Secret) -> str:
    """Replace every secret in `text`, as it is, percent-encoded or decoded, with `[hidden]`."""
    for secret in secrets:
        value = secret.reveal()
        for form in {value, quote(value, safe=""), unquote(value)} - {""}:
            text = text.replace(form, HIDDEN)
    return text


def with_address(url: Secret, host: str, port: int) -> Secret:
    """Replace host and port of an address; user, password, path and options stay."""
    parts = urlsplit(url.reveal())
    user, at, _ = parts.netloc.rpartition("@")
    moved = SplitResult(parts.scheme, f"{user}{at}{host}:{port}", parts.path, parts.query, "")
    return Secret(urlunsplit(moved))
