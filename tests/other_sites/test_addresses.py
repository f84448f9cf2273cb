"""A DATABASE_URL that the app's own driver understands serves here too, and what is left out is said once."""

from __future__ import annotations

import pytest

from tests.other_sites.art_site import ARTWORKS, LAMP, PLUGIN, MakeSite
from tests.other_sites.other_site import OtherSite


@pytest.fixture
def site(other_site: MakeSite, storage: str) -> OtherSite:
    """A site whose one artwork is exported."""
    site = other_site(ARTWORKS, local=LAMP, plugin=PLUGIN, storage=storage)
    assert site.invoke("export", "--artwork", "lamp").code == 0
    return site


def address(site: OtherSite) -> str:
    """Return the live database's address, without its scheme."""
    lines = (site.folder / ".env.live").read_text().splitlines()
    return next(line.partition("://")[2] for line in lines if line.startswith("DATABASE_URL="))


def joined(text: str, parameters: str) -> str:
    return f"{text}{'&' if '?' in text else '?'}{parameters}"


@pytest.mark.parametrize(
    ("scheme", "parameters", "says"),
    [
        ("ecto", "ssl=false&pool_size=10", ["pool_size: left out", "ssl=false is left out"]),
        ("postgres", "pgbouncer=true&connection_limit=1", ["pgbouncer, connection_limit: left out"]),
        ("postgresql+asyncpg", "schema=public", ["schema=public is left out"]),
    ],
)
def test_the_targets_address_is_understood_and_said_once(
    site: OtherSite, scheme: str, parameters: str, says: list[str]
) -> None:
    site.dotenv(DATABASE_URL=f"{scheme}://{joined(address(site), parameters)}")
    ran = site.invoke("release", "--artwork", "lamp", "--playbook", "content", "--skip", "verify")
    assert ran.code == 0, ran.err
    for text in says:
        assert ran.err.count(f"database of live: {text}") == 1
    assert site.rows("select slug from artworks") == [("lamp",)]


def test_the_sources_address_is_understood_and_said_once(site: OtherSite) -> None:
    inventory = site.folder / "inventory.toml"
    line = next(one for one in inventory.read_text().splitlines() if one.startswith("database = "))
    old = line.partition('"')[2].rstrip('"')
    new = joined(old, "pgbouncer=true").replace("postgresql://", "postgis://")
    inventory.write_text(inventory.read_text().replace(old, new))
    ran = site.invoke("release", "--artwork", "lamp", "--playbook", "content", "--skip", "verify")
    assert ran.code == 0, ran.err
    assert ran.err.count("source local: pgbouncer: left out") == 1
