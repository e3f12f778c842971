"""The options of the commands: each is a setting by its name, with its variable beside it."""

import json
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from faktoora_mcp.server.remote.settings import RemoteSettings
from faktoora_mcp.settings import PREFIX, FromEnvironment, Settings
from faktoora_mcp.text import masked

from .texts.words import tr

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Command = Callable[..., Any]
SERVE_OPTIONS = tuple(name for name in Settings.model_fields if name != "api_key")
REMOTE_OPTIONS = tuple(name for name in RemoteSettings.model_fields if name != "state_keys")
CALL_OPTIONS = tuple(name for name in SERVE_OPTIONS if name != "max_connections")
API_OPTIONS = ("api_key_file", "base_url", "account_id")
SANDBOX_OPTIONS = ("sandbox", "db", "dialect")
DOCTOR_OPTIONS = (*API_OPTIONS, *SANDBOX_OPTIONS, "language", "timeout_s")
INSTALL_OPTIONS = (*API_OPTIONS, "sandbox", "read_only", "account", "language")
EXPORT_OPTIONS = (*API_OPTIONS, *SANDBOX_OPTIONS, "hide_fields", "language", "log_level", "timeout_s")
UNDO_OPTIONS = (*EXPORT_OPTIONS, "account", "max_deletes")
IMPORT_OPTIONS = (*EXPORT_OPTIONS, "account", "audit_log", "max_writes", "reconcile_s", "call_s")
UPLOAD_OPTIONS = (*API_OPTIONS, "language", "log_level", "timeout_s")
UPLOAD_S = "120"
"""Seconds for the upload of a file, unless they are set."""


class HostName(click.ParamType):  # pyright: ignore[reportMissingTypeArgument] (generic since click 8.4)
    """The name of an MCP host. The table of hosts is imported on use: a start of the server needs none."""

    name = "host"

    @property
    def choice(self) -> "click.Choice[str]":
        from .hosts.configuration import HOSTS

        return click.Choice([*HOSTS])

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:  # noqa: ARG002 (click passes both)
        return f"{{{'|'.join(self.choice.choices)}}}"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return self.choice.convert(value, param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        return self.choice.shell_complete(ctx, param, incomplete)


dialect_option = click.option(
    "--dialect",
    type=click.Choice(("documented", "current")),
    default="documented",
    show_default=True,
    help="API as specified, or as the vendor's newer pages describe it",
)


def variable(setting: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + setting.upper()


def with_settings(
    names: Sequence[str], kind: type[FromEnvironment] = Settings, **defaults: str
) -> Callable[[Command], Command]:
    """Add the options of these settings to a command, in this order; `defaults` are those of its own."""

    def decorate(command: Command) -> Command:
        for name in reversed(names):
            _option(name, kind, defaults)(command)
        return command

    return decorate


def with_remote_settings(command: Command) -> Command:
    """Add the options of a server over HTTP."""
    return with_settings(REMOTE_OPTIONS, RemoteSettings)(command)


def with_remote_target(command: Command) -> Command:
    """Add the options that name a server at an address."""
    command = click.option("--sign-in", is_flag=True, help="with --url: no key, users sign in")(command)
    return click.option("--url", metavar="URL", help="add the server at this address instead of a program")(
        command
    )


def remote_settings(options: dict[str, str], *, http: bool) -> RemoteSettings | None:
    """Takes the options of a server over HTTP out of all; UsageError for one without --http."""
    given = {name: options.pop(name) for name in REMOTE_OPTIONS}
    if http:
        return RemoteSettings.from_variables(os.environ | variables_of(given))
    for name in variables_of(given):
        option = "--" + name.removeprefix(PREFIX).lower().replace("_", "-")
        raise click.UsageError(tr("{option} needs --http.", option=option))
    return None


def variables_of(options: Mapping[str, object]) -> dict[str, str]:
    """The environment variables that say the same as these options."""
    return {variable(name): str(value) for name, value in options.items() if value}


def settings_of(options: Mapping[str, object], *, keyless: bool = False, **defaults: str) -> Settings:
    """The settings: options before environment variables before these defaults. Also sets the log level."""
    environ = {name: value for name, value in os.environ.items() if value.strip()}
    settings = Settings.from_env(variables_of(defaults) | environ | variables_of(options), keyless=keyless)
    set_up_log(settings)
    return settings


def set_up_log(settings: Settings) -> None:
    """Log to stderr, in the form and from the level that the settings say, without the key."""
    handler = logging.StreamHandler()
    handler.setFormatter(FORMATTERS[settings.log_format](settings.key))
    logging.basicConfig(handlers=[handler], level="WARNING")
    logging.getLogger("faktoora_mcp").setLevel(settings.log_level.upper())


class _KeylessFormatter(logging.Formatter):
    """Formats the lines of the log, with the key masked."""

    def __init__(self, key: str) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")
        self._key = key

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record), self._key)


class _JsonFormatter(_KeylessFormatter):
    """Formats each line of the log as a JSON object, a traceback as one of its texts."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": masked(record.getMessage(), self._key),
        }
        if record.exc_info:
            line["exception"] = masked(self.formatException(record.exc_info), self._key)
        return json.dumps(line, ensure_ascii=False)


FORMATTERS = {"text": _KeylessFormatter, "json": _JsonFormatter}


def _option(name: str, kind: type[FromEnvironment], defaults: Mapping[str, str]) -> Command:
    field = kind.model_fields[name]
    default = _default(defaults.get(name, field.default))
    return click.option(
        "--" + name.replace("_", "-"),
        is_flag=field.annotation is bool,
        default=None,
        help=f"{field.description}  [{variable(name)}{default}]",
    )


def _default(value: object) -> str:
    return "" if value in (None, (), False) else f"; default: {value}"
