"""The command line: `run(argv)` gives an exit code; every command imports what it needs when it runs."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from faktoora_mcp import __version__
from faktoora_mcp.settings import NoKeyError, Settings, SettingsError

from .options import settings_of, variables_of, with_settings
from .sandbox import sandbox
from .startup import uncollected

USAGE_ERROR = 2
INTERRUPTED = 130
SERVE_OPTIONS = tuple(name for name in Settings.model_fields if name != "api_key")
CALL_OPTIONS = tuple(name for name in SERVE_OPTIONS if name != "max_connections")
DOCTOR_OPTIONS = ("api_key_file", "base_url", "sandbox", "db", "language", "timeout_s")
INSTALL_OPTIONS = ("api_key_file", "base_url", "sandbox", "read_only", "account", "language")
EXPORT_OPTIONS = ("api_key_file", "base_url", "sandbox", "db", "hide_fields", "log_level", "timeout_s")


def main() -> None:
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:  # the reader has left: nothing may be written at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run(argv: Sequence[str]) -> int:
    """Run a command. 0: done; 1: something failed; 2: the command or a setting cannot be used."""
    try:
        code: int | None = cli.main(_with_command(argv), prog_name="faktoora-mcp", standalone_mode=False)
    except SettingsError as exc:
        click.echo(str(exc), err=True)
        return USAGE_ERROR
    except click.ClickException as exc:
        exc.show()
        return exc.exit_code
    except click.Abort:
        return INTERRUPTED
    except OSError as exc:
        click.echo(f"Stopped: {exc.strerror or exc}", err=True)
        return 1
    return code or 0


def _with_command(argv: Sequence[str]) -> list[str]:
    """What hosts start is `serve`, be it named or not; a person at a terminal gets help instead."""
    if not argv:
        return ["--help"] if sys.stdin.isatty() else ["serve"]
    general = argv[0] in ("--help", "--version") or not argv[0].startswith("-")
    return [*argv] if general else ["serve", *argv]


@click.group(epilog="Try it without an API key: faktoora-mcp demo")
@click.version_option(__version__, message="%(version)s")
def cli() -> None:
    """Serve faktoora customers to AI agents, over the Model Context Protocol."""


@cli.command()
@with_settings(SERVE_OPTIONS)
def serve(**given: str) -> None:
    """Speak MCP over stdin and stdout (what Claude Desktop and other hosts start)."""
    _leave_on_signals()
    settings = settings_of(given)

    with uncollected():
        import anyio

        from faktoora_mcp.server.app import create_server
        from faktoora_mcp.server.stdio import serve as serve_stdio

        server = create_server(settings)
    anyio.run(serve_stdio, server)


def _leave_on_signals() -> None:
    """Until the server listens itself: PID 1 of a container would not hear signals that nothing handles."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)


def _leave(_number: int, _frame: object) -> None:
    os._exit(0)


def _complete_tool(_context: click.Context, _option: click.Parameter, start: str) -> list[str]:
    from faktoora_mcp.server.definitions import definitions

    return [name for name in definitions() if name.startswith(start)]


def _complete_argument(context: click.Context, _option: click.Parameter, start: str) -> list[str]:
    from .call import completions

    return completions(context.params["tool"], start)


CALL_HELP = """\
Ask one TOOL and print its answer, the same that an agent reads.

\b
faktoora-mcp call list_customers keywords=Müller --sandbox
faktoora-mcp call update_customer id=… changes.city=Hamburg
faktoora-mcp call get_customer --help
"""


