"""The entry of our server in a configuration: a program that a host starts, or an address."""

import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from faktoora_mcp.cli.options import INSTALL_OPTIONS, variable
from faktoora_mcp.settings import Settings

from .configuration import Host, Json

KEY = variable("api_key")
MANAGED = (KEY, *map(variable, INSTALL_OPTIONS))
"""The variables that an installation sets or removes; it keeps all others."""
LOCAL, REMOTE = ("type", "command", "args", "env"), ("url", "headers")
OUR_HEADERS = ("Authorization", "X-API-KEY", "X-Account-Id", "X-Faktoora-Readonly")


@dataclass(frozen=True, slots=True)
class Remote:
    """A server at an address; where its users sign in, the host asks for that, and no key is written."""

    url: str
    signs_in: bool

    def entry(self, host: Host, settings: Settings) -> Json:
        """The host's entry. A key goes in the header that takes access tokens too."""
        key = None if self.signs_in else settings.api_key
        given = {
            "Authorization": f"Bearer {key.get_secret_value()}" if key else None,
            "X-Account-Id": settings.account_id,
            "X-Faktoora-Readonly": "1" if settings.read_only else None,
        }
        headers: Json = {name: value for name, value in given.items() if value}
        return _with("headers", {**(host.remote or {}), "url": self.url}, headers)


def local_entry(host: Host, settings: Settings) -> Json:
    """The entry that starts the program of this interpreter with these settings."""
    command, *arguments = program(Path(sys.executable))
    entry: Json = {"type": "stdio"} if host.typed else {}
    entry |= {"command": command, "args": [*arguments]}
    return _with("env", entry, {**_variables(settings)})


def merged(present: Json, entry: Json) -> Json:
    """The new entry; what else the present one contains is kept."""
    if "url" in entry:
        others = _but(_object(present, "headers"), OUR_HEADERS)
        headers = others | _object(entry, "headers")
        return _with("headers", _but(present, (*LOCAL, *REMOTE)) | entry, headers)
    kept = _but(_env(present), MANAGED)
    return _with("env", _but(present, REMOTE) | entry, kept | _env(entry))


def program(python: Path) -> list[str]:
    """The command that starts our server from any folder: the script beside this interpreter, or a module."""
    script = python.with_name("faktoora-mcp.exe" if python.suffix == ".exe" else "faktoora-mcp")
    return [str(script), "serve"] if script.is_file() else [str(python), "-m", "faktoora_mcp", "serve"]


def needs_no_key(settings: Settings) -> bool:
    """Whether something replaces the key: the sandbox, or a file that holds it."""
    return settings.sandbox or settings.api_key_file is not None


def holds_key(entry: JsonValue) -> bool:
    """Whether a server's entry contains a key of faktoora or a token."""
    if not isinstance(entry, dict):
        return False
    return KEY in _env(entry) or not {"Authorization", "X-API-KEY"}.isdisjoint(_object(entry, "headers"))


def _variables(settings: Settings) -> dict[str, str]:
    """The chosen settings as variables; the key only if nothing replaces it."""
    key = None if needs_no_key(settings) else settings.api_key
    chosen = {name: getattr(settings, name) for name in INSTALL_OPTIONS if name in settings.model_fields_set}
    env = {variable(name): _value(value) for name, value in chosen.items() if value}
    return ({KEY: key.get_secret_value()} if key else {}) | env


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Path():
            return str(value.absolute())
        case _:
            return str(value)


def _but(given: Json, names: Collection[str]) -> Json:
    return {name: value for name, value in given.items() if name not in names}


def _env(entry: Json) -> Json:
    return _object(entry, "env")


def _object(entry: Json, name: str) -> Json:
    return cast("Json", entry.get(name) or {})


def _with(name: str, entry: Json, values: Json) -> Json:
    """The entry with these variables or headers, or without the key if there are none."""
    return {**entry, name: values} if values else _but(entry, [name])
