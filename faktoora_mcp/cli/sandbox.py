"""`faktoora-mcp sandbox`: serves the sandbox API on a local port, and uploads files for imports."""

import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from faktoora_mcp.settings import KEY_TOO_SHORT, MIN_KEY_CHARS

from .options import dialect_option
from .texts.help import Group
from .texts.parameters import InputFile, language_option
from .texts.words import tr

if TYPE_CHECKING:
    from faktoora_mcp.sandbox.forms import Dialect

DB_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(cls=Group, invoke_without_command=True)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8377, show_default=True, help="0: any free port"
)
@click.option("--db", type=DB_FILE, help="database file (default: memory)")
@click.option(
    "--customers",
    type=click.IntRange(0, 100_000),
    default=57,
    show_default=True,
    help="number of customers in a new database",
)
@click.option("--seed", default=1, show_default=True, help="seed of the invented customers")
@click.option("--key", help="the only API key accepted (default: any)")
@click.option("--tenants", is_flag=True, help="a base of its own for each API key, in memory")
@dialect_option
@language_option
@click.option(
    "--late-writes",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="answer every write with 504 and apply it SECONDS later, at the next request",
)
@click.pass_context
def sandbox(
    context: click.Context,
    port: int,
    db: Path | None,
    customers: int,
    seed: int,
    key: str | None,
    tenants: bool,  # noqa: FBT001 (click passes options by name)
    dialect: "Dialect",
    late_writes: float | None,
) -> None:
    """Serve the sandbox API on 127.0.0.1. Ctrl-C stops it."""
    if context.invoked_subcommand is None:
        from faktoora_mcp.sandbox.app import create_app
        from faktoora_mcp.sandbox.faults import LateWrites
        from faktoora_mcp.sandbox.forms import forms_of
        from faktoora_mcp.sandbox.tenants import Tenants

        if tenants and (db or key):
            raise click.UsageError(
                tr("--tenants keeps a base for every key, in memory: leave out --db and --key.")
            )
        create = partial(create_app, db, customers=customers, seed=seed, key=key, forms=forms_of(dialect))
        try:
            app = Tenants(create) if tenants else create()
        except OSError as exc:
            raise click.ClickException(str(exc)) from None
        _serve_sandbox(
            app if late_writes is None else LateWrites(app, after_s=late_writes),
            port,
            key or "any-key-will-do",
        )


def _serve_sandbox(app: Any, port: int, key: str) -> None:  # noqa: ANN401 (starlette stays out of the other commands)
    import uvicorn

    from faktoora_mcp.server.remote.listening import listening

    from .typed import with_variables

    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))

    def stop(_number: int, _frame: object) -> None:
        server.should_exit = True

    signal.signal(signal.SIGTERM, stop)
    with listening("127.0.0.1", port) as (listener, address):
        url = f"{address}/api/v1"
        click.echo(tr("Sandbox at {url}; stop it with Ctrl-C. To use it:", url=url))
        variables = {"FAKTOORA_BASE_URL": url, "FAKTOORA_API_KEY": key}
        click.echo(f"  {with_variables(variables, ('faktoora-mcp', 'serve'))}")
        if len(key) < MIN_KEY_CHARS:
            click.echo(tr(KEY_TOO_SHORT, name="faktoora-mcp serve", count=MIN_KEY_CHARS), err=True)
        server.run(sockets=[listener])


@sandbox.command()
@click.argument("file", type=InputFile())
@click.option("--db", type=DB_FILE, help="database file of a sandbox")
@click.option("--url", help="URL of a running sandbox, as printed when it started")
@click.option("--key", default="any", help="API key of the running sandbox")
@language_option
def upload(file: Path, db: Path | None, url: str | None, key: str) -> None:
    """Register a CSV file and print the fileId that import_customers takes."""
    if (db is None) == (url is None):
        raise click.UsageError(tr("Give --db (a sandbox's database file) or --url (a running sandbox)."))
    click.echo(_uploaded(file, db, url, key))


def _uploaded(file: Path, db: Path | None, url: str | None, key: str) -> str:
    try:
        if db is not None:
            from faktoora_mcp.sandbox.app import register_file

            return register_file(db, file.name, file.read_bytes())
        return _sent(str(url), key, file)
    except OSError as exc:
        raise click.ClickException(tr("Not uploaded: {reason}", reason=exc)) from None


def _sent(url: str, key: str, file: Path) -> str:
    """Uploads through the sandbox's own route. OSError if it does not accept the file."""
    import json
    from urllib.parse import quote as percent_encoded
    from urllib.parse import urlsplit
    from urllib.request import Request, urlopen

    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        raise OSError(tr("{url} is not an http address", url=url))
    target = f"{parts.scheme}://{parts.netloc}/_sandbox/files?name={percent_encoded(file.name, safe='')}"
    headers = {"X-API-KEY": key, "Content-Type": "text/csv"}
    request = Request(target, file.read_bytes(), headers)  # noqa: S310 (its scheme is checked above)
    with urlopen(request, timeout=20) as response:  # noqa: S310 (its scheme is checked above)
        return str(json.load(response)["fileId"])
