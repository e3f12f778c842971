"""The entries of our server in a host's configuration, whatever their names: what each starts, and how."""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath, PureWindowsPath
from typing import cast
from urllib.parse import urlsplit

import click
from pydantic import JsonValue

from faktoora_mcp.cli.options import variables_of
from faktoora_mcp.settings import PREFIX, Settings

from .configuration import SERVER, BrokenError, Host, Json, Machine, entry_of, servers

OURS = re.compile(r"(?:^|[\\/])faktoora[-_]mcp(?:\.exe|\.cmd|[=@:\[<>~].*)?$")
"""A word that names our program, module, package or image."""
VENDOR = urlsplit(str(Settings.model_fields["base_url"].default)).hostname
"""Its own server of all of faktoora may stand beside ours."""
OF_OURS = ("X-Faktoora-Readonly", "X-Account-Id")
"""Headers that tell our server from others."""
PATHS = {
    "darwin": "/usr/bin:/bin:/usr/sbin:/sbin",
    "linux": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}
"""The PATH of a program that is started from the desktop, where no shell adds to it."""


@dataclass(frozen=True, slots=True)
class Attached:
    """One entry of ours; `environ` are the settings with which it starts, by options and variables."""

    name: str
    program: str | None = None
    url: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    refused: str | None = None
    """Why the server refuses these options."""
    is_known: bool = True
    """Whether the program is ours, and not a wrapper that may add settings."""
    surroundings: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Variables besides the settings."""


def attached(host: Host, config: Json) -> list[Attached]:
    """Our entries in their order. BrokenError if the servers, or ours by name, have another form."""
    return [found for name, entry in servers(host, config).items() if (found := _ours(host, name, entry))]


def found_program(program: str, host: Host, machine: Machine, path: str | None) -> str:
    """How a host finds a program: `attached`, or what is wrong, by code; `path` is the entry's own PATH."""
    flavour = PureWindowsPath if machine.platform == "win32" else PurePosixPath
    named = flavour(program)
    if len(named.parts) > 1 and not named.is_absolute():
        return "program_relative"
    if path is None and host.desktop and len(named.parts) == 1:
        if shutil.which(program, path=desktop_path(machine)):
            return "attached"
        return "program_of_shell" if shutil.which(program, path=_shell_path(machine)) else "program_gone"
    return "attached" if shutil.which(program, path=path or _shell_path(machine)) else "program_gone"


def desktop_path(machine: Machine) -> str:
    """The PATH of programs that are started from the desktop; on Windows without the active environment."""
    if machine.platform != "win32":
        return PATHS.get(machine.platform, PATHS["linux"])
    active = machine.environ.get("VIRTUAL_ENV")
    folders = _shell_path(machine).split(";")
    return ";".join(folder for folder in folders if not active or not folder.startswith(active))


def _shell_path(machine: Machine) -> str:
    return machine.environ.get("PATH", "")


def _ours(host: Host, name: str, present: JsonValue) -> Attached | None:
    try:
        entry = entry_of(present, f"{host.section}.{name}")
    except BrokenError:
        if name == SERVER:
            raise
        return None
    if "command" not in entry:
        return Attached(name, url=str(entry["url"])) if _is_our_address(name, entry) else None
    command, *arguments = words = [
        str(entry["command"]),
        *map(str, cast("list[str]", entry.get("args") or [])),
    ]
    at = next((place for place, word in enumerate(words) if OURS.search(word)), None)
    if at is None and name != SERVER:
        return None
    environ, refused = ({}, None) if at is None else _options(words[at + 1 :])
    texts = {key: str(value) for key, value in cast("Json", entry.get("env") or {}).items()}
    passed = dict(word.split("=", 1) for word in arguments[:at] if re.match(rf"{PREFIX}\w+=", word))
    given = {key: text for key, text in (texts | passed).items() if not text.startswith("${")}
    settings = {key: text for key, text in given.items() if key.startswith(PREFIX)} | environ
    rest = {key: text for key, text in given.items() if not key.startswith(PREFIX)}
    is_known = at is not None and len(texts | passed) == len(given)
    return Attached(name, command, None, settings, refused, is_known, rest)


def _is_our_address(name: str, entry: Json) -> bool:
    """Whether an address is one of our server; the vendor's own is none, whatever its name."""
    parts = urlsplit(str(entry["url"]))
    if parts.hostname == VENDOR:
        return False
    headers = cast("Json", entry.get("headers") or {})
    return name == SERVER or any(header in headers for header in OF_OURS) or "faktoora" in str(parts.hostname)


def _options(words: list[str]) -> tuple[dict[str, str], str | None]:
    """The settings that options choose, as variables; or none, and why the server refuses them."""
    from faktoora_mcp.cli.main import cli

    if words[:1] not in ([], ["serve"]) and not words[0].startswith("-"):
        return {}, words[0]
    given = [word for word in words if word != "serve"]
    try:
        chosen = cli.commands["serve"].make_context("serve", given, **cli.context_settings).params
    except (click.UsageError, click.exceptions.Exit) as wrong:
        return {}, wrong.format_message() if isinstance(wrong, click.UsageError) else words[0]
    return variables_of({name: value for name, value in chosen.items() if name != "http"}), None


def twice(entries: list[Attached]) -> Iterator[tuple[Attached, Attached]]:
    """Entries that start the same server, so that a chat has every tool of it twice."""
    for place, one in enumerate(entries):
        for other in entries[:place]:
            if _same(one) == _same(other):
                yield other, one


def _same(entry: Attached) -> object:
    """What decides whose customers an entry shows; an entry of unknown settings equals none."""
    if entry.url:
        return entry.url
    names = ("api_key", "api_key_file", "base_url", "account_id", "sandbox", "db")
    known = tuple(entry.environ.get(PREFIX + name.upper()) for name in names)
    return known if entry.is_known else id(entry)
