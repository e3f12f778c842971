"""Customers as CSV for Excel and as JSON lines."""

import csv
import json
from io import StringIO

import pytest
from pydantic import JsonValue

from faktoora_mcp.api.models import API_OWNED, WRITABLE
from faktoora_mcp.api.records import LOADED_BY
from faktoora_mcp.sheets.writing import COLUMNS, Record, csv_table, json_lines, without_formula
from tests.scripted import RECORD


def as_csv(*records: Record, hidden: frozenset[str] = frozenset()) -> str:
    text = StringIO(newline="")
    write = csv_table(text, hidden)
    for record in records:
        write(record)
    return text.getvalue()


def record(**given: JsonValue) -> Record:
    return RECORD | given


def rows_of(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";")]


def test_every_field_of_a_record_but_related_data_has_a_column() -> None:
    related = {*LOADED_BY, "user"}
    assert set(COLUMNS) == {*WRITABLE, *API_OWNED} - related
    assert len(COLUMNS) == len(set(COLUMNS))


def test_csv_opens_in_excel_in_a_german_office() -> None:
    text = as_csv(record(name='Müller; "Söhne"\nKG', postcode="01067", extras={"a": "ö"}))
    assert text.startswith("\ufeffid;customerId;isCompany;name;firstName;")
    assert text.endswith("\r\n")
    assert text.count("\r\n") == 2
    (row,) = rows_of(text)
    assert (row["name"], row["postcode"]) == ('Müller; "Söhne"\nKG', "01067")
    assert (row["isCompany"], row["vatId"], row["extras"]) == ("true", "", '{"a":"ö"}')


def test_hidden_fields_have_no_column() -> None:
    hidden = frozenset({"email", "extras"})
    assert rows_of(as_csv(RECORD, hidden=hidden))[0].keys() == {*COLUMNS} - hidden


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
    assert without_formula(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    [
        "+49 30 901820", "+4930901820", "+49 (0)30 901820", "-12", "-12,50", "-12.5", "1=1",
        "", "a@b.example", "A-1", "0049-30", "'s-Hertogenbosch",
    ],
)  # fmt: skip
def test_phone_numbers_negative_numbers_and_harmless_text_stay(text: str) -> None:
    assert without_formula(text) == text


def test_a_formula_in_any_column_becomes_text() -> None:
    (row,) = rows_of(as_csv(dict.fromkeys(COLUMNS, "=1")))
    assert set(row.values()) == {"'=1"}


def test_json_lines_are_the_records() -> None:
    text = StringIO()
    sent = record(new=[1, None], note="a\u2028b", extras={"fields": 1, "warnings": [1]})
    json_lines(text)(sent)
    (line,) = text.getvalue().split("\n")[:-1]
    assert json.loads(line) == sent
