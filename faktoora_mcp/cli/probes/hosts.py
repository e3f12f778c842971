"""What the configurations of hosts say about our server, and with which variables a host starts it."""

import os
import stat
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from faktoora_mcp.cli.hosts.attached import Attached, attached, found_program, twice
from faktoora_mcp.cli.hosts.configuration import (
    HOSTS,
    SERVER,
    BrokenError,
    Host,
    Machine,
    config_path,
    read,
)
from faktoora_mcp.cli.options import variable
from faktoora_mcp.cli.typed import command_line

from .findings import Finding

KEYS = tuple(map(variable, ("api_key", "api_key_file", "sandbox")))
SURROUNDINGS = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True, slots=True)
class ExaminedHost:
    """What a host's configuration says about this server."""

    title: str
    findings: tuple[Finding, ...]
    entries: tuple[Attached, ...] = ()


def examined_host(name: str, machine: Machine, shell: Mapping[str, str]) -> ExaminedHost | None:
    """None if the host is not set up at all."""
    host, path = HOSTS[name], config_path(HOSTS[name], machine)
    facts: dict[str, object] = {"name": name, "host": host.title, "path": path}
    try:
        entries = attached(host, read(path.read_bytes()))
        writable = path.stat().st_mode & stat.S_IWUSR
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, BrokenError):
        return ExaminedHost(host.title, (Finding("bad_configuration", facts),))
    findings = [Finding("not_attached", facts)] if not entries else []
    for entry in entries:
        findings += _of_entry(entry, host, machine, facts, shell)
    findings += [
        Finding("twice", facts | {"one": one.name, "entry": two.name}) for one, two in twice(entries)
    ]
    findings += [] if writable else [Finding("protected_configuration", facts)]
    return ExaminedHost(host.title, tuple(findings), tuple(entries))


def _of_entry(
    entry: Attached, host: Host, machine: Machine, about: Mapping[str, object], shell: Mapping[str, str]
) -> Iterator[Finding]:
    named = () if entry.name == SERVER else ("--name", entry.name)
    again = command_line(["faktoora-mcp", "install", str(about["name"]), *named])
    facts = {**about, "entry": entry.name, "install": again}
    if entry.program is None:
        yield Finding("attached_remotely", facts | {"url": entry.url})
        return
    code = found_program(entry.program, host, machine, entry.surroundings.get("PATH"))
    yield Finding(code, facts | {"program": entry.program})
    if entry.refused:
        yield Finding("bad_arguments", facts | {"reason": entry.refused})
    elif code == "attached" and entry.is_known and not has_key(entry.environ):
        yield Finding("entry_without_key", facts)
    if (only := _only_in_shell(entry, shell)) and host.desktop and machine.platform != "win32":
        yield Finding("proxy_of_shell", facts | {"variables": ", ".join(only)})


def _only_in_shell(entry: Attached, shell: Mapping[str, str]) -> list[str]:
    """Proxies and certificates that this shell names and the entry does not."""
    named = {name.upper() for name in entry.surroundings}
    return sorted(name for name in SURROUNDINGS if shell.get(name) and name not in named)


def has_key(environ: Mapping[str, str]) -> bool:
    """Whether these variables name a key, or the sandbox, which needs none."""
    return any(environ.get(name, "").strip() for name in KEYS)


@contextmanager
def surroundings(given: Mapping[str, str]) -> Generator[None]:
    """Within this, proxies and certificates are those that a host's entry names, if it names any."""
    before = dict(os.environ)
    os.environ.update({name: text for name, text in given.items() if name.upper() in SURROUNDINGS})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
