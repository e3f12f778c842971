"""The options of the commands: every setting by its name, with its variable beside it."""

import logging
import os
from collections.abc import Callable, Sequence
from typing import Any

import click

from faktoora_mcp.settings import PREFIX, Settings

Command = Callable[..., Any]


def _setting(name: str) -> Command:
    """The option for a setting, whose environment twin is FAKTOORA_…."""
    field = Settings.model_fields[name]
    return click.option(
        "--" + name.replace("_", "-"),
        is_flag=field.annotation is bool,
        default=None,
        help=f"{field.description}  [{PREFIX}{name.upper()}]",
    )


def with_settings(names: Sequence[str]) -> Callable[[Command], Command]:
    """The options of these settings, in their order."""

    def decorate(command: Command) -> Command:
        for name in reversed(names):
            _setting(name)(command)
        return command

    return decorate


def variables_of(given: dict[str, Any]) -> dict[str, str]:
    """The variables that say the same as these options."""
    return {PREFIX + name.upper(): str(value) for name, value in given.items() if value}


def settings_of(given: dict[str, Any], **defaults: str) -> Settings:
    """Options before variables before these defaults; the log level is set with them."""
    usual = {PREFIX + name.upper(): value for name, value in defaults.items()}
    variables = {name: value for name, value in os.environ.items() if value.strip()}
    settings = Settings.from_env(usual | variables | variables_of(given))
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level="WARNING")
    logging.getLogger("faktoora_mcp").setLevel(settings.log_level.upper())
    return settings
