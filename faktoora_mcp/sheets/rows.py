"""One row of a customer list: its filled cells and the record they make."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from faktoora_mcp.rules.findings import Finding
from faktoora_mcp.rules.validation import REQUIRED

from .country_names import country_code

HOUSE_NUMBER = "house number"
PO_BOX = "PO box"
UNTYPED_NAME = "name of a company or a person"
VAT_COUNTRY = "country of the VAT ID"
FIELD_OF_PART = {HOUSE_NUMBER: "address", PO_BOX: "address", UNTYPED_NAME: "name", VAT_COUNTRY: "vatId"}
"""Columns of their own in many lists, and the fields of a record that they are parts of."""
ADDRESS_PARTS = tuple(field for field in REQUIRED if field not in ("isCompany", "extras"))
"""The required fields that a list must have columns for; the other two can be derived."""
_COMPANY = """
ja, j, yes, y, true, wahr, 1, x, firma, firmen, firmenkunde, unternehmen, unternehmer, gewerblich, gewerbe,
gewerbekunde, gewerbetreibender, geschäftlich, geschäft, geschäftskunde, company, business, business customer,
organisation, organization, verein, behörde, juristische person, b2b, b2g
"""
_PERSON = """
nein, n, no, false, falsch, 0, privat, privatkunde, privatperson, person, natürliche person, natürl. person,
verbraucher, endverbraucher, private, private person, private customer, individual, consumer, b2c
"""
_YES, _NO = (frozenset(word.strip() for word in words.split(",")) for words in (_COMPANY, _PERSON))


@dataclass(frozen=True, slots=True)
class Row:
    """Filled cells by field; `number` counts as a spreadsheet does. A row with a `fault` has no cells.

    `others` are the cells of columns that are not read, by header. `edges` are the fields with blanks around
    their text that nobody sees. `encoding` is set where it is not the file's. `more` are values of fields
    that are no texts.
    """

    number: int
    cells: Mapping[str, str]
    fault: Finding | None = None
    warning: Finding | None = None
    others: Mapping[str, str] = field(default_factory=dict[str, str])
    encoding: str | None = None
    edges: tuple[str, ...] = ()
    more: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    @property
    def customer(self) -> str:
        """The display name, or else the customer number."""
        person = " ".join(self.cells[part] for part in ("firstName", "lastName") if part in self.cells)
        names = (self.cells.get("name"), person, self.cells.get(UNTYPED_NAME), self.cells.get("customerId"))
        return next(filter(None, names), "")

    @property
    def record(self) -> dict[str, JsonValue]:
        """The record to send to the API; a required field without a cell is blank."""
        cells = {name: text for name, text in self.cells.items() if name not in FIELD_OF_PART}
        record: dict[str, JsonValue] = {
            **dict.fromkeys(ADDRESS_PARTS, ""),
            **cells,
            **self._joined(),
            **self.more,
        }
        word = self.cells.get("isCompany")
        return record | {"isCompany": company_flag(word) if word else "name" in record}

    def _joined(self) -> dict[str, JsonValue]:
        """The fields of which the list has parts, and those that are no text."""
        cells, joined = self.cells, dict[str, JsonValue]()
        if address := _address(cells):
            joined["address"] = address
        if UNTYPED_NAME in cells and not cells.keys() & {"name", "lastName"}:
            joined["name"] = cells[UNTYPED_NAME]
        if "vatId" in cells:
            joined["vatId"] = _vat_id(cells["vatId"], cells.get(VAT_COUNTRY, ""))
        if "country" in cells:
            joined["country"] = country_code(cells["country"]) or cells["country"]
        if "extras" in cells:
            joined["extras"] = _json(cells["extras"])
        return joined


def company_flag(word: str) -> bool | str:
    """Yes or no as a boolean; any other word unchanged, for validation to refuse."""
    folded = " ".join(word.casefold().split())
    return folded in _YES if folded in _YES | _NO else word


def _address(cells: Mapping[str, str]) -> str:
    street, number = cells.get("address", ""), cells.get(HOUSE_NUMBER, "")
    if not street and PO_BOX in cells:
        box = cells[PO_BOX]
        return f"Postfach {box}" if box[0].isdigit() else box
    return f"{street} {number}" if street and number else street


def _vat_id(number: str, country: str) -> str:
    """DATEV keeps the country code in a column of its own."""
    return country + number if number[:1].isdigit() and country.isalpha() else number


def _json(text: str) -> JsonValue:
    """The object that our export wrote; any other text unchanged, for validation to refuse."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
