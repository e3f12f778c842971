"""Types of options and arguments that several commands share."""

import os
from pathlib import Path
from typing import Any

import click

from .words import tr


class InputFile(click.Path):
    """A file that exists and can be read, as a path."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:  # noqa: ANN401 (as click declares it)
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(tr("there is no file {path} that can be read.", path=os.fspath(value)), param, ctx)


language_option = click.option(
    "--language",
    metavar="[de|en]",
    expose_value=False,
    help="language of what is shown (default: the system's)",
)
"""Read by `language_of` before the command line is parsed, so that help and errors have it, too."""
