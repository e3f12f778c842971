"""What `check-csv` prints, for people and for programs."""

import json
import logging
import re
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faktoora_mcp.cli.check_csv import NO_BASE, NO_KEY, check
from faktoora_mcp.cli.csv_report import ExistingCustomers, Report, show
from faktoora_mcp.settings import Settings
from tests.customer_files import ACME, HEAD, checked, content, reported
from tests.scripted import settings

COLUMNS = {
    "Kundennummer": "customerId",
    "Firma": "name",
    "Straße": "address",
    "PLZ": "postcode",
    "Ort": "city",
    "Land": "country",
}
SANDBOX = Settings(sandbox=True)
UNREACHABLE = settings(base_url="http://127.0.0.1:9", timeout_s=0.5)
ADVICE = "This is a ZIP archive, but no Excel workbook that can be read: it is damaged."


@pytest.fixture(autouse=True)
def _columns(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction] (a fixture)
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def kunden(tmp_path: Path) -> Path:
    path = tmp_path / "kunden.csv"
    path.write_bytes(
        content(
            f"{ACME};0151",
            "K-2;Acme GmbH;Weg 9;10115;Berlin;DE;",
            "K-3;Zyx AG;Weg 1;1067;\x1b[31mDresden;DE;",
            "K-4;Bär AG;Weg 1;80331;München;de;",
            head=f"{HEAD};phonNo",
        )
    )
    return path


def test_people_read_the_result_first_and_then_the_reasons(
    kunden: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(kunden, SANDBOX, as_json=False, no_base=True) == 1
    assert capsys.readouterr() == (
        """\
kunden.csv: 4 rows, 1 ready, 1 with errors, 1 likely duplicate, 1 with warnings
Read as a list in Windows-1252, separated by semicolons; headers in row 1.
Not compared with the customers in faktoora: --no-base.

Columns
  header        would be
  Kundennummer  customerId
  Firma         name
  Straße        address
  PLZ           postcode
  Ort           city
  Land          country
  phonNo        not recognised; the nearest field is phoneNo
  (no column)   isCompany: true if there is a company's name
  Which field each column would be. How faktoora itself reads the columns is not documented.

Errors
  row 4, Zyx AG, PLZ (postcode): '1067' was probably '01067': Excel took it for a number

Likely duplicates
  row 3 is likely row 2: same name, same postcode 10115

Warnings
  row 4, Zyx AG, Ort (city): has characters at its ends that nobody sees; they are left out
  row 5, Bär AG, Land (country): is better written 'DE'

Correct the errors, remove the duplicates, and check the file again before you upload it.
""",
        "",
    )


def test_programs_read_one_object(kunden: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(kunden, None, as_json=True) == 1
    assert json.loads(capsys.readouterr().out) == {
        "file": "kunden.csv",
        "encoding": "cp1252",
        "delimiter": ";",
        "datev": False,
        "columns": [
            *({"header": header, "field": field} for header, field in COLUMNS.items()),
            {"header": "phonNo", "field": None, "nearest": "phoneNo"},
        ],
        "readAs": {},
        "fileProblems": [],
        "rows": {"total": 4, "ready": 1, "withErrors": 1, "duplicates": 1, "doubtful": 1},
        "problems": [
            {
                "level": "error",
                "field": "postcode",
                "column": "PLZ",
                "code": "lost_digits_meant",
                "count": 1,
                "rows": [4],
                "examples": [
                    {
                        "row": 4,
                        "customer": "Zyx AG",
                        "message": "'1067' was probably '01067': Excel took it for a number",
                    }
                ],
            },
            {
                "level": "warning",
                "field": "city",
                "column": "Ort",
                "code": "invisible_edges",
                "count": 1,
                "rows": [4],
                "examples": [
                    {
                        "row": 4,
                        "customer": "Zyx AG",
                        "message": "has characters at its ends that nobody sees; they are left out",
                    }
                ],
            },
            {
                "level": "warning",
                "field": "country",
                "column": "Land",
                "code": "better_written",
                "count": 1,
                "rows": [5],
                "examples": [{"row": 5, "customer": "Bär AG", "message": "is better written 'DE'"}],
            },
        ],
        "duplicatesInFile": [{"row": 3, "of": 2, "reasons": ["same name, same postcode 10115"]}],
        "duplicatesInBase": [],
        "comparisonsLeftOut": 0,
        "base": {"read": 0, "total": None, "complete": False, "reason": NO_KEY, "sandbox": False},
    }


def test_of_many_problems_of_one_kind_the_first_are_shown_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    show(reported(*(f"K-{place};Zyx {place} AG;Weg;1067;Ort;DE" for place in range(40))), 50)
    shown = capsys.readouterr().out
    assert shown.count("Excel took it for a number") == 5
    more = ", ".join(map(str, range(7, 27)))
    assert f"\n    and 35 more rows with PLZ like these: {more}, …\n" in shown


def test_at_a_terminal_each_list_is_bounded_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    show(reported(*(f"K-{place};Zyx {place} AG;Weg;1067;Ort;DE" for place in range(6))), 5)
    shown = capsys.readouterr().out
    assert shown.count("Excel took it for a number") == 5
    assert "\n  and 1 more; --json lists all\n" in shown


def test_a_program_gets_every_row_of_a_kind(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "kunden.csv"
    path.write_bytes(content(*(f"K-{place};Zyx {place} AG;Weg;1067;Ort;DE" for place in range(300))))
    check(path, None, as_json=True)
    (kind,) = json.loads(capsys.readouterr().out)["problems"]
    assert (kind["count"], kind["rows"], len(kind["examples"])) == (300, [*range(2, 302)], 20)


def test_a_problem_of_the_whole_file_is_in_the_summary_and_in_the_advice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show(reported(f"{ACME};1;2", head=f"{HEAD};Fax;Telefax"), None)
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].endswith("; 1 problem of the whole file")
    assert "  faxNo: is in two columns; 'Telefax' is not read" in shown
    assert shown[-1] == "Correct the errors, and check the file again before you upload it."


LINES = (
    ACME,
    ACME.replace("DE", "Deutschland"),
    "K-1;Zyx AG;Weg 1;80331;München;DE",
    "K-7;Zyx 7 AG;Weg 1;1067;Dresden;DE",
    "K-8;Bär KG;Weg 1;80331;München;de",
    "K-9;;Weg 1;80331;München;DE",
    "#NV;zu;viele;Zellen;in;dieser;Zeile",
    '"nicht geschlossen;',
)


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=5), st.sampled_from([HEAD, f"{HEAD};Ort"]))
def test_summary_lists_and_advice_agree(lines: list[str], head: str) -> None:
    report = reported(*lines, head=head)
    with redirect_stdout(StringIO()) as printed:
        show(report, None)
    shown, counts = printed.getvalue(), report.check.counts
    assert counts["total"] == sum(count for kind, count in counts.items() if kind != "total")
    assert ("\nErrors\n" in shown or "problem of the whole" in shown) == ("orrect the errors" in shown)
    assert ("\nLikely duplicates\n" in shown) == ("emove the duplicates" in shown)
    assert ("Nothing has to be corrected" in shown) == (report.exit_code == 0)
    assert not (counts["withErrors"] and report.exit_code == 0)
    assert counts["ready"] < counts["total"] or not {*re.findall(r"\n(Errors|Warnings)\n", shown)}


