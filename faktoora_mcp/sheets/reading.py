"""A customer list as offices write it: bytes become rows, headers the API's fields, cells a record."""

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from itertools import count
from typing import Self, TextIO

from pydantic import JsonValue

from faktoora_mcp.insight.normalization import compact, folded
from faktoora_mcp.text import quote, trimmed

HOUSE_NUMBER = "house number"
NEEDED = ("address", "postcode", "city")
HEADERS = {
    "name": "Firma, Firmenname, Firmenbezeichnung, Unternehmen, Organisation, Kunde, Kundenname, Name,"
    " Name 1, Company, Company name, Organization, Customer, Customer name",
    "firstName": "Vorname, First name, Given name, Forename",
    "lastName": "Nachname, Familienname, Zuname, Last name, Surname, Family name",
    "isCompany": "Firma ja/nein, Firma (ja/nein), Ist Firma, Ist Unternehmen, Geschäftskunde, Kundenart,"
    " Kundentyp, Is company, B2B",
    "address": "Straße, Str., Straße und Hausnummer, Straße + Hausnummer, Straße und Nr., Straße Nr.,"
    " Straße Hausnummer, Straße Hausnr., Adresse, Anschrift, Street, Street address, Address, Address line 1",
    HOUSE_NUMBER: "Hausnummer, Hausnr., Haus-Nr., HNr., House number, House no., Street number",
    "postcode": "PLZ, Postleitzahl, Zip, Zip code, Postal code, Post code",
    "city": "Ort, Stadt, Wohnort, Ortsname, City, Town",
    "country": "Land, Staat, Ländercode, Länderkürzel, Länderkennzeichen, Country, Country code",
    "email": "E-Mail, E-Mail-Adresse, Mail, Mailadresse, Email address",
    "phoneNo": "Telefon, Telefonnummer, Telefonnr., Tel., Tel.-Nr., Fon, Rufnummer, Phone, Phone number,"
    " Phone no., Telephone, Telephone number",
    "faxNo": "Fax, Telefax, Faxnummer, Fax-Nr., Fax number, Fax no.",
    "customerId": "Kundennummer, Kundennr., Kunden-Nr., Kd.-Nr., Kd-Nummer, Debitor, Debitorennummer,"
    " Debitoren-Nr., Debitorenkonto, Customer number, Customer no., Customer nr., Customer ID",
    "vatId": "USt-IdNr., USt-ID, USt-Id-Nr., UStID-Nummer, Umsatzsteuer-ID, Umsatzsteuer-IdNr.,"
    " Umsatzsteuer-Identifikationsnummer, UID, UID-Nummer, UID-Nr., VAT, VAT ID, VAT no., VAT number, VATIN",
    "taxId": "Steuernummer, Steuer-Nr., St.-Nr., StNr., Tax ID, Tax number, Tax no.",
    "glnId": "GLN, GLN-Nummer, ILN",
    "dunsId": "D-U-N-S, DUNS, D-U-N-S-Nummer, D-U-N-S number, DUNS no.",
    "routeId": "Leitweg-ID, Leitweg, Leitwegnummer, Käuferreferenz, Buyer reference, Route ID",
    "peppolId": "Peppol-ID, Peppol, Peppol participant ID",
    "invoiceProfile": "Rechnungsformat, Rechnungsprofil, E-Rechnungsformat, Invoice profile, Invoice format",
    "category": "Kategorie, Kundengruppe, Gruppe, Category, Group, Customer group",
    "supplierNumber": "Lieferantennummer, Lieferanten-Nr., Supplier number, Supplier no., Vendor number",
    "nameAuthorisedSignatory": "Zeichnungsberechtigter, Vertretungsberechtigter, Geschäftsführer,"
    " Authorised signatory, Authorized signatory",
    "title": "Titel, Akademischer Titel, Title",
    "gender": "Anrede, Geschlecht, Salutation, Gender",
    "note": "Bemerkung, Bemerkungen, Notiz, Notizen, Anmerkung, Kommentar, Note, Notes, Remark, Comment",
}
"""How German and English offices head the columns of a customer list; a field's own name is known as well."""
ENCODINGS = {
    "utf-8-sig": "UTF-8 with BOM",
    "utf-16": "UTF-16",
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
}
DELIMITERS = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "vertical bars"}
SAVE_AS_CSV = 'In Excel, choose "Save as" and "CSV UTF-8"'
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_OTHER_KINDS = {
    b"PK\x03\x04": "an Excel workbook or another ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
}
_DECLARED = re.compile(r'"?sep=([^\w\s"]|\t)"?[ \t]*[\r\n]*', re.IGNORECASE)
_DECLARED_CHARS = 12
_SHOWN_HEADERS = 8
_YES = frozenset(
    ("ja", "j", "yes", "y", "true", "wahr", "1", "x", "firma", "geschäftskunde", "company", "b2b")
)
_NO = frozenset(
    ("nein", "n", "no", "false", "falsch", "0", "privat", "privatkunde", "person", "private", "b2c")
)


