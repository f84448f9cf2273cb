"""Questions about a machine of your own: its host key, the login, the commit that runs there."""

from __future__ import annotations

from maulstick.doctor.context import DoctorContext
from maulstick.doctor.findings import Finding, fail, ok, skipped
from maulstick.errors import Exit, Problem
from maulstick.hosts.ssh_host import SshHost

SHORT = 7


def host_key(context: DoctorContext) -> Finding:
    """Look for the machine's key among the known hosts; nobody is asked for it."""
    from maulstick.hosts.ssh.host_keys import file_of, hint_for, known_keys

    login = _host(context).machine.login
    keys = known_keys(login)
    if not keys:
        return fail(f"{login.name} is not known: {file_of(login)} has no key of it", hint_for(login))
    return ok(f"{file_of(login)} has {', '.join(key.get_name() for key in keys)}")


def machine(context: DoctorContext) -> Finding:
    """Log in."""
    connection = _host(context).machine
    connection.open()
    return ok(
        f"{connection.login.name} lets us in, {connection.transport.remote_version.removeprefix('SSH-2.0-')}"
    )


def commit(context: DoctorContext) -> Finding:
    """Ask which commit runs, where the inventory says how."""
    host = _host(context)
    why = host.code.refused(asked=False)
    if why:
        return skipped(why)
    return ok(f"runs {(host.code.running or '')[:SHORT]}")


def _host(context: DoctorContext) -> SshHost:
    if not isinstance(context.host, SshHost):
        raise Problem(f"targets/{context.target.name}", "is not reached by SSH", code=Exit.BUG)
    return context.host
