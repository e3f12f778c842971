"""The command line: `run(argv)` gives an exit code; every command imports what it needs when it runs."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from . import __version__
from .settings import PREFIX, Settings, SettingsError

USAGE_ERROR = 2
INTERRUPTED = 130
SERVE_OPTIONS = tuple(name for name in Settings.model_fields if name != "api_key")
Command = Callable[..., Any]


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


def _setting(name: str) -> Command:
    """The option for a setting, whose environment twin is FAKTOORA_…."""
    field = Settings.model_fields[name]
    return click.option(
        "--" + name.replace("_", "-"),
        is_flag=field.annotation is bool,
        default=None,
        help=f"{field.description}  [{PREFIX}{name.upper()}]",
    )


def _settings(given: dict[str, Any]) -> Settings:
    texts = {PREFIX + name.upper(): str(value) for name, value in given.items() if value}
    return Settings.from_env({**os.environ, **texts})


@click.group(epilog="Try it without an API key: faktoora-mcp demo")
@click.version_option(__version__, message="%(version)s")
def cli() -> None:
    """Serve faktoora customers to AI agents, over the Model Context Protocol."""


@cli.command()
def serve(**given: str) -> None:
    """Speak MCP over stdin and stdout (what Claude Desktop and other hosts start)."""
    _leave_on_signals()
    settings = _settings(given)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level="WARNING")
    logging.getLogger("faktoora_mcp").setLevel(settings.log_level.upper())

    import anyio

    from .server import create_server
    from .stdio import serve as serve_stdio

    anyio.run(serve_stdio, create_server(settings))


def _leave_on_signals() -> None:
    """Until the server listens itself: PID 1 of a container would not hear signals that nothing handles."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)


def _leave(_number: int, _frame: object) -> None:
    os._exit(0)


for _name in SERVE_OPTIONS:
    _setting(_name)(serve)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="one JSON object instead of text")
def demo(as_json: bool) -> int:  # noqa: FBT001 (click passes options by name)
    """Play a bookkeeper's morning on invented customers; needs no API key."""
    from .demo import play

    return play(as_json=as_json)


DB = click.option(
    "--db", type=click.Path(dir_okay=False, path_type=Path), help="file that keeps the customers"
)


@cli.group(invoke_without_command=True)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8377, show_default=True, help="0: any free one"
)
@DB
@click.option("--customers", type=click.IntRange(0, 100_000), default=57, show_default=True)
@click.option("--seed", default=1, show_default=True, help="which customers are invented")
@click.option("--key", help="the API key to insist on (default: any)")
@click.pass_context
def sandbox(
    context: click.Context, port: int, db: Path | None, customers: int, seed: int, key: str | None
) -> None:
    """Serve the sandbox API on 127.0.0.1, or upload a file to it."""
    if context.invoked_subcommand is None:
        from .sandbox.app import create_app

        try:
            app = create_app(db, customers=customers, seed=seed, key=key)
        except OSError as exc:
            raise click.ClickException(str(exc)) from None
        _serve_sandbox(app, port)


def _serve_sandbox(app: Any, port: int) -> None:  # noqa: ANN401 (starlette stays out of the other commands)
    import uvicorn

    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")
    socket = config.bind_socket()
    socket.listen()
    url = f"http://127.0.0.1:{socket.getsockname()[1]}/api/v1"
    click.echo(f"Sandbox at {url}; end it with Ctrl-C. To use it:")
    click.echo(f"  FAKTOORA_BASE_URL={url} FAKTOORA_API_KEY=any faktoora-mcp serve")
    uvicorn.Server(config).run(sockets=[socket])


@sandbox.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@DB
@click.option("--url", help="address of a running sandbox instead, as it printed it")
@click.option("--key", default="any", help="its API key")
def upload(file: Path, db: Path | None, url: str | None, key: str) -> None:
    """Register a CSV file and print the fileId that import_customers takes."""
    if (db is None) == (url is None):
        raise click.UsageError("Give --db of a sandbox's file or --url of a running sandbox.")
    click.echo(_uploaded(file, db, url, key))


def _uploaded(file: Path, db: Path | None, url: str | None, key: str) -> str:
    try:
        if db is not None:
            from .sandbox.app import register_file

            return register_file(db, file.name, file.read_bytes())
        from .sandbox.upload import upload_file

        return upload_file(str(url), key, file.name, file.read_bytes())
    except OSError as exc:
        raise click.ClickException(f"Not uploaded: {exc}") from None
