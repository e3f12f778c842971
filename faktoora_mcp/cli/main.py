"""The command line: `run(argv)` returns an exit code. A command imports what it needs when it runs."""

import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from faktoora_mcp import __version__
from faktoora_mcp.language import speaking

from .many import check_csv, import_file, undo, upload
from .options import (
    CALL_OPTIONS,
    DOCTOR_OPTIONS,
    EXPORT_OPTIONS,
    INSTALL_OPTIONS,
    SERVE_OPTIONS,
    HostName,
    dialect_option,
    remote_settings,
    set_up_log,
    settings_of,
    variables_of,
    with_remote_settings,
    with_remote_target,
    with_settings,
)
from .sandbox import sandbox
from .startup import gc_paused, use_utf8
from .texts.help import Group
from .texts.parameters import language_option
from .texts.usage import READER_LEFT, exit_code, language_of
from .texts.words import tr
from .token import token

if TYPE_CHECKING:
    from .export import Format


def main() -> None:
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:  # the reader closed the pipe: the flush at exit must not fail either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = READER_LEFT
    sys.exit(code)


def run(argv: Sequence[str]) -> int:
    """Run a command in the language of its reader. 0: done; 1: it failed; 2: it was called wrongly."""
    use_utf8()
    with speaking(language_of(argv)):
        return exit_code(
            lambda: cli.main(_with_command(argv), prog_name="faktoora-mcp", standalone_mode=False)
        )


def _with_command(argv: Sequence[str]) -> list[str]:
    """Without a command it is `serve`, for hosts; a person at a terminal who types nothing gets help."""
    if not argv:
        return ["--help"] if sys.stdin.isatty() else ["serve"]
    is_command = argv[0] in ("-h", "--help", "--version") or not argv[0].startswith("-")
    return [*argv] if is_command else ["serve", *argv]


@click.group(
    cls=Group,
    epilog="Try it without an API key: faktoora-mcp demo",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="%(version)s", help="show the version")
def cli() -> None:
    """Serve faktoora customers to AI agents over the Model Context Protocol."""


@cli.command()
@click.option("--http", is_flag=True, help="serve over HTTP, for many callers with keys of their own")
@with_settings(SERVE_OPTIONS)
@with_remote_settings
def serve(http: bool, **options: str) -> None:  # noqa: FBT001 (click passes options by name)
    """Serve MCP over stdin and stdout. Claude Desktop and other hosts start this."""
    with speaking("en"):  # agents read English
        _serve(options, http=http)


def _serve(options: dict[str, str], *, http: bool) -> None:
    if remote := remote_settings(options, http=http):
        from faktoora_mcp.server.remote.serve import serve as serve_remote

        settings = settings_of(options, keyless=remote.brings_keys)
        serve_remote(settings, remote, partial(set_up_log, settings))
        return
    _exit_on_signals()
    settings = settings_of(options)

    with gc_paused():
        import anyio

        from faktoora_mcp.server.app import create_server
        from faktoora_mcp.server.stdio import serve as serve_stdio

        server = create_server(settings)
    anyio.run(serve_stdio, server)


def _exit_on_signals() -> None:
    """Until the server handles them itself: in a container, PID 1 ignores signals without a handler."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _exit)


def _exit(_number: int, _frame: object) -> None:
    os._exit(0)


def _complete_tool(_context: click.Context, _option: click.Parameter, start: str) -> list[str]:
    from faktoora_mcp.server.definitions import definitions

    return [name for name in definitions() if name.startswith(start)]


def _complete_argument(context: click.Context, _option: click.Parameter, start: str) -> list[str]:
    from .calls.manual import completions

    return completions(context.params["tool"], start)


CALL_HELP = """\
Call one TOOL and print its answer, as an agent reads it.

