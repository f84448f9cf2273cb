"""How the stand-in `fly` misbehaves when told to, as flyctl has (docs/fly-facts.md, "The stand-in")."""

from collections.abc import Mapping

FAULTS: Mapping[str, str] = {
    "deploy-exit-0-though-failed": "`fly deploy` says nothing of a release that failed",
    "deploy-exit-1-though-complete": "`fly deploy` calls a release failed that is healthy",
    "dns-not-found": "a private name that is there is not found",
    "machine-stops": "the machine stops just before a command would run on it",
    "mpg-old-token": "managed databases want a newer kind of login",
    "mpg-port-0": "`fly mpg proxy` takes no port 0",
    "not-logged-in": "nobody is logged in, or the login is older than 30 days",
    "proxy-refuses": "a proxy takes a connection in and closes it",
    "ssh-empty-once": "a command succeeds and its output is lost",
    "ssh-hang": "a command never ends",
    "ssh-issue-refused": "the token may not issue SSH certificates",
    "ssh-says-its-choice": "the choice of a machine is said on stdout though it was named",
    "too-old": "`fly` is of the last version that could lose output",
}
