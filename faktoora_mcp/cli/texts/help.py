"""Help in the reader's language: whole sentences, no word broken, the default of every setting."""

import inspect
import re
from collections.abc import Iterable
from textwrap import TextWrapper

import click

from .words import tr

PARAGRAPH = re.compile(r"\n\s*\n")
EXTRAS = re.compile(r"  \[(?=[^\]]*\]$)")
"""Where the variable and the default of an option begin."""
AS_IT_IS = "\b"
"""Begins a paragraph that is not wrapped, as click has it."""
TERM_COLUMNS = 30
NARROWEST, BELOW = 24, 4
"""Where explanations would have fewer columns, they stand below their terms, indented by so many."""


class Formatter(click.HelpFormatter):
    """Breaks lines only between words."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        head = f"{tr('Usage: ') if prefix is None else prefix}{prog} "
        lines = self._lines(args, max(self.width - len(head), 20)) or [""]
        for place, line in enumerate(lines):
            self.write(f"{' ' * len(head) if place else head}{line}".rstrip() + "\n")

    def write_heading(self, heading: str) -> None:
        super().write_heading(tr(heading))

    def write_text(self, text: str) -> None:
        indent = " " * self.current_indent
        for place, paragraph in enumerate(PARAGRAPH.split(tr_help(text))):
            self.write("\n" if place else "")
            for line in self._lines(paragraph, max(self.width - self.current_indent, 11)):
                self.write(f"{indent}{line}\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = TERM_COLUMNS, col_spacing: int = 2
    ) -> None:
        """Terms on the left; a term that is too long for its column has its explanation below."""
        shown = [(term, tr_help(text)) for term, text in rows]
        column = min(max((len(term) for term, _ in shown), default=0), col_max) + col_spacing
        if self.width - self.current_indent - column < NARROWEST:
            column = BELOW
        indent, gap = " " * self.current_indent, " " * (self.current_indent + column)
        for term, text in shown:
            room = max(self.width - len(gap), 20)
            if max(map(len, text.split()), default=0) > room:
                self.write(f"{indent}{term}\n")
                self._write_lines(text, indent + " " * BELOW)
                continue
            lines = self._lines(text, room)
            first = lines.pop(0) if lines and len(term) <= column - col_spacing else ""
            self.write(f"{indent}{term:{column}}{first}".rstrip() + "\n")
            for line in lines:
                self.write(f"{gap}{line}\n")

    def _write_lines(self, text: str, indent: str) -> None:
        for line in self._lines(text, max(self.width - len(indent), 20)):
            self.write(f"{indent}{line}\n")

    @staticmethod
    def _lines(text: str, room: int) -> list[str]:
        if text.startswith(AS_IT_IS):
            return text.removeprefix(AS_IT_IS).strip("\n").splitlines()
        return TextWrapper(room, break_long_words=False, break_on_hyphens=False).wrap(text)


class Context(click.Context):
    formatter_class = Formatter


class Group(click.Group):
    """A group that shows the whole first sentence of each command, and whose commands all have this help."""

    context_class = Context

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        cmd.context_class = Context
        super().add_command(cmd, name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (click passes both)
        with formatter.section("Commands"):
            formatter.write_dl([(name, brief(command)) for name, command in self.commands.items()])


def brief(command: click.Command) -> str:
    """What a command does, in one sentence."""
    text = command.short_help or tr_help(inspect.cleandoc(command.help or ""))
    return re.split(r"(?<=\.)\s", tr_help(text), maxsplit=1)[0]


def tr_help(text: str) -> str:
    """The explanation in the reader's language; variable and default follow it."""
    head, *extras = EXTRAS.split(inspect.cleandoc(text), maxsplit=1)
    told = tr(head) if "{" not in head else head
    return "  [".join([told, *(extra.replace("default: ", tr("default: ")) for extra in extras)])
