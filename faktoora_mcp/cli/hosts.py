"""Where MCP hosts keep their configuration, and what it says of our server; `install` writes it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Literal, cast

from pydantic import JsonValue

Json = dict[str, JsonValue]
SERVER = "faktoora"
"""Our server's name in every host."""
DESKTOP_FILE = "claude_desktop_config.json"


@dataclass(frozen=True, slots=True)
class Machine:
    """What decides where programs keep their files; `platform` is one of sys.platform."""

    platform: str
    home: Path
    environ: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Host:
    """A program that starts MCP servers, and the form of its configuration."""

    title: str
    section: str
    """The key that servers stand under."""
    user_file: Callable[[Machine], Path]
    project_file: str | None = None
    """Below a project's folder, where the host has such a file."""
    typed: bool = True
    """Whether an entry says that its server speaks over stdio."""


class BrokenError(Exception):
    """A configuration that nobody can merge into: no JSON at (line, column), or no object at a key."""

    def __init__(self, reason: Literal["json", "shape"], where: str) -> None:
        super().__init__(reason, where)
        self.reason: Literal["json", "shape"] = reason
        self.where = where


def config_path(host: Host, machine: Machine, project: Path | None = None) -> Path:
    """The host's file for this user, or for this project; ValueError for a host without projects."""
    if project is None:
        return host.user_file(machine)
    if host.project_file is None:
        raise ValueError(f"{host.title} has no configuration of projects")
    return project / host.project_file


def read(text: bytes) -> Json:
    """The configuration, each key once, so that nothing is lost when it is written. BrokenError otherwise."""
    try:
        decoded = text.decode("utf-8-sig")
        config: object = (
            json.loads(decoded, object_pairs_hook=_once, parse_constant=_never, parse_float=_finite)
            if decoded.strip()
            else {}
        )
    except json.JSONDecodeError as exc:
        raise BrokenError("json", f"{exc.lineno}:{exc.colno}") from None
    except (ValueError, RecursionError):
        raise BrokenError("json", "") from None
    return _object(config, "")


def servers(host: Host, config: Json) -> Json:
    """The host's servers by name. BrokenError when they are no object."""
    return _object(config.get(host.section, {}), host.section)


def our_server(host: Host, config: Json) -> Json | None:
    """The entry of our server, a program to start. BrokenError when something else has its name."""
    present = servers(host, config).get(SERVER)
    if present is None:
        return None
    place = f"{host.section}.{SERVER}"
    entry = _object(present, place)
    _object(entry.get("env", {}), f"{place}.env")
    if not isinstance(entry.get("command"), str):
        raise BrokenError("shape", f"{place}.command")
    return entry


def _object(value: object, where: str) -> Json:
    if not isinstance(value, dict):
        raise BrokenError("shape", where)
    return cast("Json", value)


def _once(pairs: list[tuple[str, JsonValue]]) -> Json:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _never(name: str) -> JsonValue:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("a number is too large")
    return number


def _folder(machine: Machine, variable: str, usual: str) -> Path:
    given = Path(machine.environ.get(variable, ""))
    return given if given.is_absolute() else machine.home / usual


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
    """Windows keeps the files of a packaged Claude Desktop apart, under a name that holds its publisher."""
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


HOSTS: Mapping[str, Host] = {
    "claude-desktop": Host("Claude Desktop", "mcpServers", _claude_desktop, typed=False),
    "claude-code": Host("Claude Code", "mcpServers", _claude_code, ".mcp.json"),
    "cursor": Host("Cursor", "mcpServers", _cursor, ".cursor/mcp.json"),
    "vscode": Host("VS Code", "servers", _vscode, ".vscode/mcp.json"),
}
