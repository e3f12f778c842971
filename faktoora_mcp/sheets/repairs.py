"""What a cell held before a spreadsheet took it for a number."""

import re

from faktoora_mcp.rules.validation import judge

_SCIENTIFIC = re.compile(r"[0-9][.,][0-9]+E\+[0-9]{2}")
_WHOLE_NUMBER = re.compile(r"([0-9]+)(?:[.,]0+)?|([0-9]{1,2})[.,]([0-9]{3})")
_DIGITS_WITHOUT_ZERO = 4
"""A German postcode that lost its leading zero."""


def is_rounded(text: str) -> bool:
    """Whether the text is a number in scientific notation: its last digits are lost."""
    return _SCIENTIFIC.fullmatch(text) is not None


def original_postcode(text: str, country: str) -> str | None:
    """The valid postcode that became this text; None where nothing can be restored."""
    number = _whole_number(text)
    original = number.zfill(5) if country == "DE" and len(number) == _DIGITS_WITHOUT_ZERO else number
    verdict = judge("postcode", original, country)
    valid = bool(original) and not verdict.error and not verdict.warnings
    return original if valid and original != text else None


def _whole_number(text: str) -> str:
    """1067 from `1067`, `1067.0`, `1.067` and `1,067E+03`; nothing from any other text."""
    if is_rounded(text):
        return f"{float(text.replace(',', '.')):.0f}"
    found = _WHOLE_NUMBER.fullmatch(text)
    return "".join(filter(None, found.groups())) if found else ""
