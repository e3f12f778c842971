"""One row of a customer list: its filled cells and the record they make."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from faktoora_mcp.rules.validation import REQUIRED

HOUSE_NUMBER = "house number"
"""A column of its own in many lists; no field of a record."""
ADDRESS_PARTS = tuple(field for field in REQUIRED if field not in ("isCompany", "extras"))
"""The required fields that a list must have columns for; the other two can be derived."""
_YES = frozenset(
    ("ja", "j", "yes", "y", "true", "wahr", "1", "x", "firma", "geschäftskunde", "company", "b2b")
)
_NO = frozenset(
    ("nein", "n", "no", "false", "falsch", "0", "privat", "privatkunde", "person", "private", "b2c")
)


@dataclass(frozen=True, slots=True)
class Row:
    """Filled cells by field; `number` counts as a spreadsheet does. A row with a `fault` has no cells."""

    number: int
    cells: Mapping[str, str]
    fault: str | None = None
    warning: str | None = None

    @property
    def record(self) -> dict[str, JsonValue]:
        """The record to send to the API; a required field without a cell is blank."""
        record: dict[str, JsonValue] = {**dict.fromkeys(ADDRESS_PARTS, ""), **self.cells}
        number = record.pop(HOUSE_NUMBER, None)
        if number and record["address"]:
            record["address"] = f"{record['address']} {number}"
        word = self.cells.get("isCompany")
        return record | {"isCompany": _flag(word) if word else "name" in self.cells}


def _flag(word: str) -> bool | str:
    """Yes or no as a boolean; any other word unchanged, for validation to refuse."""
    folded = word.casefold()
    return folded in _YES if folded in _YES | _NO else word
