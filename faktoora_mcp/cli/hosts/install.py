"""`faktoora-mcp install`: adds our server to the configuration of an MCP host, or removes it.

Ours is a program that the host starts, or one at an address, which others may run for a whole firm.
"""

import json
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from faktoora_mcp.cli.files import PRIVATE, atomic_write, keep_backup
from faktoora_mcp.cli.options import INSTALL_OPTIONS
from faktoora_mcp.cli.texts.usage import reason
from faktoora_mcp.language import user_language
from faktoora_mcp.settings import NoKeyError, Settings, usable_address

from .configuration import (
    HOSTS,
    SERVER,
    BrokenError,
    Host,
    Json,
    Machine,
    config_path,
    our_server,
    read,
    servers,
)
from .entries import Remote, holds_key, local_entry, merged, needs_no_key
from .texts import TEXTS, Texts

GetSettings = Callable[[Mapping[str, str]], Settings]
"""The settings that the user chose, together with these. NoKeyError if there is no key."""
REMOTE_OPTIONS = {"account_id", "read_only", "language"}
"""What can be chosen for a server that others run."""
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
class Loaded:
    """A configuration file as it was read: None and empty if there is none. `entry` is our server's."""

    content: bytes | None
    config: Json
    entry: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line asks for: which server, by this name, in which host of whose machine."""

    host: str
    get: GetSettings
    machine: Machine
    project: Path | None = None
    only_print: bool = False
    remote: Remote | None = None
    server: str = SERVER


def install(wanted: Wanted) -> None:
    """Add our server to a host. Raises ClickException with a sentence if that is impossible."""
    target, shown = _target(wanted)
    remote, entry_of = wanted.remote, wanted.remote.entry if wanted.remote else local_entry
    if remote:
        _check_remote(target, shown)
    keyless = remote.signs_in if remote else needs_no_key(shown)
    if wanted.project and not keyless:
        raise click.UsageError(target.texts.shared)
    if wanted.only_print:
        target.say(target.texts.would_write)
        click.echo(_text({target.host.section: {target.server: entry_of(target.host, shown)}}), nl=False)
        return
    loaded = _load(target)
    settings = shown if keyless and remote else _with_key(wanted.get, target.texts)
    entry = merged(loaded.entry or {}, entry_of(target.host, settings))
    if entry == loaded.entry:
        target.say(target.texts.unchanged)
        return
    done = target.texts.replaced if loaded.entry else target.texts.installed
    _save(target, loaded, {**servers(target.host, loaded.config), target.server: entry}, done)


def uninstall(wanted: Wanted) -> None:
    """Remove our server from a host, and nothing else. Raises ClickException as `install` does."""
    if wanted.remote:
        raise click.UsageError("--uninstall removes the server, wherever it runs: leave out --url.")
    target, _ = _target(wanted)
    loaded = _load(target)
    if loaded.entry is None:
        target.say(target.texts.absent)
    elif wanted.only_print:
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


def _target(wanted: Wanted) -> tuple[Target, Settings]:
    """What to change, and the settings with a mask instead of a missing key."""
    shown = wanted.get({"api_key": MASK})
    host, texts = HOSTS[wanted.host], TEXTS[user_language(shown.language)]
    try:
        return Target(host, config_path(host, wanted.machine, wanted.project), texts, wanted.server), shown
    except ValueError:
        raise click.UsageError(texts.no_project.format(host=host.title)) from None


def _check_remote(target: Target, settings: Settings) -> None:
    """A host that takes no addresses, and options of a server on this machine, are refused."""
    if target.host.remote is None:
        raise click.UsageError(target.filled(target.texts.by_hand))
    if idle := sorted({*INSTALL_OPTIONS} & settings.model_fields_set - REMOTE_OPTIONS):
        named = ", ".join(f"--{name.replace('_', '-')}" for name in idle)
        raise click.UsageError(target.filled(target.texts.local_only, options=named))


def _with_key(get: GetSettings, texts: Texts) -> Settings:
    try:
        return get({})
    except NoKeyError:
        if not sys.stdin.isatty():
            raise
    return get({"api_key": click.prompt(texts.ask, hide_input=True, err=True)})


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
        mode = PRIVATE if any(map(holds_key, entries.values())) else before
        backup = None if loaded.content is None else keep_backup(path, loaded.content)
        with atomic_write(path, mode) as file:
            file.write(_encoded(config, loaded.content))
        narrowed = path.stat().st_mode & 0o777 != before
    except OSError as exc:
        raise click.ClickException(target.filled(target.texts.unusable, reason=reason(exc))) from None
    kept = [target.texts.backup] if backup else []
    for text in (done, *[target.texts.private] * narrowed, *kept, target.texts.restart):
        target.say(text, backup=backup)


def _text(config: Json) -> str:
    return json.dumps(config, indent=2, ensure_ascii=False) + "\n"


def _encoded(config: Json, before: bytes | None) -> bytes:
    """The file's new content, with the line ends that it had, and without a byte order mark."""
    text = _text(config).encode("utf-8", "backslashreplace")
    return text.replace(b"\n", b"\r\n") if b"\r\n" in (before or b"") else text