def test_words_that_were_read_as_codes_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    show(reported(f"{ACME.replace('DE', 'Deutschland')};Firma", head=f"{HEAD};Kundentyp"), None)
    shown = capsys.readouterr().out
    assert "\n  country: 'Deutschland' as DE\n  isCompany: 'Firma' as a company\n" in shown


@pytest.mark.parametrize(
    ("existing", "sentence"),
    [
        (ExistingCustomers(57, 57, sandbox=True), "Compared with all 57 invented customers of the sandbox."),
        (ExistingCustomers(3000, 3000), "Compared with all 3,000 customers in faktoora."),
        (
            ExistingCustomers(10, 57, "time ran out"),
            "Compared with some of the customers in faktoora only: time ran out. Duplicates may be missing.",
        ),
        (
            ExistingCustomers(reason="No connection."),
            "Not compared with the customers in faktoora: No connection.",
        ),
        (
            ExistingCustomers(reason=NO_BASE, wanted=False),
            "Not compared with the customers in faktoora: --no-base.",
        ),
    ],
)
def test_it_says_what_the_file_was_compared_with(
    existing: ExistingCustomers, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show(Report("kunden.csv", checked(ACME), existing), None)
    assert capsys.readouterr().out.splitlines()[2] == sentence


@pytest.mark.parametrize(
    ("line", "given", "advice"),
    [
        (ACME, None, "Nothing has to be corrected."),
        (ACME.replace("DE", "de"), None, "Nothing has to be corrected. Look at the warnings."),
        (
            ACME.replace("DE", "Deutschlnad") + "\r\n" + ACME.replace("K-1", "K-2"),
            None,
            "Correct the errors, remove the duplicates, and check the file again before you upload it.",
        ),
        (
            ACME + "\r\n" + ACME.replace("K-1", "K-2"),
            None,
            "Remove the duplicates, and check the file again before you upload it.",
        ),
        (
            ACME,
            UNREACHABLE,
            "The file itself needs no correction, but the comparison is not complete. Try again.",
        ),
    ],
)
def test_it_ends_with_what_to_do(
    line: str, given: Settings | None, advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show(reported(line, settings=given), None)
    assert capsys.readouterr().out.splitlines()[-1] == advice


def test_invisible_characters_and_line_breaks_of_the_file_are_not_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    head = f'{HEAD};"Be\x1b[31m\nmerk!";;Fax;Telefax'
    show(reported(ACME.replace("10115", '"1\x1b[31m\n1"') + ";;;;", head=head), None)
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\n  Be[31m merk!  not recognised\n  (column 8)" in shown
    assert "'1[31m 1' (invisible characters left out) was probably '1[31m 1'" in shown


def test_a_file_that_cannot_be_used_is_refused_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "kunden.xlsx"
    path.write_bytes(b"PK\x03\x04")
    assert check(path, None, as_json=True) == 2
    written = capsys.readouterr()
    assert (written.out, written.err) == (
        "",
        f"Error: 'kunden.xlsx' cannot be checked. {ADVICE}\n",
    )


def test_no_log_names_a_customer(kunden: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "faktoora_mcp"):
        check(kunden, SANDBOX, as_json=True)
    assert "GET" in caplog.text
    assert not any(word in caplog.text for word in ("Acme", "Weg", "Berlin", "K-1"))


def test_skipped_comparisons_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    done = replace(checked(ACME), skipped=1234)
    show(Report("kunden.csv", done, ExistingCustomers(reason=NO_KEY, wanted=False)), None)
    assert capsys.readouterr().out.splitlines()[2] == (
        "Not compared with the customers in faktoora: there is no API key. "
        "1,234 comparisons were skipped: very many customers share a value."
    )
