"""`faktoora-mcp install`: our server written into the configuration of an MCP host, and taken out again."""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import click

from faktoora_mcp.language import Language, spoken
from faktoora_mcp.settings import PREFIX, NoKeyError, Settings

from . import console
from .hosts import HOSTS, SERVER, BrokenError, Host, Json, Machine, config_path, our_server, read, servers

Read = Callable[[Mapping[str, str]], Settings]
"""The settings that the user gave, with these beside them; NoKeyError where a key is missing."""
KEY = PREFIX + "API_KEY"
WRITTEN = ("api_key_file", "base_url", "sandbox", "read_only", "account", "language")
OURS = (KEY, *(PREFIX + name.upper() for name in WRITTEN))
"""The variables that an installation decides; it keeps all others."""
MASK = "********"
PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class Words:
    """What people are told, in one language."""

    ask: str
    installed: str
    unchanged: str
    removed: str
    absent: str
    backup: str
    would: str
    would_remove: str
    restart: str
    no_json: str
    no_object: str
    at: str
    unusable: str
    changed: str
    no_project: str
    shared: str


WORDS: Mapping[Language, Words] = {
    "en": Words(
        ask="faktoora API key (it is not shown)",
        installed="faktoora is set up in {host}: {path}",
        unchanged="faktoora is set up in {host} already, nothing was changed: {path}",
        removed="faktoora is taken out of {host}: {path}",
        absent="faktoora is not set up in {host}, nothing was changed: {path}",
        backup="The file as it was, keys included: {backup}",
        would="This would stand in {path}:",
        would_remove="faktoora would be taken out of {path}",
        restart="Restart {host} now.",
        no_json="Nothing was changed: {path} is no valid JSON{at} (comments and doubled keys count, too). "
        "Repair it and try again, or add by hand what --print shows.",
        no_object="Nothing was changed: {path} has another form than {host} documents{at}. "
        "Repair it and try again, or add by hand what --print shows.",
        at=", at {where}",
        unusable="Nothing was changed: {path} cannot be read or written: {reason}.",
        changed="Nothing was changed: {path} was written by somebody else just now. Try again.",
        no_project="{host} has no configuration of projects. Leave out --project.",
        shared="A project's configuration is shared with others and must not hold the key. "
        "Give --api-key-file or --sandbox.",
    ),
    "de": Words(
        ask="faktoora-API-Schlüssel (er wird nicht angezeigt)",
        installed="faktoora ist in {host} eingerichtet: {path}",
        unchanged="faktoora ist in {host} bereits eingerichtet, nichts wurde geändert: {path}",
        removed="faktoora ist aus {host} entfernt: {path}",
        absent="faktoora ist in {host} nicht eingerichtet, nichts wurde geändert: {path}",
        backup="Die Datei, wie sie war, samt Schlüsseln: {backup}",
        would="Das stünde in {path}:",
        would_remove="faktoora würde aus {path} entfernt",
        restart="Starten Sie {host} jetzt neu.",
        no_json="Nichts wurde geändert: {path} ist kein gültiges JSON{at} (auch Kommentare und doppelte "
        "Namen zählen). Reparieren Sie die Datei, oder tragen Sie von Hand ein, was --print zeigt.",
        no_object="Nichts wurde geändert: {path} hat eine andere Form, als {host} sie dokumentiert{at}. "
        "Reparieren Sie die Datei, oder tragen Sie von Hand ein, was --print zeigt.",
        at=", bei {where}",
        unusable="Nichts wurde geändert: {path} kann nicht gelesen oder geschrieben werden: {reason}.",
        changed="Nichts wurde geändert: {path} wurde soeben von anderer Seite geschrieben. "
        "Versuchen Sie es erneut.",
        no_project="{host} kennt keine Konfiguration je Projekt. Lassen Sie --project weg.",
        shared="Die Konfiguration eines Projekts wird geteilt und darf den Schlüssel nicht enthalten. "
        "Geben Sie --api-key-file oder --sandbox an.",
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One configuration file of a host, and the words to speak of it."""

    host: Host
    path: Path
    words: Words

    def say(self, text: str, **more: object) -> None:
        click.echo(self.told(text, **more))

    def told(self, text: str, **more: object) -> str:
        return text.format_map({"host": self.host.title, "path": self.path} | more)


def install(name: str, given: Read, machine: Machine, *, project: Path | None, only_print: bool) -> None:
    """Set up our server in a host; ClickException with a sentence when that cannot be done."""
    place, masked = _place(name, given, machine, project)
    if project and not _keyless(masked):
        raise click.UsageError(place.words.shared)
    if only_print:
        place.say(place.words.would)
        click.echo(_text({place.host.section: {SERVER: _entry(place.host, masked)}}), nl=False)
        return
    before, config = _load(place)
    if _put(place.host, config, _entry(place.host, _with_key(given, place.words))):
        _save(place, before, config)
        _report(place, place.words.installed, before)
    else:
        place.say(place.words.unchanged)


def uninstall(name: str, given: Read, machine: Machine, *, project: Path | None, only_print: bool) -> None:
    """Take our server out of a host and leave everything else; ClickException as above."""
    place, _ = _place(name, given, machine, project)
    before, config = _load(place)
    if not _take(place.host, config):
        place.say(place.words.absent)
    elif only_print:
        place.say(place.words.would_remove)
    else:
        _save(place, before, config)
        _report(place, place.words.removed, before)


def program(python: Path) -> list[str]:
    """The words that start our server in any folder: the command beside this interpreter, else a module."""
    command = python.with_name("faktoora-mcp.exe" if python.suffix == ".exe" else "faktoora-mcp")
    return [str(command), "serve"] if command.is_file() else [str(python), "-m", "faktoora_mcp", "serve"]


def backup_of(path: Path) -> Path:
    """Where the file is kept as it was before the last change."""
    return path.with_name(path.name + ".bak")


def _place(name: str, given: Read, machine: Machine, project: Path | None) -> tuple[Place, Settings]:
    """Where to write, and the settings with a mask for a key."""
    console.speak_utf8()
    masked = given({"api_key": MASK})
    host, words = HOSTS[name], WORDS[spoken(masked.language)]
    try:
        return Place(host, config_path(host, machine, project), words), masked
    except ValueError:
        raise click.UsageError(words.no_project.format(host=host.title)) from None


def _keyless(settings: Settings) -> bool:
    return settings.sandbox or settings.api_key_file is not None


def _with_key(given: Read, words: Words) -> Settings:
    try:
        return given({})
    except NoKeyError:
        if not sys.stdin.isatty():
            raise
    return given({"api_key": click.prompt(words.ask, hide_input=True, err=True)})


def _entry(host: Host, settings: Settings) -> Json:
    command, *arguments = program(Path(sys.executable))
    entry: Json = {"type": "stdio"} if host.typed else {}
    entry |= {"command": command, "args": [*arguments]}
    return _with_env(entry, {**_variables(settings)})


def _variables(settings: Settings) -> dict[str, str]:
    """What was chosen, as the server reads it at its start; the key only where nothing replaces it."""
    key = None if _keyless(settings) else settings.api_key
    chosen = {name: getattr(settings, name) for name in WRITTEN if name in settings.model_fields_set}
    env = {PREFIX + name.upper(): _word(value) for name, value in chosen.items() if value}
    return ({KEY: key.get_secret_value()} if key else {}) | env


def _word(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Path():
            return str(value.absolute())
        case _:
            return str(value)


def _put(host: Host, config: Json, entry: Json) -> bool:
    """Whether anything changed; what the entry held beside ours stays."""
    present = our_server(host, config) or {}
    kept = {name: value for name, value in _env(present).items() if name not in OURS}
    wanted = _with_env(present | entry, kept | _env(entry))
    config[host.section] = {**servers(host, config), SERVER: wanted}
    return wanted != present


def _env(entry: Json) -> Json:
    return cast("Json", entry.get("env", {}))


def _with_env(entry: Json, env: Json) -> Json:
    """The entry with these variables in their old place, or without any."""
    return {**entry, "env": env} if env else {name: value for name, value in entry.items() if name != "env"}


def _take(host: Host, config: Json) -> bool:
    """Whether it was there."""
    if our_server(host, config) is None:
        return False
    del servers(host, config)[SERVER]
    return True


def _load(place: Place) -> tuple[bytes | None, Json]:
    """The file and what it says, of a form that can be changed."""
    try:
        before = _bytes(place.path)
        config = read(before or b"")
        our_server(place.host, config)
    except BrokenError as broken:
        raise click.ClickException(_broken(place, broken)) from None
    except OSError as exc:
        raise click.ClickException(place.told(place.words.unusable, reason=exc.strerror)) from None
    return before, config


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _broken(place: Place, broken: BrokenError) -> str:
    text = place.words.no_json if broken.reason == "json" else place.words.no_object
    return place.told(text, at=place.words.at.format(where=broken.where) if broken.where else "")


def _save(place: Place, before: bytes | None, config: Json) -> None:
    path = place.path.resolve()  # a link stays a link
    try:
        if _bytes(path) != before:
            raise click.ClickException(place.told(place.words.changed))
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = PRIVATE if before is None else path.stat().st_mode & 0o777
        if before is not None:
            _write(backup_of(path), before, mode)
        _write(path, _text(config).encode("utf-8", "backslashreplace"), mode)
    except OSError as exc:
        raise click.ClickException(place.told(place.words.unusable, reason=exc.strerror)) from None


def _write(target: Path, content: bytes, mode: int) -> None:
    """All of it or nothing: a file beside the target takes its place."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        part.chmod(mode)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _text(config: Json) -> str:
    return json.dumps(config, indent=2, ensure_ascii=False) + "\n"


def _report(place: Place, done: str, before: bytes | None) -> None:
    place.say(done)
    if before is not None:
        place.say(place.words.backup, backup=backup_of(place.path.resolve()))
    place.say(place.words.restart)
