"""What a text lost when a spreadsheet took it for a number: leading zeros, the plus sign of phone numbers."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from faktoora_mcp.rules.validation import judge
from faktoora_mcp.text import trimmed

from .damage import Damage
from .spreadsheet_damage import exact_scientific, without_decimals, without_groups
from .tables import Line

PADDED = frozenset(("customerId", "supplierNumber"))
"""Numbers that a firm gives; only the others in a list show how many digits they have."""

_POSTCODE_DIGITS = 5
_GLN, _DUNS = range(10, 13), range(6, 9)
_NATIONAL = re.compile("[1-9][0-9]{5,11}")
_INTERNATIONAL = re.compile("(?:49|43|41)[1-9][0-9]{7,11}")
_TRUNK_ZERO = ("DE", "AT", "CH")


def lost_digits(field: str, text: str, country: str | None, width: int = 0) -> Damage | None:
    """The damage of a field whose form is known, with what it was before; None in any other case.

    `width` is the number of digits that other numbers of this list have, zeros at their start included.
    """
    if field in _BY_FIELD:
        return _BY_FIELD[field](text, country)
    number = _whole_number(text) if field in PADDED else ""
    return Damage("lost_digits", text, number.zfill(width)) if 0 < len(number) < width else None


def zero_widths(fields: Sequence[str | None], lines: Iterable[Line]) -> dict[str, int]:
    """The digits of the numbers in the columns `PADDED`, where some begin with 0 and none has more digits."""
    all_widths, padded = defaultdict[str, set[int]](set), defaultdict[str, set[int]](set)
    for line in lines:
        for field, cell in zip(fields, map(trimmed, line.cells), strict=False):
            if field in PADDED and cell.isascii() and cell.isdecimal():
                all_widths[field].add(len(cell))
                if cell.startswith("0") and len(cell) > 1:
                    padded[field].add(len(cell))
    widths = {field: max(found) for field, found in all_widths.items()}
    return {field: width for field, width in widths.items() if padded[field] == {width}}


def original_postcode(text: str, country: str) -> str | None:
    """The valid postcode that became this text; None where nothing can be restored."""
    number = _whole_number(text)
    original = number.zfill(_POSTCODE_DIGITS) if country == "DE" and len(number) == 4 else number  # noqa: PLR2004 (one zero lost)
    verdict = judge("postcode", original, country)
    valid = bool(original) and not verdict.error and not verdict.warnings
    return original if valid and original != text else None


def _whole_number(text: str) -> str:
    """1067 from `1067`, `1067.0`, `1.067` and `1,067E+03`; nothing from any other text."""
    for read in (exact_scientific, without_decimals, without_groups):
        if (number := read(text)) is not None:
            return number
    return text if text.isascii() and text.isdecimal() else ""


def _postcode(text: str, country: str | None) -> Damage | None:
    """Without a country nobody knows how many digits there were."""
    if country is None:
        original = original_postcode(text, "DE") if text.isdecimal() else None
        return Damage("country_missing", text, original, guess=True, doubtful=True) if original else None
    original = original_postcode(text, country)
    return Damage("lost_digits", text, original) if original else None


def _padded(field: str, lengths: range) -> Callable[[str, str | None], Damage | None]:
    """An identifier with fewer digits than it must have, if zeros before them make it valid."""

    def check(text: str, _: str | None) -> Damage | None:
        number = _whole_number(text)
        original = number.zfill(lengths.stop)
        fits = len(number) in lengths and not judge(field, original).error
        return Damage("lost_digits", text, original) if fits else None

    return check


def _phone(text: str, country: str | None) -> Damage | None:
    """A number of digits alone that begins neither with 0 nor with +."""
    number = _whole_number(text)
    if _INTERNATIONAL.fullmatch(number):
        return Damage("lost_digits", text, f"+{number}", doubtful=True)
    national = country in _TRUNK_ZERO and _NATIONAL.fullmatch(number)
    return Damage("lost_digits", text, f"0{number}", doubtful=True) if national else None


_BY_FIELD: dict[str, Callable[[str, str | None], Damage | None]] = {
    "postcode": _postcode,
    "glnId": _padded("glnId", _GLN),
    "dunsId": _padded("dunsId", _DUNS),
    "phoneNo": _phone,
    "faxNo": _phone,
}
