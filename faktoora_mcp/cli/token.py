"""`faktoora-mcp token`: makes an access token for a caller of a server over HTTP."""

import re
import secrets

import click

PLAIN = re.compile(r"[\w.@ -]{1,60}")


@click.command()
@click.argument("name")
def token(name: str) -> None:
    """Make an access token for NAME, a caller of `serve --http --auth shared`.

    The token is shown once and kept nowhere; the line is for the file of --access-token-file.
    """
    from faktoora_mcp.server.remote.access import digest

    if not PLAIN.fullmatch(name):
        raise click.UsageError("NAME: at most 60 letters, digits, blanks and . @ - _ are taken.")
    made = secrets.token_urlsafe(32)
    click.echo("The token, for the caller:", err=True)
    click.echo(made)
    click.echo("Its line in the server's file:", err=True)
    click.echo(f"{name}:sha256:{digest(made)}")
