"""Addresses of databases: those of other drivers, translated for libpq."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from maulstick.redact import Secret

SCHEME = re.compile(
    r"\s*[\"']?(?:jdbc:)?(?:postgres|postgresql|postgis|pgsql|psql|ecto|timescale(?:gis|db)?)(?:\+[a-z0-9_]+)?://",
    re.IGNORECASE,
)
KEYWORDS = re.compile(r"\s*(?:\w+\s*=\s*(?:'(?:[^'\\]|\\.)*'|[^\s']*)\s*)+")
NAMED = {"dbname", "service"}
"""Without one of these keywords it is another driver's format: `Host=…;Database=…` is one host to libpq."""
_WORD = re.compile(r"(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s']*))")
_PORT = r"(?::\d*)?"
_HOST = rf"(?:\[[^\]@]*\]|[^:@/?#,\[]*){_PORT}"
_HOSTS = rf"(?P<hosts>{_HOST}(?:,{_HOST})*)"
_PATH = r"(?P<path>/[^?#@]*)?"
_PARTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<user>[^:@/?#]*)(?::(?P<password>[^@/?#]*))?@{_HOSTS}{_PATH}(?:\?(?P<query>[^#]*))?",
        rf"{_HOSTS}{_PATH}(?:\?(?P<query>[^#@]*))?",
        # A user or a password that is not percent-encoded: everything before the last @.
        rf"(?P<user>[^:/?#]*):(?P<password>.*)@{_HOSTS}{_PATH}(?:\?(?P<query>[^#@]*))?",
        rf"{_HOSTS}{_PATH}(?:\?(?P<query>[^#]*))?",
    )
)
SSLMODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
STRICT = {
    **dict.fromkeys(("1", "on", "true", "yes", "no-verify", "noverify", "accept"), "require"),
    **{mode.replace("-", "_"): mode for mode in SSLMODES},
    **{mode: mode for mode in SSLMODES},
}
"""What other drivers call an encrypted connection, and libpq's name for it."""
KEYS = {"scram_client_key", "scram_server_key"}
"""What can replace a password, though libpq does not treat it as a secret."""
FOREIGN = re.compile(r"(?:password|passwd|pwd)\s*=\s*[\"']?([^\"';&\s]+)", re.IGNORECASE)
"""How a password is written in formats that libpq cannot read."""
LAX = ("0", "off", "false", "no", "")
SCHEMAS = ("schema", "currentschema", "search_path")
ELSEWHERE = 'a table outside "public" is named with its schema, as in Table("shop.artworks")'


@dataclass(frozen=True, slots=True)
class AddressParts:
    """The parts of an address; user, password and path as written, parameters decoded."""

    user: str | None
    password: str | None
    hosts: str
    path: str
    parameters: tuple[tuple[str, str], ...]

    def text(self) -> str:
        """Return the address as libpq reads it, with special characters percent-encoded."""
        password = "" if self.password is None else f":{_encoded(self.password)}"
        login = "" if self.user is None else f"{_encoded(self.user)}{password}@"
        words = "&".join(f"{name}={quote(value, safe='/:,')}" for name, value in self.parameters)
        return f"postgresql://{login}{self.hosts}{_encoded(self.path, '/')}{'?' if words else ''}{words}"


def parse(text: str) -> AddressParts | None:
    """Parse the parts of an address, or of keywords such as `host=… dbname=…`; None if it is neither."""
    text = text.strip()
    if text[:1] in ("'", '"') and text[:1] == text[-1:]:
        text = text[1:-1].strip()
    if scheme := SCHEME.match(text):
        rest = text[scheme.end() :]
        parts = next((match for pattern in _PARTS if (match := pattern.fullmatch(rest))), None)
        return None if parts is None else _of_parts(parts.groupdict())
    return _of_words(text) if is_words(text) else None


def is_words(text: str) -> bool:
    """Return whether an address is keywords such as `host=… dbname=…` that name a database."""
    return bool(KEYWORDS.fullmatch(text)) and bool(NAMED & {match[1] for match in _WORD.finditer(text)})


