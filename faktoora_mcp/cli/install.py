"""`faktoora-mcp install`: adds our server to the configuration of an MCP host, or removes it.

Ours is a program that the host starts, or one at an address, which others may run for a whole firm.
"""

import json
import stat
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import click

from faktoora_mcp.language import user_language
from faktoora_mcp.settings import NoKeyError, Settings, usable_address

from .console import use_utf8
from .files import PRIVATE, atomic_write, keep_backup
from .hosts import HOSTS, SERVER, BrokenError, Host, Json, Machine, config_path, our_server, read, servers
from .install_texts import TEXTS, Texts
from .options import INSTALL_OPTIONS, variable
from .texts.usage import reason

GetSettings = Callable[[Mapping[str, str]], Settings]
"""The settings that the user chose, together with these. NoKeyError if there is no key."""
KEY = variable("api_key")
MANAGED = (KEY, *map(variable, INSTALL_OPTIONS))
"""The variables that an installation sets or removes; it keeps all others."""
REMOTE_OPTIONS = {"account_id", "read_only", "language"}
"""What can be chosen for a server that others run."""
LOCAL, REMOTE = ("type", "command", "args", "env"), ("url", "headers")
OUR_HEADERS = ("Authorization", "X-API-KEY", "X-Account-Id", "X-Faktoora-Readonly")
MASK = "********"


@dataclass(frozen=True, slots=True)
class Target:
    """A host's configuration file, and the messages about it."""

    host: Host
    path: Path
    texts: Texts
    server: str

    def say(self, text: str, **more: object) -> None:
        click.echo(self.filled(text, **more))

    def filled(self, text: str, **more: object) -> str:
        return text.format_map({"host": self.host.title, "path": self.path, "name": self.server} | more)


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


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration file as it was read: None and empty if there is none. `entry` is our server's."""

    content: bytes | None
    config: Json
    entry: Json | None


def install(  # noqa: PLR0913 (what the command line may say)
    name: str,
    get: GetSettings,
    machine: Machine,
    *,
    project: Path | None,
    only_print: bool,
    remote: Remote | None = None,
    server: str = SERVER,
) -> None:
    """Add our server to a host. Raises ClickException with a sentence if that is impossible."""
    target, masked = _target(name, get, machine, project, server)
    entry_of = _entry
    if remote:
        _check_remote(target, masked)
        entry_of = remote.entry
    keyless = remote.signs_in if remote else _needs_no_key(masked)
    if project and not keyless:
        raise click.UsageError(target.texts.shared)
    if only_print:
        target.say(target.texts.would_write)
        click.echo(_text({target.host.section: {target.server: entry_of(target.host, masked)}}), nl=False)
        return
    loaded = _load(target)
    settings = masked if keyless and remote else _with_key(get, target.texts)
    entry = _merged(loaded.entry or {}, entry_of(target.host, settings))
    if entry == loaded.entry:
        target.say(target.texts.unchanged)
        return
    done = target.texts.replaced if loaded.entry else target.texts.installed
    _save(target, loaded, {**servers(target.host, loaded.config), target.server: entry}, done)


def uninstall(  # noqa: PLR0913 (as install)
    name: str,
    get: GetSettings,
    machine: Machine,
    *,
    project: Path | None,
    only_print: bool,
    remote: Remote | None = None,
    server: str = SERVER,
) -> None:
    """Remove our server from a host, and nothing else. Raises ClickException as `install` does."""
    if remote:
        raise click.UsageError("--uninstall removes the server, wherever it runs: leave out --url.")
    target, _ = _target(name, get, machine, project, server)
    loaded = _load(target)
    if loaded.entry is None:
        target.say(target.texts.absent)
    elif only_print:
        target.say(target.texts.would_remove)
    else:
        others = servers(target.host, loaded.config)
        kept = {name: entry for name, entry in others.items() if name != target.server}
        _save(target, loaded, kept, target.texts.removed)


def remote_of(options: dict[str, str]) -> Remote | None:
    """The server at --url, if there is one; takes its options out of all. UsageError for an unusable one."""
    url, signs_in = options.pop("url", None), bool(options.pop("sign_in", False))
    if url is None and signs_in:
        raise click.UsageError("--sign-in needs --url.")
    try:
        return Remote(usable_address(str(url)), signs_in) if url else None
    except ValueError as unusable:
        raise click.UsageError(f"--url: {unusable}.") from None


def program(python: Path) -> list[str]:
    """The command that starts our server from any folder: the script beside this interpreter, or a module."""
    script = python.with_name("faktoora-mcp.exe" if python.suffix == ".exe" else "faktoora-mcp")
    return [str(script), "serve"] if script.is_file() else [str(python), "-m", "faktoora_mcp", "serve"]


