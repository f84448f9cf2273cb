"""Values that must never be seen: they print as `[hidden]` wherever they go."""

from __future__ import annotations

from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

HIDDEN = "[hidden]"


class Secret:
    """A value that shows itself only to who calls `reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value; call it only where it leaves for the service that needs it."""
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
    """Return `text` with every secret in it, plain or percent-encoded or decoded, as `[hidden]`."""
    for secret in secrets:
        value = secret.reveal()
        for form in {value, quote(value, safe=""), unquote(value)} - {""}:
            text = text.replace(form, HIDDEN)
    return text


def with_address(url: Secret, host: str, port: int) -> Secret:
    """Return the address with another host and port; user, password, path and options stay."""
    parts = urlsplit(url.reveal())
    user, at, _ = parts.netloc.rpartition("@")
    moved = SplitResult(parts.scheme, f"{user}{at}{host}:{port}", parts.path, parts.query, "")
    return Secret(urlunsplit(moved))
