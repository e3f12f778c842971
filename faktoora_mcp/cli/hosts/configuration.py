"""The MCP hosts: where each keeps its configuration, and what that says about our server."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Literal, Self, cast

from pydantic import JsonValue

Json = dict[str, JsonValue]
SERVER = "faktoora"
"""Our server's name in every host."""
DESKTOP_FILE = "claude_desktop_config.json"


@dataclass(frozen=True, slots=True)
class Machine:
    """What decides where programs keep their files; `platform` as in sys.platform."""

    platform: str
    home: Path
    environ: Mapping[str, str]

    @classmethod
    def here(cls) -> Self:
        return cls(sys.platform, Path.home(), os.environ)


@dataclass(frozen=True, slots=True)
class Host:
    """A program that starts MCP servers, and the format of its configuration."""

    title: str
    section: str
    """The key that holds the servers."""
    user_file: Callable[[Machine], Path]
    project_file: str | None = None
    """Relative to a project's folder, if the host has such a file."""
    typed: bool = True
    """Whether an entry has a `type`, which is stdio for a program to start."""
    remote: Json | None = None
    """What an entry for an address says besides `url` and `headers`; None where users add it by hand."""
    desktop: bool = True
    """Whether it is started from the desktop, and not in a shell, whose PATH and variables it would have."""


class BrokenError(Exception):
    """A configuration that cannot be changed: invalid JSON at line:column, or a key of a wrong type."""

    def __init__(self, reason: Literal["json", "shape"], where: str) -> None:
        super().__init__(reason, where)
        self.reason: Literal["json", "shape"] = reason
        self.where = where


def config_path(host: Host, machine: Machine, project: Path | None = None) -> Path:
    """The host's file for this user, or for this project. ValueError if the host has no such file."""
    if project is None:
        return host.user_file(machine)
    if host.project_file is None:
        raise ValueError(f"{host.title} has no project configuration")
    return project / host.project_file


def read(text: bytes) -> Json:
    """The configuration. BrokenError if it could not be written back without loss, as with duplicate keys."""
    try:
        decoded = text.decode("utf-8-sig")
        config: object = (
            json.loads(decoded, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
            if decoded.strip()
            else {}
        )
    except json.JSONDecodeError as exc:
        raise BrokenError("json", f"{exc.lineno}:{exc.colno}") from None
    except (ValueError, RecursionError):
        raise BrokenError("json", "") from None
    return _object(config, "")


def servers(host: Host, config: Json) -> Json:
    """The host's servers by name. BrokenError if they are not an object."""
    return _object(config.get(host.section, {}), host.section)


def our_server(host: Host, config: Json, name: str = SERVER) -> Json | None:
    """The entry of our server. BrokenError if it names neither a program to start nor an address."""
    present = servers(host, config).get(name)
    return None if present is None else entry_of(present, f"{host.section}.{name}")


def entry_of(present: JsonValue, place: str) -> Json:
    """A server's entry. BrokenError if it names neither a program to start nor an address."""
    entry = _object(present, place)
    _object(entry.get("env", {}), f"{place}.env")
    _object(entry.get("headers", {}), f"{place}.headers")
    if not isinstance(entry.get("command", entry.get("url")), str):
        raise BrokenError("shape", f"{place}.command")
    return entry


def _object(value: object, where: str) -> Json:
    if not isinstance(value, dict):
        raise BrokenError("shape", where)
    return cast("Json", value)


def _unique(pairs: list[tuple[str, JsonValue]]) -> Json:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("duplicate key")
    return found


def _no_constant(name: str) -> JsonValue:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("number too large")
    return number


def _folder(machine: Machine, variable: str, default: str) -> Path:
    given = Path(machine.environ.get(variable, ""))
    return given if given.is_absolute() else machine.home / default


def _applications(machine: Machine) -> Path:
    match machine.platform:
        case "darwin":
            return machine.home / "Library" / "Application Support"
        case "win32":
            return _folder(machine, "APPDATA", "AppData/Roaming")
        case _:
            return _folder(machine, "XDG_CONFIG_HOME", ".config")


def _claude_desktop(machine: Machine) -> Path:
    packaged = _packaged(machine) if machine.platform == "win32" else []
    files = [folder / DESKTOP_FILE for folder in packaged or [_applications(machine) / "Claude"]]
    return next((file for file in files if file.exists()), files[0])


def _packaged(machine: Machine) -> list[Path]:
    """On Windows, a packaged Claude Desktop has a folder of its own, named after its publisher."""
    local = _folder(machine, "LOCALAPPDATA", "AppData/Local")
    store = sorted(local.glob("Packages/Claude_*"))
    newest = sorted(local.glob("Claude-Data/[Cc]laude_*"))
    return newest or [package / "LocalCache" / "Roaming" / "Claude" for package in store]


def _claude_code(machine: Machine) -> Path:
    return _folder(machine, "CLAUDE_CONFIG_DIR", "") / ".claude.json"


def _cursor(machine: Machine) -> Path:
    return machine.home / ".cursor" / "mcp.json"


def _vscode(machine: Machine) -> Path:
    return _applications(machine) / "Code" / "User" / "mcp.json"


HTTP: Json = {"type": "http"}
HOSTS: Mapping[str, Host] = {
    "claude-desktop": Host("Claude Desktop", "mcpServers", _claude_desktop, typed=False),
    "claude-code": Host("Claude Code", "mcpServers", _claude_code, ".mcp.json", remote=HTTP, desktop=False),
    "cursor": Host("Cursor", "mcpServers", _cursor, ".cursor/mcp.json", remote={}),
    "vscode": Host("VS Code", "servers", _vscode, ".vscode/mcp.json", remote=HTTP),
}