def as_libpq(text: str, known: Collection[str]) -> tuple[str, tuple[str, ...]] | None:
    """Return an address with the parameters that libpq knows, and notes about the others.

    None if it is not the address of a PostgreSQL database.
    """
    address = parse(text)
    if address is None or not _is_text(address):
        return None
    kept: dict[str, str] = {}
    dropped: list[str] = []
    notes: list[str] = []
    for name, value in address.parameters:
        lower = name.lower()
        if lower in ("ssl", "sslmode"):
            notes += _encryption(name, value.lower(), kept)
        elif lower in SCHEMAS:
            notes.append(f"{name}={value} is left out: {ELSEWHERE}")
        elif lower in known:
            kept[lower] = value
        else:
            dropped.append(name)
    if dropped:
        notes.insert(0, f"{', '.join(dropped)}: left out, another driver's own")
    return replace(address, parameters=tuple(kept.items())).text(), tuple(notes)


def _is_text(address: AddressParts) -> bool:
    """Return whether what is percent-encoded is UTF-8."""
    try:
        for part in (address.user, address.password, address.hosts, address.path):
            unquote(part or "", errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def _encryption(name: str, value: str, kept: dict[str, str]) -> Iterator[str]:
    mode = STRICT.get(value)
    if mode is None:
        yield f"{name}={value} is left out" if value in LAX else f"{name}={value} is taken as sslmode=require"
        mode = "" if value in LAX else "require"
    elif name.lower() != "sslmode" or mode != value:
        yield f"{name}={value} is taken as sslmode={mode}"
    if mode and (name.lower() == "sslmode" or "sslmode" not in kept):
        kept["sslmode"] = mode


def _of_parts(parts: dict[str, str | None]) -> AddressParts:
    options = (option.partition("=") for option in (parts.get("query") or "").split("&"))
    pairs = [(unquote(name), unquote(value)) for name, _, value in options if name]
    hosts, own = parts.get("hosts") or "", [value for name, value in pairs if name == "host"]
    if len(own) > 1 and not hosts:  # SQLAlchemy has a parameter for each host with its port
        hosts, pairs = ",".join(own), [(name, value) for name, value in pairs if name != "host"]
    return _logged_in(parts.get("user"), parts.get("password"), hosts, parts.get("path") or "", dict(pairs))


def _of_words(text: str) -> AddressParts:
    words = {
        match[1]: re.sub(r"\\(.)", r"\1", match[2] if match[2] is not None else match[3])
        for match in _WORD.finditer(text)
    }
    path = f"/{quote(words.pop('dbname'), safe='')}" if "dbname" in words else ""
    return _logged_in(None, None, "", path, words)


def _logged_in(
    user: str | None, password: str | None, hosts: str, path: str, parameters: dict[str, str]
) -> AddressParts:
    """Return an address whose host and login stand in front, also where they came as parameters."""
    if user is None and "user" in parameters:
        user = quote(parameters.pop("user"), safe="")
        password = quote(parameters.pop("password"), safe="") if "password" in parameters else None
    host = parameters.get("host", "")
    if host and not hosts and not {"/", ","} & {*host}:
        port = parameters.pop("port", "")
        del parameters["host"]
        hosts = f"[{host}]" if ":" in host else host
        hosts += f":{port}" if port else ""
    return AddressParts(user, password, hosts, path, tuple(parameters.items()))


def _encoded(text: str, keep: str = "") -> str:
    """Percent-encode the special characters of a part that are not encoded yet."""
    meant = rf"%(?![0-9A-Fa-f]{{2}})|[^\w.~!$'()*+,;={keep}%-]"
    return re.sub(meant, lambda sign: quote(sign[0], safe=""), text)


def passwords_of(url: Secret) -> tuple[Secret, ...]:
    """Return each password and key in an address, whichever driver it was written for."""
    address, secret = parse(url.reveal()), _secret_words()
    passwords = {address.password or ""} if address else set(FOREIGN.findall(url.reveal()))
    passwords |= {value for name, value in address.parameters if name in secret} if address else set()
    for text in (url.reveal(), address.text() if address else ""):
        passwords |= _read_by_libpq(text, secret)
    return tuple(Secret(value) for value in sorted(passwords - {""}))


def _secret_words() -> set[str]:
    from psycopg.pq import Conninfo

    return KEYS | {one.keyword.decode() for one in Conninfo.get_defaults() if one.dispchar == b"*"}


def _read_by_libpq(text: str, secret: set[str]) -> set[str]:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        values = conninfo_to_dict(text).items()
    except (ProgrammingError, UnicodeDecodeError):
        return set()
    return {str(value) for name, value in values if name in secret}
