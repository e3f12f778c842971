import csv
import json
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from errno import ENOSPC
from io import BytesIO, StringIO
from pathlib import Path
from typing import cast

import httpx
import pytest
from click import ClickException, unstyle
from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import API_OWNED, WRITABLE
from faktoora_mcp.api.records import LOADED_BY, Customer
from faktoora_mcp.cli.export import (
    COLUMNS,
    Exported,
    Incomplete,
    copy,
    inert,
    json_lines,
    query,
    replaced,
    table,
    utf8_on,
)
from faktoora_mcp.errors import Unauthorized
from tests.processes import environment, run
from tests.scripted import RECORD, Reply, Script, page, reply, settings
from tests.terminal import at_terminal

SANDBOX = environment(FAKTOORA_SANDBOX="1", PYTHONWARNINGS="error")
ALL = query((), None)


def records(*numbers: int) -> Iterator[dict[str, JsonValue]]:
    return (RECORD | {"id": f"cust_{number}", "customerId": f"CUST-{number}"} for number in numbers)


async def exported(*replies: Reply) -> tuple[Exported, list[str], Script]:
    """What came of it, the ids that were written, and the requests."""
    script, written = Script(*replies), list[str]()
    async with FaktooraClient(settings(), script) as client:
        done = await copy(client, ALL, lambda customer: written.append(customer.id), unseen)
    return done, written, script


def unseen(_count: int, _total: int | None) -> None:
    """Nobody looks at the progress."""


def record(**given: JsonValue) -> dict[str, JsonValue]:
    return RECORD | given


def as_csv(*records: dict[str, JsonValue], hidden: frozenset[str] = frozenset()) -> str:
    text = StringIO(newline="")
    write = table(text, hidden)
    for one in records:
        write(Customer(one))
    return text.getvalue()


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
        "GET /customers?page=1&perPage=100&sort=createdAt&order=asc",
        "GET /customers?page=2&perPage=100&sort=createdAt&order=asc",
    ]


@pytest.mark.anyio
async def test_a_base_without_customers_is_exported_too() -> None:
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
        (page(*records(100), page=2, per_page=100, total=103), "changed under way, from 102 to 103"),
        (page(page=2, per_page=100, total=102), "counts 102 customers and listed 100"),
        (page(*records(*range(100)), page=2, per_page=100, total=102), "same customers again and again"),
    ],
)
async def test_what_is_not_complete_is_no_export(second: httpx.Response, sentence: str) -> None:
    with pytest.raises(Incomplete, match=sentence):
        await exported(page(*records(*range(100)), per_page=100, total=102), second)


@pytest.mark.anyio
async def test_an_api_that_never_ends_is_left() -> None:
    with pytest.raises(Incomplete, match="again and again"):
        await exported(reply([*records(*range(100))]), reply([*records(*range(100))]))


@pytest.mark.anyio
async def test_a_page_that_cannot_be_read_ends_the_export() -> None:
    with pytest.raises(Unauthorized):
        await exported(page(*records(*range(100)), per_page=100, total=102), reply({}, 401))


@pytest.mark.anyio
async def test_progress_is_told_page_by_page() -> None:
    told = list[tuple[int, int | None]]()
    script = Script(
        page(*records(*range(100)), per_page=100, total=101),
        page(*records(100), page=2, per_page=100, total=101),
    )
    async with FaktooraClient(settings(), script) as client:
        await copy(client, ALL, lambda _: None, lambda count, total: told.append((count, total)))
    assert told == [(100, 101), (1, 101)]


