"""Damage in the text of one cell, by spreadsheets and wrong encodings: what is seen, what it probably was."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from . import encoding_damage as encodings
from . import spreadsheet_damage as spreadsheets
from .rows import HOUSE_NUMBER

NUMBERS = frozenset(
    (HOUSE_NUMBER, "customerId", "supplierNumber", "glnId", "dunsId", "taxId", "postcode", "phoneNo", "faxNo")
)
"""Fields that a spreadsheet takes for numbers or dates."""
_GROUPED = NUMBERS - {"phoneNo", "faxNo", "taxId"}
"""Those in which people write no dots or commas between digits."""
_TEXTS = frozenset(("name", "firstName", "lastName", "address", "city", "nameAuthorisedSignatory"))
_DATED = NUMBERS | _TEXTS | {"email", "vatId", "routeId", "peppolId", "country", "title", "gender"}
"""Fields that hold no dates."""
_LAYERS = 4
_DOUBTFUL = {
    "empty_word": frozenset(("lastName",)),
    "truth_word": frozenset(("name", "lastName")),
    "date": frozenset(("name", "customerId", "supplierNumber")),
}
"""Fields in which a text may be what was meant: Null is a surname."""


@dataclass(frozen=True, slots=True)
class Damage:
    """`code` names the kind. `meant` is what the cell probably held; "" is an empty cell.

    `guess`: too unsure to be taken as a repair. `doubtful`: the text may be what was meant.
    """

    code: str
    seen: str
    meant: str | None = None
    guess: bool = False
    doubtful: bool = False

    @property
    def repair(self) -> str | None:
        return None if self.guess else self.meant


def damage_of(field: str, text: str, layers: int = _LAYERS) -> Damage | None:
    """The damage of a trimmed text, None for a sound one. `field` is "" for an unknown column.

    Damage under damage is one finding, in so many `layers`: `="MÃ¶bel"` is a formula, repaired to `Möbel`.
    """
    if not encodings.suspicious(text) and not spreadsheets.suspicious(text):
        return None
    first = _first(field, text)
    if first is None or not first.repair or first.repair == text:
        return first
    below = damage_of(field, first.repair, layers - 1) if layers else None
    if below is None:
        return first
    return replace(below, seen=text, code=below.code if below.repair is None else first.code)


def _first(field: str, text: str) -> Damage | None:
    for code, fields, meant_by in _REPAIRABLE:
        if (fields is None or field in fields) and (meant := meant_by(text)) is not None:
            doubtful = _is_doubtful(code, field)
            return Damage(code, text, meant, guess=doubtful, doubtful=doubtful)
    if field in _DATED and (meant := spreadsheets.before_date(text, field)) is not None:
        return Damage("date", text, meant or None, guess=True, doubtful=_is_doubtful("date", field))
    for code, fields, is_damaged in _LOST:
        if (fields is None or field in fields) and is_damaged(text):
            return Damage(code, text, doubtful=_is_doubtful(code, field))
    return None


def _is_doubtful(code: str, field: str) -> bool:
    return field in _DOUBTFUL.get(code, frozenset())


_REPAIRABLE: tuple[tuple[str, frozenset[str] | None, Callable[[str], str | None]], ...] = (
    ("formula", None, spreadsheets.formula_text),
    ("text_mark", None, spreadsheets.without_text_mark),
    ("quotes", None, spreadsheets.without_quotes),
    ("empty_word", None, spreadsheets.empty_word),
    ("rounded", None, spreadsheets.exact_scientific),
    ("decimal", NUMBERS, spreadsheets.without_decimals),
    ("grouped", _GROUPED, spreadsheets.without_groups),
    ("escaped", None, encodings.unescaped),
    ("twice_encoded", None, encodings.encoded_once),
    ("wrong_encoding", None, encodings.decoded_again),
    ("invisible", None, encodings.visible),
)
"""Code, fields (None for all), and what the text was before, None if it has no such damage."""
_LOST: tuple[tuple[str, frozenset[str] | None, Callable[[str], bool]], ...] = (
    ("excel_error", None, spreadsheets.is_error),
    ("too_narrow", None, spreadsheets.is_too_narrow),
    ("rounded", None, spreadsheets.is_scientific),
    ("formula", None, spreadsheets.is_formula),
    ("truth_word", _DATED, spreadsheets.is_truth_word),
    ("lost_characters", None, encodings.has_lost_characters),
    ("lost_characters", _TEXTS, encodings.has_question_mark_in_word),
)
