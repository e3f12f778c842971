"""CSV files as German offices write them, imported through the API."""

from typing import cast

import httpx
import pytest

from faktoora_mcp.sandbox.errors import InvalidRequestError, UnknownFileError
from faktoora_mcp.sandbox.forms import Forms
from tests.sandbox.refusals import expected, messages, refusal

pytestmark = pytest.mark.anyio

Body = dict[str, object]
HEADERS = "Firma;Straße;PLZ;Ort;Land"
ROW = "Bäckerei Groß;Mühlenweg 4;01067;Dresden;DE"


@pytest.fixture
def customers() -> int:
    return 0


async def _import(api: httpx.AsyncClient, content: bytes) -> httpx.Response:
    file = await api.post("http://sandbox/_sandbox/files?name=liste.csv", content=content)
    assert file.status_code == 201
    return await api.post("/customers/import", json=file.json())


async def _imported(api: httpx.AsyncClient, text: str, encoding: str = "utf-8") -> list[Body]:
    answer = await _import(api, text.encode(encoding))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _refused(api: httpx.AsyncClient, text: str) -> list[str]:
    answer = await _import(api, text.encode())
    assert answer.status_code == 400, answer.text
    assert (await api.get("/customers")).json()["meta"]["totalItems"] == 0
    return messages(answer)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
async def test_every_usual_encoding_line_end_and_delimiter_is_read(
    api: httpx.AsyncClient, encoding: str, line_end: str, delimiter: str
) -> None:
    text = f"{HEADERS}{line_end}{ROW}{line_end}".replace(";", delimiter)
    (created,) = await _imported(api, text, encoding)
    expected = {"name": "Bäckerei Groß", "address": "Mühlenweg 4", "postcode": "01067", "city": "Dresden"}
    assert (expected | {"country": "DE", "isCompany": True, "extras": {}}).items() <= created.items()


@pytest.mark.parametrize("sep", ["sep=;\n", "SEP=;\r\n", "\ufeffsep=;\n"])
async def test_a_first_line_may_declare_the_delimiter(api: httpx.AsyncClient, sep: str) -> None:
    (created,) = await _imported(api, f"{sep}{HEADERS}\n{ROW}\n")
    assert created["name"] == "Bäckerei Groß"


async def test_a_declared_delimiter_may_be_any_character(api: httpx.AsyncClient) -> None:
    (created,) = await _imported(api, f"sep=|\n{HEADERS}\n{ROW}\n".replace(";", "|"))
    assert created["city"] == "Dresden"


async def test_quoted_fields_may_hold_delimiters_quotes_and_line_breaks(api: httpx.AsyncClient) -> None:
    row = '"Meier; ""Söhne""";Weg 1;10115;Berlin;DE;"Hof\nRampe; links"'
    (created,) = await _imported(api, f"{HEADERS};Notiz\n{row}\n")
    assert (created["name"], created["note"]) == ('Meier; "Söhne"', "Hof\nRampe; links")


@pytest.mark.parametrize(
    ("header", "field"),
    [
        *(("E-Mail", "email"), ("Telefon", "phoneNo"), ("USt-IdNr.", "vatId"), ("Steuernummer", "taxId")),
        *(("Kundennummer", "customerId"), ("Kd.-Nr.", "customerId"), ("Kategorie", "category")),
        *(("Notiz", "note"), ("Leitweg-ID", "routeId"), ("GLN", "glnId"), ("phoneNo", "phoneNo")),
        *(("VAT number", "vatId"), ("CUSTOMER NO.", "customerId"), ("nameAuthorisedSignatory",) * 2),
        *(("Umsatzsteuer-ID", "vatId"), ("Debitorennummer", "customerId"), ("Telefax", "faxNo")),
    ],
)
async def test_headers_are_known_in_german_english_and_the_names_of_the_api(
    api: httpx.AsyncClient, header: str, field: str
) -> None:
    (created,) = await _imported(api, f"{HEADERS};{header}\n{ROW};Wert\n")
    assert (created[field], created["extras"]) == ("Wert", {})


