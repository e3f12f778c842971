"""`faktoora-mcp upload`: sends a CSV file to faktoora and prints the fileId that an import takes."""

import json
from pathlib import Path
from typing import cast

import anyio
import click

from faktoora_mcp.api.connection import connect
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.settings import Settings
from faktoora_mcp.sheets.decoding import SAVE_AS_CSV

from .calls.answers import show_error
from .console import Json, echo, progress_bar
from .texts.words import tr

MAX_BYTES = 20_000_000
PROGRESS_BYTES = 1_000_000
"""The upload of a larger file shows its progress."""
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""First bytes of new and old ones."""
NEXT = "To import it: faktoora-mcp call import_customers file_id={file_id}"
WORKBOOK = f"{{path}} is an Excel workbook; faktoora imports CSV files. {SAVE_AS_CSV}."


class UnusableFile(click.ClickException):
    exit_code = 2


def upload(settings: Settings, path: Path, *, as_json: bool) -> int:
    """Upload the file and print its fileId. 1: it was not uploaded. Raises UnusableFile."""
    content = _content(path)
    try:
        file_id = anyio.run(_upload, settings, path.name, content)
    except FaktooraError as error:
        return _failed(error, as_json=as_json)
    if as_json:
        _print_json({"fileId": file_id, "bytes": len(content), "next": tr(NEXT, file_id=file_id)})
    else:
        echo(file_id)
        echo(tr(NEXT, file_id=file_id), err=True, fg="cyan")
    return 0


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if not content:
        raise UnusableFile(tr("{path} is empty.", path=path))
    if content.startswith(WORKBOOKS):
        raise UnusableFile(tr(WORKBOOK, path=path))
    if len(content) > MAX_BYTES:
        raise UnusableFile(
            tr("{path} is larger than {megabytes} MB. Split it.", path=path, megabytes=MAX_BYTES // 10**6)
        )
    return content


async def _upload(settings: Settings, name: str, content: bytes) -> str:
    sendable = name.encode(errors="replace").decode()
    async with connect(settings) as client:
        if len(content) <= PROGRESS_BYTES:
            return await client.upload_customers_file(sendable, content)
        with progress_bar(tr("Upload")) as advance:
            return await client.upload_customers_file(sendable, content, advance)


def _failed(error: FaktooraError, *, as_json: bool) -> int:
    envelope = error.envelope()
    if as_json:
        _print_json(envelope)
    else:
        show_error(cast("Json", envelope["error"]))
    return 1


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
