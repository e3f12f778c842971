"""What people see at a terminal, and how wide it is: styled text, progress bars."""

import os
import shutil
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click
from pydantic import JsonValue

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

Json = Mapping[str, JsonValue]
Advance = Callable[[int, int | None], None]
"""Takes how much is done, and how much there is in all where that is known."""
MIN_TERMINAL_WIDTH = 40


def echo(
    text: str, *, err: bool = False, fg: str | None = None, bold: bool = False, dim: bool = False
) -> None:
    """Print text in a style; without any if NO_COLOR is set or the output is no terminal."""
    click.secho(text, err=err, color=_colour(), fg=fg, bold=bold or None, dim=dim or None)


def width() -> int:
    """The terminal's width in columns."""
    return max(MIN_TERMINAL_WIDTH, shutil.get_terminal_size().columns)


def nothing(_done: int, _total: int | None) -> None:
    """Shows no progress."""


@contextmanager
def progress_bar(label: str) -> Generator[Advance]:
    """A bar on stderr at a terminal from the first progress on, else nothing."""
    if not sys.stderr.isatty():
        yield nothing
        return
    with ExitStack() as stack:
        bars: list[ProgressBar[int]] = []

        def advance(done: int, total: int | None) -> None:
            if not bars:
                bars.append(stack.enter_context(click.progressbar(length=1, label=label, file=sys.stderr)))
            (bar,) = bars
            bar.length = total or done
            bar.update(done - bar.pos)

        yield advance


def _colour() -> bool | None:
    return False if os.environ.get("NO_COLOR") else None