@pytest.mark.parametrize(
    "headers",
    ["Strasse;Postleitzahl;Stadt", "Adresse;PLZ;Wohnort", "street;zip;city", "address;postcode;town"],
)
async def test_places_are_known_by_many_names(api: httpx.AsyncClient, headers: str) -> None:
    (created,) = await _imported(api, f"Firma;{headers}\nA;Weg 1;10115;Berlin\n")
    assert (created["address"], created["postcode"], created["city"]) == ("Weg 1", "10115", "Berlin")


async def test_a_house_number_of_its_own_joins_the_street(api: httpx.AsyncClient) -> None:
    (created,) = await _imported(api, "Firma;Straße;Hausnummer;PLZ;Ort\nA;Weg;12a;10115;Berlin\n")
    assert created["address"] == "Weg 12a"


async def test_columns_without_a_meaning_are_kept_as_extras(api: httpx.AsyncClient) -> None:
    (created,) = await _imported(api, f"{HEADERS};Zahlungsziel;Leer\n{ROW};14 Tage;\n")
    assert created["extras"] == {"Zahlungsziel": "14 Tage"}


@pytest.mark.parametrize(
    ("headers", "row", "name"),
    [
        ("Name", "Acme", ("Acme", None, None)),
        ("Firma;Name", "Acme;Muster", ("Acme", None, "Muster")),
        ("Name;Vorname", "Muster;Eva", (None, "Eva", "Muster")),
        ("Name;Vorname;Nachname", "Acme;Eva;Muster", ("Acme", "Eva", "Muster")),
        ("Vorname;Nachname", "Eva;Muster", (None, "Eva", "Muster")),
    ],
)
async def test_name_means_the_company_or_the_family_name_depending_on_other_columns(
    api: httpx.AsyncClient, headers: str, row: str, name: tuple[str | None, ...]
) -> None:
    (created,) = await _imported(api, f"{headers};Straße;PLZ;Ort\n{row};Weg 1;10115;Berlin\n")
    assert (created["name"], created["firstName"], created["lastName"]) == name
    assert created["isCompany"] == (name[0] is not None)


