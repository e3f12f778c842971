import csv
import gc
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from errno import ENOSPC
from io import BytesIO, StringIO
from pathlib import Path

import httpx
import pytest
from click import ClickException, unstyle
from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer
from faktoora_mcp.cli.export import (
    Exported,
    Format,
    IncompleteError,
    copy,
    output_file,
    query,
    utf8_text,
    writer,
)
from faktoora_mcp.errors import Unauthorized
from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import DOCUMENTED
from tests.cli.commands import run, run_at_terminal
from tests.scripted import RECORD, Reply, Script, page, reply, settings

ALL = query((), None)


def records(*numbers: int) -> Iterator[dict[str, JsonValue]]:
    return (RECORD | {"id": f"cust_{number}", "customerId": f"CUST-{number}"} for number in numbers)


async def exported(*replies: Reply) -> tuple[Exported, list[str], Script]:
    """The result, the ids that were written, and the requests."""
    script, written = Script(*replies), list[str]()
    async with FaktooraClient(settings(), script) as client:
        done = await copy(client, ALL, lambda customer: written.append(customer.id), no_progress)
    return done, written, script


def no_progress(_done: int, _total: int | None) -> None:
    """Nobody looks at the progress."""


def record(**given: JsonValue) -> dict[str, JsonValue]:
    return RECORD | given


def rows_of(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";")]


@pytest.mark.anyio
async def test_pages_are_asked_for_in_the_order_of_creation() -> None:
    first, second = records(*range(100)), records(100)
    done, written, script = await exported(
        page(*first, per_page=100, total=101), page(*second, page=2, per_page=100, total=101)
    )
    assert (done, written) == (Exported(101, 0), [f"cust_{number}" for number in range(101)])
    assert script.calls == [
        "GET /customers?page=1&perPage=1000&sort=createdAt&order=asc",
        "GET /customers?page=2&perPage=100&sort=createdAt&order=asc",
    ]


@pytest.mark.anyio
async def test_where_any_keyword_is_enough_for_the_api_only_customers_with_all_are_written() -> None:
    any_is_enough = httpx.ASGITransport(create_app(forms=replace(DOCUMENTED, all_keywords=False)))
    written: list[str | None] = []
    async with FaktooraClient(settings(), any_is_enough) as client:
        await copy(client, query(("müller", "köln"), None), lambda one: written.append(one.name), no_progress)
    async with FaktooraClient(settings(), httpx.ASGITransport(create_app())) as client:
        expected = await client.list_customers(CustomerQuery(keywords=("müller", "köln")))
    assert sorted(filter(None, written)) == sorted(filter(None, (hit.name for hit in expected.customers)))
    assert written


@pytest.mark.anyio
async def test_no_customers_are_an_export_too() -> None:
    assert (await exported(page(total=0)))[:2] == (Exported(), [])


@pytest.mark.anyio
async def test_without_totals_the_last_page_is_the_one_that_is_not_full() -> None:
    done, _, _ = await exported(reply([*records(*range(100))]), reply([*records(100)]))
    assert done == Exported(101, 0)


@pytest.mark.anyio
async def test_a_repeated_customer_is_written_once() -> None:
    first = page(*records(*range(100)), per_page=100, total=102)
    done, written, _ = await exported(first, page(*records(99, 100), page=2, per_page=100, total=102))
    assert done == Exported(101, 1)
    assert len(written) == len(set(written))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        (page(*records(100), page=2, per_page=100, total=103), "changed during the export, from 102 to 103"),
        (page(page=2, per_page=100, total=102), "counts 102 customers but listed 100"),
        (page(*records(*range(100)), page=2, per_page=100, total=102), "same customers on two pages"),
    ],
)
async def test_an_incomplete_export_fails(second: httpx.Response, sentence: str) -> None:
    with pytest.raises(IncompleteError, match=sentence):
        await exported(page(*records(*range(100)), per_page=100, total=102), second)


@pytest.mark.anyio
async def test_an_api_that_repeats_a_page_for_ever_ends_the_export() -> None:
    with pytest.raises(IncompleteError, match="on two pages"):
        await exported(reply([*records(*range(100))]), reply([*records(*range(100))]))


@pytest.mark.anyio
async def test_a_page_that_cannot_be_read_ends_the_export() -> None:
    with pytest.raises(Unauthorized):
        await exported(page(*records(*range(100)), per_page=100, total=102), reply({}, 401))


@pytest.mark.anyio
async def test_progress_is_reported_page_by_page() -> None:
    advanced = list[tuple[int, int | None]]()
    script = Script(
        page(*records(*range(100)), per_page=100, total=101),
        page(*records(100), page=2, per_page=100, total=101),
    )
    async with FaktooraClient(settings(), script) as client:
        await copy(client, ALL, lambda _: None, lambda done, total: advanced.append((done, total)))
    assert advanced == [(100, 101), (101, 101)]


