"""How a command ends: its exit code, and what is wrong with a command line or a setting, in sentences."""

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import cast

import click

from faktoora_mcp.language import Language, user_language
from faktoora_mcp.settings import PREFIX, SettingsError

from .words import tr

USAGE_ERROR, INTERRUPTED, READER_LEFT = 2, 130, 141
"""Exit codes; the last one is that of a program which SIGPIPE ends, as `head` does to others."""
REASONS = {
    errno.ENOENT: "there is no such file or folder",
    errno.EACCES: "access is denied",
    errno.EPERM: "access is denied",
    errno.EROFS: "it cannot be written to",
    errno.EISDIR: "it is a folder",
    errno.ENOTDIR: "a part of the path is no folder",
    errno.ENOSPC: "there is no space left",
    errno.EADDRINUSE: "it is in use",
    errno.ECONNREFUSED: "no connection is accepted there",
    errno.EPIPE: "the reader has left",
}
LANGUAGE_OPTION, LANGUAGE_VARIABLE = "--language", f"{PREFIX}LANGUAGE"
LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")


def language_of(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> Language:
    """English for programs, else what the option, the variable or the locale says, in this order."""
    if "--json" in argv:
        return "en"
    given = [after for word, after in pairwise(argv) if word == LANGUAGE_OPTION]
    given += [word.partition("=")[2] for word in argv if word.startswith(f"{LANGUAGE_OPTION}=")]
    texts = (*given, *map(environ.get, (LANGUAGE_VARIABLE, *LOCALES)))
    word = next(filter(None, texts), "")[:2].casefold()
    return "de" if word in ("de", "ge") else "en" if word == "en" else user_language(None)


def exit_code(command: Callable[[], int | None]) -> int:
    """Run a command. 0: done; 1: it failed; 2: the command line or a setting is wrong; 141: nobody reads."""
    try:
        return command() or 0
    except SettingsError as exc:
        click.echo(tr(exc.text, **exc.values), err=True)
        return USAGE_ERROR
    except click.ClickException as exc:
        _show(exc)
        return exc.exit_code
    except click.Abort:
        return INTERRUPTED
    except SystemExit as exc:  # click ends with 1 when the reader has left
        return READER_LEFT if exc.code == 1 else int(exc.code or 0)
    except OSError as exc:
        return _stopped(exc)


def _stopped(error: OSError) -> int:
    if isinstance(error, BrokenPipeError):
        return READER_LEFT
    click.echo(tr("Stopped: {reason}", reason=reason(error)), err=True)
    return 1


def reason(error: OSError) -> str:
    """Why the system refused something."""
    known = REASONS.get(error.errno or 0)
    return tr(known) if known else error.strerror or str(error)


def _show(error: click.ClickException) -> None:
    if isinstance(error, click.UsageError) and error.ctx:
        click.echo(error.ctx.get_usage(), err=True)
        hint = tr("Try '{command} --help' for help.", command=error.ctx.command_path)
        click.echo(f"{hint}\n", err=True)
    text = _wrong(error) if isinstance(error, click.UsageError) else error.format_message()
    click.echo(tr("Error: {message}", message=text), err=True)


def _wrong(error: click.UsageError) -> str:
    match error:
        case click.NoSuchOption():
            told = tr("There is no option {name}.", name=error.option_name)
            return told + _meant(error.possibilities)
        case click.exceptions.NoSuchCommand():
            return tr("There is no command {name}.", name=repr(error.command_name)) + _meant(
                error.possibilities
            )
        case click.MissingParameter(param=click.Parameter() as missing):
            return tr("{name} is missing.", name=_name(missing))
        case click.BadParameter(param=click.Parameter() as given):
            return f"{_name(given)}: {_expected(given.type) or error.message}"
        case click.BadOptionUsage():
            return tr("{name} needs a value, or takes none.", name=error.option_name)
        case _:
            return error.message


def _meant(possibilities: Sequence[str] | None) -> str:
    return " " + tr("Did you mean {near}?", near=possibilities[0]) if possibilities else ""


def _name(parameter: click.Parameter) -> str:
    return (
        max(parameter.opts, key=len)
        if isinstance(parameter, click.Option)
        else parameter.metavar or (parameter.name or "").upper()
    )


def _expected(kind: object) -> str:
    """What a value has to be; empty where the type says it itself."""
    kind = getattr(kind, "choice", kind)
    match kind:
        case click.Choice():
            choices = cast("click.Choice[str]", kind).choices
            return tr("expected one of {choices}.", choices=", ".join(choices))
        case click.IntRange(min=low, max=high) | click.FloatRange(min=low, max=high):
            known = {"low": low, "high": high}
            text = (
                "expected a number from {low} to {high}."
                if high is not None
                else "expected a number of at least {low}."
            )
            return tr(text, **known)
        case click.types.IntParamType() | click.types.FloatParamType():
            return tr("expected a number.")
        case _:
            return ""
