"""What spreadsheets make of text: numbers, dates, errors and formulas."""

import re

_SUSPICIOUS = re.compile(
    r"[#=\"'\u2019]|[0-9][.,/eE' \u2019\u00a0\u202f-]|[a-zA-Z.][ -][0-9]{2}|Err:|Fehler:"
)
_ERROR_VALUE = re.compile(r"#(?:NV|N/V|N/A|DIV/0!|[A-ZÄÖÜ_]+[!?])|#?(?:Err|Fehler):[0-9]{3}")
_SCIENTIFIC = re.compile(r"([+-]?[0-9])(?:[.,]([0-9]+))?[eE]([+-][0-9]{1,3})")
_FORMULA_TEXT = re.compile(r'=\s*(?:T\()?\s*"((?:[^"]|"")*)"\s*\)?')
_TEXT_MARK = re.compile(r"['\u2019]([0-9+=@-].*)", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_DECIMAL = re.compile(r"([0-9]+)[.,]0{1,2}")
_GROUPS = re.compile(r"[0-9]{1,3}([.,'\u2019\u00a0\u202f])[0-9]{3}(?:\1[0-9]{3})*")
_YEAR = "[12][089][0-9]{2}|[0-9]{2}"
_DATES = (
    re.compile(
        rf"(?P<day>[0-3]?[0-9])(?P<mark>[./])(?P<month>[0-3]?[0-9])(?P=mark)(?:{_YEAR})( 00:00(:00)?)?"
    ),
    re.compile(r"[12][089][0-9]{2}-(?P<month>[01][0-9])-(?P<day>[0-3][0-9])(?:[ T]00:00(:00)?)?"),
)
_MONTHS = (
    "Jan",
    "Feb",
    "Mrz|Mär|Mar",
    "Apr",
    "Mai|May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Okt|Oct",
    "Nov",
    "Dez|Dec",
)
_MONTH = "|".join(f"(?P<m{number}>{names})" for number, names in enumerate(_MONTHS, 1))
_MONTH_WORDS = (
    re.compile(rf"(?P<first>[0-3]?[0-9])[. -]{{1,2}}(?:{_MONTH})[a-zä]*\.?(?:[ -](?:{_YEAR}))?"),
    re.compile(rf"(?:{_MONTH})[a-zä]*\.?[ -](?P<last>{_YEAR})"),
)
_TRUTH = frozenset(("TRUE", "FALSE", "WAHR", "FALSCH"))
_EMPTY = frozenset(("NULL", "null", "(null)", "nan", "NaN", "None", "undefined", "<NA>"))
_WIDTH, _MAX_DAY, _MAX_MONTH = 3, 31, 12


def suspicious(text: str) -> bool:
    """Whether any check of this module can find something: a quick test for the many sound cells."""
    return text in _TRUTH or text in _EMPTY or _SUSPICIOUS.search(text) is not None


def formula_text(text: str) -> str | None:
    """00042 of `="00042"`."""
    found = _FORMULA_TEXT.fullmatch(text)
    return found[1].replace('""', '"') if found else None


def without_text_mark(text: str) -> str | None:
    """00042 of `'00042`, which shows that a cell is text."""
    found = _TEXT_MARK.fullmatch(text)
    return found[1] if found else None


def without_quotes(text: str) -> str | None:
    """The text within quotation marks that were doubled or kept."""
    found = _QUOTED.fullmatch(text)
    if found:
        return found[1].replace('""', '"')
    return text.replace('""', '"') if '""' in text else None


def empty_word(text: str) -> str | None:
    """Nothing, for what programs write in place of an empty cell."""
    return "" if text in _EMPTY else None


def is_error(text: str) -> bool:
    return _ERROR_VALUE.fullmatch(text) is not None


def is_too_narrow(text: str) -> bool:
    """A cell that was too narrow for its number."""
    return len(text) >= _WIDTH and not text.strip("#")


def is_scientific(text: str) -> bool:
    return _SCIENTIFIC.fullmatch(text) is not None


def exact_scientific(text: str) -> str | None:
    """1067 of `1,067E+03`, which lost no digit; None of `4E+12`."""
    found = _SCIENTIFIC.fullmatch(text)
    decimals = found[2] or "" if found else ""
    return found[1] + decimals if found and len(decimals) == int(found[3]) else None


def is_formula(text: str) -> bool:
    return text.startswith("=")


def is_truth_word(text: str) -> bool:
    return text in _TRUTH


def without_decimals(text: str) -> str | None:
    found = _DECIMAL.fullmatch(text)
    return found[1] if found else None


def without_groups(text: str) -> str | None:
    return re.sub("[^0-9]", "", text) if _GROUPS.fullmatch(text) else None


def before_date(text: str, field: str) -> str | None:
    """What became a date, such as `1-2 or 1/2`; "" if nobody knows, None if the text is no date.

    An address may end with the date that its house number became.
    """
    number = text.rpartition(" ")[2] if field == "address" else text
    found = next(filter(None, (form.fullmatch(number) for form in _DATES)), None)
    if found and _is_date(*(parts := (int(found["day"]), int(found["month"])))):
        return _pair(*parts)
    if field in {"address", "city", "name", "firstName", "lastName"}:
        return None
    found = next(filter(None, (form.fullmatch(text) for form in _MONTH_WORDS)), None)
    return _pair(*_numbers(found)) if found else None


def _is_date(day: int, month: int) -> bool:
    """In either order, as Americans write the month first."""
    return 0 < min(day, month) <= _MAX_MONTH and max(day, month) <= _MAX_DAY


def _numbers(found: re.Match[str]) -> tuple[int, int]:
    """Day and month, or month and year of two digits."""
    named = found.groupdict()
    month = next(int(name[1:]) for name, value in named.items() if name[1:].isdigit() and value)
    return (int(named["first"]), month) if named.get("first") else (month, int(named["last"]) % 100)


def _pair(first: int, second: int) -> str:
    return f"{first}-{second} or {first}/{second}" if first and second else ""
