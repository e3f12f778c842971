"""Whether a customer satisfies conditions, and the API search that narrows them down."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer
from faktoora_mcp.rules.canonical import PHONES, canonical, compact
from faktoora_mcp.rules.identity_fields import SEARCHABLE

from . import spelling
from .comparison import CODES, NUMBERS, WHOLE_KEYWORDS, limits, moment, reading
from .conditions import MOMENTS, PARTS, Condition, Op
from .normalization import cased
from .paths import leaf, text, values, verdicts

Test = Callable[[Customer], bool]

DISPLAY_NAME = ("name", "firstName", "lastName")
KEYWORD_CHARS = 4
"""Shorter runs of letters narrow too little, and whether they are searched cannot be proven."""
PHONE_ENDING = 4
"""Telephone numbers are parsed, which is slow, only where so many last digits are equal."""
_PEPPOL_PREFIX = "ISO6523ACTORIDUPIS"
_OPPOSITES: dict[Op, Op] = {"ne": "eq", "missing": "present", "not_contains": "contains"}
_IN_ANY_SPELLING: dict[Op, Callable[[str], spelling.Fit]] = {
    "contains": spelling.contains,
    "starts_with": spelling.starts_with,
    "ends_with": spelling.ends_with,
}
_AS_WRITTEN: dict[Op, Callable[[str, str], bool]] = {
    "contains": str.__contains__,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}
_DOUBTFUL = "f+[il]?|s+t?|k|[aou]e"
_UNSURE = re.compile(f".?[^ -~]+(?:{_DOUBTFUL}|.)?|{_DOUBTFUL}|[^a-z0-9]")
"""Letters that a record may spell differently (ß, ligatures, accents), and search operators."""


def matcher(conditions: Iterable[Condition]) -> Test:
    """A test that a customer passes if all conditions hold."""
    tests = [*map(_holds, conditions)]
    return lambda customer: all(test(customer) for test in tests)


def _holds(condition: Condition) -> Test:
    if not condition.any:
        return _test(condition.field, condition.op, condition.wanted)
    tests = [*map(_holds, condition.any)]
    return lambda customer: any(test(customer) for test in tests)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A query that still finds every customer who satisfies a condition, if the API searches its field."""

    field: str
    query: CustomerQuery

    @property
    def searched(self) -> tuple[str, ...]:
        """The fields that have to be searched: a display name may be first and last name."""
        return DISPLAY_NAME if self.field == "name" else (self.field,)


def narrowings(conditions: Iterable[Condition]) -> list[Narrowing]:
    """What the conditions can be narrowed by, the most selective first.

    Of an e-mail, a postcode or a customer number the whole value is the keyword. How the API folds letters is
    unknown, so of other fields it is the longest run of letters and digits that every such record contains
    unchanged. Parts of words give none, because any letter may have an accent in the record.
    """
    found = [narrowing for one in conditions if not one.any for narrowing in _narrowing(one)]
    return sorted(found, key=lambda narrowing: (_rank(narrowing.field), -_length(narrowing.query)))


def _narrowing(condition: Condition) -> Iterator[Narrowing]:
    single = condition.op in ("eq", "in") and len(condition.wanted) == 1
    if condition.field == "category" and single:
        yield Narrowing("category", CustomerQuery(category=condition.wanted[0]))
    elif condition.field in WHOLE_KEYWORDS and single:
        if len(whole := condition.wanted[0].strip()) >= KEYWORD_CHARS:
            yield Narrowing(condition.field, CustomerQuery(keywords=(whole,)))
    elif runs := _sure_runs(condition):
        yield Narrowing(condition.field, CustomerQuery(keywords=(max(runs, key=len),)))


def _rank(field: str) -> int:
    return WHOLE_KEYWORDS.index(field) if field in WHOLE_KEYWORDS else len(WHOLE_KEYWORDS)


def _length(query: CustomerQuery) -> int:
    return len(query.keywords[0] if query.keywords else query.category or "")


def _test(field: str, op: Op, wanted: tuple[str, ...]) -> Test:
    if opposite := _OPPOSITES.get(op):
        holds = _test(field, opposite, wanted)
        return lambda customer: not holds(customer)
    if op == "present":
        return lambda customer: bool(values(customer, field))
    if op == "invalid":
        return lambda customer: any(one.error or one.warnings for one in verdicts(customer, field))
    if field in NUMBERS and leaf(field) in PHONES and op not in PARTS:
        return _same_phone(field, wanted)
    fits = _part(field, op, wanted[0]) if op in PARTS else _fit(field, op, wanted)
    return lambda customer: any(fits(text(value)) for value in values(customer, field))


def _fit(field: str, op: Op, wanted: tuple[str, ...]) -> Callable[[str], bool]:
    if op in MOMENTS:
        return _when(op, wanted[0])
    read = reading(field, part=False)
    several = frozenset(map(read, wanted))
    return lambda found: read(found) in several


def _part(field: str, op: Op, wanted: str) -> Callable[[str], bool]:
    """Words in any spelling; numbers as they were written or in their canonical form."""
    if field not in NUMBERS | CODES:
        return _IN_ANY_SPELLING[op](wanted)
    has = _AS_WRITTEN[op]
    read = reading(field, part=True)
    sought = read(wanted)
    if field in CODES:
        return lambda found: has(read(found), sought)
    bare = sought.removeprefix(_PEPPOL_PREFIX) or sought
    return lambda found: has(read(found), sought) or any(has(form, bare) for form in _forms(field, found))


def _forms(field: str, found: str) -> Iterator[str]:
    yield compact(found).removeprefix(_PEPPOL_PREFIX)
    yield compact(canonical(leaf(field), found).partition(":")[2])


def _same_phone(field: str, wanted: tuple[str, ...]) -> Test:
    """A number without a country code, on either side, is one of the customer's country."""
    endings = {compact(one)[-PHONE_ENDING:] for one in wanted}

    def holds(customer: Customer) -> bool:
        numbers = map(text, values(customer, field))
        near = [number for number in numbers if compact(number)[-PHONE_ENDING:] in endings]
        country = str(customer.record.get("country") or "").upper() or None
        sought = {canonical(leaf(field), one, country) for one in wanted} if near else set[str]()
        return any(canonical(leaf(field), number, country) in sought for number in near)

    return holds


def _when(op: Op, wanted: str) -> Callable[[str], bool]:
    """The day of a date is neither before nor after it, and both from and until it; other text is none."""
    first, last = limits(wanted) or (None, None)

    def fits(found: str) -> bool:
        value = moment(found)
        if value is None or first is None or last is None:
            return False
        match op:
            case "before":
                return value < first
            case "from":
                return value >= first
            case "until":
                return value <= last
            case _:
                return value > last

    return fits


def _sure_runs(condition: Condition) -> list[str]:
    whole = condition.op in ("eq", "in") and len(condition.wanted) == 1
    part = condition.op in PARTS and condition.field in CODES
    if condition.field not in SEARCHABLE or not (whole or part):
        return []
    return [run for run in _UNSURE.split(cased(condition.wanted[0])) if len(run) >= KEYWORD_CHARS]