def numbered(request: httpx.Request) -> httpx.Response:
    start = 100 * (int(request.url.params["page"]) - 1)
    return page(*records(*range(start, start + 100)), page=start // 100 + 1, per_page=100, total=20_000)


@pytest.mark.anyio
async def test_memory_does_not_grow_with_the_number_of_customers() -> None:
    kept = dict[int, int]()

    def note(customer: Customer) -> None:
        if customer.id in ("cust_10000", "cust_19999"):
            gc.collect()
            kept[len(kept)] = tracemalloc.get_traced_memory()[0]

    class Forgetful(Script):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return numbered(request)

    tracemalloc.start()
    async with FaktooraClient(settings(), Forgetful()) as client:
        done = await copy(client, ALL, note, no_progress)
    tracemalloc.stop()
    assert done.written == 20_000
    assert kept[1] - kept[0] < 600_000, (
        "10,000 ids in a set would take 1.3 MB; the JSON parser's cache of texts grows by 0.4 at most"
    )


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_hidden_fields_are_left_out_of_both_formats(kind: Format) -> None:
    hidden = frozenset({"email", "extras"})
    text = StringIO(newline="")
    contact: JsonValue = {"email": "a@b.example", "note": "x"}
    writer(kind, text, hidden)(Customer(record(customerContacts=[contact])))
    written = rows_of(text.getvalue())[0] if kind == "csv" else json.loads(text.getvalue())
    assert not hidden & written.keys()
    assert "a@b.example" not in text.getvalue()
    assert kind == "csv" or written["customerContacts"] == [{"note": "x"}]


def test_a_misspelt_hidden_field_is_refused_before_anything_is_read() -> None:
    done = run("export", "--hide-fields", "emial", "--sandbox")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--hide-fields: no field that can be hidden is called 'emial'; did you mean email?" in done.stderr


def test_the_name_is_hidden_with_its_parts() -> None:
    done = run("export", "--format", "jsonl", "--hide-fields", "lastName", "--sandbox")
    assert all(not json.loads(line).keys() & {"name", "lastName"} for line in done.stdout.splitlines())


def test_piped_csv_holds_every_customer() -> None:
    done = run("export", "--sandbox", encoding="ascii")
    rows = rows_of(done.stdout)
    assert (done.returncode, done.stderr, len(rows)) == (0, "", 57)
    assert [row["createdAt"] for row in rows] == sorted(row["createdAt"] for row in rows)


def test_piped_json_lines_can_be_narrowed() -> None:
    done = run("export", "--format", "jsonl", "--keywords", "müller", "--keywords", "köln", "--sandbox")
    cities = [json.loads(line)["city"] for line in done.stdout.splitlines()]
    assert cities == ["Köln"] * 3
    stammkunden = run("export", "--format", "jsonl", "--category", "Stammkunde", "--sandbox").stdout
    assert {json.loads(line)["category"] for line in stammkunden.splitlines()} == {"Stammkunde"}


def test_a_file_is_written_byte_for_byte_as_stdout(tmp_path: Path) -> None:
    target = tmp_path / "kunden.csv"
    done = run("export", "--output", str(target), "--sandbox")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"57 invented customers (sandbox) written to {target}\n"
    assert target.read_bytes().startswith(b"\xef\xbb\xbfid;customerId;")
    assert rows_of(target.read_text("utf-8-sig")) == rows_of(
        run("export", "--output", "-", "--sandbox").stdout
    )
    assert [*tmp_path.iterdir()] == [target]


def test_a_file_is_replaced_only_by_force(tmp_path: Path) -> None:
    target = tmp_path / "kunden.csv"
    target.write_text("precious")
    refused = run("export", "--output", str(target), "--sandbox")
    assert (refused.returncode, target.read_text()) == (2, "precious")
    assert "exists; --force replaces it" in refused.stderr
    assert run("export", "--output", str(target), "--force", "--sandbox").returncode == 0
    assert target.read_text("utf-8-sig").startswith("id;")


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    done = run("export", "--output", str(tmp_path), "--force", "--sandbox")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, f"Error: {tmp_path} is not a file.")


def test_a_missing_folder_is_an_error_in_a_sentence(tmp_path: Path) -> None:
    done = run("export", "--output", str(tmp_path / "missing" / "kunden.csv"), "--sandbox")
    assert done.returncode == 1
    assert "cannot be written: there is no such file or folder." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_failure_leaves_the_folder_as_it_was(tmp_path: Path, force: list[str]) -> None:
    target = tmp_path / "kunden.csv"
    if force:
        target.write_text("precious")
    before = {path: path.read_text() for path in tmp_path.iterdir()}
    live = {"FAKTOORA_API_KEY": "secret-4711", "FAKTOORA_BASE_URL": "http://127.0.0.1:9"}
    done = run("export", "--timeout-s", "1", "--output", str(target), *force, **live)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: Not exported: No connection to the API. ")
    assert "4711" not in done.stderr
    assert {path: path.read_text() for path in tmp_path.iterdir()} == before


def test_a_full_disk_is_an_error_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ClickException) as failed, output_file(tmp_path / "kunden.csv"):
        raise OSError(ENOSPC, "No space left on device")
    assert failed.value.message.endswith("kunden.csv cannot be written: there is no space left.")
    assert [*tmp_path.iterdir()] == []


def test_an_unpaired_surrogate_is_written_as_its_escape_sequence() -> None:
    file = BytesIO()
    with utf8_text(file) as text:
        writer("jsonl", text, frozenset())(Customer(record(note="\ud83d")))
    assert json.loads(file.getvalue())["note"] == "\ud83d"


def test_at_a_terminal_the_export_goes_to_a_file_of_today_with_a_bar(tmp_path: Path) -> None:
    code, text = run_at_terminal("export", "--sandbox", cwd=tmp_path)
    today = datetime.now().astimezone().date()
    (target,) = tmp_path.iterdir()
    assert (code, target.name) == (0, f"customers-{today}.csv")
    assert "100%" in unstyle(text)
    assert unstyle(text).endswith(f"57 invented customers (sandbox) written to {target.name}\n")


def test_at_a_terminal_stdout_can_be_asked_for(tmp_path: Path) -> None:
    code, text = run_at_terminal("export", "--sandbox", "--output", "-", "--format", "jsonl", cwd=tmp_path)
    assert (code, [*tmp_path.iterdir()]) == (0, [])
    assert '"customerId":"CUST-0001"' in text