def _target(
    name: str, get: GetSettings, machine: Machine, project: Path | None, server: str
) -> tuple[Target, Settings]:
    """What to change, and the settings with a mask instead of a missing key."""
    use_utf8()
    masked = get({"api_key": MASK})
    host, texts = HOSTS[name], TEXTS[user_language(masked.language)]
    try:
        return Target(host, config_path(host, machine, project), texts, server), masked
    except ValueError:
        raise click.UsageError(texts.no_project.format(host=host.title)) from None


def _check_remote(target: Target, settings: Settings) -> None:
    """A host that takes no addresses, and options of a server on this machine, are refused."""
    if target.host.remote is None:
        raise click.UsageError(target.filled(target.texts.by_hand))
    if idle := sorted({*INSTALL_OPTIONS} & settings.model_fields_set - REMOTE_OPTIONS):
        named = ", ".join(f"--{name.replace('_', '-')}" for name in idle)
        raise click.UsageError(target.filled(target.texts.local_only, options=named))


def _needs_no_key(settings: Settings) -> bool:
    return settings.sandbox or settings.api_key_file is not None


def _with_key(get: GetSettings, texts: Texts) -> Settings:
    try:
        return get({})
    except NoKeyError:
        if not sys.stdin.isatty():
            raise
    return get({"api_key": click.prompt(texts.ask, hide_input=True, err=True)})


def _entry(host: Host, settings: Settings) -> Json:
    command, *arguments = program(Path(sys.executable))
    entry: Json = {"type": "stdio"} if host.typed else {}
    entry |= {"command": command, "args": [*arguments]}
    return _with("env", entry, {**_variables(settings)})


def _variables(settings: Settings) -> dict[str, str]:
    """The chosen settings as variables; the key only if nothing replaces it."""
    key = None if _needs_no_key(settings) else settings.api_key
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


def _merged(present: Json, entry: Json) -> Json:
    """The new entry; what else the present one contains is kept."""
    if "url" in entry:
        others = _but(_object(present, "headers"), OUR_HEADERS)
        headers = others | _object(entry, "headers")
        return _with("headers", _but(present, (*LOCAL, *REMOTE)) | entry, headers)
    kept = _but(_env(present), MANAGED)
    return _with("env", _but(present, REMOTE) | entry, kept | _env(entry))


def _but(given: Json, names: Collection[str]) -> Json:
    return {name: value for name, value in given.items() if name not in names}


def _env(entry: Json) -> Json:
    return _object(entry, "env")


def _object(entry: Json, name: str) -> Json:
    return cast("Json", entry.get(name, {}))


def _with(name: str, entry: Json, values: Json) -> Json:
    """The entry with these variables or headers, or without the key if there are none."""
    return {**entry, name: values} if values else _but(entry, [name])


def _load(target: Target) -> Loaded:
    """The file in a form that can be changed. Raises ClickException."""
    try:
        content = _bytes(target.path)
        config = read(content or b"")
        return Loaded(content, config, our_server(target.host, config, target.server))
    except BrokenError as broken:
        raise click.ClickException(_broken(target, broken)) from None
    except OSError as exc:
        raise click.ClickException(target.filled(target.texts.unusable, reason=reason(exc))) from None


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _broken(target: Target, broken: BrokenError) -> str:
    text = target.texts.invalid_json if broken.reason == "json" else target.texts.wrong_format
    return target.filled(text, at=target.texts.at.format(where=broken.where) if broken.where else "")


def _save(target: Target, loaded: Loaded, entries: Json, done: str) -> None:
    """Write the configuration with these servers, after a backup, and say so. Raises ClickException."""
    path = target.path.resolve()  # a link stays a link
    config: Json = {**loaded.config, target.host.section: entries}
    try:
        if _bytes(path) != loaded.content:
            raise click.ClickException(target.filled(target.texts.changed))
        path.parent.mkdir(parents=True, exist_ok=True)
        before = PRIVATE if loaded.content is None else path.stat().st_mode & 0o777
        if not before & stat.S_IWUSR:
            raise click.ClickException(target.filled(target.texts.read_only))
        mode = PRIVATE if _holds_key(_object(entries, target.server)) else before
        backup = None if loaded.content is None else keep_backup(path, loaded.content)
        with atomic_write(path, mode) as file:
            file.write(_text(config).encode("utf-8", "backslashreplace"))
    except OSError as exc:
        raise click.ClickException(target.filled(target.texts.unusable, reason=reason(exc))) from None
    kept = [target.texts.backup] if backup else []
    for text in (done, *[target.texts.private] * (mode != before), *kept, target.texts.restart):
        target.say(text, backup=backup)


def _holds_key(entry: Json) -> bool:
    return KEY in _env(entry) or "Authorization" in _object(entry, "headers")


def _text(config: Json) -> str:
    return json.dumps(config, indent=2, ensure_ascii=False) + "\n"