class Unusable(ValueError):
    """The file cannot be checked: what is wrong with it, and what to do, in sentences."""


@dataclass(frozen=True, slots=True)
class Column:
    """A header and the field it means; `read` is false where an earlier column means the same."""

    header: str
    field: str | None
    read: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Filled cells by field; `number` as a spreadsheet counts. With a `fault` the cells are not known."""

    number: int
    cells: Mapping[str, str]
    fault: str | None = None
    doubt: str | None = None

    @property
    def record(self) -> dict[str, JsonValue]:
        """What the API would be sent: required fields blank rather than missing."""
        record: dict[str, JsonValue] = {**dict.fromkeys(NEEDED, ""), **self.cells}
        number = record.pop(HOUSE_NUMBER, None)
        if number and record["address"]:
            record["address"] = f"{record['address']} {number}"
        word = self.cells.get("isCompany")
        return record | {"isCompany": _flag(word) if word else "name" in self.cells}


@dataclass(frozen=True, slots=True)
class CsvFile:
    """How the file is written and what its columns mean; its rows are read when they are asked for."""

    encoding: str
    delimiter: str
    head: int
    """The number of the row that holds the headers."""
    columns: tuple[Column, ...]
    _open: Callable[[], TextIO]

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Unusable where it is no CSV file, or has no column for what every customer needs."""
        encoding = _encoding(content)

        def opened() -> TextIO:
            return TextIOWrapper(BytesIO(content), encoding, newline="")

        delimiter = _declared(opened()) or max(DELIMITERS, key=lambda mark: _known(opened(), mark))
        head, headers = _head(opened(), delimiter)
        columns = _columns(headers)
        _check(columns, delimiter)
        return cls(encoding, delimiter, head, columns, opened)

    def rows(self) -> Iterator[Row]:
        """The rows below the headers that hold something; after quotation marks that do not end, no more."""
        for number, cells in _numbered(self._open(), self.delimiter):
            if number > self.head and (isinstance(cells, str) or any(map(trimmed, cells))):
                yield Row(number, {}, cells) if isinstance(cells, str) else self._row(number, cells)

    def _row(self, number: int, cells: Sequence[str]) -> Row:
        width, given = len(self.columns), len(cells)
        found = f"has {given} cell{'s' * (given != 1)} under {width} headers"
        if any(map(trimmed, cells[width:])):
            return Row(number, {}, f"{found}: does a text with {quote(self.delimiter)} lack quotation marks?")
        named = zip(self.columns, map(trimmed, cells), strict=False)
        filled = {column.field: cell for column, cell in named if column.field and column.read and cell}
        return Row(number, filled, None, f"{found}; the last are taken as empty" if given < width else None)


def field_of(header: str) -> str | None:
    """The field that a header means."""
    return _FIELDS.get(_key(header))


def _key(header: str) -> str:
    return compact(folded(header))


_FIELDS = {
    _key(header): field for field, headers in HEADERS.items() for header in (field, *headers.split(", "))
}