def numbered(request: httpx.Request) -> httpx.Response:
    start = 100 * (int(request.url.params["page"]) - 1)
    return page(*records(*range(start, start + 100)), page=start // 100 + 1, per_page=100, total=20_000)


@pytest.mark.anyio
async def test_memory_does_not_grow_with_the_number_of_customers() -> None:
    kept = dict[int, int]()

    def note(customer: Customer) -> None:
        if customer.id in ("cust_1000", "cust_19999"):
            kept[len(kept)] = tracemalloc.get_traced_memory()[0]

    class Forgetful(Script):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return numbered(request)

    tracemalloc.start()
    async with FaktooraClient(settings(), Forgetful()) as client:
        done = await copy(client, ALL, note, unseen)
    tracemalloc.stop()
    assert done.written == 20_000
    assert kept[1] - kept[0] < 1_000_000, (
        "19,000 ids in a set would take 2.5 MB; log lines that pytest keeps take 0.4"
    )


def test_every_field_of_a_record_but_related_data_has_a_column() -> None:
    related = {*LOADED_BY, "user"}
    assert set(COLUMNS) == {*WRITABLE, *API_OWNED} - related
    assert len(COLUMNS) == len(set(COLUMNS))


def test_csv_is_what_excel_in_a_german_office_opens() -> None:
    text = as_csv(record(name='Müller; "Söhne"\nKG', postcode="01067", extras={"a": "ö"}))
    assert text.startswith("\ufeffid;customerId;isCompany;name;firstName;")
    assert text.endswith("\r\n")
    assert text.count("\r\n") == 2
    (row,) = rows_of(text)
    assert (row["name"], row["postcode"]) == ('Müller; "Söhne"\nKG', "01067")
    assert (row["isCompany"], row["vatId"], row["extras"]) == ("true", "", '{"a":"ö"}')


@pytest.mark.parametrize("empty", [None, {}, []])
def test_nothing_is_an_empty_cell(empty: JsonValue) -> None:
    assert rows_of(as_csv(record(extras=empty)))[0]["extras"] == ""


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1+1", "-1+1", "@SUM(A1)", "-A1", "+", "-",
        "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20A1",
        "+49-30-901820", "+49/30/901820", "-2+3+cmd|' /C calc'!A0", "+49 30\t=1", "+49 30\n1",
    ],
)  # fmt: skip
def test_what_a_spreadsheet_would_compute_becomes_text(text: str) -> None:
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    [
        "+49 30 901820", "+4930901820", "+49 (0)30 901820", "-12", "-12,50", "-12.5", "1=1",
        "", "a@b.example", "A-1", "0049-30", "'=1",
    ],
)  # fmt: skip
def test_phone_numbers_negative_numbers_and_harmless_text_stay(text: str) -> None:
    assert inert(text) == text


def test_a_formula_in_any_column_is_neutralised() -> None:
    (row,) = rows_of(as_csv(dict.fromkeys(COLUMNS, cast("JsonValue", "=1"))))
    assert set(row.values()) == {"'=1"}


def test_json_lines_are_the_records() -> None:
    text = StringIO()
    sent = record(new=[1, None], note="a\u2028b", extras={"fields": 1, "warnings": [1]})
    json_lines(text, frozenset())(Customer(sent))
    (line,) = text.getvalue().split("\n")[:-1]
    assert json.loads(line) == sent


def test_hidden_fields_are_left_out_of_both_forms() -> None:
    hidden = frozenset({"email", "extras"})
    sent = record(customerContacts=[{"email": "a@b.example", "note": "x"}])
    assert rows_of(as_csv(sent, hidden=hidden))[0].keys() == {*COLUMNS} - hidden
    text = StringIO()
    json_lines(text, hidden)(Customer(sent))
    seen = json.loads(text.getvalue())
    assert seen.keys() == sent.keys() - hidden
    assert seen["customerContacts"] == [{"note": "x"}]


def test_a_misspelt_hidden_field_is_refused_before_anything_is_read() -> None:
    done = run("export", "--hide-fields", "emial", env=SANDBOX)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--hide-fields: no field that can be hidden is called 'emial'; did you mean email?" in done.stderr


def test_the_name_is_hidden_with_its_parts() -> None:
    done = run("export", "--format", "jsonl", "--hide-fields", "lastName", env=SANDBOX)
    assert all(not json.loads(line).keys() & {"name", "lastName"} for line in done.stdout.splitlines())


