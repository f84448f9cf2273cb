"""The command line of the stand-in `fly`: every command and flag that it accepts, and how they are parsed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maulstick.sandbox.apps import CloudError

EVERYWHERE = "-h/--help -t/--access-token= --debug --verbose"
APP = "-a/--app= -c/--config="
JSON = "-j/--json"
ON, OFF = "true", "false"


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A command: its flags (`=` takes a value, several are kept) and how many arguments it takes."""

    flags: str
    most: int = 0
    least: int = 0
    needs_app: bool = True


# docs/fly-facts.md; flyctl's internal/command/*.
COMMANDS: Mapping[str, CommandSpec] = {
    "deploy": CommandSpec(
        f"{APP} -i/--image= --image-label= --label= --build-arg= --build-secret= --build-target= --build-only"
        " --push --remote-only --local-only --depot --detach --dockerfile= --no-cache --strategy= --ha"
        " --wait-timeout= --release-command-timeout= --lease-timeout= --skip-release-command --update-only"
        " -y/--yes --now -e/--env= --smoke-checks --dns-checks --file-local= --only-machines= --regions="
        " --exclude-machines= --exclude-regions= --process-groups= --deploy-retries= --auto-confirm",
        most=1,
    ),
    "image show": CommandSpec(f"{APP} {JSON}", most=1),
    "logs": CommandSpec(f"{APP} {JSON} -n/--no-tail -m/--machine= -i/--instance= -r/--region= -s/--select"),
    "machine exec": CommandSpec(
        f"{APP} {JSON} --select --timeout= --container= --no-container", most=2, least=1, needs_app=False
    ),
    "machine list": CommandSpec(f"{APP} {JSON} -q/--quiet"),
    "machine start": CommandSpec(f"{APP} --select", most=99, needs_app=False),
    "machine stop": CommandSpec(
        f"{APP} --select -s/--signal= --timeout= -w/--wait-timeout=", most=99, needs_app=False
    ),
    "mpg proxy": CommandSpec("-b/--bind-addr= -p/--local-port=", most=1, needs_app=False),
    "postgres connect": CommandSpec(f"{APP} -d/--database= -u/--user= -p/--password="),
    "proxy": CommandSpec(
        f"{APP} -o/--org= -s/--select -q/--quiet -b/--bind-addr= --watch-stdin",
        most=2,
        least=1,
        needs_app=False,
    ),
    "releases": CommandSpec(f"{APP} {JSON} --image"),
    "ssh console": CommandSpec(
        f"{APP} -o/--org= -C/--command= --machine= -s/--select -r/--region= -q/--quiet -A/--address="
        " --container= --no-container --pty -u/--user= -g/--process-group= --group=",
        most=1,
    ),
    "ssh issue": CommandSpec(
        "-o/--org= -u/--username= --hours= --agent -d/--dotssh --overwrite", most=3, needs_app=False
    ),
    "status": CommandSpec(f"{APP} {JSON} --all --deployment --rate= --watch"),
    "version": CommandSpec(f"{JSON} -s/--saveinstall=", needs_app=False),
}
ALIASES = {
    "m": "machine",
    "pg": "postgres",
    "machines": "machine",
    "images": "image",
    "log": "logs",
    "ls": "list",
}


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """A parsed command line: values by a flag's long name, in the order given."""

    command: str
    flags: Mapping[str, tuple[str, ...]]
    arguments: tuple[str, ...]

    def value(self, flag: str, default: str = "") -> str:
        """Return a flag's last value."""
        return self.flags.get(flag, (default,))[-1]

    def says(self, flag: str) -> bool:
        """Return whether a switch is on (`--pty`, not `--pty=false`)."""
        return self.value(flag, OFF).lower() not in (OFF, "f", "0")


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag as its command declares it."""

    name: str
    takes_value: bool


def read(words: Sequence[str]) -> ParsedCommand:
    """Parse a command line as flyctl's parser does; raise CloudError with its words if it refuses."""
    command, rest = _command(words)
    known = _known(f"{COMMANDS[command].flags} {EVERYWHERE}")
    flags: dict[str, tuple[str, ...]] = {}
    arguments: list[str] = []
    left = list(rest)
    while left:
        word = left.pop(0)
        if word == "--":
            arguments += left
            break
        if word.startswith("-") and word != "-":
            for name, value in _flag(word, left, known):
                flags[name] = (*flags.get(name, ()), value)
        else:
            arguments.append(word)
    call = ParsedCommand(command, flags, tuple(arguments))
    if not call.says("help"):
        _expect_count(call)
    return call


def usage(command: str) -> str:
    """Return the help text of a command."""
    flags = "\n".join(f"  {spec.replace('/', ', ').replace('=', ' string')}" for spec in _specs(command))
    return f"Usage:\n  fly {command} [flags]\n\nFlags:\n{flags}\n"


def _specs(command: str) -> Sequence[str]:
    return f"{COMMANDS[command].flags} {EVERYWHERE}".split()


def _command(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    names = [ALIASES.get(word, word) for word in words[:2]]
    for count in (2, 1):
        if len(names) >= count and " ".join(names[:count]) in COMMANDS:
            return " ".join(names[:count]), words[count:]
    group = names[0] if any(command.startswith(f"{names[0]} ") for command in COMMANDS) else ""
    unknown = names[-1] if group else names[0]
    raise CloudError(f'unknown command "{unknown}" for "{" ".join(("flyctl", group)).strip()}"')


def _known(specs: str) -> Mapping[str, Flag]:
    known = {}
    for spec in specs.split():
        names = spec.removesuffix("=").split("/")
        flag = Flag(names[-1].removeprefix("--"), spec.endswith("="))
        known.update(dict.fromkeys(names, flag))
    return known


def _flag(word: str, left: list[str], known: Mapping[str, Flag]) -> Sequence[tuple[str, str]]:
    return [_long(word, left, known)] if word.startswith("--") else _shorts(word, left, known)


def _long(word: str, left: list[str], known: Mapping[str, Flag]) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if name not in known:
        raise CloudError(f"unknown flag: {name}")
    flag = known[name]
    if equals or not flag.takes_value:
        return flag.name, value if equals else ON
    if not left:
        raise CloudError(f"flag needs an argument: {name}")
    return flag.name, left.pop(0)


def _shorts(word: str, left: list[str], known: Mapping[str, Flag]) -> Sequence[tuple[str, str]]:
    """Read `-q`, `-qC value`, `-Cvalue` and `-a=value`."""
    found: list[tuple[str, str]] = []
    for place, letter in enumerate(word[1:], 2):
        flag = known.get(f"-{letter}")
        if flag is None:
            raise CloudError(f"unknown shorthand flag: {letter!r} in {word}")
        if flag.takes_value:
            if not word[place:] and not left:
                raise CloudError(f"flag needs an argument: {letter!r} in {word}")
            return [*found, (flag.name, word[place:].removeprefix("=") or left.pop(0))]
        found.append((flag.name, ON))
    return found


def _expect_count(call: ParsedCommand) -> None:
    rule, count = COMMANDS[call.command], len(call.arguments)
    if rule.most == 0 and count:
        raise CloudError(f'unknown command "{call.arguments[0]}" for "flyctl {call.command}"')
    if count < rule.least:
        raise CloudError(f"accepts between {rule.least} and {rule.most} arg(s), received {count}")
    if count > rule.most:
        raise CloudError(f"accepts at most {rule.most} arg(s), received {count}")