def _encoding(content: bytes) -> str:
    """By its mark; else UTF-8 if it is that, which Windows-1252 with umlauts never is."""
    if not content.strip():
        raise Unusable("The file is empty.")
    for start, kind in _OTHER_KINDS.items():
        if content.startswith(start):
            raise Unusable(f"This is {kind}, no CSV file. {SAVE_AS_CSV}, and check the file that it writes.")
    marked = [encoding for bom, encoding in _BOMS.items() if content.startswith(bom)]
    for encoding in marked or ("utf-8", "cp1252"):
        if _decodes(content, encoding):
            return encoding
    kinds = ENCODINGS[marked[0]] + ", as its first bytes say" if marked else "UTF-8 or Windows-1252"
    raise Unusable(f"The file is no text in {kinds}. {SAVE_AS_CSV}.")


def _decodes(content: bytes, encoding: str) -> bool:
    """Whether it does, a piece at a time; what holds a NUL is no text at all."""
    text = TextIOWrapper(BytesIO(content), encoding, newline="")
    try:
        while piece := text.read(1 << 16):
            if "\0" in piece:
                raise Unusable(f"The file holds NUL characters, so it is no CSV file. {SAVE_AS_CSV}.")
    except UnicodeDecodeError:
        return False
    return True


def _declared(text: TextIO) -> str | None:
    """The delimiter named by a first line `sep=;`; the text stands after that line, or at its start."""
    found = _DECLARED.fullmatch(text.readline(_DECLARED_CHARS))
    if not found:
        text.seek(0)
    return found[1] if found else None


def _numbered(text: TextIO, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Every row, or why it cannot be read. Excel counts a blank line, but not the line `sep=;`."""
    _declared(text)
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    for number in count(1):
        before = rows.line_num
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            lost = rows.line_num > before + 1
            rest = " Nothing below it was read." if lost else ""
            yield number, f"cannot be read ({error}): are its quotation marks doubled and closed?{rest}"
            if lost:
                return
        else:
            yield number, cells


def _head(text: TextIO, delimiter: str) -> tuple[int, list[str]]:
    for number, cells in _numbered(text, delimiter):
        if isinstance(cells, str):
            raise Unusable(f"Row {number}, where the headers should be, {cells}")
        headers = [*map(trimmed, cells)]
        while headers and not headers[-1]:
            headers.pop()
        if headers:
            return number, headers
    raise Unusable("The file is empty.")


def _known(text: TextIO, delimiter: str) -> int:
    """How many headers are known when this is the delimiter."""
    try:
        return len({field_of(header) for header in _head(text, delimiter)[1]} - {None})
    except Unusable:
        return 0


def _columns(headers: Sequence[str]) -> tuple[Column, ...]:
    """`Name` beside `Firma` or `Vorname` is the family name."""
    fields = [field_of(header) for header in headers]
    if "lastName" not in fields and ("firstName" in fields or fields.count("name") > 1):
        fields = [
            "lastName" if _key(header) == _key("Name") else field
            for header, field in zip(headers, fields, strict=True)
        ]
    first = {field: place for place, field in reversed([*enumerate(fields)])}
    return tuple(
        Column(header, field, field is not None and first[field] == place)
        for place, (header, field) in enumerate(zip(headers, fields, strict=True))
    )


def _check(columns: Sequence[Column], delimiter: str) -> None:
    missing = [field for field in NEEDED if field not in {column.field for column in columns}]
    if missing:
        found = ", ".join(quote(column.header) for column in columns[:_SHOWN_HEADERS])
        more = " and others" if columns[_SHOWN_HEADERS:] else ""
        raise Unusable(
            f"There is no column for {', '.join(missing)}. The first row has to hold headers such as Firma, "
            f"Straße, PLZ, Ort, Land; separated by {DELIMITERS.get(delimiter, quote(delimiter))}, "
            f"it holds {found}{more}."
        )


def _flag(word: str) -> bool | str:
    """The word itself where it says neither; the rules refuse it."""
    said = word.casefold()
    return said in _YES if said in _YES | _NO else word