def test_piped_csv_holds_every_customer() -> None:
    done = run("export", env=SANDBOX | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"})
    rows = rows_of(done.stdout)
    assert (done.returncode, done.stderr, len(rows)) == (0, "", 57)
    assert [row["createdAt"] for row in rows] == sorted(row["createdAt"] for row in rows)


def test_piped_json_lines_can_be_narrowed() -> None:
    done = run("export", "--format", "jsonl", "--keywords", "müller", "--keywords", "köln", env=SANDBOX)
    cities = [json.loads(line)["city"] for line in done.stdout.splitlines()]
    assert cities == ["Köln"] * 3
    stammkunden = run("export", "--format", "jsonl", "--category", "Stammkunde", env=SANDBOX).stdout
    assert {json.loads(line)["category"] for line in stammkunden.splitlines()} == {"Stammkunde"}


def test_a_file_is_written_byte_for_byte_as_stdout(tmp_path: Path) -> None:
    target = tmp_path / "kunden.csv"
    done = run("export", "--output", str(target), env=SANDBOX)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"57 invented customers (sandbox) written to {target}\n"
    assert target.read_bytes().startswith(b"\xef\xbb\xbfid;customerId;")
    assert rows_of(target.read_text("utf-8-sig")) == rows_of(
        run("export", "--output", "-", env=SANDBOX).stdout
    )
    assert [*tmp_path.iterdir()] == [target]


def test_a_file_is_replaced_only_by_force(tmp_path: Path) -> None:
    target = tmp_path / "kunden.csv"
    target.write_text("precious")
    refused = run("export", "--output", str(target), env=SANDBOX)
    assert (refused.returncode, target.read_text()) == (2, "precious")
    assert "exists; --force replaces it" in refused.stderr
    assert run("export", "--output", str(target), "--force", env=SANDBOX).returncode == 0
    assert target.read_text("utf-8-sig").startswith("id;")


def test_what_is_no_file_is_never_replaced(tmp_path: Path) -> None:
    done = run("export", "--output", str(tmp_path), "--force", env=SANDBOX)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, f"Error: {tmp_path} is no file.")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = run("export", "--output", str(tmp_path / "missing" / "kunden.csv"), env=SANDBOX)
    assert done.returncode == 1
    assert "cannot be written: No such file or directory." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_failure_leaves_the_folder_as_it_was(tmp_path: Path, force: list[str]) -> None:
    target = tmp_path / "kunden.csv"
    if force:
        target.write_text("precious")
    before = {path: path.read_text() for path in tmp_path.iterdir()}
    env = environment(FAKTOORA_API_KEY="secret-4711", FAKTOORA_BASE_URL="http://127.0.0.1:9")
    done = run("export", "--timeout-s", "1", "--output", str(target), *force, env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: Not exported: No connection to the API. ")
    assert "4711" not in done.stderr
    assert {path: path.read_text() for path in tmp_path.iterdir()} == before


def test_half_a_character_is_written_as_its_escape() -> None:
    file = BytesIO()
    with utf8_on(file) as text:
        json_lines(text, frozenset())(Customer(record(note="\ud83d")))
    assert json.loads(file.getvalue())["note"] == "\ud83d"


def test_a_failure_under_way_leaves_no_half_file(tmp_path: Path) -> None:
    with suppress(Incomplete), replaced(tmp_path / "kunden.csv") as file:
        file.write(b"half")
        assert [path.suffix for path in tmp_path.iterdir()] == [".part"]
        raise Incomplete
    assert [*tmp_path.iterdir()] == []


def test_a_disk_that_is_full_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ClickException) as failed, replaced(tmp_path / "kunden.csv"):
        raise OSError(ENOSPC, "No space left on device")
    assert failed.value.message.endswith("kunden.csv cannot be written: No space left on device.")
    assert [*tmp_path.iterdir()] == []


def test_at_a_terminal_the_export_goes_to_a_file_of_today_with_a_bar(tmp_path: Path) -> None:
    code, text = at_terminal("export", "--sandbox", cwd=tmp_path)
    today = datetime.now().astimezone().date()
    (target,) = tmp_path.iterdir()
    assert (code, target.name) == (0, f"customers-{today}.csv")
    assert "100%" in unstyle(text)
    assert unstyle(text).endswith(f"57 invented customers (sandbox) written to {target.name}\n")


def test_at_a_terminal_stdout_can_be_asked_for(tmp_path: Path) -> None:
    code, text = at_terminal("export", "--sandbox", "--output", "-", "--format", "jsonl", cwd=tmp_path)
    assert (code, [*tmp_path.iterdir()]) == (0, [])
    assert '"customerId":"CUST-0001"' in text