@pytest.mark.parametrize(
    ("word", "expected"), [("Ja", True), ("nein", False), ("TRUE", True), ("0", False), ("", True)]
)
async def test_a_column_may_say_whether_it_is_a_company(
    api: httpx.AsyncClient,
    word: str,
    expected: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    (created,) = await _imported(api, f"{HEADERS};isCompany\n{ROW};{word}\n")
    assert created["isCompany"] is expected


@pytest.mark.parametrize(
    ("country", "postcode", "expected"),
    [
        ("Deutschland", "1067", ("DE", "01067")),
        ("D", "D-10115", ("DE", "10115")),
        ("Österreich", "1010", ("AT", "1010")),
        ("Oesterreich", "A-1010", ("AT", "1010")),
        ("SCHWEIZ", "8001", ("CH", "8001")),
        ("at", "8010", ("AT", "8010")),
        ("Niederlande", "1012 AB", ("NL", "1012 AB")),
        ("", "1067", (None, "1067")),
    ],
)
async def test_country_names_become_codes_and_lost_zeros_return(
    api: httpx.AsyncClient, country: str, postcode: str, expected: tuple[str | None, str]
) -> None:
    (created,) = await _imported(api, f"{HEADERS}\nA;Weg 1;{postcode};Ort;{country}\n")
    assert (created["country"], created["postcode"]) == expected


async def test_empty_lines_are_skipped_and_short_rows_are_read(api: httpx.AsyncClient) -> None:
    text = f"\n{HEADERS};Notiz\n\n{ROW}\n;;;;\n{ROW};x;\n\n"
    assert [row["note"] for row in await _imported(api, text)] == [None, "x"]


async def test_bad_rows_are_named_as_a_spreadsheet_counts_them(api: httpx.AsyncClient) -> None:
    rows = f'{ROW}\n"A\nB";Weg 1;101;Berlin;DE\n\n{ROW}\nC;;10115;Berlin;Atlantis\n'
    assert await _refused(api, f"{HEADERS}\n{rows}") == [
        "row 3: \"postcode\" must have 5 digits in DE, got '101'",
        'row 6: "address" is required',
        "row 6: \"country\" must be an ISO 3166-1 alpha-2 code such as DE, got 'Atlantis'",
    ]


async def test_the_first_20_errors_are_listed_and_the_rest_counted(api: httpx.AsyncClient) -> None:
    problems = await _refused(api, f"{HEADERS}\n" + "A;Weg;1;Ort;DE\n" * 25)
    assert len(problems) == 21
    assert problems[19].startswith("row 21: ")
    assert problems[20] == "and 5 more errors"


async def test_a_number_twice_in_one_file_is_refused_and_nothing_imported(api: httpx.AsyncClient) -> None:
    problems = await _refused(api, f"{HEADERS};Kundennummer\n{ROW};K1\n{ROW};\n{ROW};K1\n")
    assert problems == ['row 4: "customerId" "K1" is already used by another customer']


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Firma;Straße\nA;B\n", "no column for postcode, city among the headers: Firma, Straße"),
        ("\n\n", "no column for address, postcode, city among the headers: "),
        (f"{HEADERS}\n", "the file holds no customers below its headers"),
        (f"{HEADERS};Anschrift\n{ROW};x\n", "more than one column means address"),
        (f"{HEADERS}\n{ROW};x;y\n", "row 2: has 7 cells under 5 headers"),
        (f'{HEADERS}\n"{ROW}\n{ROW}\n', "row 2: cannot be read as CSV: unexpected end of data"),
        (
            f"{HEADERS};isCompany\n{ROW};vielleicht\n",
            "row 2: \"isCompany\" must be Ja or Nein, got 'vielleicht'",
        ),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_as_a_whole(
    api: httpx.AsyncClient, text: str, message: str
) -> None:
    assert await _refused(api, text) == [message]


@pytest.mark.parametrize("content", [b"Firma;\x81\x8d\n", b"\xef\xbb\xbfFirma;\xff", b"\xff\xfeF"])
async def test_a_file_in_no_known_encoding_is_refused(
    api: httpx.AsyncClient, forms: Forms, content: bytes
) -> None:
    answer = await _import(api, content)
    assert refusal(answer) == expected(InvalidRequestError, forms)


async def test_an_unknown_file_is_a_404(api: httpx.AsyncClient, forms: Forms) -> None:
    answer = await api.post("/customers/import", json={"fileId": "nothing"})
    assert refusal(answer) == expected(UnknownFileError, forms)


@pytest.mark.parametrize("body", [{}, {"fileId": 1}, {"fileId": ""}, {"fileId": "x", "mapping": {}}])
async def test_an_import_takes_a_file_id_and_nothing_else(
    api: httpx.AsyncClient, forms: Forms, body: Body
) -> None:
    answer = await api.post("/customers/import", json=body)
    assert refusal(answer) == expected(InvalidRequestError, forms)


async def test_an_empty_upload_is_refused(api: httpx.AsyncClient) -> None:
    assert (await api.post("http://sandbox/_sandbox/files", content=b"")).status_code == 400


async def test_imported_customers_are_found_and_keep_their_own_file(api: httpx.AsyncClient) -> None:
    (created,) = await _imported(api, f"{HEADERS}\n{ROW}\n")
    params = {"keywords[]": "BÄCKEREI", "relationFields[]": "importedFile"}
    (found,) = (await api.get("/customers", params=params)).json()["data"]
    assert found["id"] == created["id"]
    assert cast("Body", found["importedFile"])["name"] == "liste.csv"