@cli.command(add_help_option=False, short_help="Ask one tool, as agents do.", help=CALL_HELP)
@click.argument("tool", required=False, shell_complete=_complete_tool)
@click.argument("arguments", nargs=-1, metavar="[KEY=VALUE]... | JSON | -", shell_complete=_complete_argument)
@click.option("--list", "as_list", is_flag=True, help="list the tools")
@click.option("--json", "as_json", is_flag=True, help="the answer as agents read it, also at a terminal")
@with_settings(CALL_OPTIONS)
@click.option("--help", "as_manual", is_flag=True, help="explain a TOOL, or show this")
@click.pass_context
def call(
    context: click.Context,
    tool: str | None,
    arguments: tuple[str, ...],
    as_list: bool,  # noqa: FBT001 (click passes options by name)
    as_json: bool,  # noqa: FBT001 (click passes options by name)
    as_manual: bool,  # noqa: FBT001 (click passes options by name)
    **given: str,
) -> int:
    if tool is None and not as_list:
        if not as_manual:
            raise click.UsageError("Name a tool; faktoora-mcp call --list shows them.")
        click.echo(context.get_help())
        return 0
    shown = {"sandbox": "true"} if as_list or as_manual else {}
    settings = settings_of(given | shown, log_level="error")

    from . import call as calling

    if as_list or as_manual:
        click.echo(calling.manual(settings, tool) if tool else calling.tool_list(settings))
        return 0
    return calling.call(settings, str(tool), arguments, as_json=as_json)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="one JSON object instead of text")
def demo(as_json: bool) -> int:  # noqa: FBT001 (click passes options by name)
    """Play a bookkeeper's morning on invented customers; needs no API key."""
    from .demo import play

    return play(as_json=as_json)


@cli.command()
@click.option("--format", "kind", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.option("--keywords", multiple=True, metavar="WORD", help="only customers with this word; repeatable")
@click.option("--category", help="only customers of exactly this category")
@click.option(
    "--output", metavar="FILE", help="- for stdout (default: stdout; at a terminal customers-DATE.csv)"
)
@click.option("--force", is_flag=True, help="replace the file if it exists")
@with_settings(EXPORT_OPTIONS)
def export(
    kind: Any,  # noqa: ANN401 (one of the choices)
    keywords: tuple[str, ...],
    category: str | None,
    output: str | None,
    force: bool,  # noqa: FBT001 (click passes options by name)
    **given: str,
) -> None:
    """Write all customers to a CSV file for Excel, or as JSON lines."""
    settings = settings_of(given, log_level="error")

    from . import export as exporting

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was begun is removed
    exporting.export(settings, exporting.query(keywords, category), kind, output, force=force)


@cli.command("check-csv")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="one JSON object with everything")
@click.option("--no-base", is_flag=True, help="do not compare with the customers in faktoora")
@with_settings(EXPORT_OPTIONS)
def check_csv(file: Path, as_json: bool, no_base: bool, **given: str) -> int:  # noqa: FBT001 (click passes by name)
    """Check a CSV file of customers before you upload it to faktoora; it changes nothing."""
    from .check_csv import check

    try:
        settings = None if no_base else settings_of(given, log_level="error")
    except NoKeyError:
        settings = None
    return check(file, settings, as_json=as_json, no_base=no_base)


@cli.command()
@click.argument("host", type=click.Choice(["claude-desktop", "claude-code", "cursor", "vscode"]))
@click.option("--project", is_flag=True, help="in the configuration of this folder instead of yours")
@click.option("--print", "only_print", is_flag=True, help="show what would be written, and write nothing")
@click.option("--uninstall", is_flag=True, help="take the server out of the host again")
@with_settings(INSTALL_OPTIONS)
def install(host: str, project: bool, only_print: bool, uninstall: bool, **given: str) -> None:  # noqa: FBT001 (click passes by name)
    """Attach this server to a HOST; the key is asked for, or read from FAKTOORA_API_KEY."""
    from . import install as installing
    from .hosts import Machine

    change = installing.uninstall if uninstall else installing.install
    change(
        host,
        lambda more: settings_of(given | dict(more), log_level="error"),
        Machine(sys.platform, Path.home(), os.environ),
        project=Path.cwd() if project else None,
        only_print=only_print,
    )


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="one JSON object instead of text")
@click.option(
    "--report", "as_report", is_flag=True, help="text for a mail to support, without keys and customers"
)
@with_settings(DOCTOR_OPTIONS)
def doctor(as_json: bool, as_report: bool, **given: str) -> int:  # noqa: FBT001 (click passes by name)
    """Look for what keeps the server from working, and say what to do about it."""
    from . import doctor as doctoring
    from .hosts import Machine

    machine = Machine(sys.platform, Path.home(), os.environ)
    environ = {**os.environ, **variables_of(given)}
    return doctoring.doctor(environ, machine, as_json=as_json, as_report=as_report)


cli.add_command(sandbox)