\b
faktoora-mcp call list_customers keywords=Müller --sandbox
faktoora-mcp call update_customer id=… changes.city=Ulm
faktoora-mcp call get_customer --help
"""


@cli.command(add_help_option=False, short_help="Call one tool, as agents do.", help=CALL_HELP)
@click.argument("tool", required=False, shell_complete=_complete_tool)
@click.argument("arguments", nargs=-1, metavar="[KEY=VALUE]... | JSON | -", shell_complete=_complete_argument)
@click.option("--list", "as_list", is_flag=True, help="list the tools")
@click.option("--json", "as_json", is_flag=True, help="print compact JSON at a terminal, too")
@with_settings(CALL_OPTIONS, log_level="error")
@click.option("-h", "--help", "as_manual", is_flag=True, help="explain a TOOL, or show this")
@click.pass_context
def call(
    context: click.Context,
    tool: str | None,
    arguments: tuple[str, ...],
    as_list: bool,  # noqa: FBT001 (click passes options by name)
    as_json: bool,  # noqa: FBT001 (click passes options by name)
    as_manual: bool,  # noqa: FBT001 (click passes options by name)
    **options: str,
) -> int:
    if tool is None and not as_list:
        if not as_manual:
            raise click.UsageError(tr("Name a tool; faktoora-mcp call --list shows them."))
        click.echo(context.get_help())
        return 0
    keyless = {"sandbox": "true"} if as_list or as_manual else {}
    settings = settings_of(options | keyless, log_level="error")

    from .calls import manual

    if as_list or as_manual:
        click.echo(manual.manual(settings, tool) if tool else manual.tool_list(settings))
        return 0
    from .calls.call import call

    return call(settings, str(tool), arguments, as_json=as_json)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="print one JSON object instead of text")
@dialect_option
@language_option
def demo(as_json: bool, dialect: str) -> int:  # noqa: FBT001 (click passes options by name)
    """Play a bookkeeper's morning on invented customers. This needs no API key."""
    from .demo import SERVER, play

    return play([*SERVER, "--dialect", dialect], as_json=as_json)


@cli.command()
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "jsonl"]),
    default="csv",
    show_default=True,
    help="form of the file",
)
@click.option("--keywords", multiple=True, metavar="WORD", help="only customers with this word; repeatable")
@click.option("--category", help="only customers of exactly this category")
@click.option(
    "--output", metavar="FILE", help="- for the output (default when piped; at a terminal customers-DATE.csv)"
)
@click.option("--force", is_flag=True, help="replace the file if it exists")
@with_settings(EXPORT_OPTIONS, log_level="error")
def export(
    kind: "Format",
    keywords: tuple[str, ...],
    category: str | None,
    output: str | None,
    force: bool,  # noqa: FBT001 (click passes options by name)
    **options: str,
) -> None:
    """Write all customers to a CSV file for Excel, or as JSON lines."""
    settings = settings_of(options, log_level="error")

    from . import export as exporting

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the unfinished file is removed
    exporting.export(settings, exporting.query(keywords, category), kind, output, force=force)


@cli.command()
@click.argument("host", type=HostName())
@click.option("--project", is_flag=True, help="use this folder's configuration instead of yours")
@click.option("--print", "only_print", is_flag=True, help="show what would be written, and write nothing")
@click.option("--uninstall", is_flag=True, help="remove the server from the host")
@click.option(
    "--name", default="faktoora", show_default=True, help="name of the entry, so that several firms fit"
)
@with_remote_target
@with_settings(INSTALL_OPTIONS)
def install(
    host: str,
    project: bool,  # noqa: FBT001 (click passes options by name)
    only_print: bool,  # noqa: FBT001 (click passes options by name)
    uninstall: bool,  # noqa: FBT001 (click passes options by name)
    name: str,
    **options: str,
) -> None:
    """Add this server to a HOST. The key is asked for, or read from FAKTOORA_API_KEY."""
    from .hosts import install as installing

    wanted = installing.Wanted(
        host=host,
        get=lambda more: settings_of(options | dict(more), log_level="error"),
        machine=installing.Machine.here(),
        project=Path.cwd() if project else None,
        only_print=only_print,
        remote=installing.remote_of(options),
        server=name,
    )
    (installing.uninstall if uninstall else installing.install)(wanted)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="print one JSON object instead of text")
@click.option(
    "--report", "as_report", is_flag=True, help="print a text for support, without key and customers"
)
@click.option("--api", "with_forms", is_flag=True, help="also show which forms the API has; this only reads")
@click.option(
    "--audit",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="instead show the writes of an audit log that have no outcome",
)
@with_settings(DOCTOR_OPTIONS)
def doctor(
    as_json: bool,  # noqa: FBT001 (click passes options by name)
    as_report: bool,  # noqa: FBT001 (click passes options by name)
    with_forms: bool,  # noqa: FBT001 (click passes options by name)
    audit: Path | None,
    **options: str,
) -> int:
    """Find out why the server does not work, and what to do about it."""
    environ = {**os.environ, **variables_of(options)}
    if audit:
        if as_report or with_forms:
            raise click.UsageError(tr("--audit reads only the file; leave out --report and --api."))
        from .audit_report import audit_report

        return audit_report(audit, environ, as_json=as_json)

    from . import doctor as doctoring
    from .hosts.configuration import Machine

    return doctoring.doctor(
        environ, Machine.here(), as_json=as_json, as_report=as_report, with_forms=with_forms
    )


for command in (check_csv, import_file, upload, sandbox, token, undo):
    cli.add_command(command)
